"""From thread to thread: in order, waking the consumer, and taken back before they are begun."""

import select

from gigacity_ingest.adapters.handoff import Queue, Results
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.pipeline.batch import Batch


def _is_awake(waker: Waker) -> bool:
    return bool(select.select([waker], [], [], 0)[0])


def test_batches_come_out_in_order_and_wake_the_consumer() -> None:
    waker = Waker()
    queue = Queue(waker)
    assert (queue.take_batch(), queue.oldest_s(), _is_awake(waker)) == (None, None, False)
    first, second = Batch(1, 1, 10.0), Batch(2, 1, 11.0)
    queue.put(first)
    queue.put(second)

    assert _is_awake(waker)
    assert queue.oldest_s() == 10.0
    assert [queue.take_batch(), queue.take_batch(), queue.take_batch()] == [first, second, None]
    waker.close()


def test_only_what_nobody_has_taken_can_be_taken_back() -> None:
    waker = Waker()
    queue = Queue(waker)
    batches = [Batch(number, 1, 0.0) for number in (1, 2, 3, 4)]
    for batch in batches:
        queue.put(batch)
    queue.take_batch()

    assert queue.take_back([batches[0], batches[2], batches[3]]) == batches[2:]
    assert queue.take_batch() is batches[1]
    assert queue.take_batch() is None
    waker.close()


def test_results_wake_and_come_in_order() -> None:
    waker = Waker()
    results: Results[int] = Results(waker)
    results.put(1)
    results.put(2)

    assert _is_awake(waker)
    waker.clear()
    assert results.drain() == [1, 2]
    assert results.drain() == []
    assert not _is_awake(waker)
    waker.close()


def test_a_wake_up_that_comes_too_late_does_no_harm() -> None:
    """As a signal's may, between the end of the work and that of the process."""
    waker = Waker()
    waker.close()

    waker.wake()
