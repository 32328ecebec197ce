"""What a cell of a table or a value of city.yaml may be: readers of one text each.

A reader gives the value, or raises a ValueError that says what is wrong; where that text stands is
added by whoever reads the file.
"""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from gigacity_city.vocabulary import URBAN_CLASSES
from gigacity_contract.identifiers import is_area, is_community, is_id

T = TypeVar("T")
Word = TypeVar("Word", bound=str)
Reader = Callable[[str], T]

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?\Z", re.ASCII)
_SPAN = re.compile(r"(\d{1,9})(?:\.\.(\d{1,9}))?\Z", re.ASCII)


def that(test: Callable[[str], object], message: str) -> Reader[str]:
    """A text that passes a test; ``{!r}`` in the message stands for one that does not."""

    def read(text: str) -> str:
        if not test(text):
            raise ValueError(message.format(text))
        return text

    return read


anything: Reader[str] = str
words = that(bool, "is empty")
identifier = that(
    is_id,
    "{!r} is not an id: letters, digits, '.', '_' and '-', at most 64, the first a letter or digit",
)
foreign_id = that(
    lambda text: 0 < len(text) <= 256 and text.isprintable(),
    "{!r} is not the id of a foreign platform: 1 to 256 characters, none of them a control",
)
community_code = that(is_community, "{!r} is not a 12-digit community code")
area_code = that(is_area, "{!r} is not a 6-digit area code")
profile_name = that(
    re.compile(r"[a-z][a-z0-9-]{0,31}").fullmatch, "{!r} is not a short lower-case word"
)
street_code = that(re.compile(r"[0-9]{9}").fullmatch, "{!r} is not a 9-digit street code")
iso_date = that(
    re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])").fullmatch,
    "{!r} is not an ISO date such as 2025-12-31",
)


def whole(low: int, high: int) -> Reader[int]:
    """A whole number from low to high."""

    def read(text: str) -> int:
        # isdecimal alone takes full-width digits; int alone takes "1_000" and " 7".
        if not (text.isascii() and text.removeprefix("-").isdecimal()) or len(text) > 18:
            raise ValueError(f"{text!r} is not a whole number, in the digits 0 to 9 alone")
        number = int(text)
        if not low <= number <= high:
            raise ValueError(f"{number} is not in {low}..{high}")
        return number

    return read


def number(low: float, high: float) -> Reader[float]:
    """A number from low to high."""

    def read(text: str) -> float:
        if not _NUMBER.match(text):
            raise ValueError(f"{text!r} is not a number such as 0.75, in the digits 0 to 9")
        if not low <= float(text) <= high:
            raise ValueError(f"{text} is not in {low:g}..{high:g}")
        return float(text)

    return read


def span(high: int) -> Reader[range]:
    """``3`` or ``0..15``."""

    def read(text: str) -> range:
        match = _SPAN.match(text)
        if match is None:
            raise ValueError(f"{text!r} is neither a number nor a range such as 0..15")
        first = int(match[1])
        last = first if match[2] is None else int(match[2])
        if not first <= last <= high:
            raise ValueError(f"{text!r} is not a range within 0..{high}")
        return range(first, last + 1)

    return read


def flag(text: str) -> bool:
    """``true`` or ``false``."""
    if text not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


def choice(allowed: Iterable[Word], what: str = "known") -> Reader[Word]:
    """One of the allowed words."""
    by_text = {str(word): word for word in sorted(allowed)}

    def read(text: str) -> Word:
        if text not in by_text:
            raise ValueError(f"{text!r} is not {what}; known are {', '.join(by_text)}")
        return by_text[text]

    return read


def optional(read: Reader[T]) -> Reader[T | None]:
    """The same, or None where the text is empty."""
    return lambda text: read(text) if text else None


def urban_class(text: str) -> int:
    """An urban-rural class of the statistical code."""
    value = whole(0, 999)(text)
    if value not in URBAN_CLASSES:
        known = ", ".join(map(str, sorted(URBAN_CLASSES)))
        raise ValueError(f"{value} is not an urban-rural class; known are {known}")
    return value
