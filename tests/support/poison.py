"""A corpus of bad messages by name, each with what must become of it; for tests of a receiver.

Each message carries good neighbours where its format allows, so that a test sees them live. The
reasons are those of the contract, written out: a corpus that imported them could not notice a
change of their names.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from gigacity_contract.topics import MessageKind, topic_of

YEAR_1970_MS = 86_400_000
YEAR_2100_MS = 4_102_444_800_000


@dataclass(frozen=True, slots=True)
class Poison:
    """A bad message and its fate."""

    name: str
    topic: str
    payload: bytes
    reason: str
    """Why it, or the part of it, is a dead letter."""
    extent: Literal["message", "entry", "partial", "none"]
    """How much of it is one; none: what means "no value" is only counted."""
    stored: int
    """How many points must be stored all the same."""


@dataclass(frozen=True, slots=True)
class PoisonTarget:
    """Registered objects to publish as. ``foreign_device`` belongs to another gateway or none."""

    area: str
    olt: str
    community: str
    device: str
    gateway: str
    bundled_device: str
    foreign_device: str
    kind: str = "smoke_detector"

    @property
    def olt_topic(self) -> str:
        """Topic of the OLT's reports."""
        return topic_of(f"{self.area}/olt/{self.olt}", MessageKind.PON)

    @property
    def device_topic(self) -> str:
        """Topic of the device that connects by itself."""
        path = f"{self.area}/community/{self.community}/{self.device}"
        return topic_of(path, MessageKind.TELEMETRY)

    @property
    def gateway_topic(self) -> str:
        """Topic of the gateway's bundles."""
        return topic_of(f"{self.area}/gateway/{self.gateway}", MessageKind.BUNDLE)


_PORT = {"slot": 1, "tech": "xgs-pon", "admin": "up", "oper": "up", "rx_dbm": -17.5}
_VALUES = {"alarm": False, "temp_c": 21.5, "battery_pct": 80}
_NESTED = b"[" * 500_000 + b"]" * 500_000


def corpus(target: PoisonTarget, ts_ms: int) -> Iterator[Poison]:
    """Every bad message; each uses ``ts`` values of its own, so none overwrites another's points.

    The seconds before ``ts_ms`` are used, one a message.
    """
    for index, build in enumerate(_BUILDERS):
        yield build(target, ts_ms - 1000 * index)


def _pon(target: PoisonTarget, name: str, document: Any, *fate: Any, topic: str = "") -> Poison:
    return Poison(name, topic or target.olt_topic, json.dumps(document).encode(), *fate)


def _ports(ts_ms: int, *ports: Any) -> dict[str, Any]:
    """A report of two good ports and these."""
    return {"ts": ts_ms, "ports": [_PORT | {"port": 0}, *ports, _PORT | {"port": 1}]}


def _not_json(target: PoisonTarget, ts_ms: int) -> Poison:
    payload = json.dumps(_ports(ts_ms)).encode()[:-7]
    return Poison("not json", target.olt_topic, payload, "not_json", "message", 0)


def _not_utf8(target: PoisonTarget, ts_ms: int) -> Poison:
    payload = b'{"ts": %d, "note": "\xff\xfe", "ports": []}' % ts_ms
    return Poison("not utf-8", target.olt_topic, payload, "not_utf8", "message", 0)


def _nesting(target: PoisonTarget, ts_ms: int) -> Poison:
    payload = b'{"ts": %d, "ports": [], "more": %b}' % (ts_ms, _NESTED)
    return Poison("1 MB of nesting", target.olt_topic, payload, "not_json", "message", 0)


