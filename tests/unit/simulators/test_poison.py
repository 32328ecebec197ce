"""The corpus of bad messages: as bad as it says, and no worse."""

import pytest

from gigacity_contract.decoding.decode import decode_bundle, decode_device, decode_pon
from gigacity_contract.decoding.outcome import PayloadError, RejectionReason
from gigacity_contract.errors import TopicError
from gigacity_contract.topics import parse_topic
from tests.support.poison import Poison, PoisonTarget, corpus

NOW_MS = 1_795_500_000_000
PLACE = PoisonTarget("371602", "olt-a", "371602001001", "elevator-1", "gw-a", "smoke-1", "smoke-99")
CORPUS = list(corpus(PLACE, NOW_MS))
# These need to know more than the bytes: the clock, the city, who may speak for whom.
BY_THE_RECEIVER = {"implausible_timestamp", "unknown_area", "not_yours", "no_values", "bad_topic"}

DECODERS = {"pon": decode_pon, "telemetry": decode_device, "bundle": decode_bundle}


@pytest.mark.parametrize("poison", CORPUS, ids=lambda p: p.name)
def test_the_decoder_gives_the_reason_that_the_corpus_expects(poison: Poison) -> None:
    decode = DECODERS.get(poison.topic.rsplit("/", 1)[-1], decode_pon)
    found: tuple[str, str]
    try:
        _, notes = decode(poison.payload)
    except PayloadError as error:
        found = error.reason, "message"
    else:
        rejections = notes.rejections if notes else []
        found = (rejections[0].reason, rejections[0].extent) if rejections else ("", "none")
    is_ours = poison.reason not in BY_THE_RECEIVER
    assert found == ((poison.reason, poison.extent) if is_ours else ("", "none"))


def test_the_corpus_covers_every_reason_but_those_of_size_and_sink() -> None:
    covered = {poison.reason for poison in CORPUS} - {""}
    assert covered == set(RejectionReason) - {
        RejectionReason.TOO_LARGE,
        RejectionReason.SINK_REJECTED,
        RejectionReason.UNKNOWN_IDENTITY,  # Of other formats: here the topic is the identity.
        RejectionReason.TOO_MANY_UNREGISTERED,  # Many messages have it together, none by itself.
    }


def test_only_the_bad_topic_is_outside_the_grammar() -> None:
    for poison in CORPUS:
        if poison.reason == "bad_topic":
            with pytest.raises(TopicError):
                parse_topic(poison.topic)
        else:
            parse_topic(poison.topic)


def test_names_differ() -> None:
    assert len({poison.name for poison in CORPUS}) == len(CORPUS) > 15
