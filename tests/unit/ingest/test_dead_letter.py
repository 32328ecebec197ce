"""Dead letters: their identity, and how a part of a message is offered again."""

from gigacity_contract.decoding import RejectionReason
from gigacity_ingest.decode.dead_letter import message_of, refused_lines
from gigacity_ingest.decode.decoder import Decoder
from tests.unit.ingest.messages import (
    BUNDLE_TOPIC,
    DEVICE_TOPIC,
    NOW_MS,
    PON_TOPIC,
    bundle,
    decode,
    device,
    entry,
    pon,
    port,
    reasons,
)


def test_the_same_refused_bytes_are_the_same_dead_letter_whenever_they_come(
    decoder: Decoder,
) -> None:
    first = decode(decoder, PON_TOPIC, b"junk").dead_letters[0]
    again = decode(decoder, PON_TOPIC, b"junk", now_ms=NOW_MS + 5).dead_letters[0]
    other = decode(decoder, PON_TOPIC, b"junk!").dead_letters[0]

    assert first.id == again.id
    assert first.id != other.id


def test_a_refused_port_is_offered_again_in_a_message_of_its_own(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(1, 0), port(1, 1, oper="?"), ts=NOW_MS - 7))
    again = decode(decoder, PON_TOPIC, message_of(out.dead_letters[0]))

    assert reasons(again) == [("bad_entry", "entry")]
    assert again.dead_letters[0].id == out.dead_letters[0].id


def test_a_refused_entry_is_offered_again_in_a_bundle_of_its_own(decoder: Decoder) -> None:
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry(), entry("camera-2", kind="teapot")))
    again = decode(decoder, BUNDLE_TOPIC, message_of(out.dead_letters[0]))

    assert reasons(again) == [("unknown_kind", "entry")]


def test_messages_are_offered_again_as_they_came(decoder: Decoder) -> None:
    for payload in (b"junk", device(values={"floor": "x", "moving": True})):
        dead_letter = decode(decoder, DEVICE_TOPIC, payload).dead_letters[0]
        assert message_of(dead_letter) == payload


def test_refused_lines_keep_policy_count_and_the_servers_words() -> None:
    dead_letter = refused_lines(
        [b"a v=1i 1", b"b v=2i 2"], policy="raw", points=1, error="conflict", received_ms=NOW_MS
    )

    assert dead_letter.reason is RejectionReason.SINK_REJECTED
    assert (dead_letter.policy, dead_letter.points, dead_letter.error) == ("raw", 1, "conflict")
    assert dead_letter.payload == b"a v=1i 1\nb v=2i 2"
