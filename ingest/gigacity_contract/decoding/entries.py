"""The slow path for one struct: required members must hold, optional ones are kept one by one.

Vendors that send a sentinel in every message come here with every message, so the usual cases are
decided by plain comparisons; msgspec is asked only for the words of an error.
"""

from functools import cache
from typing import Any, NamedTuple

import msgspec

from gigacity_contract.decoding.outcome import DecodingNotes
from gigacity_contract.fields import FieldSpec, FieldType, fields_of


class MemberError(Exception):
    """A required member is missing or wrong; the entry that holds it cannot be stored."""


class _MemberCheck(NamedTuple):
    """What decides one optional field."""

    field: FieldSpec
    type: Any
    is_real: bool
    is_whole: bool
    is_flag: bool
    low: float
    high: float
    sentinels: frozenset[int]


@cache
def _checks(struct: Any, required: frozenset[str]) -> dict[str, _MemberCheck]:
    types = {f.encode_name: f.type for f in msgspec.structs.fields(struct)}
    return {
        field.name: _MemberCheck(
            field,
            types[field.name],
            field.type is FieldType.FLOAT,
            field.type is FieldType.INTEGER,
            field.type is FieldType.BOOLEAN,
            field.low or 0,
            field.high or 0,
            field.sentinels,
        )
        for field in fields_of(struct, without=required)
    }


def take_required(value: Any, expected: Any, path: str) -> Any:
    """A member that must be there and right.

    Raises:
        MemberError: naming the path and what was expected.
    """
    try:
        return msgspec.convert(value, expected)
    except (msgspec.ValidationError, OverflowError) as error:
        raise MemberError(f"{path}: {_without_path(error)}") from error


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
        elif value is not None:
            error = _take(check, value, taken)
            if error is not None:
                notes.count_absent(name)
                if error:
                    errors.append(f"{path}.{name}: {error}")
    return taken, errors


def _take(check: _MemberCheck, value: Any, taken: dict[str, Any]) -> str | None:
    """None: taken; empty: a sentinel, quietly absent; otherwise what is wrong."""
    kind = value.__class__
    if kind is int or kind is float:
        if value in check.sentinels:
            return ""
        if check.low <= value <= check.high:
            if check.is_real:
                taken[check.field.name] = float(value)
                return None
            if check.is_whole and (kind is int or value.is_integer()):
                # 5.0 for a whole number: devices whose language has one number type send it.
                taken[check.field.name] = int(value)
                return None
    elif kind is bool and check.is_flag:
        taken[check.field.name] = value
        return None
    return _explain(check, value)


def _explain(check: _MemberCheck, value: Any) -> str:
    try:
        msgspec.convert(value, check.type)
    except (msgspec.ValidationError, OverflowError) as error:
        return _without_path(error)
    return "not a usable value"
