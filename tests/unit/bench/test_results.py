"""Figures of the bench: medians, ratios within rounds, what counts as lost."""

import json

import pytest

from tests.bench.ingest.drain_watch import Drain
from tests.bench.ingest.results import Round, ShapeResult, lost

POINTS = 1_000_000


def round_(cpu_s: float, seconds: float = 10.0, stored: int = POINTS, end: str = "done") -> Round:
    return Round(Drain(seconds, cpu_s, 50.0, 1000, end, stored), POINTS)


def result(**rounds: list[Round]) -> ShapeResult:
    return ShapeResult("pon", 62_500, POINTS, rounds)


def test_cost_and_rate_are_of_the_points_that_were_stored() -> None:
    half = round_(cpu_s=2.0, seconds=5.0, stored=POINTS // 2)

    assert (half.cpu_s_per_million, half.points_per_s) == (4.0, 100_000)


def test_a_ratio_is_the_median_of_the_ratios_within_the_rounds() -> None:
    # The second round was disturbed: both took three times as long.
    found = result(
        worker=[round_(1.0), round_(3.0), round_(1.0)],
        plain=[round_(8.0), round_(24.0), round_(10.0)],
    )

    assert found.ratios()["cpu_plain_to_worker"] == 8.0


def test_a_ratio_to_what_was_not_measured_is_absent() -> None:
    found = result(worker=[round_(1.0)])

    assert set(found.ratios().values()) == {None}
    assert json.loads(json.dumps(found.as_json()))["ratios"]["cpu_worker_to_telegraf"] is None


def test_a_consumer_that_stored_nothing_has_no_cost_and_no_ratio() -> None:
    broken = round_(1.0, seconds=0.0, stored=0, end="did not connect")
    found = result(worker=[round_(1.0)], telegraf=[broken])

    assert (broken.cpu_s_per_million, broken.points_per_s) == (0.0, 0.0)
    assert found.ratios()["cpu_worker_to_telegraf"] is None


@pytest.mark.parametrize(
    "found",
    [
        round_(1.0, stored=POINTS - 1),
        round_(1.0, stored=POINTS + 1),
        round_(1.0, end="stands still"),
    ],
    ids=["a point is missing", "a point too many", "not all acknowledged"],
)
def test_only_all_points_and_all_acknowledgements_are_complete(found: Round) -> None:
    problems = lost([result(worker=[round_(1.0), found])])

    assert len(problems) == 1
    assert problems[0].startswith("pon, round 2: worker ")


def test_what_a_baseline_loses_is_no_fault_of_the_worker() -> None:
    assert lost([result(worker=[round_(1.0)], telegraf=[round_(1.0, stored=5)])]) == []
