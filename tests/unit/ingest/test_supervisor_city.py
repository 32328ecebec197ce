"""The supervisor follows its city: who owns what once areas came, went or got other codes."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

from gigacity_city.model import City
from gigacity_city.registry import DeviceRegistry
from gigacity_city.reload import CityFolder
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.supervisor.city_follower import LOOK_S, CityFollower
from gigacity_ingest.supervisor.planner import Planner
from gigacity_ingest.supervisor.record import Member, Record
from tests.support.city import AREA_A, AREA_B, ZONE, edit, write_city


def planner_of(city: City, *areas: str, group: str = "") -> Planner:
    return Planner(city, client_id="w", areas=areas, group=group)


def _changed(city: City, *, without: str = "", plus: str = "", retired: str = "") -> City:
    """The city with an area less, one more without load, or another retired code of AREA_B."""
    areas = [area for area in city.areas if area.code != without]
    if without:
        city = dataclasses.replace(city, ports=(), devices=DeviceRegistry([]))
    if plus:
        areas.append(dataclasses.replace(city.areas[0], code=plus, retired=()))
    if retired:
        areas = [
            dataclasses.replace(a, retired=(retired,)) if a.code == AREA_B else a for a in areas
        ]
    return dataclasses.replace(city, areas=tuple(areas))


def _owned(plan: list[Member]) -> dict[str, tuple[str, ...]]:
    return {member.client_id: member.areas for member in plan}


def test_a_new_area_goes_to_who_has_least_and_nobody_loses_one(city: City) -> None:
    record = Record().adopt(planner_of(city).plan(2))
    before = {s.client_id: s.areas for s in record.sessions}
    plan = planner_of(_changed(city, plus="371699")).follow(record)

    gained = {name: set(areas) - set(before[name]) for name, areas in _owned(plan).items()}
    assert sorted(map(sorted, gained.values())) == [[], ["371699"]]
    assert all(set(before[name]) <= set(areas) for name, areas in _owned(plan).items())
    assert record.adopt(planner_of(city).follow(record)) == record


def test_an_area_that_is_gone_is_given_up_and_who_has_none_left_leaves(city: City) -> None:
    record = Record().adopt(planner_of(city).plan(3))
    (lonely,) = [s for s in record.sessions if s.areas == (ZONE,)]
    followed = record.adopt(planner_of(_changed(city, without=ZONE)).follow(record))

    assert [s.client_id for s in followed.sessions if s.is_leaving] == [lonely.client_id]
    assert followed.needed() == record.needed() - lonely.wanted


def test_a_new_retired_code_is_subscribed_by_the_owner_of_its_area(city: City) -> None:
    record = Record().adopt(planner_of(city).plan(3))
    followed = record.adopt(planner_of(_changed(city, retired="372399")).follow(record))
    missing = {s.areas: s.wanted - record.needed() for s in followed.sessions}

    assert missing[AREA_B,] == {"gigacity/v1/372399/#"}
    assert sum(map(len, missing.values())) == 1


@pytest.mark.parametrize("group", ["", "hot"])
def test_a_plan_of_everything_stays_as_it_is(city: City, group: str) -> None:
    record = Record().adopt(planner_of(city, group=group).plan(2 if group else 1))
    planner = planner_of(_changed(city, plus="371699", without=ZONE), group=group)

    assert record.adopt(planner.follow(record)) == record


def test_a_city_without_a_named_area_is_not_followed(city: City) -> None:
    record = Record().adopt(planner_of(city, AREA_B, ZONE).plan(2))
    with pytest.raises(ConfigError, match=ZONE):
        planner_of(_changed(city, without=ZONE), AREA_B, ZONE).follow(record)

    assert _owned(planner_of(_changed(city, plus="371699"), AREA_B, ZONE).follow(record)) == {
        "w-0": (AREA_B,) if record.sessions[0].areas == (AREA_B,) else (ZONE,),
        "w-1": (ZONE,) if record.sessions[0].areas == (AREA_B,) else (AREA_B,),
    }


def test_areas_that_are_gone_keep_nobody_from_being_drained(city: City) -> None:
    record = Record().adopt(planner_of(city).plan(3))
    staying, leaving = "w-1", "w-0"
    gone = next(s for s in record.sessions if s.client_id == staying).areas[0]
    plan = planner_of(_changed(city, without=gone)).without(record, [leaving])

    assert gone not in {area for member in plan for area in member.areas}


class FakeSupervisor:
    """Keeps the record that a plan makes."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.city_problem = ""
        self.reloads = 0
        self.is_disk_full = False

    def adopt(self, plan: Sequence[Member]) -> None:
        if self.is_disk_full:
            raise OSError(28, "No space left on device")
        self.record = self.record.adopt(plan)

    def reload_workers(self) -> None:
        self.reloads += 1

    def areas(self) -> list[str]:
        return sorted(area for s in self.record.sessions for area in s.areas)


