"""Reads a scenario: a closed vocabulary; every fault with its line and column."""

import difflib
import re
from typing import NamedTuple

import yaml

from gigacity_city.document import NotYAMLError, compose_document
from gigacity_contract.errors import ConfigError

MAX_EVENTS = 1000
_MAX_SKEW_S = 86_400.0
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h)\Z")
_KEYS = ("at", "for", "olt", "slot", "port", "community", "share", "db", "count", "by")
KINDS: dict[str, tuple[str, ...]] = {
    "feeder_cut": ("olt", "slot"),
    "branch_cut": ("olt", "slot", "port", "share"),
    "onu_dying_gasp": ("olt", "slot", "port", "share"),
    "optics_drift": ("olt", "slot", "port", "db"),
    "community_power_cut": ("community",),
    "camera_outage": ("community", "share"),
    "olt_offline": ("olt", "count"),
    "olt_power_loss": ("olt", "count"),
    "gateway_reboot": ("count",),
    "reconnect_storm": (),
    "vendor_sentinels": ("olt", "slot"),
    "duplicates": ("olt", "count"),
    "reordering": ("olt", "count"),
    "poison_burst": ("olt", "count"),
    "retained_flood": ("olt", "count"),
    "clock_skew": ("olt", "count", "by"),
}
"""What may happen, and the keys that it takes beside ``at`` and ``for``."""


class ScenarioEvent(NamedTuple):
    """One thing that happens."""

    kind: str
    at_s: float
    """After the start."""
    for_s: float
    olt: str = ""
    """Empty: one is drawn."""
    slot: int = -1
    port: int = -1
    community: str = ""
    share: float = 1.0
    db: float = 3.0
    """What the level has lost when it ends."""
    publishers: int = 1
    """How many are cut off, or disturbed."""
    by_s: float = 120.0
    """How far their clocks are ahead; negative: behind."""


def read_scenario(file: str, text: str) -> list[ScenarioEvent]:
    """The events of a scenario.

    Raises:
        ConfigError: with every fault, as ``file:line:column: what to do``.
    """
    faults: list[str] = []
    try:
        root = compose_document(text)
    except NotYAMLError as error:
        raise ConfigError(f"{file}:{error.row}:{error.column}: {error}") from error
    events = []
    keys = _section(file, root, ("version", "events"), ("version", "events"), faults)
    version = keys.get("version")
    if version is not None and getattr(version, "value", "") != "1":
        faults.append(_place(file, version, "version: must be 1"))
    listed = keys.get("events")
    if isinstance(listed, yaml.SequenceNode):
        if not 0 < len(listed.value) <= MAX_EVENTS:
            faults.append(_place(file, listed, f"events: from 1 to {MAX_EVENTS:,}"))
        events = [_event(file, node, faults) for node in listed.value[:MAX_EVENTS]]
    elif listed is not None:
        faults.append(_place(file, listed, "events: must be a list"))
    if faults:
        raise ConfigError("\n".join(faults))
    return [event for event in events if event is not None]


def _event(file: str, node: yaml.Node, faults: list[str]) -> ScenarioEvent | None:
    found = _section(file, node, ("event", *_KEYS), ("event", "at", "for"), faults)
    kind = getattr(found.get("event"), "value", "")
    if kind not in KINDS:
        if "event" in found:
            faults.append(_place(file, found["event"], _unknown(str(kind), KINDS)))
        return None
    values: dict[str, float | int | str] = {}
    for key, value in found.items():
        if key == "event":
            continue
        if key not in ("at", "for", *KINDS[kind]):
            faults.append(_place(file, value, f"{key}: {kind} has no such key"))
            continue
        try:
            values[_FIELDS.get(key, key)] = _value(key, str(getattr(value, "value", "")))
        except ValueError as error:
            faults.append(_place(file, value, f"{key}: {error}"))
    if len(values) < len(found) - 1 or not {"at_s", "for_s"} <= set(values):
        return None
    return ScenarioEvent(kind, **values)  # type: ignore[arg-type] # Each by _value.


_FIELDS = {"at": "at_s", "for": "for_s", "count": "publishers", "by": "by_s"}


def _value(key: str, text: str) -> float | int | str:
    if key in {"at", "for"}:
        found = _DURATION.match(text)
        if found is None or (key == "for" and not float(found[1])):
            raise ValueError(f"{text!r}: write a duration such as 90s, 5min or 2h")
        return float(found[1]) * _SECONDS[found[2]]
    if key == "by":
        found = _DURATION.match(text.removeprefix("-"))
        if found is None or not 0 < float(found[1]) * _SECONDS[found[2]] <= _MAX_SKEW_S:
            raise ValueError(f"{text!r}: write how far ahead, such as 90s, or -2h: at most 24h")
        return float(found[1]) * _SECONDS[found[2]] * (-1 if text.startswith("-") else 1)
    if key in {"olt", "community"}:
        if not text:
            raise ValueError("must be an id")
        return text
    if key in {"share", "db"}:
        number = float(text)
        if not 0 < number <= (1 if key == "share" else 40):
            raise ValueError("from above 0 to 1" if key == "share" else "from above 0 to 40 dB")
        return number
    if not text.isdecimal() or (key == "count" and not int(text)):
        raise ValueError("must be a whole number")
    return int(text)


def _section(
    file: str,
    node: yaml.Node,
    known: tuple[str, ...],
    required: tuple[str, ...],
    faults: list[str],
) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        faults.append(_place(file, node, "must be a mapping of keys to values"))
        return {}
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = str(getattr(key, "value", ""))
        if name not in known:
            faults.append(_place(file, key, _unknown(name, known)))
        elif name in found:
            faults.append(_place(file, key, f"{name}: stands twice"))
        else:
            found[name] = value
    lacking = [name for name in required if name not in found]
    if lacking:
        faults.append(_place(file, node, f"{', '.join(lacking)}: missing"))
    return found


def _unknown(word: str, known: object) -> str:
    words = sorted(known)  # type: ignore[call-overload] # Any collection of texts.
    near = difflib.get_close_matches(word, words, n=1)
    return f"{word[:64]!r}: " + (
        f"did you mean {near[0]}?" if near else f"known are {', '.join(words)}"
    )


def _place(file: str, node: yaml.Node, text: str) -> str:
    mark = node.start_mark
    return f"{file}:{mark.line + 1}:{mark.column + 1}: {text}"
