"""Numbers and dates as offices write them, in a cell of a table or a text of JSON. Pure.

What has one meaning is read, also in the full-width signs of a Chinese keyboard; what may have two
is refused in words that say what to write instead. Another number than the one that was meant is
the worst that can be stored.
"""

import math
import re
from datetime import date, datetime, time
from typing import Any

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Full-width signs and blanks to those of ASCII."""

_PLAIN = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?")
_GROUPED = re.compile(r"[-+]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_ROUNDED = re.compile(r"[-+]?[0-9.]+[eE][-+]?[0-9]+")
_YEAR_FIRST = re.compile(
    r"(?P<year>[0-9]{4})(?:(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
    r"|\s*年\s*(?P<month_zh>[0-9]{1,2})\s*月\s*(?P<day_zh>[0-9]{1,2})\s*日"
    r"|(?P<month_bare>[0-9]{2})(?P<day_bare>[0-9]{2}))"
    r"(?:\s+0?0:00(?::00(?:\.0+)?)?)?"
)
"""A day, perhaps with the midnight that spreadsheets add to it."""
_DAY_NUMBERS = range(36_526, 80_000)
"""From 2000 on, days as spreadsheets count them."""


class CellError(ValueError):
    """A text has no meaning, or more than one."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


def narrow(text: str) -> str:
    """The text with ASCII signs in place of full-width ones, without blanks around it."""
    return text.translate(_WIDE).strip()


def read_number(given: Any, *, is_whole: bool) -> float:
    """A finite number.

    Args:
        given: a number, or a text that is nothing but one; thousands may be grouped by commas.
        is_whole: what is counted is whole, so that a comma cannot stand for a decimal point.

    Raises:
        CellError: it is no number, or may be two.
    """
    if isinstance(given, str):
        return _number_of(given, is_whole=is_whole)
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise CellError(f"{given!r} is not a number", "不是数值")
    return float(given)


def read_day_or_moment(given: Any) -> date | datetime:
    """A day, or a moment with its zone.

    Args:
        given: a text, or what a spreadsheet holds: its date is a midnight without a zone.

    Raises:
        CellError: it is neither, or may be two days.
    """
    if isinstance(given, str):
        return _moment_of(narrow(given))
    if isinstance(given, datetime):
        if given.tzinfo is not None:
            return given
        if given.time() == time(0):
            return given.date()
        raise _no_zone(given.isoformat(" "))
    if isinstance(given, date):
        return given
    if isinstance(given, int | float) and int(given) in _DAY_NUMBERS:
        raise CellError(
            f"{given!r} is a spreadsheet's number of a day: give the cell the format of a date",
            "这是电子表格的日期序号,请将单元格设为日期格式",
        )
    raise _no_day(given)


def _number_of(given: str, *, is_whole: bool) -> float:
    text = narrow(given)
    if _PLAIN.fullmatch(text):
        number = float(text)
    elif _GROUPED.fullmatch(text):
        if not is_whole and text.count(",") == 1 and "." not in text:
            plain, point = text.replace(",", ""), text.replace(",", ".")
            raise CellError(
                f"{given!r} may be {plain} or {point}: write one of them",
                f"{given!r} 可能是 {plain} 或 {point},请写明",
            )
        number = float(text.replace(",", ""))
    else:
        raise _no_number(given, text)
    if not math.isfinite(number):
        raise _no_number(given, text)
    return number


def _no_number(given: str, text: str) -> CellError:
    shown = repr(given[:40])
    if text.endswith("%"):
        return CellError(f"{shown} is a percentage; give 0.98 for 98 %", "不是数值;98%请填0.98")
    if _ROUNDED.fullmatch(text):
        return CellError(
            f"{shown} is rounded: give the cell the format of a number, and write all its digits",
            "科学计数法已舍入,请将单元格设为数值格式并写出全部数字",
        )
    if "," in text:
        return CellError(
            f"{shown}: a comma groups thousands (1,234,567); a decimal has a point (1.5)",
            "逗号只作千位分隔(1,234,567),小数请用小数点(1.5)",
        )
    return CellError(
        f"{shown} is not a number: digits alone, such as 1234567 or 0.98",
        "不是数值,请只写数字,如 1234567 或 0.98",
    )


def _moment_of(text: str) -> date | datetime:
    day = _YEAR_FIRST.fullmatch(text)
    if day is not None:
        found = day.groupdict()
        month = found["month"] or found["month_zh"] or found["month_bare"]
        of_month = found["day"] or found["day_zh"] or found["day_bare"]
        try:
            return date(int(found["year"]), int(month), int(of_month))
        except ValueError:
            raise CellError(f"there is no day {text!r}", f"没有 {text!r} 这一天") from None
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+(Z|[-+][0-9:]+)?", text):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _no_day(text) from None
        if moment.tzinfo is None:
            raise _no_zone(text)
        return moment
    if re.fullmatch(r"[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}", text):
        raise CellError(
            f"{text!r} may be read in more than one way: write the year first, 2026-10-31",
            f"{text!r} 有多种读法,请先写年份,如 2026-10-31",
        )
    raise _no_day(text)


def _no_zone(text: str) -> CellError:
    return CellError(
        f"{text!r} is a time without its zone: write 2026-10-31T18:00:00+08:00, or the day alone",
        "时间须带时区(2026-10-31T18:00:00+08:00),或只写日期",
    )


def _no_day(given: Any) -> CellError:
    shown = repr(given)[:60]
    return CellError(
        f"{shown} is neither a day (2026-10-31, 2026/10/31, 2026年10月31日) nor a time with its"
        " zone (2026-10-31T18:00:00+08:00)",
        "应为日期(2026-10-31、2026/10/31、2026年10月31日)或带时区的时间",
    )
