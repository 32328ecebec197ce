"""Between the two threads: order, taking back, and waking the selector."""

import selectors
import threading
import time

from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.waker import Waker


def test_items_come_in_order_and_waiting_ends_in_time() -> None:
    queue: Queue[str] = Queue()
    queue.put("a")
    queue.put("b")

    assert [queue.take(0.0), queue.take(0.0), queue.take(0.01)] == ["a", "b", None]


def test_a_waiting_consumer_is_woken() -> None:
    queue: Queue[str] = Queue()
    threading.Timer(0.02, queue.put, ["a"]).start()

    assert queue.take(5.0) == "a"


def test_closing_ends_waiting() -> None:
    queue: Queue[str] = Queue()
    begin = time.monotonic()
    threading.Timer(0.02, queue.close).start()

    assert queue.take(5.0) is None
    assert queue.take(5.0) is None
    assert time.monotonic() - begin < 4.0


def test_only_what_nobody_has_taken_can_be_taken_back() -> None:
    queue: Queue[list[int]] = Queue()
    items: list[list[int]] = [[], [], []]
    for item in items:
        queue.put(item)
    taken = queue.take(0.0)

    back = queue.take_back([items[0], items[1]])
    assert taken is items[0]
    assert len(back) == 1
    assert back[0] is items[1]
    assert queue.take(0.0) is items[2]


def test_a_result_wakes_the_selector_once() -> None:
    waker = Waker()
    results: Results[int] = Results(waker)
    with selectors.DefaultSelector() as selector:
        selector.register(waker.fileno(), selectors.EVENT_READ)
        assert selector.select(0) == []
        results.put(1)
        results.put(2)
        assert len(selector.select(1)) == 1
        waker.clear()
        assert selector.select(0) == []
    assert (results.drain(), results.drain()) == ([1, 2], [])
    waker.close()


def test_waking_never_blocks_however_often() -> None:
    waker = Waker()
    for _ in range(100_000):
        waker.wake()
    waker.clear()
    waker.close()
