"""Which topics a source's filters meet, and which filters could meet one topic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_ingest.mapping.topic_filters import TopicFilter, levels_of, without_covered

MET = [
    ("a/b", "a/b"),
    ("a/+", "a/b"),
    ("a/#", "a/b/c"),
    ("a/#", "a"),
    ("#", "a/b"),
    ("/sys/+/up", "/sys/k/up"),
    ("$oc/devices/+/report", "$oc/devices/d1/report?request_id=9"),
    ("$sys/#", "$sys/p/d/post"),
    ("site/{community}/{device}/up", "site/371602001001/m-1/up"),
]
NOT_MET = [
    ("a/b", "a/c"),
    ("a/+", "a"),
    ("a/+", "a/b/c"),
    ("/a", "a"),
    ("#", "$SYS/broker"),
    ("+/a", "$oc/a"),
    ("$sys/#", "$SYS/broker"),
    ("a/b/#", "a"),
]


@pytest.mark.parametrize(("text", "topic"), MET)
def test_a_topic_is_met(text: str, topic: str) -> None:
    assert TopicFilter.parse(text).matches(levels_of(topic))


@pytest.mark.parametrize(("text", "topic"), NOT_MET)
def test_a_topic_is_not_met(text: str, topic: str) -> None:
    assert not TopicFilter.parse(text).matches(levels_of(topic))


def test_named_levels_are_parts_of_the_identity() -> None:
    found = TopicFilter.parse("site/{community}/{device}/up")

    assert found.named(levels_of("site/371602001001/m-1/up?x=1")) == {
        "community": "371602001001",
        "device": "m-1",
    }
    assert found.subscription == "site/+/+/up"


def test_a_topic_with_a_query_string_is_asked_for_by_any_last_level() -> None:
    text = "$oc/devices/+/sys/properties/report"
    assert TopicFilter.parse(text).subscription == "$oc/devices/+/sys/properties/+"
    assert TopicFilter.parse("$oc/devices/#").subscription == "$oc/devices/#"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "1 to 512"),
        ("a/#/b", "only the last"),
        ("a/b+", "mixes"),
        ("a/{b}c", "mixes"),
        ("a/{1}", "mixes"),
        ("{a}/{a}", "two levels 'a'"),
        ("$share/g/a", "shared"),
        ("a/b?x=1", "query string"),
    ],
)
def test_what_is_no_filter_is_refused(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        TopicFilter.parse(text)


LEVEL = st.sampled_from(["a", "b", "", "$x"])
TOPIC = st.lists(LEVEL, min_size=1, max_size=4).map("/".join)


@st.composite
def filters(draw: st.DrawFn) -> TopicFilter:
    levels = draw(st.lists(LEVEL | st.just("+"), min_size=0, max_size=4))
    if not levels or draw(st.booleans()):
        levels.append("#")
    text = "/".join(levels)
    return TopicFilter.parse(text or "+")


@given(one=filters(), two=filters(), topic=TOPIC)
def test_filters_that_meet_one_topic_overlap(
    one: TopicFilter, two: TopicFilter, topic: str
) -> None:
    levels = levels_of(topic)
    if one.matches(levels) and two.matches(levels):
        assert one.overlaps(two)
        assert two.overlaps(one)


@given(one=filters(), two=filters())
def test_filters_that_overlap_meet_one_topic(one: TopicFilter, two: TopicFilter) -> None:
    if not one.overlaps(two):
        return
    length = max(len(one.levels), len(two.levels))
    levels = []
    for place in range(length):
        here = [f.levels[place] for f in (one, two) if place < len(f.levels)]
        words = [level for level in here if level not in {"+", "#"}]
        levels.append(words[0] if words else "a")
    shortened = [levels[:n] for n in range(1, length + 1)]
    assert any(one.matches(found) and two.matches(found) for found in shortened)


@pytest.mark.parametrize(
    ("filters", "asked"),
    [
        (["a/+", "a/b", "a/+"], ["a/+"]),
        (["a/b/c", "a/#", "a"], ["a/#"]),
        (["spBv1.0/+/+/+", "spBv1.0/#", "x/y"], ["spBv1.0/#", "x/y"]),
        (["a/+/c", "a/b/+"], ["a/+/c", "a/b/+"]),
        (["+/x", "$oc/x"], ["+/x", "$oc/x"]),
        (["a/+", "a/#"], ["a/#"]),
        (["a/b", "a/b/c"], ["a/b", "a/b/c"]),
    ],
)
def test_a_filter_that_another_one_covers_is_not_asked_for(
    filters: list[str], asked: list[str]
) -> None:
    assert list(without_covered(filters)) == asked
