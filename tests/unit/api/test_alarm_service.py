"""Alarms beside the evaluator: noticed once, kept over a restart, told without a database."""

from contextlib import suppress

import msgspec
import pytest

from gigacity_api.alarms.maintenance import MaintenanceWindow
from gigacity_api.alarms.model import Act, Alarm, AlarmEvent, AlarmResource, ResourceKind, alarm_id
from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.alarm_service import AlarmService
from tests.unit.api.alarms import ALARM, MINUTE, SMOKE, call_for_help, next_minute, say
from tests.unit.api.conftest import TICKS, Running, T


def service_over(running: Running, *, is_leading: bool = True) -> AlarmService:
    return AlarmService(
        store=running.store, cache=running.cache, cities=running.cities, settings=TICKS,
        clock=running.clock, metrics=running.metrics, is_leading=is_leading,
    )  # fmt: skip


def acts(events: tuple[AlarmEvent, ...]) -> list[tuple[str, Act]]:
    return [(event.alarm.type, event.act) for event in events]


def test_a_call_for_help_is_an_alarm_at_once_and_clears_when_it_is_taken_back(
    evaluated: Running,
) -> None:
    call_for_help(evaluated)
    (told,) = evaluated.alarms.recent

    assert (told.act, told.is_life_safety) == (Act.RAISE, True)
    assert told.alarm.raised_ms == T + 40_000
    say(evaluated, T + 95_000, alarm=False)
    next_minute(evaluated)
    assert acts(evaluated.alarms.recent)[-1] == ("safety.smoke", Act.CLEAR)


def test_a_call_that_is_taken_back_within_the_interval_is_told_all_the_same(
    evaluated: Running,
) -> None:
    evaluated.alarms.refresh()
    say(evaluated, T + 40_000, alarm=True)
    say(evaluated, T + 45_000, alarm=False)
    next_minute(evaluated)
    for _ in range(6):
        next_minute(evaluated)

    # Nothing else reports in this test: that is an alarm of its own.
    found = [each for each in acts(evaluated.alarms.recent) if each[0] == "safety.smoke"]
    assert found == [
        ("safety.smoke", Act.RAISE), ("safety.smoke", Act.CLEAR),
    ]  # fmt: skip


def test_what_arrives_late_calls_nobody(evaluated: Running) -> None:
    """A report of six minutes ago is history."""
    evaluated.alarms.refresh()
    say(evaluated, T - 5 * MINUTE - 1, alarm=True)
    next_minute(evaluated)

    assert evaluated.alarms.recent == ()


def test_a_restart_goes_on_from_the_log(evaluated: Running) -> None:
    call_for_help(evaluated)
    evaluated.alarms.act([ALARM], Act.ACKNOWLEDGE, who="noc", why="going there")
    evaluated.alarms.refresh()
    again = service_over(evaluated)
    again.refresh()
    (alarm,) = again.snapshot.alarms

    assert (alarm.id, alarm.operator.state, alarm.operator.who) == (ALARM, "ack", "noc")
    assert [c.act for c in alarm.history] == [Act.ACKNOWLEDGE, Act.RAISE]
    newest = evaluated.cache.newest()
    assert newest is not None
    again.evaluated(newest)
    assert again.recent == ()


def test_what_another_process_says_has_another_tag(evaluated: Running) -> None:
    """One that raised an alarm and died is followed by one whose first list is a new one."""
    evaluated.alarms.refresh()
    asked = evaluated.get("/api/v1/alarms")
    assert asked.json()["total"] == 0
    call_for_help(evaluated)
    again = service_over(evaluated)
    again.refresh()

    assert len(again.snapshot.alarms) == 1
    assert again.snapshot.edition > evaluated.alarms.snapshot.edition


def test_a_replica_shows_what_the_other_process_raised(evaluated: Running) -> None:
    replica = service_over(evaluated, is_leading=False)
    replica.refresh()
    call_for_help(evaluated)
    replica.refresh()

    assert [alarm.id for alarm in replica.snapshot.alarms] == [ALARM]
    assert acts(replica.recent) == [("safety.smoke", Act.RAISE)]
    replica.refresh()
    assert len(replica.recent) == 1


