from dataclasses import replace
from typing import Any

import pytest

from gigacity_contract.measurements import MEASUREMENTS
from gigacity_deploy.demo.check import Comparison
from gigacity_deploy.demo.verdict import COUNTED_FIELDS, judge_figures, judge_ledger, judge_loss

LEDGER: dict[str, Any] = {
    "messages": {"received": 5, "acknowledged": 5, "unacknowledged": 0},
    "points": {"decoded": 9, "confirmed": 9, "dead_lettered": 0, "in_flight": 0, "spooled": 0},
    "balanced": True,
}


def test_every_raw_measurement_is_counted_by_a_field_that_it_has() -> None:
    raw = {name for name, m in MEASUREMENTS.items() if m.policy.name == "raw"}
    assert set(COUNTED_FIELDS) == raw
    for name, field in COUNTED_FIELDS.items():
        assert field in {f.name for f in MEASUREMENTS[name].fields}


HELD = Comparison(15_000, exact_figures=9, exact_instants=3, bounded_instants=1, wider_figures=1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (HELD, [True, True, True]),
        (replace(HELD, faults=1), [False, True, True]),
        (replace(HELD, exact_instants=2), [True, False, True]),
        (replace(HELD, wider_figures=0), [True, True, False]),
        (replace(HELD, bounded_instants=0), [True, True, False]),
        (Comparison(15_000), [False, False, False]),
    ],
    ids=["all held", "a fault", "too few", "stayed narrow", "no cut seen", "nothing seen"],
)
def test_findings_about_figures(found: Comparison, expected: list[bool]) -> None:
    findings = judge_figures(found, expects_cut=True)
    assert [finding.held for finding in findings] == expected


def test_loss_is_what_was_confirmed_and_is_not_stored() -> None:
    held = judge_loss({"pon_port": 10}, {"pon_port": 100}, {"pon_port": 110})
    assert held.held
    missing = judge_loss(
        {"pon_port": 10, "device_camera": 1}, {}, {"pon_port": 9, "device_camera": 5}
    )
    assert not missing.held
    assert "pon_port 1" in missing.detail
    assert "device_camera" not in missing.detail


def test_a_run_that_confirmed_nothing_has_shown_nothing() -> None:
    assert not judge_loss({}, {}, {}).held


@pytest.mark.parametrize(
    ("change", "held"),
    [
        ({}, True),
        ({"balanced": False}, False),
        ({"points": LEDGER["points"] | {"in_flight": 1}}, False),
        ({"points": LEDGER["points"] | {"spooled": 1}}, False),
        ({"messages": LEDGER["messages"] | {"unacknowledged": 1}}, False),
    ],
    ids=["fine", "unbalanced", "in flight", "spooled", "unacknowledged"],
)
def test_ledgers_must_balance_with_nothing_on_the_way(change: dict[str, Any], held: bool) -> None:
    assert judge_ledger(LEDGER | change).held is held


def test_a_worker_that_does_not_answer_has_not_balanced() -> None:
    assert not judge_ledger({}).held
