"""What nobody registered is stored within bounds; what is registered always is."""

import json
from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_ingest.decode import admission
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.outcome import Outcome
from gigacity_ingest.fast_path.hot_path import HotPath
from tests.support.city import AREA_A, COMMUNITY_A, TABLES, write_city
from tests.unit.ingest.messages import (
    BUNDLE_TOPIC,
    DEVICE_TOPIC,
    NOW_MS,
    PON_TOPIC,
    bundle,
    decode,
    device,
    entry,
    points,
    pon,
    port,
    reasons,
    status,
)

EVERY_PORT = [port(slot, number) for slot in range(16) for number in range(256)]
REFUSED = "too_many_unregistered"


def _hot(decoder: Decoder, topic: str, *payloads: bytes) -> Outcome:
    out, hot = Outcome(), HotPath(decoder)
    packets = [(n, topic.encode(), payload, 2, n) for n, payload in enumerate(payloads, 1)]
    done = 0
    while done < len(packets):
        done = hot.decode(packets, done, len(packets), out, now_ms=NOW_MS, points=10**6)
    return out


def _series(*outcomes: Outcome) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(p.tags.items()) for out in outcomes for p in points(out)}


def test_one_olt_cannot_make_thousands_of_series(decoder: Decoder) -> None:
    """65,536 ports before: olt-a has eight registered ones, all of which are stored."""
    reports = [
        pon(*(port(slot, number) for number in range(256)), ts=NOW_MS - slot) for slot in range(256)
    ]
    outcomes = [_hot(decoder, PON_TOPIC, report) for report in reports]
    again = _hot(decoder, PON_TOPIC, reports[1])

    # Four of the registered ports are reported with the technology of the city file.
    bound = 8 + admission.PORTS_OF_A_REGISTERED_OLT
    assert len(_series(*outcomes)) == bound
    assert again.points == len(_series(again)) <= bound
    assert sum(len(out.dead_letters) for out in outcomes) == 65_536 - bound
    assert {reason for out in outcomes for reason in reasons(out)} == {(REFUSED, "entry")}


def test_registered_ports_are_stored_whatever_was_invented_before(decoder: Decoder) -> None:
    decode(decoder, PON_TOPIC, pon(*(port(9, number) for number in range(200))))
    out = decode(decoder, PON_TOPIC, pon(*(port(1, n) for n in range(4)), ts=NOW_MS - 1))

    assert (out.points, out.dead_letters) == (4, [])


def test_technologies_of_a_registered_port_are_bounded_too(decoder: Decoder) -> None:
    tokens = ["epon", "gpon", "10g-epon", "xg-pon", "xgs-pon", "ng-pon2", "25gs-pon", "50g-pon"]
    chosen = ["+".join(t for i, t in enumerate(tokens) if mask >> i & 1) for mask in range(1, 256)]
    outcomes = [
        decode(decoder, PON_TOPIC, pon(port(1, 0, tech=tech), ts=NOW_MS - n))
        for n, tech in enumerate(chosen)
    ]

    assert len(_series(*outcomes)) == 1 + admission.OTHER_TECHS_OF_A_PORT * 8


def test_unregistered_olts_are_bounded_by_area(decoder: Decoder) -> None:
    topics = [PON_TOPIC.replace("olt-a", f"new-{n}") for n in range(70)]
    outcomes = [decode(decoder, topic, pon(*EVERY_PORT[:300])) for topic in topics]

    assert [out.points for out in outcomes] == [256] * 64 + [0] * 6
    there = PON_TOPIC.replace(AREA_A, "371621").replace("olt-a", "new-99")
    assert decode(decoder, there, pon(port())).points == 1


@pytest.mark.parametrize("is_hot", [True, False])
def test_devices_of_one_gateway_are_bounded_and_another_has_its_own(
    decoder: Decoder, is_hot: bool
) -> None:
    entries = [entry(f"new-{n}") for n in range(400)]
    take = _hot if is_hot else decode
    out = take(decoder, BUNDLE_TOPIC, bundle(*entries, entry("camera-1")))
    other = take(decoder, BUNDLE_TOPIC.replace("gw-a", "gw-9"), bundle(entry("mine")))
    again = take(decoder, BUNDLE_TOPIC, bundle(*entries))

    assert (out.points, other.points, again.points) == (257, 1, 256)
    assert set(reasons(out)) == {(REFUSED, "entry")}
    assert len(out.dead_letters) == 144


def test_devices_of_an_area_are_bounded(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "DEVICES_OF_AN_AREA", 10)
    topics = [DEVICE_TOPIC.replace("elevator-1", f"new-{n}") for n in range(12)]
    outcomes = [_hot(decoder, topic, device()) for topic in topics]
    registered = _hot(decoder, DEVICE_TOPIC, device())

    assert [out.points for out in outcomes] == [1] * 10 + [0] * 2
    assert reasons(outcomes[-1]) == [(REFUSED, "message")]
    assert registered.points == 1


def test_sessions_of_what_nobody_registered_are_bounded(decoder: Decoder) -> None:
    born = status(NOW_MS, "online")
    topics = [f"gigacity/v1/{AREA_A}/gateway/new-{n}/status" for n in range(260)]
    outcomes = [decode(decoder, topic, born) for topic in topics]
    registered = decode(decoder, f"gigacity/v1/{AREA_A}/gateway/gw-a/status", born)

    assert sum(out.points for out in outcomes) == admission.GATEWAYS_OF_AN_AREA
    assert registered.points == 1


def test_what_is_registered_later_is_stored_and_makes_room(
    decoder: Decoder, tmp_path: Path
) -> None:
    report = pon(*(port(9, number) for number in range(100)))
    assert decode(decoder, PON_TOPIC, report).points == 64
    ports = TABLES["ports.csv"] + "olt-a,9,0..99,xgs-pon\n"
    registry = FieldRegistry.of(load_city(write_city(tmp_path / "more", ports=ports)))
    decoder.follow(FieldRegistry.unpack(registry.pack()))

    assert _hot(decoder, PON_TOPIC, report).points == 100
    assert _hot(decoder, PON_TOPIC, pon(*(port(8, n) for n in range(100)))).points == 64


def test_a_refused_port_can_be_replayed(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon(*EVERY_PORT[:400]))
    last = out.dead_letters[-1]

    assert json.loads(last.payload)["port"] == 143
    assert (last.ts, last.topic) == (NOW_MS, PON_TOPIC)
    assert COMMUNITY_A not in last.error
