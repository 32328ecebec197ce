"""Untidy senders: everything still arrives, and what a publisher meant to say is counted once."""

from collections import Counter

import pytest

from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.imaginary import imaginary_registry
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.decode.trial import try_message
from gigacity_simulators.messages import OutgoingMessage
from gigacity_simulators.scenarios.disturbing import (
    Disturbance,
    DisturbanceKind,
    DisturbedTransport,
)
from gigacity_simulators.simulation import Transport

OLT, OTHER = 3, 4
FROM_MS, UNTIL_MS = 1_000, 9_000


class Sink(Transport):
    """Takes everything, and acknowledges nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, OutgoingMessage]] = []

    def send(self, publisher: int, message: OutgoingMessage) -> None:
        self.sent.append((publisher, message))

    def allow(self, publisher: int) -> None:
        raise NotImplementedError

    def cut(self, publisher: int) -> None:
        raise NotImplementedError

    def undisturbed_since_ms(self) -> int:
        return 0

    def oldest_unacknowledged_ms(self) -> int | None:
        return None

    def kill(self, publisher: int) -> None:
        self.sent = [one for one in self.sent if one[0] != publisher]


def message(due_ms: int) -> OutgoingMessage:
    return OutgoingMessage("gigacity/v1/x", b"%d" % due_ms, due_ms, {"pon_port": 2})


def disturbed(*kinds: DisturbanceKind) -> tuple[DisturbedTransport, Sink]:
    sink = Sink()
    among = frozenset({OLT})
    return DisturbedTransport(
        sink, [Disturbance(kind, FROM_MS, UNTIL_MS, among) for kind in kinds]
    ), sink


def payloads(sink: Sink) -> list[bytes]:
    return [one.payload for _, one in sink.sent]


def points(sink: Sink) -> Counter[str]:
    return sum((Counter(one.points) for _, one in sink.sent), Counter[str]())


@pytest.mark.parametrize("kind", DisturbanceKind)
def test_others_and_other_times_are_left_alone(kind: DisturbanceKind) -> None:
    transport, sink = disturbed(kind)
    sent = [(OTHER, message(2_000)), (OLT, message(FROM_MS - 1)), (OLT, message(UNTIL_MS))]
    for publisher, one in sent:
        transport.send(publisher, one)
    assert sink.sent == sent


@pytest.mark.parametrize("kind", DisturbanceKind)
def test_everything_arrives_and_counts_once(kind: DisturbanceKind) -> None:
    transport, sink = disturbed(kind)
    for due_ms in range(2_000, 7_000, 1_000):
        transport.send(OLT, message(due_ms))
    transport.release()
    transport.release()
    assert {b"%d" % due_ms for due_ms in range(2_000, 7_000, 1_000)} <= set(payloads(sink))
    assert points(sink) == {"pon_port": 10}


def test_duplicates_are_the_same_bytes() -> None:
    transport, sink = disturbed(DisturbanceKind.DUPLICATES)
    transport.send(OLT, message(2_000))
    assert payloads(sink) == [b"2000", b"2000"]


def test_the_second_overtakes_the_first_and_what_is_held_is_not_yet_delivered() -> None:
    transport, sink = disturbed(DisturbanceKind.REORDERING)
    transport.send(OLT, message(2_000))
    assert (payloads(sink), transport.oldest_unacknowledged_ms()) == ([], 2_000)
    transport.send(OLT, message(3_000))
    assert (payloads(sink), transport.oldest_unacknowledged_ms()) == ([b"3000", b"2000"], None)
    transport.send(OLT, message(4_000))
    transport.send(OLT, message(UNTIL_MS))
    assert payloads(sink)[2:] == [b"9000", b"4000"]


def test_who_loses_power_loses_what_was_held() -> None:
    transport, sink = disturbed(DisturbanceKind.REORDERING)
    transport.send(OLT, message(2_000))
    transport.kill(OLT)
    transport.release()
    assert sink.sent == []


def test_a_retained_flood_changes_the_flag_alone() -> None:
    transport, sink = disturbed(DisturbanceKind.RETAINED)
    transport.send(OLT, message(2_000))
    assert [(one.payload, one.retain) for _, one in sink.sent] == [(b"2000", True)]


def test_each_piece_of_poison_is_a_dead_letter_of_the_whole_message() -> None:
    transport, sink = disturbed(DisturbanceKind.POISON)
    transport.send(OLT, message(2_000))
    decoder = Decoder(imaginary_registry(["371602"], [], [("olt-1", "371602", [])]))
    for payload in payloads(sink)[1:]:
        for last in ("pon", "telemetry"):
            topic = f"gigacity/v1/371602/olt/olt-1/{last}".encode()
            trial = try_message(
                decoder, ReceivedMessage(topic, payload, is_copy=False, now_ms=2_000)
            )
            assert not trial.lines
            assert [letter.extent for letter in trial.dead_letters] == ["message"], payload[:20]
    assert len(sink.sent) == 9