def test_rows_wait_while_the_database_is_away_and_the_alarm_says_so(evaluated: Running) -> None:
    evaluated.alarms.refresh()
    evaluated.store.failure = StoreUnavailableError("away")
    for _ in range(6):
        evaluated.clock.advance_s(11)
        with suppress(StoreUnavailableError):
            evaluated.alarms.refresh()
    assert acts(evaluated.alarms.recent) == [("platform.database_unreachable", Act.RAISE)]
    assert evaluated.store.found("alarm") == []

    evaluated.store.failure = None
    for _ in range(8):
        evaluated.clock.advance_s(11)
        evaluated.alarms.refresh()
    rows = evaluated.store.found("alarm")
    assert [row.fields["act"] for row in rows] == ["raise", "clear"]
    assert msgspec.json.decode(rows[-1].fields["record"], type=Alarm).is_cleared


def away(running: Running, service: AlarmService, *, times: int = 6) -> None:
    """Time goes by while the database answers nothing."""
    running.store.failure = StoreUnavailableError("away")
    for _ in range(times):
        running.clock.advance_s(11)
        with suppress(StoreUnavailableError):
            service.refresh()
    running.store.failure = None


def test_a_database_that_is_away_at_the_start_is_an_alarm_too(evaluated: Running) -> None:
    """Once, a log that could not be read kept the platform from being looked at."""
    away(evaluated, evaluated.alarms)
    assert acts(evaluated.alarms.recent) == [("platform.database_unreachable", Act.RAISE)]
    assert not evaluated.alarms.is_restored

    for _ in range(8):
        evaluated.clock.advance_s(11)
        evaluated.alarms.refresh()
    assert acts(evaluated.alarms.recent) == [
        ("platform.database_unreachable", Act.RAISE), ("platform.database_unreachable", Act.CLEAR),
    ]  # fmt: skip
    rows = evaluated.store.found("alarm")
    assert [row.fields["act"] for row in rows] == ["raise", "clear"]


def test_what_the_log_says_of_an_earlier_outage_does_not_end_this_one(evaluated: Running) -> None:
    evaluated.alarms.refresh()
    away(evaluated, evaluated.alarms)
    for _ in range(8):
        evaluated.clock.advance_s(11)
        evaluated.alarms.refresh()
    again = service_over(evaluated)
    away(evaluated, again)
    again.refresh()
    (alarm,) = again.snapshot.alarms

    assert (alarm.type, alarm.is_cleared) == ("platform.database_unreachable", False)
    assert acts(again.recent) == [("platform.database_unreachable", Act.RAISE)]


def test_an_alarm_that_is_not_over_keeps_what_operators_did(evaluated: Running) -> None:
    """The process that starts notices the refused city file before it has read the log."""
    evaluated.alarms.refresh()
    evaluated.cities.trouble = "no such file"
    for _ in range(30):
        evaluated.clock.advance_s(11)
        evaluated.alarms.refresh()
    refused = alarm_id("platform.city_file_refused", AlarmResource(ResourceKind.CITY, "city-file"))
    evaluated.alarms.act([refused], Act.ACKNOWLEDGE, who="noc")
    evaluated.alarms.refresh()
    again = service_over(evaluated)
    away(evaluated, again, times=30)
    again.refresh()

    found = {alarm.id: alarm.operator.state for alarm in again.snapshot.alarms}
    assert ("platform.city_file_refused", Act.RAISE) in acts(again.recent)
    assert found[refused] == "ack"


@pytest.mark.parametrize("is_leading", [True, False])
def test_a_process_says_whether_it_has_read_the_log(evaluated: Running, is_leading: bool) -> None:
    service = service_over(evaluated, is_leading=is_leading)
    away(evaluated, service, times=1)
    assert not service.is_restored
    service.refresh()
    assert service.is_restored


