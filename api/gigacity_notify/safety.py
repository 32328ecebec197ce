"""Events of life and safety, as workers pass them on the moment they are decoded. Pure.

The alarm engine finds them too, with the next evaluation; it is the same alarm by its id, so that
people are told once.
"""

import hashlib
from typing import NamedTuple

import msgspec

from gigacity_contract.errors import GigacityError
from gigacity_contract.safety import SafetyEvent
from gigacity_notify.notice import AlarmNotice, Sentence, Severity

MAX_PAYLOAD_BYTES = 4_096
TOO_OLD_MS = 300_000
"""What a device reports late raises nothing: it tells of the past."""


class SafetyEventError(GigacityError):
    """A message on a topic of safety is none: it is counted and left."""


class _SafetyType(NamedTuple):
    type: str
    severity: Severity
    name: Sentence
    next_step: Sentence


SAFETY_TYPES = {
    "smoke_detector": _SafetyType(
        "safety.smoke", "critical", Sentence("烟雾报警", "smoke"),
        Sentence("立即联系社区值守确认火情并拨打119",
                 "call the community's watch at once, and 119"),
    ),
    "gas_detector": _SafetyType(
        "safety.gas", "critical", Sentence("燃气泄漏报警", "combustible gas"),
        Sentence("通知住户关阀通风、勿动电器,联系燃气公司抢险",
                 "have people close the valve, open windows and touch no switch;"
                 " call the gas company"),
    ),
    "sos_button": _SafetyType(
        "safety.sos", "critical", Sentence("一键求助", "call for help"),
        Sentence("立即回拨并派网格员上门", "call back at once and send somebody"),
    ),
    "access_gate": _SafetyType(
        "safety.door_forced", "major", Sentence("门禁被强行打开", "door forced"),
        Sentence("调看相邻摄像机并通知安保", "look at the next camera and tell security"),
    ),
    "manhole_cover": _SafetyType(
        "safety.manhole_displaced", "major", Sentence("井盖移位", "manhole cover displaced"),
        Sentence("立即设置围挡并复位井盖", "fence it off at once and put the cover back"),
    ),
}  # fmt: skip
"""By kind of device; held equal to the catalogue of alarms by a test."""

_decode = msgspec.json.Decoder(SafetyEvent).decode


def alarm_of(type_id: str, resource: str) -> str:
    """The id of a device's alarm, as the engine makes it."""
    return hashlib.sha256(f"{type_id}\ndevice\n{resource}".encode()).hexdigest()[:16]


def read_event(payload: bytes) -> SafetyEvent:
    """Read a worker's message.

    Raises:
        SafetyEventError: it is none.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise SafetyEventError(f"{len(payload)} bytes, limit {MAX_PAYLOAD_BYTES}")
    try:
        event = _decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SafetyEventError(str(error)) from error
    if event.kind not in SAFETY_TYPES:
        raise SafetyEventError(f"kind: {event.kind!r} raises no alarm")
    return event


def notice_of_event(event: SafetyEvent, now_ms: int) -> AlarmNotice | None:
    """What people are told of it; None if it is of the past."""
    if event.ts < now_ms - TOO_OLD_MS:
        return None
    found = SAFETY_TYPES[event.kind]
    resource = f"{event.community}/{event.device}"
    return AlarmNotice(
        alarm=alarm_of(found.type, resource),
        act="raise",
        type=found.type,
        kind="device",
        resource=resource,
        area=event.area,
        severity=found.severity,
        title=Sentence(f"{found.name.zh}:{resource}", f"{found.name.en}: {resource}"),
        next_step=found.next_step,
        at_ms=now_ms,
        raised_ms=event.ts,
        runbook="life-safety",
        group=f"{event.area}/{found.type}",
        is_life_safety=True,
    )