def _envelope(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(ts_ms) | {"ts": str(ts_ms)}
    return _pon(target, "wrong type of the envelope", document, "bad_envelope", "message", 0)


def _year_1970(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(YEAR_1970_MS + ts_ms % 1000)
    return _pon(target, "a timestamp in 1970", document, "implausible_timestamp", "message", 0)


def _year_2100(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(YEAR_2100_MS + ts_ms % 1000)
    return _pon(target, "a timestamp in 2100", document, "implausible_timestamp", "message", 0)


def _bad_port(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(ts_ms, _PORT | {"port": "three"})
    return _pon(target, "wrong type of one port's identity", document, "bad_entry", "entry", 2)


def _bad_field(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(ts_ms, _PORT | {"port": 2, "rx_dbm": "weak"})
    return _pon(target, "wrong type of one optional field", document, "bad_field", "partial", 3)


def _nan(target: PoisonTarget, ts_ms: int) -> Poison:
    # JSON has no NaN, but some devices write it; it is one way to say "no value".
    document = _ports(ts_ms, _PORT | {"port": 2, "rx_dbm": float("nan")})
    return _pon(target, "NaN", document, "", "none", 3)


def _huge(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(ts_ms, _PORT | {"port": 2, "rx_bytes": 2**70})
    return _pon(target, "2**70", document, "bad_field", "partial", 3)


def _sentinel(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(ts_ms, _PORT | {"port": 2, "temp_c": 2147483647})
    return _pon(target, "a sentinel", document, "", "none", 3)


def _duplicate(target: PoisonTarget, ts_ms: int) -> Poison:
    document = _ports(ts_ms, _PORT | {"port": 0, "rx_dbm": -30.0})
    return _pon(target, "a duplicate", document, "duplicate_entry", "entry", 2)


def _bad_topic(target: PoisonTarget, ts_ms: int) -> Poison:
    # Within the sender's own part of the tree, so that a broker's access list lets it pass.
    topic = target.olt_topic.removesuffix("/pon") + "/pon/extra"
    document = _ports(ts_ms)
    return _pon(
        target, "a topic outside the grammar", document, "bad_topic", "message", 0, topic=topic
    )


def _unknown_area(target: PoisonTarget, ts_ms: int) -> Poison:
    topic = target.olt_topic.replace(target.area, "999999")
    return _pon(target, "an unknown area", _ports(ts_ms), "unknown_area", "message", 0, topic=topic)


def _unknown_kind(target: PoisonTarget, ts_ms: int) -> Poison:
    document = {"ts": ts_ms, "kind": "toaster", "values": {"browning": 4}}
    payload = json.dumps(document).encode()
    return Poison("unknown kind", target.device_topic, payload, "unknown_kind", "message", 0)


def _wrong_first(target: PoisonTarget, ts_ms: int) -> Poison:
    document = {
        "ts": ts_ms,
        "kind": target.kind,
        "values": _VALUES | {"obscuration_pct_per_m": "none"},
    }
    return Poison(
        "the first value ever of a field has a wrong type",
        target.device_topic,
        json.dumps(document).encode(),
        "bad_field",
        "partial",
        1,
    )


def _no_values(target: PoisonTarget, ts_ms: int) -> Poison:
    payload = json.dumps({"ts": ts_ms, "kind": target.kind, "values": {}}).encode()
    return Poison("no values", target.device_topic, payload, "no_values", "message", 0)


def _not_yours(target: PoisonTarget, ts_ms: int) -> Poison:
    own = {"community": target.community, "ts": ts_ms, "kind": target.kind, "values": _VALUES}
    reports = [own | {"device": target.bundled_device}, own | {"device": target.foreign_device}]
    payload = json.dumps({"reports": reports}).encode()
    return Poison(
        "another's device in a bundle", target.gateway_topic, payload, "not_yours", "entry", 1
    )


_BUILDERS = (
    _not_json,
    _not_utf8,
    _nesting,
    _envelope,
    _year_1970,
    _year_2100,
    _bad_port,
    _bad_field,
    _nan,
    _huge,
    _sentinel,
    _duplicate,
    _bad_topic,
    _unknown_area,
    _unknown_kind,
    _wrong_first,
    _no_values,
    _not_yours,
)
