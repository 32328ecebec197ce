"""The slow path for one struct: required members must hold, optional ones are kept one by one.

Vendors that send a sentinel in every message come here with every message, so the usual cases are
decided by plain comparisons; msgspec is asked only for the words of an error.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec

from gigacity_contract.decoding.outcome import DecodingNotes
from gigacity_contract.fields import FieldType, fields_of
from gigacity_contract.identifiers import MAX_SAFE_INTEGER
from gigacity_contract.sentinels import ANY_SENTINELS, NO_VALUE, SENTINELS


class MemberError(Exception):
    """A required member is missing or wrong; the entry that holds it cannot be stored."""


_Make = Callable[[Any], float | int | bool]
_MAKERS: dict[FieldType, _Make] = {
    FieldType.FLOAT: float,
    FieldType.INTEGER: int,
    FieldType.BOOLEAN: bool,
}
"""Optional fields hold no text."""


class _MemberCheck(NamedTuple):
    """What decides one optional field."""

    make: _Make
    low: float
    high: float
    hides_sentinels: bool
    """Its range holds some."""
    expected: Any


@cache
def _checks(struct: Any, required: frozenset[str]) -> dict[str, _MemberCheck]:
    types = {f.encode_name: f.type for f in msgspec.structs.fields(struct)}
    checks = {}
    for field in fields_of(struct, without=required):
        low = field.low or 0
        high = 1 if field.type is FieldType.BOOLEAN else field.high or 0
        hides_sentinels = any(low <= sentinel <= high for sentinel in ANY_SENTINELS)
        make = _MAKERS[field.type]
        checks[field.name] = _MemberCheck(make, low, high, hides_sentinels, types[field.name])
    return checks


def whole(value: Any) -> Any:
    """5.0 as 5: devices whose language has one number type send it. Anything else as it is."""
    return int(value) if value.__class__ is float and value.is_integer() else value


def take_required(value: Any, expected: Any, path: str) -> Any:
    """A member that must be there and right.

    Raises:
        MemberError: naming the path and what was expected.
    """
    if value == NO_VALUE:
        raise MemberError(f"{path}: no value, such as nan")
    try:
        return msgspec.convert(whole(value), expected)
    except (msgspec.ValidationError, OverflowError) as error:
        raise MemberError(f"{path}: {_without_path(error)}") from error


def take_sequence(members: dict[str, Any], notes: DecodingNotes) -> int | None:
    """``seq``, if it can be used: it makes gaps visible, and never costs a message."""
    seq = whole(members.get("seq"))
    if seq is None or (seq.__class__ is int and 0 <= seq <= MAX_SAFE_INTEGER):
        return seq
    notes.count_absent("seq")
    return None


def _without_path(error: Exception) -> str:
    return str(error).split(" - at `$", maxsplit=1)[0]


def take_optional(
    struct: Any, members: dict[str, Any], required: frozenset[str], path: str, notes: DecodingNotes
) -> tuple[dict[str, Any], list[str]]:
    """The optional members that are usable, and what is wrong with the others.

    Args:
        struct: the struct whose fields they are.
        members: decoded JSON members.
        required: members that are somebody else's business.
        path: where the entry stands in the message, for errors.
        notes: counts unknown and absent fields.

    Returns:
        Values by name, and an error text for each member that was neither right nor a sentinel.
    """
    checks = _checks(struct, required)
    taken: dict[str, Any] = {}
    errors: list[str] = []
    for name, value in members.items():
        check = checks.get(name)
        if check is None:
            if name not in required:
                notes.count_unknown(name)
            continue
        make, low, high, hides_sentinels, _ = check
        kind = value.__class__
        is_in_range = (
            (kind is make or kind is int or (kind is float and value.is_integer()))
            and low <= value <= high
            and not (hides_sentinels and value in ANY_SENTINELS)
        )
        if is_in_range:
            # 5.0 for a whole number; 0 or 1 for a flag, since C has no other.
            taken[name] = value if kind is make else make(value)
        elif value is not None:
            notes.count_absent(name)
            if value.__class__ in {int, float} and value in SENTINELS:
                continue
            errors.append(f"{path}.{name}: {_explain(check, value)}")
    return taken, errors


def _explain(check: _MemberCheck, value: Any) -> str:
    try:
        msgspec.convert(value, check.expected)
    except (msgspec.ValidationError, OverflowError) as error:
        advice = ": numbers, true and false stand without quotes" if value.__class__ is str else ""
        return f"{_without_path(error)}{advice}"
    return "not a usable value"
