"""Requests under a key: done once, answered alike, forgotten in time."""

import threading

import pytest

from gigacity_api.errors import RequestInProgressError
from gigacity_api.reports.idempotency import KEEP_S, MAX_KEPT, MAX_SIZE, Once
from gigacity_contract.clock import ManualClock


@pytest.fixture
def once(clock: ManualClock) -> Once[int]:
    return Once(clock)


class Counting:
    """Work that can be told apart each time."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def test_work_is_done_once_for_a_key(once: Once[int]) -> None:
    work = Counting()
    assert [once.do("office", "k", "f", work) for _ in range(3)] == [1, 1, 1]
    assert [once.do("office", None, "f", work) for _ in range(2)] == [2, 3]
    assert once.do("bureau", "k", "f", work) == 4


def test_a_key_is_forgotten_after_a_day(once: Once[int], clock: ManualClock) -> None:
    work = Counting()
    once.do("office", "k", "f", work)
    clock.advance_s(KEEP_S + 1)
    assert once.do("office", "k", "another", work) == 2


def test_no_more_keys_are_kept_than_are_allowed(once: Once[int]) -> None:
    work = Counting()
    for number in range(MAX_KEPT + 1):
        once.do("office", str(number), "f", work)
    assert once.do("office", str(MAX_KEPT), "f", work) == MAX_KEPT + 1
    assert once.do("office", "0", "f", work) == MAX_KEPT + 2, "the oldest was forgotten"


def test_no_more_is_kept_than_is_allowed_however_few_the_keys(clock: ManualClock) -> None:
    once: Once[list[int]] = Once(clock, len)
    half = MAX_SIZE // 2
    for key in ("first", "second", "third"):
        once.do("office", key, "f", lambda: [1] * half)
    assert once.do("office", "third", "f", lambda: [2]) == [1] * half
    assert once.do("office", "second", "f", lambda: [2]) == [1] * half
    assert once.do("office", "first", "f", lambda: [2]) == [2], "the oldest was forgotten"


def test_the_first_may_still_be_under_way(once: Once[int]) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert go_on.wait(10)
        return 7

    first = threading.Thread(target=once.do, args=("office", "k", "f", slow))
    first.start()
    assert begun.wait(10)
    with pytest.raises(RequestInProgressError):
        once.do("office", "k", "f", slow)
    go_on.set()
    first.join()
    assert once.do("office", "k", "f", slow) == 7


def test_one_that_is_under_way_keeps_its_place_however_old(
    once: Once[int], clock: ManualClock
) -> None:
    work = Counting()

    def slow() -> int:
        clock.advance_s(KEEP_S + 1)
        assert once.do("office", "other", "f", work) == 1
        return 7

    assert once.do("office", "k", "f", slow) == 7
    assert once.do("office", "other", "f", work) == 1


def test_what_failed_is_forgotten(once: Once[int]) -> None:
    def fail() -> int:
        raise OSError("away")

    with pytest.raises(OSError, match="away"):
        once.do("office", "k", "f", fail)
    assert once.do("office", "k", "another", lambda: 1) == 1
