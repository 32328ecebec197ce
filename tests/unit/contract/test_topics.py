"""The topic grammar, built and parsed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.errors import TopicError
from gigacity_contract.topics import (
    MessageKind,
    Publisher,
    Topic,
    area_filter,
    device_identity,
    gateway_identity,
    olt_identity,
    parse_topic,
    topic_of,
)
from tests.support.payload_strategies import communities, ids

areas = st.from_regex(r"\A[0-9]{6}\Z")
EVERY = [
    (Publisher.OLT, MessageKind.PON),
    (Publisher.OLT, MessageKind.STATUS),
    (Publisher.DEVICE, MessageKind.TELEMETRY),
    (Publisher.DEVICE, MessageKind.STATUS),
    (Publisher.GATEWAY, MessageKind.BUNDLE),
    (Publisher.GATEWAY, MessageKind.STATUS),
]


@given(st.sampled_from(EVERY), areas, communities, ids)
def test_a_topic_built_is_the_topic_parsed(
    kind: tuple[Publisher, MessageKind], area: str, community: str, name: str
) -> None:
    publisher, message = kind
    identity = {
        Publisher.OLT: olt_identity(area, name),
        Publisher.DEVICE: device_identity(area, community, name),
        Publisher.GATEWAY: gateway_identity(area, name),
    }[publisher]

    parsed = parse_topic(topic_of(identity, message))

    of_device = publisher is Publisher.DEVICE
    assert parsed == Topic(message, publisher, area, community if of_device else "", name)
    assert parsed.identity == identity


def test_topics_as_the_contract_writes_them() -> None:
    assert (
        topic_of(olt_identity("371602", "olt-1"), MessageKind.PON)
        == "gigacity/v1/371602/olt/olt-1/pon"
    )
    assert (
        topic_of(device_identity("371602", "371602001001", "cam-7"), MessageKind.TELEMETRY)
        == "gigacity/v1/371602/community/371602001001/cam-7/telemetry"
    )
    assert (
        topic_of(gateway_identity("371602", "gw-1"), MessageKind.BUNDLE)
        == "gigacity/v1/371602/gateway/gw-1/bundle"
    )
    assert area_filter() == "gigacity/v1/#"
    assert area_filter("371602") == "gigacity/v1/371602/#"


@pytest.mark.parametrize(
    ("topic", "complaint"),
    [
        ("", "does not start with"),
        ("gigacity/v2/371602/olt/o/pon", "does not start with"),
        ("/gigacity/v1/371602/olt/o/pon", "does not start with"),
        ("gigacity/v1/371602/olt/o", "5 levels, not 6"),
        ("gigacity/v1/371602/olt/o/pon/x", "7 levels, not 6"),
        ("gigacity/v1/371602/community/371602001001/telemetry", "6 levels, not 7"),
        ("gigacity/v1/37160/olt/o/pon", "area is not"),
        ("gigacity/v1/371602\n/olt/o/pon", "area is not"),
        ("gigacity/v1/３７１６０２/olt/o/pon", "area is not"),
        ("gigacity/v1/371602/onu/o/pon", "level 4"),
        ("gigacity/v1/371602/olt/o/telemetry", "last level is none of pon, status"),
        ("gigacity/v1/371602/gateway/g/pon", "last level is none of bundle, status"),
        ("gigacity/v1/371602/community/371602001001/c/bundle", "last level is none of telemetry"),
        ("gigacity/v1/371602/community/37160200100/c/telemetry", "community is not"),
        ("gigacity/v1/371602/olt/a b/pon", "olt id has"),
        ("gigacity/v1/371602/olt//pon", "olt id has"),
        ("gigacity/v1/371602/gateway/.g/bundle", "gateway id has"),
        ("gigacity/v1/371602/olt/o\n/pon", "olt id has"),
        ("gigacity/v1/371602/community/371602001001/ü/telemetry", "device id has"),
        (f"gigacity/v1/371602/olt/{'x' * 65}/pon", "olt id has"),
    ],
)
def test_a_topic_outside_the_grammar_names_the_level_at_fault(topic: str, complaint: str) -> None:
    with pytest.raises(TopicError, match=complaint):
        parse_topic(topic)


@given(st.text() | st.lists(st.text(max_size=12), max_size=8).map("/".join))
def test_any_text_is_a_topic_or_a_topic_error(topic: str) -> None:
    try:
        parsed = parse_topic(topic)
    except TopicError:
        return
    assert topic_of(parsed.identity, parsed.message) == topic
