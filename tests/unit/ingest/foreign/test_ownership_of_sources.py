"""Which sources a worker owns, and what the doctor says of sources with none or two owners."""

import re

import pytest

from gigacity_ingest.mapping.sources import SourceOwner
from gigacity_ingest.ownership.areas import owned_areas
from gigacity_ingest.ownership.owners import OwnRow
from gigacity_ingest.ownership.sources import SourceReader, granted_sources, source_problems
from tests.support.city import AREA_A, AREA_B
from tests.unit.ingest.foreign.stub_source import stub_source

A = stub_source("a", topics=("a/+",), owner=SourceOwner(areas=(AREA_A,)))
BOTH = stub_source("both", topics=("$oc/+", "b/#"), owner=SourceOwner(areas=(AREA_A, AREA_B)))
NAMED = stub_source("named", topics=("c/+",), owner=SourceOwner(worker="w-1"))
ALL = (A, BOTH, NAMED)


@pytest.mark.parametrize(
    ("reader", "owned"),
    [
        (SourceReader("w-0"), {"a", "both"}),
        (SourceReader("w-1"), {"a", "both", "named"}),
        (SourceReader("w-0", (AREA_A,)), {"a"}),
        (SourceReader("w-0", (AREA_B,)), set()),
        (SourceReader("w-0", (AREA_B, AREA_A)), {"a", "both"}),
        (SourceReader("w-0", is_sharing=True), set()),
        (SourceReader("w-1", (AREA_A,), is_sharing=True), {"named"}),
    ],
)
def test_a_worker_owns_sources_of_its_areas_and_those_that_name_it(
    reader: SourceReader, owned: set[str]
) -> None:
    assert reader.filters_of(ALL).keys() == owned


def test_no_filter_of_a_source_is_shared_or_an_area() -> None:
    filters = SourceReader("w-1").filters_of(ALL)
    assert filters["both"] == ("$oc/+", "b/#")
    assert owned_areas(name for own in filters.values() for name in own) == ""


def test_a_source_of_which_a_filter_was_refused_is_not_said_to_be_read() -> None:
    filters = SourceReader("w-0").filters_of(ALL)
    assert granted_sources(filters, ["a/+", "$oc/+", "b/#", "gigacity/v1/#"]) == "a,both"
    assert granted_sources(filters, ["a/+", "b/#"]) == "a"
    assert granted_sources(filters, ["a/#", "b/#", "$oc/#"]) == "a,both", "what covers them does"


def row(worker: str, sources: str) -> OwnRow:
    return OwnRow(worker, 0, "", True, sources)


def test_every_source_has_exactly_one_owner() -> None:
    assert source_problems(ALL, [row("w-0", "a,both"), row("w-1", "named"), row("w-2", "")]) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([row("w-0", "a,both")], "nobody reads the source named: .*start the worker w-1"),
        ([row("w-1", "a,named")], f"nobody reads the source both: .*own all of {AREA_A}, {AREA_B}"),
        (
            [row("w-0", "a,both,named"), row("w-1", "named")],
            "w-0 and w-1 read the source named: .* more than once",
        ),
        (
            [row("w-0", "a,both,named,old")],
            "w-0 reads the source old, which these mappings do not have",
        ),
    ],
)
def test_the_doctor_names_sources_without_an_owner_and_with_two(
    rows: list[OwnRow], says: str
) -> None:
    (problem,) = source_problems(ALL, rows)
    assert re.search(says, problem), problem