def test_planned_work_is_not_forgotten_when_the_log_is_read(evaluated: Running) -> None:
    """Once, the windows of the log took the place of what was planned meanwhile."""
    first = MaintenanceWindow(
        id="mw-1", resource=SMOKE, starts_ms=T, ends_ms=T + 60 * MINUTE, who="noc", why="new cable"
    )
    evaluated.alarms.plan(first)
    evaluated.alarms.refresh()
    again = service_over(evaluated)
    again.plan(msgspec.structs.replace(first, id="mw-2"))
    again.refresh()

    assert {window.id for window in again.snapshot.windows} == {"mw-1", "mw-2"}


def test_a_worker_that_says_nothing_more_is_an_alarm_unless_it_gave_its_areas_up(
    evaluated: Running,
) -> None:
    for name, areas in (("w-1", "*"), ("w-2", "")):
        evaluated.store.put(
            "gigacity_worker", T, {"worker": name}, areas=areas, connected=True, balanced=True,
            points_spooled=0, points_decoded=100, dead_letters=0,
        )  # fmt: skip
    for _ in range(30):
        evaluated.clock.advance_s(11)
        evaluated.alarms.refresh()

    found = [a for a in evaluated.alarms.snapshot.alarms if a.resource.kind is ResourceKind.WORKER]
    assert [(a.type, a.resource.id) for a in found] == [("platform.worker_silent", "w-1")]


def test_what_is_active_is_written_again_each_day(evaluated: Running) -> None:
    call_for_help(evaluated)
    evaluated.clock.advance_s(86_400)
    evaluated.alarms.refresh()

    repeated = [row for row in evaluated.store.found("alarm") if row.fields["act"] == "repeat"]
    assert ALARM in [row.fields["id"] for row in repeated]


def test_the_longest_comments_cost_no_row(evaluated: Running) -> None:
    """What a comment may hold grows sixfold in JSON; without a row it is lost with the process."""
    call_for_help(evaluated)
    for _ in range(40):
        evaluated.alarms.act([ALARM], Act.COMMENT, who="noc" * 40, why="\x01" * 500)
    evaluated.alarms.act([ALARM], Act.ACKNOWLEDGE, who="noc")
    evaluated.alarms.refresh()
    again = service_over(evaluated)
    again.refresh()
    (alarm,) = again.snapshot.alarms

    assert evaluated.alarms.log.given_up == 0
    assert (alarm.operator.state, alarm.history[0].act) == ("ack", Act.ACKNOWLEDGE)


