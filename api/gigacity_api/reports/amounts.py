"""Checks the numbers of an entry. Pure.

A figure in another unit is the fault that costs most, since it looks like a figure: a share must
be a fraction, a count must be whole, and a unit that is named must be the figure's own.
"""

from collections.abc import Mapping
from typing import Any

from gigacity_api.reports.catalogue import RATIO, DeclarableFigure
from gigacity_api.reports.cells import CellError, read_number
from gigacity_api.reports.faults import Fault, Faults

MAX_VALUE = 1e15
"""Beyond it a float no longer holds every whole number."""

COUNTS_TOLERANCE = 0.0005
"""How far a ratio may stand from numerator / denominator: it is usually rounded to 0.1 %."""


def checked_value(
    given: Mapping[str, Any], known: DeclarableFigure | None, faults: Faults
) -> float | None:
    """The value of an entry, or None with what is wrong with it."""
    if "value" not in given:
        return None
    try:
        value = read_number(given["value"], is_whole=known is not None and known.is_whole)
    except CellError as error:
        faults.add("value", error.en, error.zh)
        return None
    if known is not None:
        _unit(given, known, faults)
        fault = _size(value, known)
        if fault is not None:
            faults.append(fault)
            return None
    return value


def _unit(given: Mapping[str, Any], known: DeclarableFigure, faults: Faults) -> None:
    unit = given.get("unit", known.unit)
    if unit != known.unit:
        hint = " (a fraction: 0.98 for 98 %)" if known.unit == RATIO else ""
        faults.add(
            "unit",
            f"{known.id} is given in {known.unit!r}{hint}, not in {unit!r}",
            f"单位应为 {known.unit!r},而不是 {unit!r}",
        )


def _size(value: float, known: DeclarableFigure) -> Fault | None:
    if value < 0:
        return Fault("value", "must not be negative", "不能为负数")
    if value > MAX_VALUE:
        return Fault("value", f"must not exceed {MAX_VALUE:g}", "数值过大")
    if known.is_share and value > 1:
        return Fault(
            "value",
            f"{known.id} is a fraction from 0 to 1; {value:g} looks like a percentage: give"
            f" {value / 100:g}",
            "该指标为0到1之间的比值,疑似按百分数填写",
        )
    if known.is_whole and value != int(value):
        return Fault("value", f"{known.id} is a number of {known.unit}: it is whole", "应为整数")
    return None


def checked_counts(
    given: Mapping[str, Any],
    known: DeclarableFigure | None,
    value: float | None,
    faults: Faults,
) -> tuple[int | None, int | None]:
    """Numerator and denominator of a ratio, or None for both."""
    names = [name for name in ("numerator", "denominator") if name in given]
    if not names or known is None:
        return None, None
    if known.unit != RATIO:
        faults.add(names[0], "only ratios have counts behind them", "仅比值可填分子分母")
        return None, None
    if len(names) == 1:
        other = "denominator" if names == ["numerator"] else "numerator"
        faults.add(other, "numerator and denominator belong together", "分子分母须同填")
        return None, None
    found = []
    for name in names:
        low = 1 if name == "denominator" else 0
        try:
            number = read_number(given[name], is_whole=True)
        except CellError as error:
            faults.add(name, error.en, error.zh)
            continue
        if number != int(number) or not low <= number <= MAX_VALUE:
            faults.add(name, f"must be a whole number, {low} or more", "应为非负整数")
        else:
            found.append(int(number))
    if len(found) < 2:
        return None, None
    numerator, denominator = found
    if value is not None and abs(value - numerator / denominator) > COUNTS_TOLERANCE:
        faults.add(
            "value",
            f"{value:g} is not numerator / denominator = {numerator / denominator:.4f}",
            "数值与分子÷分母不符",
        )
    return numerator, denominator
