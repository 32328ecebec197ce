"""Short ways to make messages and to decode one."""

import json
from typing import Any

from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.line_protocol import Point, parse_line

NOW_MS = 1_795_500_000_000
DAY_MS = 86_400_000
PON_TOPIC = f"gigacity/v1/{AREA_A}/olt/olt-a/pon"
DEVICE_TOPIC = f"gigacity/v1/{AREA_A}/community/{COMMUNITY_A}/elevator-1/telemetry"
BUNDLE_TOPIC = f"gigacity/v1/{AREA_A}/gateway/gw-a/bundle"
OLT_STATUS = f"gigacity/v1/{AREA_A}/olt/olt-a/status"


def port(slot: int = 1, number: int = 0, **members: Any) -> dict[str, Any]:
    usual = {"slot": slot, "port": number, "tech": "xgs-pon", "admin": "up", "oper": "up"}
    return usual | members


def pon(*ports: Any, ts: Any = NOW_MS, **members: Any) -> bytes:
    return json.dumps({"ts": ts, "ports": list(ports), **members}).encode()


def device(ts: Any = NOW_MS, kind: Any = "elevator", values: Any = None, **members: Any) -> bytes:
    body = {"ts": ts, "kind": kind, "values": {"floor": 3} if values is None else values}
    return json.dumps(body | members).encode()


def entry(device_id: str = "camera-1", ts: Any = NOW_MS, **members: Any) -> dict[str, Any]:
    usual = {"community": COMMUNITY_A, "device": device_id, "ts": ts, "kind": "camera"}
    return usual | {"values": {"intact": True}} | members


def bundle(*entries: Any, **members: Any) -> bytes:
    return json.dumps({"reports": list(entries), **members}).encode()


def status(session: Any, state: str, **members: Any) -> bytes:
    return json.dumps({"session": session, "state": state, **members}).encode()


def decode(
    decoder: Decoder,
    topic: str | bytes,
    payload: bytes,
    *,
    is_copy: bool = False,
    now_ms: int = NOW_MS,
) -> Outcome:
    """What one message gives."""
    out = Outcome()
    raw_topic = topic.encode() if isinstance(topic, str) else topic
    decoder.decode(ReceivedMessage(raw_topic, payload, is_copy, now_ms), out)
    return out


def points(out: Outcome) -> list[Point]:
    """Every line, read by the strict parser that our encoder knows nothing of."""
    return [parse_line(line) for line in (*out.raw, *out.forever)]


def reasons(out: Outcome) -> list[tuple[str, str]]:
    """Reason and extent of each dead letter."""
    return [
        (dead_letter.reason.value, dead_letter.extent.value) for dead_letter in out.dead_letters
    ]
