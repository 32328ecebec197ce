"""What became of properties, counted: five outcomes beside "taken", and names that nobody maps.

Bounded by what a mapping declares, and for names that a message brings by their length and number.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import NamedTuple

MAX_NAME = 64
"""Characters of an unmapped name that are kept."""
MAX_UNMAPPED = 500
"""Names of one source; further ones are counted together."""
OTHER_NAMES = "…"
MAX_SHOWN = 100
_MAX_LEARNED = 10_000


class FieldOutcome(StrEnum):
    """Why a reading has no value for a field, or (``TEXT_NUMBER``) how it came to one."""

    ABSENT = "absent"
    """No property of ``from`` is there. Not zero, and no fault: partial messages are the rule."""
    NULL = "null"
    """It is there and says that it knows nothing: ``null``, nan, an empty text."""
    WRONG_TYPE = "wrong_type"
    """It is there and cannot be a value of the field: its type, its form, or out of range."""
    SENTINEL = "sentinel"
    """It is a number that stands for no value."""
    TEXT_NUMBER = "text_number"
    """A number in quotes: taken, and counted."""


OUTCOMES = tuple(FieldOutcome)
UNMAPPED = "unmapped"
"""Beside the outcomes of fields: properties that no field is made of, by their name."""


class FieldCount(NamedTuple):
    """What is counted."""

    kind: str
    field: str
    outcome: FieldOutcome


class SourceCounts:
    """Counts of one source since it was loaded.

    Args:
        kinds: names of the kinds, and of the fields of each, in their order.
    """

    def __init__(self, kinds: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        self._kinds = kinds
        self.fields = [[0] * (len(OUTCOMES) * len(fields)) for _, fields in kinds]
        """By kind: for each field its outcomes. Compiled functions add to these lists in place."""
        self.unmapped: Counter[str] = Counter()
        """By property."""
        self.unmapped_total = 0
        self.empty = 0
        """Readings with nothing for any field, and nothing wrong."""
        self.unknown_ignored = 0
        """Of objects that nobody knows, where the source says that they are to be ignored."""
        self.retained_ignored = 0
        """Retained readings without a time of their own."""

    def totals(self) -> dict[str, int]:
        """By outcome, unmapped properties among them. Any thread: counts are read as they stand."""
        width = len(OUTCOMES)
        found = {
            str(outcome): sum(sum(counts[place::width]) for counts in self.fields)
            for place, outcome in enumerate(OUTCOMES)
        }
        return {**found, UNMAPPED: self.unmapped_total}

    def unused(self) -> dict[str, int]:
        """Readings that gave nothing and are no fault. Any thread."""
        return {
            "empty": self.empty,
            "unknown": self.unknown_ignored,
            "retained": self.retained_ignored,
        }

    def shown(self) -> dict[str, dict[str, int]]:
        """By outcome: fields as ``kind.field``, properties that nobody maps, most frequent first.

        Any thread: counts are read as they stand.
        """
        found: dict[str, dict[str, int]] = {}
        for count, number in self.of_fields().items():
            found.setdefault(count.outcome, {})[f"{count.kind}.{count.field}"] = number
        # A dict of a dict is copied in one step, whatever the other thread does.
        names = sorted(dict(self.unmapped).items(), key=lambda pair: -pair[1])
        if names:
            found[UNMAPPED] = dict(names[:MAX_SHOWN])
        return found

    def of_fields(self) -> dict[FieldCount, int]:
        """What is above 0."""
        found: Counter[FieldCount] = Counter()
        for (kind, names), counts in zip(self._kinds, self.fields, strict=True):
            for place, count in enumerate(counts):
                if count:
                    field, outcome = divmod(place, len(OUTCOMES))
                    found[FieldCount(kind, names[field], OUTCOMES[outcome])] += count
        return found


class UnmappedNames:
    """Counts the properties of one kind that no field is made of, unless they are to be ignored.

    Args:
        counts: of the source.
        ignored: patterns of names that nobody needs.
    """

    def __init__(self, counts: SourceCounts, ignored: tuple[str, ...]) -> None:
        self._counts = counts
        self._ignored = ignored
        self._learned = 0

    def note(self, found: Mapping[str, object], known: set[str], prefix: str) -> None:
        """Count members of one object that are not known.

        Args:
            found: the object.
            known: names that fields are made of; gets those that are to be ignored, so that they
                cost nothing from then on.
            prefix: its path with a dot, or empty.
        """
        for name in found.keys() - known:
            full = f"{prefix}{name}"[:MAX_NAME]
            if not any(fnmatchcase(full, pattern) for pattern in self._ignored):
                self._count(full)
            elif self._learned < _MAX_LEARNED and len(name) <= MAX_NAME:
                self._learned += 1
                known.add(name)

    def _count(self, name: str) -> None:
        found = self._counts.unmapped
        if name not in found and len(found) >= MAX_UNMAPPED:
            name = OTHER_NAMES
        found[name] += 1
        self._counts.unmapped_total += 1
