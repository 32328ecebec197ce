"""Access lines for the broker: who may write a source's topics, what workers read and answer."""

from gigacity_ingest.foreign.access import access_lines
from gigacity_ingest.foreign.answers import answer_topics
from gigacity_ingest.mapping.sources import SourcePublishers
from gigacity_ingest.mapping.topic_filters import levels_of
from tests.golden.formats_files import CASES, expectation_of
from tests.unit.ingest.foreign.stub_source import stub_source

IOTDA = stub_source("oc", topics=("$oc/devices/{device}/sys/properties/report",))._replace(
    format="iotda", answers=True, publishers=SourcePublishers(levels=("device",))
)
ALINK = stub_source("ali", topics=("/sys/{pk}/{dn}/thing/event/property/post",))._replace(
    format="alink", answers=True, publishers=SourcePublishers(levels=("pk", "dn"))
)
BRIDGE = stub_source("tele", topics=("telegraf/+/pon", "telegraf/+/sys"))._replace(
    publishers=SourcePublishers(users=("poller-a", "poller-b"))
)
SPARKPLUG = stub_source("sp", topics=("spBv1.0/+/+/{node}", "spBv1.0/+/+/{node}/+"))._replace(
    format="sparkplug_b", answers=True, publishers=SourcePublishers(levels=("node",))
)


def test_a_publishers_name_stands_in_the_place_of_its_levels() -> None:
    lines = access_lines([IOTDA, ALINK, SPARKPLUG])
    assert [line for line in lines.publishers if not line.startswith("#")] == [
        "pattern write $oc/devices/%u/sys/properties/+",
        "pattern read $oc/devices/%u/sys/events/down",
        "pattern write /sys/%u/thing/event/property/post",
        "pattern read /sys/%u/thing/event/property/post_reply",
        "pattern read /sys/%u/thing/event/property/post/reply",
        "pattern write spBv1.0/+/+/%u",
        "pattern write spBv1.0/+/+/%u/+",
        "pattern read spBv1.0/+/NCMD/%u",
    ]
    assert (lines.users, lines.problems) == ([], [])


def test_named_users_come_behind_all_patterns() -> None:
    lines = access_lines([BRIDGE, IOTDA])
    assert [line for line in lines.publishers if not line.startswith("#")] == [
        "pattern write $oc/devices/%u/sys/properties/+",
        "pattern read $oc/devices/%u/sys/events/down",
        "user poller-a", "topic write telegraf/+/pon", "topic write telegraf/+/sys",
        "user poller-b", "topic write telegraf/+/pon", "topic write telegraf/+/sys",
    ]  # fmt: skip
    assert lines.users == ["poller-a", "poller-b"]


def test_a_named_user_hears_the_answers_of_its_source() -> None:
    """An edge node that nobody may ask for its births could never be read again."""
    source = SPARKPLUG._replace(publishers=SourcePublishers(users=("371602/gateway/gw-1",)))
    assert access_lines([source]).publishers == [
        "user 371602/gateway/gw-1",
        "topic write spBv1.0/+/+/+", "topic write spBv1.0/+/+/+/+",
        "topic read spBv1.0/+/NCMD/+",
    ]  # fmt: skip


def test_workers_read_every_root_and_write_only_answers() -> None:
    lines = access_lines([IOTDA, ALINK, BRIDGE, SPARKPLUG]).workers
    assert [line for line in lines if "read" in line] == [
        "pattern read $oc/devices/+/sys/properties/+",
        "pattern read /sys/+/+/thing/event/property/post",
        "pattern read telegraf/+/pon",
        "pattern read telegraf/+/sys",
        "pattern read spBv1.0/+/+/+",
        "pattern read spBv1.0/+/+/+/+",
    ]
    assert [line for line in lines if "write" in line] == [
        "pattern write $oc/devices/+/sys/events/down",
        "pattern write /sys/+/+/thing/event/property/post_reply",
        "pattern write /sys/+/+/thing/event/property/post/reply",
        "pattern write spBv1.0/+/NCMD/+",
    ]


def test_a_source_without_publishers_is_named() -> None:
    (problem,) = access_lines([stub_source("nobody")]).problems
    assert problem.startswith("source nobody: publishers is missing")


def test_no_answers_no_topics_for_them() -> None:
    assert answer_topics(ALINK._replace(answers=False)) == ()
    assert answer_topics(ALINK._replace(format="json")) == ()


def test_every_answer_that_a_format_gives_may_be_sent_by_its_source() -> None:
    """A decoder that answers elsewhere than its source may would be heard by nobody."""
    for case in CASES:
        expectation = expectation_of(case)
        topic = expectation["topic"].partition("?")[0]
        source = stub_source("own", topics=(topic,))._replace(format=case.parent.name, answers=True)
        for answer in expectation.get("answers", ()):
            admitted = answer_topics(source)
            assert any(one.matches(levels_of(answer)) for one in admitted), answer
