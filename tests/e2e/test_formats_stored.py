"""Each format: its golden message through broker and worker to the rows of its object.

One broker, one database and one worker have the mappings of all formats at once.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from gigacity_contract.clock import SystemClock
from gigacity_ingest.formats.catalogue import FORMATS
from tests.e2e.foreign_stack import ForeignStack
from tests.golden.formats_files import case_payload, expectation_of
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.format_walks import WALKS, Walk, golden_case
from tests.support.mappings import source_text
from tests.support.mqtt_probe import wait_until

pytestmark = pytest.mark.e2e

SHIFT_MS = 1_767_225_660_000 - SystemClock().now_ms()
BY_FORMAT = {walk.case.partition("/")[0]: walk for walk in reversed(WALKS)}
"""One a format: mappings of one topic would exclude each other."""
_OTHERS = {"unknown_identity", "bad_entry", "bad_field"}
"""Golden messages name other devices, too, and hold what is no line or no value."""


def _messages(walk: Walk) -> list[tuple[str, bytes, bool]]:
    """Topic, payload and retain flag of the message, and of those that it comes after."""
    case = golden_case(walk)
    before = expectation_of(case).get("after", ())
    cases = [*(case.with_name(f"{name}.expect.json") for name in before), case]
    return [
        (walk.topic or said["topic"], case_payload(one), said.get("retained", False))
        for one in cases
        if (said := expectation_of(one))
    ]


def _mapping(name: str, walk: Walk) -> str:
    topics = {topic.partition("?")[0] for topic, _, _ in _messages(walk)}
    exact = "[" + ", ".join(f'"{topic}"' for topic in sorted(topics)) + "]"
    text = source_text(
        walk.fields,
        kind=walk.kind,
        identity=f'{{registry: "{walk.template}"}}',
        topics=walk.topics if "{" in walk.topics else exact,
        decoder=name,
        more=f"publishers: {{users: [field]}}\n    {walk.more}",
    )
    return text.replace("name: here", f"name: {name}")


def _object(name: str) -> str:
    return f"dev-{name.replace('_', '-')}"


TABLES = {
    "devices.csv": "community,kind,device,gateway\n"
    + "".join(f"{COMMUNITY_A},{w.kind},{_object(name)},\n" for name, w in BY_FORMAT.items()),
    "foreign_ids.csv": "source,foreign_id,area,community,device,olt,slot,port\n"
    + "".join(
        f"{name},{walk.foreign_id},{AREA_A},{COMMUNITY_A},{_object(name)},,,\n"
        for name, walk in BY_FORMAT.items()
    ),
}


class EarlierStack(ForeignStack):
    """Its worker's wall clock stands at the day of the golden messages."""

    program = "tests.support.worker_of_another_day"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignStack]:
    mappings = {f"{name}.yaml": _mapping(name, walk) for name, walk in BY_FORMAT.items()}
    made = EarlierStack(
        tmp_path_factory.mktemp("formats"),
        mappings,
        TABLES,
        "field",
        TEST_CLOCK_SHIFT_MS=str(SHIFT_MS),
    )
    try:
        made.influx.keep_for_ever()
        made.start_worker()
        yield made
    finally:
        made.close()


def test_every_format_takes_part() -> None:
    assert set(BY_FORMAT) == set(FORMATS)


@pytest.mark.parametrize("name", list(BY_FORMAT))
def test_its_golden_message_becomes_the_row_of_its_object(stack: ForeignStack, name: str) -> None:
    walk = BY_FORMAT[name]
    begun_ms = SystemClock().now_ms() + SHIFT_MS
    with stack.publisher("field") as publisher:
        for topic, payload, is_retained in _messages(walk):
            assert publisher.publish(topic, payload, retain=is_retained)

    stated = expectation_of(golden_case(walk))["readings"][0]["time_ms"]

    def rows() -> list[dict[str, Any]]:
        found = stack.rows(f"device_{walk.kind}", _object(name))
        return [
            r for r in found if (r["time"] >= begun_ms if stated is None else r["time"] == stated)
        ]

    wait_until(lambda: bool(rows()), f"a row of {name}")
    (row, *_) = rows()
    assert {field: row[field] for field in walk.values} == walk.values
    assert (row["area"], row["community"]) == (AREA_A, COMMUNITY_A)


def test_ledgers_balance_with_all_of_them(stack: ForeignStack) -> None:
    ledger = stack.drain(received=len(BY_FORMAT))
    assert ledger["balanced"] is True
    assert ledger["messages"]["received"] == ledger["messages"]["acknowledged"]
    assert ledger["points"]["confirmed"] >= len(BY_FORMAT)
    assert set(ledger["dead_letters"]) <= _OTHERS
