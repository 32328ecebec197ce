"""Devices are found by (community, id) although only ranges are kept."""

import pytest

from gigacity_city.registry import (
    DeviceRange,
    DeviceRegistry,
    IdRange,
    parse_id_range,
    split_number,
)

HERE, THERE = "371602001001", "371602001002"


@pytest.fixture
def registry() -> DeviceRegistry:
    return DeviceRegistry(
        [
            DeviceRange(HERE, "camera", IdRange("camera-", 1, 24), "gw-1", 0),
            DeviceRange(HERE, "camera", IdRange("camera-", 25, 30), "", 24),
            DeviceRange(HERE, "elevator", IdRange("elevator-7", None, 0), "", 30),
            DeviceRange(THERE, "camera", IdRange("camera-", 0, 3), "gw-2", 31),
            DeviceRange(THERE, "lamp", IdRange("lamp", None, 0), "", 35),
            DeviceRange(THERE, "lamp", IdRange("lamp-07", None, 0), "", 36),
            DeviceRange(THERE, "lamp", IdRange("camera-9", None, 0), "", 37),
        ]
    )


@pytest.mark.parametrize(
    ("community", "device", "index", "gateway"),
    [
        (HERE, "camera-1", 0, "gw-1"),
        (HERE, "camera-24", 23, "gw-1"),
        (HERE, "camera-25", 24, ""),
        (HERE, "elevator-7", 30, ""),
        (THERE, "camera-0", 31, "gw-2"),
        (THERE, "lamp", 35, ""),
        (THERE, "lamp-07", 36, ""),
        (THERE, "camera-9", 37, ""),
    ],
)
def test_registered_devices_are_found(
    registry: DeviceRegistry, community: str, device: str, index: int, gateway: str
) -> None:
    found = registry.find(community, device)
    assert found is not None
    assert found[1] == index
    assert registry.gateway_of(community, device) == gateway


@pytest.mark.parametrize(
    ("community", "device"),
    [
        (HERE, "camera-0"),
        (HERE, "camera-31"),
        (HERE, "camera-01"),
        (HERE, "camera-007"),
        (HERE, "camera-1\n"),
        (HERE, "camera-1234567"),
        (HERE, "camera-"),
        (HERE, "camera-{1..24}"),
        (HERE, "camera-２"),
        (HERE, "elevator-"),
        (HERE, "elevator-8"),
        (HERE, ""),
        (THERE, "camera-24"),
        (THERE, "lamp-7"),
        (THERE, "camera-8"),
        ("371602001003", "camera-1"),
    ],
)
def test_what_is_not_registered_is_not_found(
    registry: DeviceRegistry, community: str, device: str
) -> None:
    assert registry.find(community, device) is None
    assert registry.gateway_of(community, device) is None


def test_its_length_counts_devices_and_not_ranges(registry: DeviceRegistry) -> None:
    assert len(registry) == 38


def test_a_range_lists_its_ids() -> None:
    assert list(parse_id_range("camera-{9..11}").ids()) == ["camera-9", "camera-10", "camera-11"]
    assert list(parse_id_range("hands-on").ids()) == ["hands-on"]


@pytest.mark.parametrize(
    "text",
    [
        "camera-{3..1}",
        "camera-{1..}",
        "camera-{1..2",
        "camera-1..2}",
        "{1..2}",
        "camera-{01..02}",
        "camera-{1..1000000}",
        "cam1{1..2}",
        "camera {1..2}",
        "camera-{1..2}x",
        "camera-{1..2}\n",
        "camera-{-1..2}",
        "camera-{１..２}",
    ],
)
def test_malformed_ranges_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"range|digit"):
        parse_id_range(text)


@pytest.mark.parametrize(
    ("identifier", "parts"),
    [
        ("camera-7", ("camera-", 7)),
        ("camera-0", ("camera-", 0)),
        ("camera-999999", ("camera-", 999_999)),
        ("camera-1000000", ("camera-1000000", -1)),
        ("camera-07", ("camera-07", -1)),
        ("7", ("7", -1)),
        ("lamp", ("lamp", -1)),
    ],
)
def test_an_id_is_split_as_a_range_would_hold_it(identifier: str, parts: tuple[str, int]) -> None:
    assert split_number(identifier) == parts
