"""Home Assistant discovery: documents that describe where other topics say what.

It is no telemetry: a mapping is proposed from it. Source: home-assistant.io, MQTT integration.
Both forms are read, ``{prefix}/device/{id}/config`` with its components and
``{prefix}/{component}/[node/]{id}/config``. A value template is a program; only those that name
one member of the body are understood.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object

_ABBREVIATIONS = {
    "avty": "availability",
    "avty_t": "availability_topic",
    "cmps": "components",
    "dev": "device",
    "dev_cla": "device_class",
    "ids": "identifiers",
    "cns": "connections",
    "mdl": "model",
    "o": "origin",
    "p": "platform",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_t": "state_topic",
    "t": "topic",
    "unit_of_meas": "unit_of_measurement",
    "uniq_id": "unique_id",
    "val_tpl": "value_template",
}
_READ = frozenset({"sensor", "binary_sensor", "switch", "valve"})
_TEMPLATE = re.compile(
    r"""\{\{\s*(?:value|value_json((?:\.[A-Za-z_]\w*|\[(?:'[^'\]]+'|"[^"\]]+"|\d+)\])+))\s*\}\}"""
)
_STEP = re.compile(r"""\.(\w+)|\['([^']+)'\]|\["([^"]+)"\]|\[(\d+)\]""")
_MAX_TEMPLATE = 500


class DiscoveredEntity(NamedTuple):
    """One value that a device publishes."""

    device: str
    """The first of its identifiers."""
    names: tuple[str, ...]
    """Everything that the device is called: where a topic says one of them, it means the device."""
    component: str
    topic: str
    path: tuple[str, ...]
    """Of the value in the body; empty: the body is the value."""
    device_class: str
    unit: str
    states: tuple[Any, Any] | None
    """What stands for on and off; None where the value is no switch."""
    origin: str
    """The program that published the discovery; empty in the older form."""


class Discovery(NamedTuple):
    """What one document describes."""

    entities: tuple[DiscoveredEntity, ...]
    notes: tuple[str, ...]
    """What cannot be used, and why."""


def read_discovery(topic: str, payload: bytes) -> Discovery:
    """The entities of one document; an empty one removes what was said before.

    Args:
        topic: ends with ``/config``.
        payload: as retained.

    Raises:
        PayloadError: no topic of discovery, or no JSON object.
    """
    levels = topic.split("/")
    if len(levels) < 4 or levels[-1] != "config":
        text = f"{topic}: expected prefix/component/id/config or prefix/device/id/config"
        raise PayloadError(RejectionReason.BAD_TOPIC, text)
    if not payload:
        return Discovery((), (f"{topic}: removed",))
    component = levels[-3] if levels[-3] in {*_READ, "device"} else levels[-4]
    document = _spelled_out(read_body_object(payload))
    device = _device_of(document, levels[-2])
    origin = document.get("origin")
    origin_name = str(origin.get("name", "")) if isinstance(origin, dict) else ""
    components = document.get("components")
    parts = (
        list(components.items())
        if isinstance(components, dict)
        else [(levels[-2], {"platform": component})]
    )
    entities, notes = [], []
    for name, part in parts:
        about = {**document, **_spelled_out(part if isinstance(part, dict) else {})}
        try:
            entities.append(_entity(about, device, origin_name))
        except ValueError as error:
            notes.append(f"{topic}: {name}: {error}")
    return Discovery(tuple(entities), tuple(notes))


def _entity(about: Mapping[str, Any], device: tuple[str, ...], origin: str) -> DiscoveredEntity:
    component = str(about.get("platform", ""))
    if component not in _READ:
        raise ValueError(f"{component or 'no platform'} is no {', '.join(sorted(_READ))}")
    topic = about.get("state_topic")
    if not isinstance(topic, str) or not topic:
        raise ValueError("has no state_topic, so that it publishes nothing")
    base = about.get("~")
    if isinstance(base, str):
        if topic.startswith("~"):
            topic = base + topic[1:]
        elif topic.endswith("~"):
            topic = topic[:-1] + base
    is_switch = component != "sensor"
    on, off = about.get("payload_on", "ON"), about.get("payload_off", "OFF")
    return DiscoveredEntity(
        device[0],
        device,
        component,
        topic,
        _path_of(about.get("value_template", "{{ value }}")),
        str(about.get("device_class") or ""),
        str(about.get("unit_of_measurement") or ""),
        (on, off) if is_switch else None,
        origin,
    )


def _path_of(template: Any) -> tuple[str, ...]:
    """The member that a template names.

    Raises:
        ValueError: it does more than that.
    """
    text = template.strip() if isinstance(template, str) else ""
    match = _TEMPLATE.fullmatch(text) if len(text) <= _MAX_TEMPLATE else None
    if match is None:
        raise ValueError(f"template {str(template)[:80]!r} does more than name one member")
    steps = _STEP.findall(match[1] or "")
    return tuple(next(name for name in step if name) for step in steps)


def _device_of(document: Mapping[str, Any], fallback: str) -> tuple[str, ...]:
    about = document.get("device")
    about = _spelled_out(about) if isinstance(about, dict) else {}
    identifiers = about.get("identifiers")
    if isinstance(identifiers, str):
        identifiers = [identifiers]
    known = [name for name in identifiers or [] if isinstance(name, str) and name]
    name = about.get("name")
    if isinstance(name, str) and name:
        known.append(name)
    return tuple(dict.fromkeys([*known, fallback]))


def _spelled_out(members: Mapping[str, Any]) -> dict[str, Any]:
    return {_ABBREVIATIONS.get(name, name): value for name, value in members.items()}
