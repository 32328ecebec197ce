"""What is remembered of the devices of a gateway: once each, up to a bound, and no other's."""

import pytest

from gigacity_contract.kinds import KIND_OF_VALUES
from gigacity_ingest.decode import carried
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

    assert [letter.reason.value for letter in out.letters] == ["not_yours"]
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
