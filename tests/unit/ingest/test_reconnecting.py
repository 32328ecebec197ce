"""When a lost or refused connection to the broker is tried again."""

from gigacity_ingest.adapters.reconnecting import SETTLED_S, ReconnectSchedule

_LONGEST_FIRST_S = 0.25
_SHORTEST_LAST_S = 2.5
_LONGEST_S = 5.0


def _after_failures(count: int) -> ReconnectSchedule:
    schedule = ReconnectSchedule()
    for _ in range(count):
        schedule.begin_attempt(schedule.due_s)
    return schedule


def test_the_first_attempt_is_due_at_once() -> None:
    assert ReconnectSchedule().due_s == 0.0


def test_each_failure_waits_longer_up_to_a_bound() -> None:
    schedule = _after_failures(1)
    assert 0 < schedule.due_s <= _LONGEST_FIRST_S
    schedule = _after_failures(20)
    before_s = schedule.due_s
    schedule.begin_attempt(before_s)
    assert _SHORTEST_LAST_S <= schedule.due_s - before_s <= _LONGEST_S


def test_a_session_that_lasted_starts_the_delays_anew() -> None:
    schedule = _after_failures(20)
    schedule.begin_session(1000.0)
    schedule.end_connection(1000.0 + SETTLED_S + 0.1)
    assert schedule.due_s - (1000.0 + SETTLED_S + 0.1) <= _LONGEST_FIRST_S


def test_a_session_that_ends_at_once_does_not() -> None:
    """Two clients of one id would otherwise take it from each other many times a second."""
    schedule = _after_failures(20)
    schedule.begin_session(1000.0)
    schedule.end_connection(1000.0 + SETTLED_S)
    assert schedule.due_s - (1000.0 + SETTLED_S) >= _SHORTEST_LAST_S


def test_an_attempt_without_a_session_does_not_count_as_one_that_lasted() -> None:
    schedule = _after_failures(20)
    schedule.begin_session(1000.0)
    schedule.end_connection(1001.0)
    schedule.end_connection(2000.0)
    assert schedule.due_s - 2000.0 >= _SHORTEST_LAST_S
