"""What a property is worth as a field: every case, those that compiled code leaves to it above all.

The order: absent, null, ``map``, text, sentinel, scale and unit, range.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from gigacity_contract.fields import FieldType
from gigacity_contract.sentinels import ANY_SENTINELS, SENTINELS
from gigacity_ingest.mapping.counts import OUTCOMES, FieldOutcome
from gigacity_ingest.mapping.definitions import FieldDefinition
from gigacity_ingest.mapping.field_language import technology
from gigacity_ingest.mapping.property_paths import ABSENT

SCALARS = frozenset({str, int, float, bool})
_NO_VALUE_TEXTS = frozenset({"", "nan", "none", "null", "unavailable", "n/a"})
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[-+]?\d+", re.ASCII)
_MAX_DIGITS = 40
_SHOWN = 40
_Judgement = tuple[Any, FieldOutcome | None]
"""A value, or None; and what is counted."""
_PLACE = {outcome: number for number, outcome in enumerate(OUTCOMES)}


class NumberRule(NamedTuple):
    """How a number becomes a field: ``(x * a + b) / d`` for every x from low to high.

    All constants are whole where they can be, so that a tenth is divided by ten; the range is that
    of the field in the property's own scale, so that it is checked before anything is computed.
    """

    a: int
    b: int
    d: int
    low: int | float
    high: int | float

    @classmethod
    def of(cls, definition: FieldDefinition) -> "NumberRule":
        """The rule of a field that is a number."""
        factor, offset, spec = definition.factor, definition.offset, definition.spec
        divisor = lcm(factor.denominator, offset.denominator)
        ends = [(Fraction(end or 0) - offset) / factor for end in (spec.low, spec.high)]
        low, high = (_plain(end) for end in sorted(ends))
        return cls(int(factor * divisor), int(offset * divisor), divisor, low, high)

    def apply(self, number: float) -> float:
        """The field's value of a number within the range."""
        value = number * self.a + self.b
        return value if self.d == 1 else value / self.d


def _plain(end: Fraction) -> int | float:
    return int(end) if end.denominator == 1 else float(end)


def number_of_text(text: str) -> int | float | None:
    """A number in the digits 0 to 9; None: the text is none."""
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        return None
    return int(text) if _WHOLE.fullmatch(text) else float(text)


def inline_sentinels(definition: FieldDefinition) -> frozenset[int | float]:
    """Numbers that stand for no value and would pass the range of the field."""
    rule = NumberRule.of(definition)
    stated = {value for value in definition.sentinels if not isinstance(value, str)}
    return frozenset(n for n in stated | ANY_SENTINELS if rule.low <= n <= rule.high)


class FieldTaker:
    """Takes one field; counts what became of its property.

    Args:
        definition: of the field.
        number: of the field among those of its kind.
    """

    def __init__(self, definition: FieldDefinition, number: int) -> None:
        spec = definition.spec
        self._definition = definition
        self._first = number * len(OUTCOMES)
        self._name = spec.name
        self._rule = NumberRule.of(definition)
        self._sentinels = frozenset(definition.sentinels) | ANY_SENTINELS
        self._forms = definition.forms or {}
        self._convert: Callable[[Any], Any] = {
            FieldType.FLOAT: self._real,
            FieldType.INTEGER: self._integer,
            FieldType.BOOLEAN: self._boolean,
            FieldType.STRING: self._word,
        }[spec.type]
        self._judge: Callable[[Any], _Judgement] = self._by_number
        if definition.forms is not None:
            self._judge = self._by_form
        elif spec.type is FieldType.STRING:
            self._judge = self._by_word

    def take(self, raw: Any, counts: list[int], wrong: list[str]) -> Any:
        """The field's value; None where the property gives none, which is counted.

        Args:
            raw: the property, or ``ABSENT``.
            counts: of the kind's fields.
            wrong: gets a text where the property is of a wrong type.
        """
        value: Any = None
        # nan is the one number that is not itself.
        if raw is None or raw != raw:  # noqa: PLR0124
            outcome: FieldOutcome | None = FieldOutcome.NULL
        elif raw is ABSENT:
            outcome = FieldOutcome.ABSENT
        elif raw.__class__ not in SCALARS:
            outcome = FieldOutcome.WRONG_TYPE
        else:
            value, outcome = self._judge(raw)
        if outcome is not None:
            counts[self._first + _PLACE[outcome]] += 1
            if outcome is FieldOutcome.WRONG_TYPE:
                wrong.append(f"{self._name}: {_shown(raw)} {self._expected()}")
        return value

    def _by_form(self, raw: Any) -> _Judgement:
        value = self._forms.get(raw, ABSENT)
        return (None, self._why_not(raw)) if value is ABSENT else (value, None)

    def _by_word(self, raw: Any) -> _Judgement:
        value = None if self._is_sentinel(raw) else self._convert(raw)
        return (None, self._why_not(raw)) if value is None else (value, None)

    def _by_number(self, raw: Any) -> _Judgement:
        if raw.__class__ is str:
            number = None if self._is_sentinel(raw) else number_of_text(raw.strip())
            if number is None:
                return None, self._why_not(raw)
            value, outcome = self._by_number(number)
            return value, FieldOutcome.TEXT_NUMBER if outcome is None else outcome
        value = None if self._is_sentinel(raw) else self._convert(raw)
        return (None, self._why_not(raw)) if value is None else (value, None)

    def _why_not(self, raw: Any) -> FieldOutcome:
        if self._is_sentinel(raw):
            return FieldOutcome.SENTINEL
        if raw.__class__ is str and raw.strip().lower() in _NO_VALUE_TEXTS:
            return FieldOutcome.NULL
        is_vendors = not self._forms and raw.__class__ in {int, float} and raw in SENTINELS
        return FieldOutcome.SENTINEL if is_vendors else FieldOutcome.WRONG_TYPE

    def _is_sentinel(self, raw: Any) -> bool:
        # True is 1 in Python, and no vendor's "no value".
        return raw.__class__ is not bool and raw in self._sentinels

    def _real(self, raw: Any) -> float | None:
        return self._rule.apply(raw) + 0.0 if self._is_in_range(raw) else None

    def _integer(self, raw: Any) -> int | None:
        """The nearest whole number: gauges come with decimals, and so do converted ones."""
        return round(self._rule.apply(raw)) if self._is_in_range(raw) else None

    def _is_in_range(self, raw: Any) -> bool:
        return raw.__class__ is not bool and self._rule.low <= raw <= self._rule.high

    @staticmethod
    def _boolean(raw: Any) -> bool | None:
        """True and false, or 1 and 0, since C has no other; every other form stands in ``map``."""
        return raw == 1 if raw in {0, 1} else None

    def _word(self, raw: Any) -> str | None:
        if raw.__class__ is not str:
            return None
        word = raw.strip().lower()
        if self._name != "tech":
            return word if word in {"up", "down"} else None
        try:
            return technology(word)
        except ValueError:
            return None

    def _expected(self) -> str:
        spec = self._definition.spec
        if self._forms:
            return "is none of the forms in map"
        if spec.type is FieldType.BOOLEAN:
            return "is neither true nor false: list its forms in map"
        if spec.type is FieldType.STRING:
            return f"is no {'technology' if spec.name == 'tech' else 'state (up, down)'}: use map"
        return f"is no number in {spec.low:g}..{spec.high:g} {spec.unit}".rstrip()


def _shown(raw: Any) -> str:
    if isinstance(raw, dict | list):
        return "an object" if isinstance(raw, dict) else "a list"
    text = str(raw).lower() if isinstance(raw, bool) else repr(raw)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
