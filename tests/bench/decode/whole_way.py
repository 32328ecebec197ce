"""From a message to lines: decoding, mapping and encoding of the same content in several formats.

A native message goes through the worker's decoder, a foreign one through its source: the city, the
objects, the fields and the lines are the same.
"""

import json
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

from gigacity_city.load import load_city
from gigacity_contract.topics import PREFIX
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.foreign.intake import ForeignIntake
from gigacity_ingest.mapping.loading import load_sources
from tests.bench.decode.device_ways import AT_MS, DEVICE, METER, DeviceWay, device_ways
from tests.bench.decode.messages import DecodeJob
from tests.support.city import AREA_A, COMMUNITY_A, write_city

NOW_MS = 1_767_225_660_000
_PORT = {
    "tx_dbm": 5.2, "rx_dbm": -18.75, "temp_c": 41.5, "volt_v": 3.29, "onu_total": 34,
    "onu_online": 31,
}  # fmt: skip
_STATES = {1: "up", 2: "down"}
"""As SNMP writes them; JSON has no such keys, and YAML does."""
_PLACES = [(1, number) for number in range(6)] + [(2, 0), (2, 1)]
"""Slot and port of the registered ports of the test city's OLT, whose technology it knows."""


def _source(name: str, topics: str, decoder: str, identity: str, *, ports: bool = False) -> str:
    fields: dict[str, Any] = {member: member for member in (_PORT if ports else METER)}
    if decoder == "iotda":
        fields = {member: f"Meter.{member}" for member in fields}
    if ports:
        fields |= {name: {"from": name, "map": _STATES} for name in ("admin", "oper")}
    kind = "pon_port" if ports else "electricity_meter"
    return f"""\
  - name: {name}
    topics: ["{topics}"]
    decoder: {decoder}
    owner: {{areas: ["{AREA_A}"]}}
    {"dialect: {each: records, time: ts}" if decoder == "json" else ""}
    identity: {identity}
    kinds:
      - kind: {kind}
        fields: {json.dumps(fields).replace('"1"', "1").replace('"2"', "2")}
"""


def way_jobs(folder: Path) -> list[DecodeJob]:
    """Native messages, and the same content in other formats.

    Args:
        folder: of the city and the mappings that are made.
    """
    registry = FieldRegistry.of(load_city(write_city(folder / "city")))
    of_port = '{olt: "{tags.source}", port: {slot: "{tags.slot}", port: "{tags.port}"}}'
    of_device = f'{{community: "{COMMUNITY_A}", device: "{{device}}"}}'
    mappings = folder / "sources.yaml"
    mappings.write_text(
        "version: 1\nsources:\n"
        + _source("alink", "/sys/k1/{device}/thing/event/property/post", "alink", of_device)
        + _source(
            "iotda",
            "$oc/devices/gw-a/sys/gateway/sub_devices/properties/report",
            "iotda",
            f'{{community: "{COMMUNITY_A}", device: "{{device_id}}"}}',
        )
        + _source("json", "site/{gateway}/up", "json", of_device)
        + _source("telegraf", "telegraf/json", "telegraf_json", of_port, ports=True)
        + _source("lines", "telegraf/lines", "influx_line", of_port, ports=True)
        + "".join(way.source(f'{{areas: ["{AREA_A}"]}}') for way in device_ways()),
        encoding="utf-8",
    )
    decoder = Decoder(registry)
    intake = ForeignIntake(decoder, registry, load_sources(mappings))
    native, foreign = decoder.decode, intake.take
    return [
        *(_job("native", *made, take=native) for made in _native()),
        *(_job(name, *made, take=foreign) for name, made in _foreign().items()),
        *(_device_job(way, foreign) for way in device_ways()),
    ]


_Made = tuple[str, str, bytes]
"""What it is beside, its topic and payload."""


def _native() -> list[_Made]:
    base = f"{PREFIX}/{AREA_A}"
    report = {"ts": AT_MS, "kind": "electricity_meter", "values": METER}
    own = {"community": COMMUNITY_A}
    bundle = [report | own | {"device": device} for device in _devices()]
    state = {"tech": "xgs-pon", "admin": "up", "oper": "up"}
    ports = [{"slot": slot, "port": number, **state, **_PORT} for slot, number in _PLACES]
    device = f"{base}/community/{COMMUNITY_A}/emeter-1/telemetry"
    return [
        ("device", device, _json(report)),
        ("bundle", f"{base}/gateway/gw-a/bundle", _json({"reports": bundle})),
        ("ports", f"{base}/olt/olt-a/pon", _json({"ts": AT_MS, "ports": ports})),
    ]


def _foreign() -> dict[str, _Made]:
    wrapped = {name: {"value": value, "time": AT_MS} for name, value in METER.items()}
    services = [{"service_id": "Meter", "properties": METER, "event_time": "2026-01-01T00:00:00Z"}]
    lamps = [{"device_id": device, "services": services} for device in _devices()]
    records = [{"device": device, "ts": AT_MS, **METER} for device in _devices()]
    fields = {"admin": 1, "oper": 1, **_PORT}
    rows = [
        {
            "name": "pon",
            "tags": {"source": "olt-a", "slot": str(slot), "port": str(number)},
            "fields": fields,
            "timestamp": AT_MS // 1000,
        }
        for slot, number in _PLACES
    ]
    numbers = ",".join(
        f"{name}={value}{'i' if isinstance(value, int) else ''}" for name, value in fields.items()
    )
    lines = "\n".join(
        f"pon,source=olt-a,slot={slot},port={number} {numbers} {AT_MS}000000"
        for slot, number in _PLACES
    )
    gateway = "$oc/devices/gw-a/sys/gateway/sub_devices/properties/report"
    return {
        "alink": (
            "device",
            "/sys/k1/emeter-1/thing/event/property/post",
            _json({"id": "1", "sys": {"ack": 0}, "params": wrapped}),
        ),
        "iotda": ("bundle", gateway, _json({"devices": lamps})),
        "json": ("bundle", "site/gw-a/up", _json({"records": records})),
        "telegraf_json": ("ports", "telegraf/json", _json({"metrics": rows})),
        "influx_line": ("ports", "telegraf/lines", lines.encode()),
    }


def _devices() -> list[str]:
    """Registered meters of the test city, all of the gateway."""
    return [f"emeter-{number}" for number in range(1, 9)]


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _device_job(way: DeviceWay, take: Callable[[ReceivedMessage, Outcome], object]) -> DecodeJob:
    for topic, body in way.before:
        take(ReceivedMessage(topic.encode(), body, False, NOW_MS), Outcome())
    topic = way.topic.replace("{device}", DEVICE)
    if way.decoder == "sparkplug_b":
        topic = topic.replace("+", "NDATA")
    job = _job(way.decoder, "device", topic, way.body, take=take, payloads=way.stream())
    return job._replace(name=way.name)


def _job(
    name: str,
    beside: str,
    topic: str,
    payload: bytes,
    *,
    take: Callable[[ReceivedMessage, Outcome], object],
    payloads: Iterator[bytes] | None = None,
) -> DecodeJob:
    name_bytes = topic.encode()
    stream = repeat(payload) if payloads is None else payloads
    messages = (ReceivedMessage(name_bytes, body, False, NOW_MS) for body in stream)

    def run() -> Outcome:
        out = Outcome()
        take(next(messages), out)
        _ = out.raw
        return out

    out = run()
    if out.dead_letters or not out.points:
        text = out.dead_letters[0].error if out.dead_letters else "no point"
        raise ValueError(f"{name}: {text}")
    return DecodeJob(name, beside, payload, out.points, run, beside)
