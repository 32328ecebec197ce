"""Another version of the city between two messages: what changes by it, and what must not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_contract.kinds import Camera
from gigacity_ingest.decode.carried import CarriedDevices
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.outcome import Outcome
from gigacity_ingest.fast_path.hot_path import HotPath
from gigacity_ingest.pipeline.batch import BatchLimits
from gigacity_ingest.pipeline.ingestor import Ingestor
from tests.support.city import AREA_A, AREA_B, CITY_YAML, COMMUNITY_A, RETIRED_A, TABLES, write_city
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
)

NEW_AREA = "371622"
GATEWAY_B = BUNDLE_TOPIC.replace("gw-a", "gw-b")
OLD_PON = PON_TOPIC.replace(AREA_A, RETIRED_A).replace("olt-a", "olt-new")
"""Of publishers that nobody registered: a registered one is heard in its own area alone."""
OLD_BUNDLE = BUNDLE_TOPIC.replace(AREA_A, RETIRED_A).replace("gw-a", "gw-new")
OLD_DEVICE = DEVICE_TOPIC.replace(AREA_A, RETIRED_A).replace(COMMUNITY_A, "371699001001")
_KINDS = "kind: county}"
WITH_NEW_AREA = CITY_YAML.replace(
    _KINDS, f'{_KINDS}\n  - {{code: "{NEW_AREA}", name: {{zh: 阳信县, en: Yangxin}}, {_KINDS}', 1
)
WITHOUT_RETIRED = CITY_YAML.replace(f'\n     retired: ["{RETIRED_A}"]', "\n     retired: []")
WITH_RETIRED_MOVED = WITHOUT_RETIRED.replace(_KINDS, f'kind: county, retired: ["{RETIRED_A}"]}}', 1)
Registry = Callable[..., FieldRegistry]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """What decoding needs of a city that differs in some texts."""

    def load(**changes: str) -> FieldRegistry:
        return FieldRegistry.of(load_city(write_city(tmp_path / "changed", **changes)))

    return load


def _stray(**members: int) -> dict[str, Any]:
    """An entry of a device and a community that no city registers."""
    return entry("new-1", community="371699001001", **members)


def _with_gateway_b() -> dict[str, str]:
    """Its cameras moved from gw-a to gw-b, and camera-11 is registered."""
    devices = TABLES["devices.csv"].replace("camera-{1..10},gw-a", "camera-{1..11},gw-b")
    return {"gateways": TABLES["gateways.csv"] + f"gw-b,{AREA_A}\n", "devices": devices}


def test_a_new_area_is_known_from_then_on(decoder: Decoder, registry: Registry) -> None:
    topic = PON_TOPIC.replace(AREA_A, NEW_AREA).replace("olt-a", "olt-new")
    assert reasons(decode(decoder, topic, pon(port()))) == [("unknown_area", "message")]
    decoder.follow(registry(city=WITH_NEW_AREA))

    (point,) = points(decode(decoder, topic, pon(port())))
    assert point.tags["area"] == NEW_AREA


def test_a_device_that_moves_to_another_gateway_is_accepted_there_and_refused_here(
    decoder: Decoder, registry: Registry
) -> None:
    assert len(points(decode(decoder, BUNDLE_TOPIC, bundle(entry())))) == 1
    assert reasons(decode(decoder, GATEWAY_B, bundle(entry()))) == [("not_yours", "entry")]
    decoder.follow(registry(**_with_gateway_b()))

    assert reasons(decode(decoder, BUNDLE_TOPIC, bundle(entry()))) == [("not_yours", "entry")]
    assert len(points(decode(decoder, GATEWAY_B, bundle(entry())))) == 1


def test_a_device_that_is_registered_later_belongs_to_its_gateway(
    decoder: Decoder, registry: Registry
) -> None:
    unknown = bundle(entry("camera-11"))
    assert len(points(decode(decoder, BUNDLE_TOPIC, unknown))) == 1
    decoder.follow(registry(**_with_gateway_b()))

    assert reasons(decode(decoder, BUNDLE_TOPIC, unknown)) == [("not_yours", "entry")]


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        (PON_TOPIC, lambda seq: pon(port(), seq=seq)),
        (OLD_PON, lambda seq: pon(port(), seq=seq)),
        (DEVICE_TOPIC, lambda seq: device(seq=seq)),
        (BUNDLE_TOPIC, lambda seq: bundle(entry(), seq=seq)),
        (BUNDLE_TOPIC, lambda seq: bundle(entry(seq=seq))),
        (OLD_BUNDLE, lambda seq: bundle(_stray(seq=seq))),
    ],
    ids=["pon", "pon of a moved code", "device", "bundle", "entry", "entry of a moved code"],
)
def test_a_gap_across_the_change_is_seen(
    decoder: Decoder, registry: Registry, topic: str, message: Callable[[int], bytes]
) -> None:
    decode(decoder, topic, message(5))
    decoder.follow(registry(city=WITH_RETIRED_MOVED))
    decode(decoder, topic, message(8))

    assert decoder.sequences.gaps == 2


def test_a_retired_code_may_stand_for_another_area(decoder: Decoder, registry: Registry) -> None:
    topics = {OLD_PON: pon(port()), OLD_DEVICE: device()}
    gateway = OLD_BUNDLE
    topics[gateway] = bundle(_stray())
    before = [points(decode(decoder, *each))[0].tags["area"] for each in topics.items()]
    decoder.follow(registry(city=WITH_RETIRED_MOVED))
    out = [decode(decoder, *each) for each in topics.items()]

    assert before == [AREA_A] * 3
    assert [points(each)[0].tags["area"] for each in out] == [AREA_B] * 3
    carried = decoder.routes.find(gateway.encode()).carried
    assert [group.series[1] for group in carried.groups.values()] == [AREA_B]


def test_a_code_that_the_city_no_longer_has_is_unknown(
    decoder: Decoder, registry: Registry
) -> None:
    decode(decoder, OLD_PON, pon(port()))
    decoder.follow(registry(city=WITHOUT_RETIRED))

    assert reasons(decode(decoder, OLD_PON, pon(port()))) == [("unknown_area", "message")]


def test_the_quick_path_follows_too(decoder: Decoder, registry: Registry) -> None:
    quick = HotPath(decoder)
    packets = [(1, OLD_PON.encode(), pon(port()), 2, 0)]
    for _ in range(2):
        quick.decode(packets, 0, 1, Outcome(), now_ms=NOW_MS, points=10)
    decoder.follow(registry(city=WITH_RETIRED_MOVED))
    found = []
    for _ in range(2):
        out = Outcome()
        quick.decode(packets, 0, 1, out, now_ms=NOW_MS, points=10)
        found += [point.tags["area"] for point in points(out)]

    assert found == [AREA_B, AREA_B]


def test_an_open_batch_and_the_ledgers_go_on(decoder: Decoder, registry: Registry) -> None:
    ingestor = Ingestor(decoder, BatchLimits(points=10, messages=10, age_s=1.0))
    ingestor.connect()
    run = [(mid, OLD_PON.encode(), pon(port()), 2, mid) for mid in (1, 2)]
    ingestor.receive_packets(run[:1], 0, NOW_MS, 0.0)
    decoder.follow(registry(city=WITH_RETIRED_MOVED))
    ingestor.receive_packets(run[1:], 0, NOW_MS, 0.0)

    now = ingestor.snapshot()
    assert (now.messages.received, now.points.decoded, now.is_balanced) == (2, 2, True)
    batch = ingestor.seal_now()
    assert batch is not None
    first, second = [line for body in batch.pack() for line in body.lines()]
    assert f"area={AREA_A}".encode() in first
    assert f"area={AREA_B}".encode() in second


def test_what_a_gateway_carries_stays_bounded_over_many_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gigacity_ingest.decode.carried.MAX_DEVICES_OF_A_GATEWAY", 3)
    carried = CarriedDevices()
    for name in "abcdefgh":
        group = carried.add(("371602001001", Camera), ("m", AREA_A), name, "")
        group.last_seqs[name] = 1
        carried.forget_prefixes()

    assert sum(len(group.last_seqs) for group in carried.groups.values()) <= 3


def test_what_all_gateways_carry_is_counted_anew_with_the_city(
    decoder: Decoder, registry: Registry
) -> None:
    """Of a gateway whose code is gone, and of devices that nobody counts, nothing stays."""
    for topic in (BUNDLE_TOPIC, BUNDLE_TOPIC.replace(AREA_A, RETIRED_A)):
        decode(decoder, topic, bundle(_stray(seq=1), entry("new-2", community="371699001001")))
    assert decoder.routes.carried_devices == 4
    decoder.follow(registry(city=WITHOUT_RETIRED))

    assert decoder.routes.carried_devices == 1
