"""The comparison with the truth finds every kind of wrong figure, and accepts the right ones."""

import json
from typing import Any

import pytest

from gigacity_deploy.demo.check import (
    Comparison,
    ExpectedFigure,
    Key,
    Published,
    Truth,
    is_wider,
    parse_published,
    parse_truth,
)

COUNT = Key("pon.ports_10g", "city", "371600")
RATIO = Key("pon.port_share_10g", "city", "371600")
SMART = Key("community.smart_coverage", "city", "371600")
HEARD = frozenset({"pon.ports_10g", "pon.port_share_10g"})
TRUTH = Truth(5000, HEARD, (), {COUNT: ExpectedFigure(3, 8), RATIO: ExpectedFigure(3, 8)})
RIGHT = {
    COUNT: Published(False, 3.0, 3, 8, 3.0, 3.0, 0),
    RATIO: Published(True, 0.375, 3, 8, 0.375, 0.375, 0),
}


def _compare(
    truth: Truth, published: dict[Key, Published], *, disturbed: bool = False
) -> Comparison:
    comparison = Comparison(15_000)
    comparison.add(truth, published, is_disturbed=disturbed)
    return comparison


def test_figures_that_equal_the_truth_are_counted_and_have_no_fault() -> None:
    found = _compare(TRUTH, RIGHT)
    assert (found.exact_instants, found.exact_figures, found.faults) == (1, 2, 0)


@pytest.mark.parametrize(
    ("key", "change", "words"),
    [
        (COUNT, {"numerator": 4, "value": 4.0}, "numerator 4, truth 3"),
        (COUNT, {"denominator": 9}, "denominator 9, truth 8"),
        (RATIO, {"value": 0.374}, "value 0.374, truth 0.375"),
        (RATIO, {"value": None}, "value None"),
        (COUNT, {"value": 2.0}, "value 2.0"),
        (COUNT, {"unknown": 1}, "unknown 1, truth 0"),
        (RATIO, {"upper": 0.5}, "upper 0.5, truth 0.375"),
        (RATIO, {"lower": None}, "lower None, truth 0.375"),
    ],
    ids=[
        "numerator",
        "denominator",
        "ratio value",
        "null",
        "count value",
        "unknown",
        "upper",
        "no bounds",
    ],
)
def test_a_wrong_figure_is_a_fault(key: Key, change: dict[str, Any], words: str) -> None:
    found = _compare(TRUTH, RIGHT | {key: RIGHT[key]._replace(**change)})
    assert found.faults == 1
    assert words in found.examples[0]


def test_a_missing_figure_and_an_unexpected_one_are_faults() -> None:
    published = {RATIO: RIGHT[RATIO], Key("pon.ports_10g", "area", "371699"): RIGHT[COUNT]}
    found = _compare(TRUTH, published)
    assert sorted(text.rpartition(": ")[2] for text in found.examples) == [
        "not published",
        "published, but the truth has no such figure",
    ]


def test_figures_of_other_indicators_are_none_of_the_comparisons_business() -> None:
    other = {Key("onu.online", "city", "371600"): RIGHT[COUNT]}
    assert _compare(TRUTH, RIGHT | other).faults == 0


WIDE = {
    COUNT: Published(False, 2.0, 2, 8, 2.0, 4.0, 2),
    RATIO: Published(True, 0.33, 2, 8, 0.25, 0.5, 2),
}


def _cut_at(comparison: Comparison, t_ms: int, published: dict[Key, Published]) -> None:
    truth = TRUTH._replace(t_ms=t_ms, complete_for=frozenset(), cut=("olt-1",))
    comparison.add(truth, published, is_disturbed=False)


def test_bounds_must_hold_the_truth_once_the_cut_olts_ports_are_unknown() -> None:
    found = Comparison(15_000)
    narrow = RIGHT | {COUNT: RIGHT[COUNT]._replace(lower=4.0, upper=5.0)}
    _cut_at(found, 5_000, narrow)
    _cut_at(found, 15_000, narrow)
    assert (found.bounded_instants, found.not_judged, found.faults) == (0, 2, 0)
    _cut_at(found, 20_000, WIDE)
    assert (found.bounded_instants, found.wider_figures, found.faults) == (1, 2, 0)
    _cut_at(found, 25_000, narrow)
    assert "bounds 4.0..5.0 do not hold the truth 3..3" in found.examples[0]


def test_another_cut_begins_anew() -> None:
    found = Comparison(15_000)
    _cut_at(found, 5_000, RIGHT)
    found.add(TRUTH._replace(t_ms=10_000), RIGHT, is_disturbed=False)
    _cut_at(found, 20_000, RIGHT)
    assert (found.bounded_instants, found.not_judged, found.exact_instants) == (0, 2, 1)


def test_an_instant_that_an_outage_touches_is_not_judged() -> None:
    wrong = {key: f._replace(value=None, numerator=0) for key, f in RIGHT.items()}
    found = _compare(TRUTH, wrong, disturbed=True)
    assert (found.exact_instants, found.not_judged, found.faults) == (0, 1, 0)
    assert _compare(TRUTH, wrong).faults == 2


def test_instants_before_everything_was_heard_are_not_judged() -> None:
    found = _compare(TRUTH._replace(complete_for=frozenset()), {})
    assert found == Comparison(15_000, not_judged=1)


def test_a_ratio_without_denominator_has_no_value() -> None:
    truth = TRUTH._replace(figures={RATIO: ExpectedFigure(0, 0)})
    nothing = Published(True, None, 0, 0, None, None, 0)
    assert _compare(truth, {RATIO: nothing}).faults == 0


def test_only_indicators_whose_objects_were_all_heard_are_compared() -> None:
    truth = TRUTH._replace(complete_for=frozenset({"pon.ports_10g"}))
    wrong = RIGHT | {RATIO: RIGHT[RATIO]._replace(numerator=0)}
    found = _compare(truth, wrong)
    assert (found.exact_instants, found.exact_figures, found.faults) == (1, 1, 0)


def test_what_no_office_has_reported_stays_unknown_and_out_of_the_value() -> None:
    truth = Truth(5000, frozenset({SMART.indicator}), (), {SMART: ExpectedFigure(3, 8, 2)})
    right = Published(True, 0.5, 3, 8, 0.375, 0.625, 2)
    assert _compare(truth, {SMART: right}).faults == 0
    assert _compare(truth, {SMART: right._replace(value=0.375)}).faults == 1
    assert not is_wider(truth.figures[SMART], right)
    assert is_wider(truth.figures[SMART], right._replace(unknown=3, upper=0.75))


def test_many_faults_are_counted_but_only_some_are_told() -> None:
    figures = {Key("pon.ports_10g", "olt", f"olt-{n}"): ExpectedFigure(1, 1) for n in range(50)}
    found = _compare(TRUTH._replace(figures=figures), {})
    assert found.faults == 50
    assert len(found.examples) == 20


def test_truth_and_answers_are_read_as_they_are_written() -> None:
    line = {
        "t": 5000, "complete": True, "complete_for": sorted(HEARD), "cut": [],
        "figures": [[*COUNT, 3, 8, 0], [*RATIO, 3, 8, 0]],
    }  # fmt: skip
    assert parse_truth(json.dumps(line)) == TRUTH
    item = {
        "indicator": RATIO.indicator, "scope": RATIO.scope, "code": RATIO.code, "unit": "ratio",
        "value": 0.375, "numerator": 3, "denominator": 8, "lower": 0.375, "upper": 0.375,
        "unknown": 0, "name": {"zh": "", "en": ""},
    }  # fmt: skip
    assert parse_published([item]) == {RATIO: RIGHT[RATIO]}
