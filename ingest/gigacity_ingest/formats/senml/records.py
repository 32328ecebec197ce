"""Resolving a pack: what base fields add to every record behind them (RFC 8428, section 4)."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.gathering import MAX_NAME

VERSION = 10
"""The newest that is understood; 5 is that of the drafts."""
_RELATIVE_BELOW = 1 << 28
"""Smaller times, in seconds, are relative to now."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]*").fullmatch
_BASES = frozenset({"bn", "bt", "bu", "bv", "bs", "bver"})
_VALUES = ("v", "vs", "vb", "vd")
_NO_NUMBERS = frozenset(_VALUES[1:])
_KNOWN = _BASES | {"n", "u", "t", "ut", "s", *_VALUES}


class RecordError(ValueError):
    """A record means nothing; the text names the label and what was expected."""


class ResolvedRecord(NamedTuple):
    """One record by itself."""

    base_name: str
    name: str
    """Behind the base name; the two together are the name."""
    value: Any
    """Number, text, boolean, bytes; None where there is a sum alone."""
    sum: float | None
    unit: str
    seconds: float
    """As written; relative to now if small."""


def is_relative(seconds: float) -> bool:
    """Whether a time counts from now."""
    return seconds < _RELATIVE_BELOW


@dataclass(slots=True)
class BaseFields:
    """What holds for the records behind it, until it is stated again."""

    name: str = ""
    seconds: float = 0.0
    unit: str = ""
    value: float | None = None
    sum: float | None = None
    version: float | None = None

    def take(self, record: Mapping[str, Any], index: int) -> None:
        """Take over the base fields of a record.

        Raises:
            PayloadError: one is wrong, so that nothing behind it can be resolved; or the pack is
                of another version, or holds what must be understood and is not.
        """
        try:
            self._take(record)
        except RecordError as error:
            text = f"[{index}].{error}"
            raise PayloadError(RejectionReason.BAD_ENVELOPE, text) from error

    def _take(self, record: Mapping[str, Any]) -> None:
        if not _KNOWN.issuperset(record):
            for label in record:
                if label not in _KNOWN and label.endswith("_"):
                    raise RecordError(f"{label}: has to be understood, and is not")
        if not _BASES.isdisjoint(record):
            self.name = _text(record, "bn", self.name)
            self.unit = _text(record, "bu", self.unit)
            self.seconds = _number(record, "bt", self.seconds)
            self.value = _number(record, "bv", self.value)
            self.sum = _number(record, "bs", self.sum)
            version = _number(record, "bver", self.version)
            if version is not None and version > VERSION:
                raise RecordError(f"bver: {version} is newer than {VERSION}")
            if self.version is not None and version != self.version:
                raise RecordError(f"bver: {version}, but {self.version} before")
            self.version = version

    def resolve(self, record: Mapping[str, Any]) -> ResolvedRecord | None:
        """The record by itself; None where it holds base fields alone.

        Raises:
            RecordError: it has no name or no value, or more than one.
        """
        if _BASES.issuperset(record):
            return None
        name, unit = record.get("n", ""), record.get("u", self.unit)
        if name.__class__ is not str:
            _wrong("n", "a text")
        _check_name(self.name + name)
        value, total = self._value(record), self._sum(record)
        if value is None and total is None:
            _wrong("v", "one of v, vs, vb, vd, or s")
        if unit.__class__ is not str:
            _wrong("u", "a text")
        seconds = self.seconds
        if "t" in record:
            seconds += _number(record, "t", 0.0)
        return ResolvedRecord(self.name, name, value, total, unit, seconds)

    def _value(self, record: Mapping[str, Any]) -> Any:
        if "v" in record:
            if not _NO_NUMBERS.isdisjoint(record):
                other = next(label for label in _VALUES[1:] if label in record)
                raise RecordError(f"{other}: beside v; a record has one value")
            # Integers stay integers: a counter is no measurement.
            number = _number(record, "v", 0)
            return number if self.value is None else number + self.value
        stated = [label for label in _VALUES if label in record]
        if len(stated) > 1:
            raise RecordError(f"{stated[1]}: beside {stated[0]}; a record has one value")
        if not stated:
            return None if "s" in record else self.value
        label = stated[0]
        value = record[label]
        if label == "vd":
            # Bytes by themselves in CBOR, base64url in JSON: no reading is made of either.
            return b"" if isinstance(value, str | bytes) else _wrong(label, "base64 or bytes")
        if label == "vb":
            return value if isinstance(value, bool) else _wrong(label, "a boolean")
        return value if isinstance(value, str) else _wrong(label, "a text")

    def _sum(self, record: Mapping[str, Any]) -> Any:
        if "s" not in record and (self.sum is None or "v" not in record):
            return None
        total = _number(record, "s", 0)
        return total if self.sum is None else total + self.sum


def _wrong(label: str, expected: str) -> NoReturn:
    raise RecordError(f"{label}: expected {expected}")


def is_name(text: str) -> bool:
    """Whether a base name and a name together are one."""
    return len(text) <= MAX_NAME and _NAME(text) is not None


def _check_name(name: str) -> None:
    if not is_name(name):
        raise RecordError(
            f"n: {name[:MAX_NAME]!r} with the base name is no name of letters, digits and -:./_"
        )


def _text(record: Mapping[str, Any], label: str, default: str) -> str:
    value = record.get(label, default)
    if not isinstance(value, str):
        _wrong(label, "a text")
    return value


def _number(record: Mapping[str, Any], label: str, default: Any) -> Any:
    if label not in record:
        return default
    value = record[label]
    if value.__class__ is int and -(10**18) < value < 10**18:
        return value
    if value.__class__ is not float or not math.isfinite(value):
        _wrong(label, "a number")
    return value
