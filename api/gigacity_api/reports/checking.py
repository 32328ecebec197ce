"""Checks an entry before it is stored: every fault of it, each with the field that is wrong. Pure.

A figure in another unit is the fault that costs most, since it looks like a figure: a share must
be a fraction, a count must be whole, and a unit that is named must be the figure's own.
"""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from gigacity_api.indicators.levels import Level
from gigacity_api.reports.catalogue import RATIO, DeclarableFigure, declarable
from gigacity_city.model import City
from gigacity_contract.local_time import EARLIEST, ZONE

MAX_TEXT = 500
MAX_VALUE = 1e15
"""Beyond it a float no longer holds every whole number."""

COUNTS_TOLERANCE = 0.0005
"""How far a ratio may stand from numerator / denominator: it is usually rounded to 0.1 %."""

FIELDS = (
    "indicator", "scope", "code", "as_of", "value", "unit", "numerator", "denominator", "source",
    "reporter",
)  # fmt: skip
REQUIRED = ("indicator", "scope", "as_of", "value", "source")

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


class Fault(NamedTuple):
    """What is wrong with one field."""

    field: str
    en: str
    zh: str


class Draft(NamedTuple):
    """A checked entry, ready to be stored."""

    indicator: str
    scope: str
    code: str
    as_of_ms: int
    value: float
    numerator: int | None
    denominator: int | None
    source: str
    reporter: str
    is_until_now: bool = False
    """Given as a day that is not over: its instant is the moment of checking."""


class Checker:
    """Checks entries against a city and a moment."""

    def __init__(self, city: City, now_ms: int) -> None:
        self._city = city
        self._now = datetime.fromtimestamp(now_ms / 1000, tz=UTC)

    def check(self, entry: Mapping[str, Any]) -> tuple[Draft | None, list[Fault]]:
        """The draft of an entry, or every fault of it.

        Args:
            entry: values by the names in ``FIELDS``; None and empty texts are absent.
        """
        given = {key: _trimmed(value) for key, value in entry.items()}
        given = {key: value for key, value in given.items() if value not in (None, "")}
        faults = [Fault(name, "is missing", "缺少该项") for name in REQUIRED if name not in given]
        known = self._indicator(given, faults)
        scope, code = self._place(given, known, faults)
        as_of = self._as_of(given, faults)
        value = _value(given, known, faults)
        numerator, denominator = _counts(given, known, value, faults)
        source = _text("source", given, faults)
        reporter = _text("reporter", given, faults)
        if faults or known is None or as_of is None or value is None:
            return None, faults
        as_of_ms = round(as_of.timestamp() * 1000)
        draft = Draft(
            known.id, scope, code, as_of_ms, value, numerator, denominator, source, reporter,
            is_until_now=as_of is self._now,
        )  # fmt: skip
        return draft, []

    def _indicator(self, given: Mapping[str, Any], faults: list[Fault]) -> DeclarableFigure | None:
        if "indicator" not in given:
            return None
        known = declarable(str(given["indicator"]))
        if known is None:
            faults.append(
                Fault(
                    "indicator",
                    f"there is no figure {given['indicator']!r}; GET /api/v1/definitions lists"
                    " them",
                    f"没有指标 {given['indicator']!r}",
                )
            )
        return known

    def _place(
        self, given: Mapping[str, Any], known: DeclarableFigure | None, faults: list[Fault]
    ) -> tuple[str, str]:
        scope, code = str(given.get("scope", "")), str(given.get("code", ""))
        if not scope:
            return "", ""
        levels = [str(level) for level in (known.levels if known else Level) if level != Level.OLT]
        if scope not in levels:
            choice = ", ".join(levels)
            faults.append(
                Fault("scope", f"must be one of {choice}, not {scope!r}", f"应为 {choice} 之一")
            )
            return scope, code
        city = self._city
        if scope == Level.CITY:
            known_code = city.code if code in {"", city.code} else None
        elif scope == Level.AREA:
            known_code = city.area_of_code.get(code)
        else:
            known_code = code if code in city.community_by_code else None
        if known_code is None:
            faults.append(Fault("code", f"{scope} {code!r} is unknown", f"未知代码 {code!r}"))
        return scope, known_code or code

    def _as_of(self, given: Mapping[str, Any], faults: list[Fault]) -> datetime | None:
        if "as_of" not in given:
            return None
        moment = _moment(given["as_of"], self._now)
        if moment is None:
            faults.append(
                Fault(
                    "as_of",
                    "must be a date (2026-10-31) or a time with its zone"
                    " (2026-10-31T18:00:00+08:00)",
                    "应为日期(2026-10-31)或带时区的时间",
                )
            )
        elif moment > self._now:
            faults.append(Fault("as_of", "lies in the future", "日期在未来"))
        elif moment < EARLIEST:
            faults.append(Fault("as_of", "lies before the year 2000", "日期早于2000年"))
        return moment