@pytest.fixture
def followed(tmp_path: Path) -> tuple[CityFollower, FakeSupervisor, ManualClock, Path]:
    folder = CityFolder(write_city(tmp_path / "city"))
    city, clock = folder.load(), ManualClock()
    planner = planner_of(city)
    follower = CityFollower(
        folder, city.version, planner=planner, build_planner=planner_of, clock=clock
    )
    return follower, FakeSupervisor(Record().adopt(planner.plan(2))), clock, folder.folder


Followed = tuple[CityFollower, FakeSupervisor, ManualClock, Path]
NEW_AREA = ("kind: county}", 'kind: county}\n  - {code: "371622", name: {zh: 阳信县, en: Yangxin},'
            "\n     kind: county}")  # fmt: skip


def test_the_supervisor_notices_a_changed_city_after_a_while(followed: Followed) -> None:
    follower, supervisor, clock, folder = followed
    edit(folder, "city.yaml", *NEW_AREA)
    follower.turn(supervisor)
    assert supervisor.areas() == [AREA_A, AREA_B, ZONE]
    clock.advance_s(LOOK_S)
    follower.turn(supervisor)

    assert supervisor.areas() == [AREA_A, AREA_B, "371622", ZONE]
    assert follower.planner.uncovered([]) == [AREA_A, AREA_B, "371622", ZONE]
    assert supervisor.reloads == 0


def test_the_supervisor_looks_at_once_when_asked_and_asks_its_workers(followed: Followed) -> None:
    follower, supervisor, _, folder = followed
    edit(folder, "city.yaml", *NEW_AREA)
    follower.look_now()
    follower.turn(supervisor)

    assert "371622" in supervisor.areas()
    assert supervisor.reloads == 1


def test_a_wrong_city_changes_no_plan_until_it_is_mended(followed: Followed) -> None:
    follower, supervisor, clock, folder = followed
    before = supervisor.record
    edit(folder, "olts.csv", f"olt-b,{AREA_B}", "olt-b,999999")
    clock.advance_s(LOOK_S)
    follower.turn(supervisor)
    assert "999999" in supervisor.city_problem
    clock.advance_s(LOOK_S)
    follower.turn(supervisor)
    assert "stays in force" in supervisor.city_problem
    edit(folder, "olts.csv", "olt-b,999999", f"olt-b,{AREA_B}")
    clock.advance_s(LOOK_S)
    follower.turn(supervisor)

    assert (supervisor.city_problem, supervisor.record) == ("", before)


def test_a_plan_that_a_full_disk_refuses_is_made_later(followed: Followed) -> None:
    follower, supervisor, clock, folder = followed
    edit(folder, "city.yaml", *NEW_AREA)
    supervisor.is_disk_full = True
    clock.advance_s(LOOK_S)
    follower.turn(supervisor)
    assert "No space left" in supervisor.city_problem
    supervisor.is_disk_full = False
    follower.turn(supervisor)
    assert "371622" not in supervisor.areas()
    clock.advance_s(LOOK_S)
    follower.turn(supervisor)

    assert "371622" in supervisor.areas()
    assert not supervisor.city_problem
