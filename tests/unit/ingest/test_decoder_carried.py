"""What is remembered of the devices of a gateway: once each, up to a bound, and no other's."""

import pytest

from gigacity_contract.kinds import KIND_OF_VALUES
from gigacity_ingest.decode import carried, routes
from gigacity_ingest.decode.carried import CarriedDevices
from gigacity_ingest.decode.decoder import Decoder
from tests.unit.ingest.messages import BUNDLE_TOPIC, NOW_MS, bundle, decode, entry

KEY = ("371602001001", next(iter(KIND_OF_VALUES)))
SERIES = ("device_camera", "371602")


def test_a_device_is_remembered_once(decoder: Decoder) -> None:
    for ts in (NOW_MS, NOW_MS + 1):
        decode(decoder, BUNDLE_TOPIC, bundle(entry(ts=ts), entry("camera-2", ts)))

    assert len(decoder.routes.find(BUNDLE_TOPIC.encode()).carried) == 2


def test_a_device_that_is_refused_is_not_remembered(decoder: Decoder) -> None:
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry("elevator-1", kind="elevator", values={})))

    assert [dead_letter.reason.value for dead_letter in out.dead_letters] == ["not_yours"]
    assert len(decoder.routes.find(BUNDLE_TOPIC.encode()).carried) == 0


def test_the_entries_of_a_device_are_counted_apart(decoder: Decoder) -> None:
    decode(decoder, BUNDLE_TOPIC, bundle(entry(seq=1), entry("camera-2", seq=7)))
    decode(decoder, BUNDLE_TOPIC, bundle(entry(seq=4), entry("camera-2", seq=8)))

    assert decoder.sequences.gaps == 2
    assert [name.partition("/")[2] for name, *_ in decoder.sequences.worst(9)] == ["camera-1"]


def test_at_the_bound_the_others_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "MAX_DEVICES_OF_A_GATEWAY", 2)
    devices = CarriedDevices()
    for name in ("a", "b"):
        devices.add(KEY, SERIES, name, name)
    assert len(devices) == 2

    group = devices.add(KEY, SERIES, "c", "c")
    assert (len(devices), group.prefixes) == (1, {"c": "c"})


def test_a_device_that_is_met_anew_is_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "MAX_DEVICES_OF_A_GATEWAY", 2)
    devices = CarriedDevices()
    for name in ("a", "b"):
        devices.add(KEY, SERIES, name, name).last_seqs[name] = 7
    devices.forget_prefixes()
    for name in ("a", "b"):
        devices.add(KEY, SERIES, name, name)

    assert len(devices) == 2
    assert devices.groups[KEY].last_seqs == {"a": 7, "b": 7}


def test_a_gateway_that_invents_communities_is_bounded_by_them(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carried, "MAX_GROUPS_OF_A_GATEWAY", 3)
    stray = [entry(community=f"37169900100{number}") for number in range(8)]
    out = decode(decoder, BUNDLE_TOPIC, bundle(*stray, *stray[-2:]))

    assert out.points == 8
    remembered = decoder.routes.find(BUNDLE_TOPIC.encode()).carried
    assert (len(remembered), len(remembered.groups)) == (2, 2)


def test_at_the_bound_of_all_gateways_everybody_begins_anew(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MAX_CARRIED_DEVICES", 5)
    topics = [BUNDLE_TOPIC.replace("gw-a", name) for name in ("gw-v", "gw-w", "gw-x")]
    stray = [entry(name, community="371699001001") for name in ("d1", "d2")]
    found = []
    for topic in (*topics, *topics):
        decode(decoder, topic, bundle(*stray))
        found.append([len(decoder.routes.find(name.encode()).carried) for name in topics])

    assert found == [[2, 0, 0], [2, 2, 0], [0, 0, 1], [2, 0, 1], [2, 2, 1], [0, 0, 2]]