def china_day(epoch_ms: int) -> date:
    """The office day of an instant."""
    return datetime.fromtimestamp(epoch_ms / 1000, tz=ZONE).date()


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _moment(given: Any, now: datetime) -> datetime | None:
    """A moment, or the end of a day; of a day that is not over yet, this moment."""
    if isinstance(given, str):
        try:
            parsed = datetime.fromisoformat(given)
            given = parsed.date() if len(given) <= 10 else parsed
        except ValueError:
            return None
    if isinstance(given, datetime):
        # A spreadsheet's date is a midnight without a zone.
        if given.tzinfo is None and given.time() != time(0):
            return None
        if given.tzinfo is not None:
            return given
        given = given.date()
    if not isinstance(given, date):
        return None
    if given == now.astimezone(ZONE).date():
        return now
    return datetime.combine(given, time(23, 59, 59), tzinfo=ZONE)


def _number(given: Any) -> float | None:
    """A finite number; texts are taken only where they are nothing but one."""
    if isinstance(given, bool):
        return None
    if isinstance(given, str):
        try:
            given = float(given.replace(",", "")) if re.fullmatch(r"[-+0-9.,]+", given) else None
        except ValueError:
            return None
    if not isinstance(given, int | float) or not math.isfinite(given):
        return None
    return float(given)


def _value(
    given: Mapping[str, Any], known: DeclarableFigure | None, faults: list[Fault]
) -> float | None:
    if "value" not in given:
        return None
    value = _number(given["value"])
    if value is None:
        hint = "; give 0.98 for 98 %" if "%" in str(given["value"]) else ""
        faults.append(
            Fault("value", f"{given['value']!r} is not a number{hint}", "不是数值;98%请填0.98")
        )
        return None
    if known is not None:
        _unit(given, known, faults)
        fault = _size(value, known)
        if fault is not None:
            faults.append(fault)
            return None
    return value


def _unit(given: Mapping[str, Any], known: DeclarableFigure, faults: list[Fault]) -> None:
    unit = given.get("unit", known.unit)
    if unit != known.unit:
        hint = " (a fraction: 0.98 for 98 %)" if known.unit == RATIO else ""
        faults.append(
            Fault(
                "unit",
                f"{known.id} is given in {known.unit!r}{hint}, not in {unit!r}",
                f"单位应为 {known.unit!r},而不是 {unit!r}",
            )
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


def _counts(
    given: Mapping[str, Any],
    known: DeclarableFigure | None,
    value: float | None,
    faults: list[Fault],
) -> tuple[int | None, int | None]:
    names = [name for name in ("numerator", "denominator") if name in given]
    if not names or known is None:
        return None, None
    if known.unit != RATIO:
        faults.append(Fault(names[0], "only ratios have counts behind them", "仅比值可填分子分母"))
        return None, None
    if len(names) == 1:
        other = "denominator" if names == ["numerator"] else "numerator"
        faults.append(Fault(other, "numerator and denominator belong together", "分子分母须同填"))
        return None, None
    found = []
    for name in names:
        number = _number(given[name])
        low = 1 if name == "denominator" else 0
        if number is None or number != int(number) or not low <= number <= MAX_VALUE:
            faults.append(Fault(name, f"must be a whole number, {low} or more", "应为非负整数"))
        else:
            found.append(int(number))
    if len(found) < 2:
        return None, None
    numerator, denominator = found
    if value is not None and abs(value - numerator / denominator) > COUNTS_TOLERANCE:
        faults.append(
            Fault(
                "value",
                f"{value:g} is not numerator / denominator = {numerator / denominator:.4f}",
                "数值与分子÷分母不符",
            )
        )
    return numerator, denominator


def _text(name: str, given: Mapping[str, Any], faults: list[Fault]) -> str:
    text = str(given.get(name, ""))
    if len(text) > MAX_TEXT or _CONTROL.search(text):
        faults.append(
            Fault(name, f"must be one line of at most {MAX_TEXT} characters", "应为单行文字")
        )
    return text
