"""What may wait: it waits for live evaluation, rests, takes turns, and outlives failures."""

import threading
from collections.abc import Callable

import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.background import (
    BUSY_S,
    FIRST_PAUSE_S,
    IDLE_S,
    LONGEST_PAUSE_S,
    LONGEST_REST_S,
    Background,
)
from gigacity_api.metrics import ApiMetrics
from gigacity_contract.clock import ManualClock


class Work:
    """A task of so many pieces, each of which takes its time."""

    def __init__(self, name: str, clock: ManualClock, pieces: int, takes_s: float = 1.0) -> None:
        self.name, self.pieces = name, pieces
        self.failure: Exception | None = None
        self._clock, self._takes_s = clock, takes_s
        self.done = threading.Event()

    def step(self) -> bool:
        if self.failure is not None:
            raise self.failure
        if not self.pieces:
            self.done.set()
            return False
        self.pieces -= 1
        self._clock.elapsed_s += self._takes_s
        return True


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(0)


def background(
    clock: ManualClock, *tasks: Work, is_busy: Callable[[], bool] = lambda: False
) -> Background:
    return Background(tasks, is_busy=is_busy, clock=clock, metrics=ApiMetrics())


def test_nothing_begins_while_an_evaluation_is_under_way(clock: ManualClock) -> None:
    work = Work("a", clock, 1)
    assert background(clock, work, is_busy=lambda: True).tick() == BUSY_S
    assert work.pieces == 1


@pytest.mark.parametrize(("takes_s", "rest_s"), [(0.5, 0.5), (60, LONGEST_REST_S)])
def test_it_rests_as_long_as_it_worked_within_a_bound(
    clock: ManualClock, takes_s: float, rest_s: float
) -> None:
    assert background(clock, Work("a", clock, 1, takes_s)).tick() == rest_s


def test_without_work_it_idles(clock: ManualClock) -> None:
    assert background(clock, Work("a", clock, 0), Work("b", clock, 0)).tick() == IDLE_S
    assert background(clock).tick() == IDLE_S


def test_tasks_take_turns(clock: ManualClock) -> None:
    first, second = Work("a", clock, 9), Work("b", clock, 9)
    running = background(clock, first, second)
    for _ in range(4):
        running.tick()
    assert (first.pieces, second.pieces) == (7, 7)


@pytest.mark.parametrize("failure", [StoreUnavailableError("gone"), ZeroDivisionError("a bug")])
def test_a_task_that_fails_pauses_longer_each_time_and_the_others_go_on(
    clock: ManualClock, failure: Exception
) -> None:
    bad, good = Work("bad", clock, 1), Work("good", clock, 1000, takes_s=0.0)
    bad.failure = failure
    running = background(clock, bad, good)
    pauses = []
    for _ in range(9):
        started = clock.elapsed_s
        failures = running._metrics.background_failures.labels("bad")._value.get()
        while running._metrics.background_failures.labels("bad")._value.get() == failures:
            running.tick()
            clock.elapsed_s += 0.5
        pauses.append(clock.elapsed_s - started)
    assert pauses == sorted(pauses)
    assert pauses[1] <= 2 * FIRST_PAUSE_S
    assert pauses[-1] == pytest.approx(LONGEST_PAUSE_S, abs=2)
    bad.failure = None
    clock.elapsed_s += LONGEST_PAUSE_S
    for _ in range(3):
        running.tick()
    assert bad.pieces == 0


def test_it_starts_and_stops(clock: ManualClock) -> None:
    work = Work("a", clock, 1, takes_s=0.0)
    running = background(clock, work)
    running.start()
    assert work.done.wait(10)
    running.stop()
    assert not running._thread.is_alive()
