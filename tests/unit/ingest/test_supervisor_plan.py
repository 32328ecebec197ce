"""Which worker should own which areas, and which filters that takes."""

import pytest

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_ingest.ownership.subscriptions import (
    are_covered,
    covers,
    list_filters,
    listed_filters,
    overlap,
    shared_filters,
)
from gigacity_ingest.settings import topic_filters
from gigacity_ingest.supervisor.division import divide, expected_load, hand_over
from gigacity_ingest.supervisor.planner import EVERYTHING, Planner
from gigacity_ingest.supervisor.record import Record
from tests.support.city import AREA_A, AREA_B, RETIRED_A, ZONE


def _planner(city: City, *areas: str, group: str = "") -> Planner:
    return Planner(city, client_id="w", areas=areas, group=group)


def test_the_load_of_an_area_is_what_its_ports_and_devices_are_expected_to_report(
    city: City,
) -> None:
    load = expected_load(city)

    assert load.keys() == {AREA_A, AREA_B, ZONE}
    ports = sum(1 for p in city.ports if city.olt_by_id[p.key.olt].area == AREA_B) / 60
    lamps = 2 / city.cadence.expected_s("street_light")
    assert load[AREA_B] == pytest.approx(ports + lamps)


def test_the_heaviest_areas_go_to_different_workers() -> None:
    load = {"a": 9.0, "b": 5.0, "c": 4.0, "d": 1.0}

    assert divide(load, load, 2) == (("a", "d"), ("b", "c"))
    assert divide(reversed(list(load)), load, 2) == (("a", "d"), ("b", "c"))


def test_areas_without_load_are_dealt_out_evenly() -> None:
    load = dict.fromkeys("abcdef", 0.0)

    assert [len(part) for part in divide(load, load, 3)] == [2, 2, 2]


def test_handing_over_takes_nothing_from_those_who_stay() -> None:
    load = {"a": 9.0, "b": 5.0, "c": 4.0, "d": 1.0}

    assert hand_over(["a", "d"], load, [("b",), ("c",)]) == (("b", "d"), ("a", "c"))


def test_every_area_has_one_owner_who_has_its_retired_codes_too(city: City) -> None:
    plan = _planner(city).plan(3)

    assert [m.client_id for m in plan] == ["w-0", "w-1", "w-2"]
    assert [m.folder for m in plan] == ["worker-0", "worker-1", "worker-2"]
    assert sorted(a for m in plan for a in m.areas) == [AREA_A, AREA_B, ZONE]
    (owner,) = [m for m in plan if AREA_A in m.areas]
    assert owner.filters == {f"gigacity/v1/{AREA_A}/#", f"gigacity/v1/{RETIRED_A}/#"}
    assert plan == _planner(city).plan(3)


def test_a_lone_worker_owns_unknown_areas_too(city: City) -> None:
    (alone,) = _planner(city).plan(1)
    (limited,) = _planner(city, AREA_B).plan(1)

    assert alone.areas == (EVERYTHING,)
    assert alone.filters == {"gigacity/v1/#"}
    assert limited.areas == (AREA_B,)
    assert limited.filters == {f"gigacity/v1/{AREA_B}/#"}


def test_more_workers_than_areas_is_a_wrong_call(city: City) -> None:
    with pytest.raises(ConfigError, match="only 3 areas"):
        _planner(city).plan(4)
    with pytest.raises(ConfigError, match="only 1 areas"):
        _planner(city, ZONE).plan(2)


def test_members_of_a_group_share_the_areas_and_each_reads_status(city: City) -> None:
    plan = _planner(city, AREA_B, group="hot").plan(2)

    assert {m.areas for m in plan} == {(AREA_B,)}
    expected = {
        f"$share/hot/gigacity/v1/{AREA_B}/#",
        f"gigacity/v1/{AREA_B}/+/+/status",
        f"gigacity/v1/{AREA_B}/community/+/+/status",
    }
    assert [m.filters for m in plan] == [expected, expected]
    assert set(topic_filters(AREA_B, city, "hot")) == expected


def test_a_group_over_everything_reads_the_status_of_everything() -> None:
    assert shared_filters(("gigacity/v1/#",), "g") == (
        "$share/g/gigacity/v1/#",
        "gigacity/v1/+/+/+/status",
        "gigacity/v1/+/community/+/+/status",
    )


def test_a_group_needs_a_name_that_can_stand_in_a_filter(city: City) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_MQTT_SHARED_GROUP"):
        topic_filters("", city, "a/b")


@pytest.mark.parametrize(
    ("held", "needed", "expected"),
    [
        ("gigacity/v1/#", "gigacity/v1/371602/#", True),
        ("gigacity/v1/371602/#", "gigacity/v1/371602/#", True),
        ("gigacity/v1/371602/#", "gigacity/v1/371602/+/+/status", True),
        ("gigacity/v1/371602/#", "gigacity/v1/371621/#", False),
        ("gigacity/v1/371602/#", "gigacity/v1/#", False),
        ("gigacity/v1/371602/+/+/status", "gigacity/v1/371602/#", False),
        ("$share/g/gigacity/v1/371602/#", "gigacity/v1/371602/#", True),
        ("gigacity/v1/#", "$share/g/gigacity/v1/371602/#", True),
        ("$share/g/gigacity/v1/371602/#", "gigacity/v1/371602/+/+/status", False),
    ],
)
def test_which_filter_covers_which(held: str, needed: str, expected: bool) -> None:
    assert covers(held, needed) is expected


def test_filters_are_told_to_a_worker_one_by_one() -> None:
    start, later = "gigacity/v1/371602/#", "$share/hot/gigacity/v1/371690/#"
    text = list_filters({start, later}, {start})

    assert text == f"?{later},{start}"
    assert listed_filters(text) == ((later, start), frozenset({later}))
    assert listed_filters("") == ((), frozenset())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("gigacity/v1/#", "gigacity/v1/371602/#", True),
        ("$share/g/gigacity/v1/371602/#", "gigacity/v1/371602/+/+/status", True),
        ("gigacity/v1/+/+/+/status", "gigacity/v1/371602/+/+/status", True),
        ("gigacity/v1/371602/#", "gigacity/v1/371621/#", False),
        ("gigacity/v1/+/+/+/status", "gigacity/v1/371602/community/+/+/status", False),
    ],
)
def test_which_filters_overlap(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is expected


def test_areas_that_nobody_holds_are_named(city: City) -> None:
    planner = _planner(city)
    record = Record().adopt(planner.plan(3))
    assert planner.unowned(record) == [AREA_A, AREA_B, ZONE]

    for session in record.sessions[:2]:
        record = record.subscribing(session.client_id).subscribed(
            session.client_id, session.missing
        )
    assert planner.unowned(record) == list(record.sessions[2].areas)
    assert are_covered([], [])


def test_a_worker_that_leaves_hands_its_areas_to_the_others(city: City) -> None:
    planner = _planner(city)
    record = Record().adopt(planner.plan(3))
    plan = planner.without(record, {"w-1"})

    assert [m.client_id for m in plan] == ["w-0", "w-2"]
    assert sorted(a for m in plan for a in m.areas) == [AREA_A, AREA_B, ZONE]
    for member in plan:
        before = record.session(member.client_id)
        assert before is not None
        assert set(before.areas) <= set(member.areas)
    with pytest.raises(ConfigError, match="--all"):
        planner.without(record, {"w-0", "w-1", "w-2"})
