"""What properties look like in messages that were seen: types, ranges, forms, whose they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gigacity_contract.decoding import PayloadError
from gigacity_ingest.formats.bare_values import bare_number
from gigacity_ingest.formats.readings import ForeignMessage, FormatDecoder

MAX_PROPERTIES = 500
MAX_FORMS = 12
"""Different texts and switches of one property; one with more is no state."""
_MAX_DEPTH = 3


@dataclass(slots=True)
class ObservedProperty:
    """One property over all readings."""

    path: str
    """As a mapping writes it."""
    count: int = 0
    numbers: list[int | float] = field(default_factory=list)
    """The least and the greatest; empty where no value is a number."""
    others: int = 0
    """Values that are none."""
    forms: dict[Any, None] = field(default_factory=dict)
    """Texts, switches and numbers as they came, in their order; at most one more than may be."""

    def take(self, value: Any) -> None:
        """One value; null counts as none."""
        if value is None:
            return
        self.count += 1
        # In a dict 1 and true are one key: their types stand beside them.
        if len(self.forms) <= MAX_FORMS:
            self.forms[value.__class__, value] = None
        number = bare_number(value) if isinstance(value, str) else value
        if isinstance(number, int | float) and not isinstance(number, bool):
            low, high = self.numbers or (number, number)
            self.numbers = [min(low, number), max(high, number)]
        else:
            self.others += 1

    @property
    def is_number(self) -> bool:
        """Whether every value is a number, or a text of one."""
        return bool(self.numbers) and not self.others

    @property
    def states(self) -> list[Any]:
        """Its forms, if they are few enough to be states."""
        return [value for _, value in self.forms] if len(self.forms) <= MAX_FORMS else []


@dataclass(slots=True)
class Observation:
    """Messages of one source, taken together."""

    properties: dict[str, ObservedProperty] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    """Values of each name that the format gives."""
    objects: list[Mapping[str, str]] = field(default_factory=list)
    """Names of every object, each once."""
    topics: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    readings: int = 0

    def take(self, names: Mapping[str, str], values: Mapping[str, Any]) -> None:
        """One reading."""
        self.readings += 1
        for name, value in names.items():
            self.names.setdefault(name, set()).add(value)
        if names not in self.objects and len(self.objects) < MAX_PROPERTIES:
            self.objects.append(dict(names))
        for path, value in _leaves(values, ""):
            if path in self.properties or len(self.properties) < MAX_PROPERTIES:
                self.properties.setdefault(path, ObservedProperty(path)).take(value)


def observe(
    messages: Iterable[tuple[str, bytes]], decoder: FormatDecoder, now_ms: int
) -> Observation:
    """Read messages as the worker would, and keep what is to be known of them.

    Args:
        messages: topic and body of each.
        decoder: of their format.
        now_ms: the clock.
    """
    seen = Observation()
    for topic, payload in messages:
        try:
            decoded = decoder.decode(ForeignMessage(topic, payload, False, now_ms))
        except PayloadError as error:
            seen.notes.append(f"{topic}: {error.error}")
            continue
        if topic not in seen.topics:
            seen.topics.append(topic)
        seen.notes += [f"{topic}: {fault.error}" for fault in decoded.faults]
        for reading in decoded.readings:
            seen.take(reading.names, reading.values)
    return seen


def _leaves(values: Mapping[str, Any], before: str, depth: int = 1) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        path = f"{before}{name.replace('.', chr(92) + '.')}"
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            yield from _leaves(value, f"{path}.", depth + 1)
        elif not isinstance(value, dict | list):
            yield path, value
