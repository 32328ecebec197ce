"""The message ledger: what may be acknowledged, when, and in which order."""

import pytest

from gigacity_ingest.pipeline.acknowledgements import AckLedger
from gigacity_ingest.pipeline.batch import Batch


def _batch(ledger: AckLedger, number: int, *mids: int) -> Batch:
    """A sealed batch of messages that were received on the present connection."""
    batch = Batch(number, ledger.epoch, 0.0)
    batch.mids = list(mids)
    batch.messages = len(mids)
    ledger.received += len(mids)
    ledger.seal(batch)
    return batch


@pytest.fixture
def ledger() -> AckLedger:
    ledger = AckLedger()
    ledger.begin_epoch()
    return ledger


def _is_balanced(ledger: AckLedger) -> bool:
    return ledger.received == ledger.acknowledged + ledger.unacknowledged() + ledger.abandoned


def test_nothing_is_released_before_it_is_settled(ledger: AckLedger) -> None:
    _batch(ledger, 1, 10, 11)

    assert ledger.release() == []
    ledger.settle(1)
    assert ledger.release() == [10, 11]
    assert ledger.release() == []


def test_batches_that_settle_out_of_order_are_released_in_order_of_receipt(
    ledger: AckLedger,
) -> None:
    _batch(ledger, 1, 10)
    _batch(ledger, 2, 11)
    ledger.settle(2)

    assert ledger.release() == []
    ledger.settle(1)
    assert ledger.release() == [10, 11]


def test_packet_ids_of_an_ended_connection_are_never_released(ledger: AckLedger) -> None:
    _batch(ledger, 1, 10, 11)
    ledger.end_epoch()
    ledger.begin_epoch()
    _batch(ledger, 2, 10)  # The broker uses the same packet id again, for another message.
    ledger.settle(1)

    assert ledger.release() == []
    assert ledger.abandoned == 2
    ledger.settle(2)
    assert ledger.release() == [10]
    assert _is_balanced(ledger)


def test_a_batch_of_an_ended_connection_cannot_be_sealed_in_the_next(ledger: AckLedger) -> None:
    batch = Batch(1, ledger.epoch, 0.0)
    ledger.end_epoch()
    ledger.begin_epoch()

    with pytest.raises(ValueError, match="epoch"):
        ledger.seal(batch)


def test_a_batch_settles_once(ledger: AckLedger) -> None:
    _batch(ledger, 1, 10)
    _batch(ledger, 2, 11)
    ledger.settle(2)

    with pytest.raises(KeyError):
        ledger.settle(2)
    with pytest.raises(KeyError):
        ledger.settle(3)


def test_a_withdrawn_batch_holds_nothing_back(ledger: AckLedger) -> None:
    _batch(ledger, 1, 10)
    ledger.end_epoch()
    ledger.begin_epoch()
    ledger.withdraw(1)
    _batch(ledger, 2, 10)
    ledger.settle(2)

    assert ledger.release() == [10]
    assert (ledger.waiting, _is_balanced(ledger)) == ([], True)


def test_only_batches_of_an_ended_connection_can_be_withdrawn(ledger: AckLedger) -> None:
    _batch(ledger, 1, 10)

    with pytest.raises(ValueError, match="ended epoch"):
        ledger.withdraw(1)


def test_the_ledger_balances_at_every_step(ledger: AckLedger) -> None:
    for number in (1, 2, 3):
        _batch(ledger, number, number * 10, number * 10 + 1)
        assert _is_balanced(ledger)
    ledger.settle(1)
    ledger.release()
    assert (ledger.acknowledged, ledger.unacknowledged(), _is_balanced(ledger)) == (2, 4, True)
    ledger.end_epoch()
    assert (ledger.abandoned, ledger.unacknowledged(), _is_balanced(ledger)) == (4, 0, True)
