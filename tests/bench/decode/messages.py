"""Messages to decode: golden ones, long batches of the same rows, and native ones beside them."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import cbor2
import msgspec

from gigacity_contract.decoding import decode_bundle, decode_device, decode_pon
from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.formats.sparkplug_b.schema import Payload
from gigacity_ingest.formats.times import TimeRule
from gigacity_ingest.formats.voltha import Event
from tests.bench.decode.sparkplug_data import SparkplugData
from tests.golden.formats_files import CASES, FOLDER, case_payload, expectation_of

NATIVE = FOLDER.parent / "messages"
NOW_MS = 1_767_225_660_000
ROWS = 16
"""Of a long message: the ports of an OLT, or the devices of a gateway."""
ROW_OF_LINES = (
    b"pon,agent_host=192.0.2.9,host=pollerA,ifIndex=4194312960,ifName=GPON\\ 0/1/3"
    b" ifOperStatus=1i,txp=412i,temp=43i,ontnum=37i 1767225600000000000"
)

_PACK_BASE = {"bn": "urn:dev:m-1:", "bt": NOW_MS // 1000, "n": "m0", "u": "V", "v": 230.1}
_PACK_REST = [{"n": f"m{n}", "u": "A", "v": 1.5} for n in range(1, 4)]


class DecodeJob(NamedTuple):
    """Something to decode again and again."""

    format: str
    name: str
    payload: bytes
    readings: int
    decode: Callable[[], Any]
    beside: str
    """The native job that is most like it."""


def parser_of(job: DecodeJob) -> Callable[[], Any] | None:
    """Reads the bytes of a foreign job by a parser in C, and does no more; None: there is none.

    What a format costs at least, whoever makes readings of it.
    """
    payload = job.payload
    parsers: list[Callable[[bytes], Any]] = [msgspec.json.Decoder().decode]
    if job.format == "sparkplug_b":
        parsers = [Payload.FromString]
    elif job.format == "voltha":
        parsers.append(Event.FromString)
    elif job.format == "senml":
        parsers.append(cbor2.loads)
    for parse in parsers:
        try:
            parse(payload)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        return partial(parse, payload)
    return None


def native_jobs() -> list[DecodeJob]:
    """One device, and a bundle and a port report of as many rows as the long messages have."""
    device = NATIVE.joinpath("electricity_meter.json").read_bytes()
    report = {"community": "371602001001", **json.loads(device)}
    bundle = _json({"reports": [{**report, "device": f"m-{n}"} for n in range(ROWS)]})
    port = json.loads(NATIVE.joinpath("pon.json").read_bytes())["ports"][0]
    ports = _json({"ts": NOW_MS, "ports": [{**port, "port": n} for n in range(ROWS)]})
    return [
        DecodeJob("native", "device", device, 1, lambda: decode_device(device), "device"),
        DecodeJob("native", "bundle", bundle, ROWS, lambda: decode_bundle(bundle), "bundle"),
        DecodeJob("native", "ports", ports, ROWS, lambda: decode_pon(ports), "ports"),
    ]


def golden_jobs() -> list[DecodeJob]:
    """Golden messages of every format that are whole and need no other before them."""
    jobs = []
    for case in CASES:
        expectation = expectation_of(case)
        is_whole = not ({"faults", "after", "refused"} & set(expectation))
        if is_whole and expectation.get("readings"):
            jobs.append(_golden(case, expectation))
    return jobs


def long_jobs() -> list[DecodeJob]:
    """What a poller of an OLT or a gateway sends: many rows in one message."""
    metric = json.loads(case_payload(FOLDER / "telegraf_json/single.expect.json"))
    lamp = json.loads(case_payload(FOLDER / "iotda/gateway.expect.json"))["devices"][0]
    pack = json.loads(case_payload(FOLDER / "alink/pack.expect.json"))
    meter = pack["params"]["subDevices"][0]
    return [
        _long("telegraf_json", "t", _json({"metrics": [metric] * ROWS}), "ports"),
        _long("influx_line", "t", b"\n".join([ROW_OF_LINES] * ROWS), "ports"),
        _long(
            "iotda",
            "$oc/devices/gw/sys/gateway/sub_devices/properties/report",
            _json({"devices": [lamp] * ROWS}),
            "bundle",
        ),
        _long(
            "alink",
            "/sys/p/gw/thing/event/property/pack/post",
            _json({"params": {"subDevices": [meter] * ROWS}}),
            "bundle",
        ),
    ]


def device_jobs() -> list[DecodeJob]:
    """Values of one device, as many as a native meter's, where no golden message is like it."""
    data = SparkplugData(NOW_MS)
    pack = _long("senml", "t", _json([_PACK_BASE, *_PACK_REST]), "device")
    return [
        DecodeJob("sparkplug_b", "data", data.payload, 1, data.decode_next, "device"),
        pack._replace(name="pack"),
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _long(name: str, topic: str, payload: bytes, beside: str) -> DecodeJob:
    decoder = FORMATS[name].make({}, TimeRule())
    message = ForeignMessage(topic, payload, False, NOW_MS)
    count = len(decoder.decode(message).readings)
    return DecodeJob(name, "rows", payload, count, lambda: decoder.decode(message), beside)


def _golden(case: Path, expectation: dict[str, Any]) -> DecodeJob:
    times = TimeRule(zone=ZoneInfo(expectation.get("zone", "UTC")))
    decoder = FORMATS[case.parent.name].make(expectation.get("dialect", {}), times)
    payload = case_payload(case)
    message = ForeignMessage(
        expectation["topic"], payload, expectation.get("retained", False), NOW_MS
    )
    count = len(expectation["readings"])
    return DecodeJob(
        case.parent.name,
        case.name.removesuffix(".expect.json"),
        payload,
        count,
        lambda: decoder.decode(message),
        "device" if count == 1 else "bundle",
    )
