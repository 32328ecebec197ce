"""Checks an entry before it is stored: every fault of it, with the field that is wrong. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from gigacity_api.indicators.figures import FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.reports.amounts import checked_counts, checked_value
from gigacity_api.reports.catalogue import DeclarableFigure, declarable
from gigacity_api.reports.cells import CellError, narrow, read_day_or_moment
from gigacity_api.reports.faults import Fault, Faults
from gigacity_city.model import City
from gigacity_contract.local_time import EARLIEST, ZONE

MAX_TEXT = 500
FIELDS = (
    "indicator", "scope", "code", "as_of", "value", "unit", "numerator", "denominator", "source",
    "reporter",
)  # fmt: skip
REQUIRED = ("indicator", "scope", "as_of", "value", "source")

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\ud800-\udfff]")


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

    @property
    def key(self) -> FigureKey:
        """The figure that it is of."""
        return (self.indicator, self.scope, self.code)


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
        faults = Faults()
        for name in REQUIRED:
            if name not in given:
                faults.add(name, "is missing", "缺少该项")
        known, scope, code = self.place(given, faults)
        as_of = self._as_of(given, faults)
        value = checked_value(given, known, faults)
        numerator, denominator = checked_counts(given, known, value, faults)
        source = self.text("source", given, faults)
        reporter = self.text("reporter", given, faults)
        if faults or known is None or as_of is None or value is None:
            return None, faults
        as_of_ms = round(as_of.timestamp() * 1000)
        draft = Draft(
            known.id, scope, code, as_of_ms, value, numerator, denominator, source, reporter,
            is_until_now=as_of is self._now,
        )  # fmt: skip
        return draft, []

    def place(
        self, given: Mapping[str, Any], faults: Faults
    ) -> tuple[DeclarableFigure | None, str, str]:
        """The figure, its level and code, as far as they are known; what is wrong is noted."""
        known = self._indicator(given, faults)
        return known, *self._place(given, known, faults)

    @staticmethod
    def text(name: str, given: Mapping[str, Any], faults: Faults) -> str:
        """One line of text; what is wrong is noted."""
        text = str(given.get(name) or "")
        if len(text) > MAX_TEXT or _CONTROL.search(text):
            faults.add(name, f"must be one line of at most {MAX_TEXT} characters", "应为单行文字")
        return text

    def _indicator(self, given: Mapping[str, Any], faults: Faults) -> DeclarableFigure | None:
        if "indicator" not in given:
            return None
        known = declarable(str(given["indicator"]))
        if known is None:
            faults.add(
                "indicator",
                f"there is no figure {given['indicator']!r}; GET /api/v1/definitions lists them",
                f"没有指标 {given['indicator']!r}",
            )
        return known

    def _place(
        self, given: Mapping[str, Any], known: DeclarableFigure | None, faults: Faults
    ) -> tuple[str, str]:
        scope, code = str(given.get("scope", "")), _code(given.get("code", ""))
        if not scope:
            return "", ""
        levels = [str(level) for level in (known.levels if known else Level) if level != Level.OLT]
        if scope not in levels:
            choice = ", ".join(levels)
            faults.add("scope", f"must be one of {choice}, not {scope!r}", f"应为 {choice} 之一")
            return scope, code
        city = self._city
        if scope == Level.CITY:
            known_code = city.code if code in {"", city.code} else None
        elif scope == Level.AREA:
            known_code = city.area_of_code.get(code)
        else:
            known_code = code if code in city.community_by_code else None
        if known_code is None:
            hint = "; format the column as text" if "E+" in code.upper() else ""
            faults.add("code", f"{scope} {code!r} is unknown{hint}", f"未知代码 {code!r}")
        return scope, known_code or code

    def _as_of(self, given: Mapping[str, Any], faults: Faults) -> datetime | None:
        if "as_of" not in given:
            return None
        try:
            moment = _end_of(read_day_or_moment(given["as_of"]), self._now)
        except CellError as error:
            faults.add("as_of", error.en, error.zh)
            return None
        if moment > self._now:
            faults.add("as_of", "lies in the future", "日期在未来")
        elif moment < EARLIEST:
            faults.add("as_of", "lies before the year 2000", "日期早于2000年")
        return moment


def china_day(epoch_ms: int) -> date:
    """The office day of an instant."""
    return datetime.fromtimestamp(epoch_ms / 1000, tz=ZONE).date()


def _trimmed(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _code(given: Any) -> str:
    """A code, which spreadsheets may hold as a number."""
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    return narrow(str(given))


def _end_of(given: date | datetime, now: datetime) -> datetime:
    """The moment, or the end of the day; of a day that is not over yet, this moment."""
    if isinstance(given, datetime):
        return given
    if given == now.astimezone(ZONE).date():
        return now
    return datetime.combine(given, time(23, 59, 59), tzinfo=ZONE)