@pytest.mark.parametrize("fault", ["_engine.lost_ports", "_engine.step", "_settle"])
def test_no_fault_of_alarms_reaches_the_evaluator(
    fault: str, evaluated: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated.alarms.refresh()
    owner: object = evaluated.alarms
    *path, name = fault.split(".")
    for step in path:
        owner = getattr(owner, step)

    def fails(*_: object, **__: object) -> None:
        raise IndexError("a fault")

    monkeypatch.setattr(owner, name, fails)
    newest = evaluated.cache.newest()
    assert newest is not None
    evaluated.alarms.evaluated(newest)


DAY = 86_400_000


def worker_row(running: Running, areas: str = "*", /, **machine: int | None) -> None:
    """What a well worker says now."""
    said = {name: value for name, value in machine.items() if value is not None}
    running.store.put(
        "gigacity_worker", running.clock.now_ms(), {"worker": "w-1"}, areas=areas,
        connected=True, balanced=True, points_spooled=0, points_decoded=100, dead_letters=0, **said,
    )  # fmt: skip


def minutes(running: Running, count: int, **machine: int | None) -> list[str]:
    """Rows of some minutes; types of alarms of workers that are then active."""
    for _ in range(count * 6):
        running.clock.advance_s(10)
        worker_row(running, **machine)
        running.alarms.refresh()
    found = running.alarms.snapshot.alarms
    return [
        a.type for a in found if a.resource.kind is ResourceKind.WORKER and not a.is_cleared
    ]  # fmt: skip


def test_a_disk_that_fills_is_an_alarm_until_there_is_room_again(evaluated: Running) -> None:
    """A tenth is the limit; beyond it an eighth, so that it does not come and go."""
    full = ["platform.disk_filling"]
    assert minutes(evaluated, 2, state_disk_bytes=1000, state_disk_free_bytes=100) == []
    assert minutes(evaluated, 1, state_disk_bytes=1000, state_disk_free_bytes=99) == []
    assert minutes(evaluated, 1, state_disk_bytes=1000, state_disk_free_bytes=99) == full
    assert minutes(evaluated, 5, state_disk_bytes=1000, state_disk_free_bytes=124) == full
    assert minutes(evaluated, 1, state_disk_bytes=1000, state_disk_free_bytes=125) == full
    assert minutes(evaluated, 2, state_disk_bytes=1000, state_disk_free_bytes=125) == []


def test_a_disk_of_which_nothing_is_said_neither_raises_nor_clears(evaluated: Running) -> None:
    assert minutes(evaluated, 2) == []
    assert minutes(evaluated, 3, state_disk_bytes=1000, state_disk_free_bytes=0) != []
    assert minutes(evaluated, 10) == ["platform.disk_filling"]


def test_a_certificate_is_an_alarm_two_weeks_before_its_end(evaluated: Running) -> None:
    end_ms = evaluated.clock.now_ms() + 14 * DAY + 5 * MINUTE
    assert minutes(evaluated, 4, certificate_expires_ms=end_ms) == []
    ending = ["platform.certificate_expiring"]
    assert minutes(evaluated, 2, certificate_expires_ms=end_ms) == ending
    assert minutes(evaluated, 3, certificate_expires_ms=end_ms + 400 * DAY) == []


def test_a_certificate_that_is_no_longer_used_is_no_alarm(evaluated: Running) -> None:
    """A worker moved to a listener without TLS, and its alarm stayed for ever."""
    assert minutes(evaluated, 2, certificate_expires_ms=T + DAY) != []
    assert minutes(evaluated, 3) == []


def open_of_workers(running: Running, service: AlarmService) -> list[str]:
    service.refresh()
    running.clock.advance_s(61)
    service.refresh()
    found = service.snapshot.alarms
    return sorted(a.type for a in found if a.is_open and a.resource.kind is ResourceKind.WORKER)


BAD: dict[str, int | None] = {
    "state_disk_bytes": 1000, "state_disk_free_bytes": 0, "certificate_expires_ms": T + DAY,
}  # fmt: skip


def test_a_worker_that_does_not_come_back_is_an_alarm_for_a_day(evaluated: Running) -> None:
    """They stayed open for ever, since nobody spoke of a forgotten worker."""
    bad = ["platform.certificate_expiring", "platform.disk_filling"]
    assert minutes(evaluated, 3, **BAD) == bad
    for wait_s in (1200, 80_000):
        evaluated.clock.advance_s(wait_s)
        expected = [*bad, "platform.worker_silent"]
        assert open_of_workers(evaluated, evaluated.alarms) == expected
        # A restart remembers whom it has not heard since.
        assert open_of_workers(evaluated, service_over(evaluated)) == expected
    evaluated.clock.advance_s(6_000)
    for _ in range(30):
        evaluated.clock.advance_s(11)
        evaluated.alarms.refresh()
    assert open_of_workers(evaluated, evaluated.alarms) == []


def test_what_was_wrong_with_a_worker_ends_with_it(evaluated: Running) -> None:
    """Its machine is another's by then."""
    assert minutes(evaluated, 3, **BAD) != []
    evaluated.clock.advance_s(10)
    worker_row(evaluated, "", **BAD)
    evaluated.alarms.refresh()
    for _ in range(60):
        evaluated.clock.advance_s(11)
        evaluated.alarms.refresh()
    assert open_of_workers(evaluated, evaluated.alarms) == []


def test_while_the_database_is_away_no_alarm_of_a_worker_clears(evaluated: Running) -> None:
    assert minutes(evaluated, 3, **BAD) != []
    before = open_of_workers(evaluated, evaluated.alarms)
    evaluated.clock.advance_s(2 * 86_400)
    away(evaluated, evaluated.alarms, times=30)
    found = [a.type for a in evaluated.alarms.snapshot.alarms if a.is_open]
    assert set(before) < set(found)
