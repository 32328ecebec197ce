"""The pure parts of the pool: outbox, limiter, dialer, tracker, log."""

import pytest

from gigacity_simulators.clients.connect_rate import ConnectRateLimiter, ReconnectBackoff
from gigacity_simulators.clients.connection_tracker import ConnectionTracker
from gigacity_simulators.clients.dialer import CONNACK_TIMEOUT_S, Dialer
from gigacity_simulators.clients.outbox import Outbox
from gigacity_simulators.clients.rate_limited_log import RateLimitedLog
from gigacity_simulators.messages import OutgoingMessage


def _message(due_ms: int, size: int = 10) -> OutgoingMessage:
    return OutgoingMessage("t", b"x" * size, due_ms, {"pon_port": 1})


def _taken(outbox: Outbox) -> list[int]:
    due = []
    while (message := outbox.take()) is not None:
        due.append(message.due_ms)
    return due


def test_a_message_leaves_only_by_its_acknowledgement() -> None:
    outbox = Outbox(1000)
    outbox.put(_message(1))
    message = outbox.take()
    assert message is not None
    outbox.sent(7, message)
    assert (len(outbox), outbox.in_flight, outbox.oldest_due_ms()) == (1, 1, 1)
    assert outbox.acknowledged(8) is None
    assert outbox.acknowledged(7) is message
    assert outbox.acknowledged(7) is None
    assert (len(outbox), outbox.oldest_due_ms()) == (0, None)


def test_what_was_in_flight_is_sent_again_first_and_in_order() -> None:
    outbox = Outbox(1000)
    for due_ms in (1, 2, 3, 4):
        outbox.put(_message(due_ms))
    for packet_id in (11, 12, 13):
        message = outbox.take()
        assert message is not None
        outbox.sent(packet_id, message)
    outbox.acknowledged(12)
    outbox.connection_lost()
    assert outbox.in_flight == 0
    assert _taken(outbox) == [1, 3, 4]


def test_a_full_outbox_drops_the_oldest_and_counts_them() -> None:
    outbox = Outbox(35)
    for due_ms in (1, 2, 3, 4, 5):
        outbox.put(_message(due_ms))
    assert outbox.dropped == 2
    assert _taken(outbox) == [3, 4, 5]


def test_room_is_free_again_after_acknowledgements() -> None:
    outbox = Outbox(35)
    for due_ms in range(50):
        outbox.put(_message(due_ms))
        message = outbox.take()
        assert message is not None
        outbox.sent(due_ms, message)
        outbox.acknowledged(due_ms)
    assert outbox.dropped == 0


def test_one_message_larger_than_the_memory_is_kept() -> None:
    outbox = Outbox(35)
    outbox.put(_message(1, size=100))
    assert _taken(outbox) == [1]


def test_the_oldest_instant_counts_messages_in_flight_and_waiting() -> None:
    outbox = Outbox(1000)
    outbox.put(_message(5))
    message = outbox.take()
    assert message is not None
    outbox.sent(1, message)
    outbox.put(_message(3))
    assert outbox.oldest_due_ms() == 3
    outbox.clear()
    assert (len(outbox), outbox.oldest_due_ms()) == (0, None)


def test_the_ramp_keeps_its_rate_and_its_bound_on_handshakes() -> None:
    limiter = ConnectRateLimiter(per_second=100, max_handshakes=5)
    started = sum(limiter.may_connect(tick / 1000, handshakes=0) for tick in range(2000))
    assert started == pytest.approx(200, abs=2)
    assert not limiter.may_connect(10.0, handshakes=5)
    burst = [limiter.may_connect(20.0, handshakes=4) for _ in range(50)]
    assert sum(burst) == 10


def test_a_back_off_doubles_up_to_its_limit_and_starts_again() -> None:
    backoff = ReconnectBackoff(first_s=1, longest_s=5)
    assert [backoff.failed(100) for _ in range(4)] == [1, 2, 4, 5]
    assert backoff.until_s == 105
    backoff.succeeded()
    assert backoff.until_s == 0
    assert backoff.failed(200) == 1


def _dialer() -> Dialer:
    return Dialer(ConnectRateLimiter(per_second=1000, max_handshakes=10))


def test_publishers_connect_in_the_order_of_their_wishes() -> None:
    dialer = _dialer()
    for publisher, at_s in ((1, 30.0), (2, 10.0), (3, 20.0)):
        dialer.wish(publisher, at_s)
    assert dialer.next(9.9) is None
    assert [dialer.next(40.0 + n) for n in range(4)] == [2, 3, 1, None]


def test_nobody_dials_while_the_broker_cannot_be_reached() -> None:
    dialer = _dialer()
    dialer.wish(1, 0.0)
    dialer.wish(2, 0.0)
    first = dialer.next(1.0)
    assert first == 1
    assert dialer.unreachable(first, 1.0) == 0.5
    assert dialer.next(1.4) is None
    assert dialer.next(1.6) == 2
    assert dialer.unreachable(2, 1.6) == 1.0
    assert dialer.next(2.7) == 1
    dialer.started(1, 2.7)
    assert dialer.next(2.8) == 2


def test_an_unanswered_connect_becomes_overdue() -> None:
    dialer = _dialer()
    dialer.started(4, 100.0)
    assert dialer.overdue(100.0 + CONNACK_TIMEOUT_S) == []
    assert dialer.overdue(100.1 + CONNACK_TIMEOUT_S) == [4]
    assert dialer.finished(4)
    assert not dialer.finished(4)
    assert dialer.overdue(1000.0) == []


def test_a_quick_return_is_no_disturbance_and_a_long_absence_is() -> None:
    tracker = ConnectionTracker(1000)
    tracker.expected(1, 50.0)
    assert tracker.undisturbed_since_ms(51.0, 2000) == 1000
    tracker.connected(1)
    assert tracker.undisturbed_since_ms(99.0, 3000) == 1000
    tracker.expected(2, 100.0)
    assert tracker.undisturbed_since_ms(102.5, 4000) == 4000
    tracker.connected(2)
    assert tracker.undisturbed_since_ms(110.0, 5000) == 4000


def test_a_lost_connection_is_a_disturbance_at_once() -> None:
    tracker = ConnectionTracker(1000)
    tracker.lost(1, 50.0, 2000)
    tracker.connected(1)
    assert tracker.undisturbed_since_ms(50.0, 9000) == 2000


def test_an_excused_publisher_is_not_missed() -> None:
    tracker = ConnectionTracker(1000)
    tracker.expected(1, 50.0)
    tracker.not_expected(1)
    assert tracker.undisturbed_since_ms(500.0, 9000) == 1000


def test_notices_are_told_once_in_a_while_with_what_was_held_back() -> None:
    told: list[str] = []
    log = RateLimitedLog(told.append, quiet_s=10)
    log.say("refused", "a refused", 100.0)
    log.say("refused", "b refused", 105.0)
    log.say("unreachable", "no broker", 106.0)
    log.say("refused", "c refused", 110.0)
    assert told == ["a refused", "no broker", "c refused (1 more of these before)"]
