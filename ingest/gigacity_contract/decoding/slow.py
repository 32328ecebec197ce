"""The slow path, message by message: keeps what is good, names what is not."""

from functools import lru_cache
from typing import Any, get_args

import msgspec

from gigacity_contract import units
from gigacity_contract.decoding.document import RawEntries, read_object
from gigacity_contract.decoding.entries import (
    MemberError,
    take_optional,
    take_required,
    take_sequence,
    whole,
)
from gigacity_contract.decoding.outcome import (
    DecodingNotes,
    Extent,
    PayloadError,
    Rejection,
    RejectionReason,
)
from gigacity_contract.device_messages import (
    ENTRY_STRUCTS,
    MAX_BUNDLE_REPORTS,
    MESSAGE_STRUCTS,
    Bundle,
)
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.payloads import CanonicalTech, PonMessage, Port, PortState, Status
from gigacity_contract.sentinels import NO_VALUE
from gigacity_contract.technology import canonical_tech

MAX_PORTS = 4096
_CANONICAL: frozenset[str] = frozenset(get_args(CanonicalTech))
_PORT_REQUIRED = frozenset({"slot", "port", "tech", "admin", "oper"})
_NONE: frozenset[str] = frozenset()


class _PortIdentity(msgspec.Struct, gc=False):
    """The required members of a port, checked in one go; the rest is ignored here."""

    slot: units.SlotNumber
    port: units.SlotNumber
    tech: str | list[str]
    admin: PortState
    oper: PortState


def _envelope(members: dict[str, Any], name: str, expected: Any, default: Any = ...) -> Any:
    """A member of the envelope.

    Raises:
        PayloadError: missing without a default, or wrong.
    """
    if name not in members:
        if default is ...:
            raise PayloadError(RejectionReason.BAD_ENVELOPE, f"{name}: missing")
        return default
    try:
        return take_required(members[name], expected, name)
    except MemberError as error:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, str(error)) from error


def _array(members: dict[str, Any], name: str, limit: int) -> list[Any]:
    elements = _envelope(members, name, list[Any])
    if len(elements) > limit:
        raise PayloadError(
            RejectionReason.BAD_ENVELOPE, f"{name}: {len(elements)} entries, limit {limit}"
        )
    return list(elements)


def _count_unknown(members: dict[str, Any], known: set[str], notes: DecodingNotes) -> None:
    for name in members.keys() - known:
        notes.count_unknown(name)


def _note(
    notes: DecodingNotes, reason: RejectionReason, extent: Extent, error: str, raw: bytes
) -> None:
    notes.rejections.append(Rejection(reason, extent, error, raw))


@lru_cache(maxsize=256)
def _normal_tech(tokens: tuple[str, ...]) -> str | tuple[str, ...]:
    """Technologies in any order and case, made canonical.

    A combination outside the usual ones stays a sequence, which is the struct's other form.

    Raises:
        ValueError: as ``canonical_tech``.
    """
    canonical = canonical_tech([part for token in tokens for part in token.split("+")])
    return canonical if canonical in _CANONICAL else tuple(canonical.split("+"))


def _identity(members: Any, path: str) -> dict[str, Any]:
    """The required members of a port.

    Raises:
        MemberError: one is missing or wrong.
    """
    if not isinstance(members, dict):
        raise MemberError(f"{path}: expected an object")
    if members.get("slot").__class__ is float or members.get("port").__class__ is float:
        members = members | {name: whole(members.get(name)) for name in ("slot", "port")}
    try:
        found = msgspec.convert(members, _PortIdentity)
    except (msgspec.ValidationError, OverflowError) as error:
        text = str(error)
        where = text.rpartition(" - at `$")[2].rstrip("`") if " - at `$" in text else ""
        raise MemberError(f"{path}{where}: {text.split(' - at `$', maxsplit=1)[0]}") from error
    tokens = (found.tech,) if isinstance(found.tech, str) else tuple(found.tech)
    try:
        tech = _normal_tech(tokens)
    except ValueError as error:
        raise MemberError(f"{path}.tech: {error}") from error
    return {
        "slot": found.slot,
        "port": found.port,
        "tech": tech if isinstance(tech, str) else list(tech),
        "admin": found.admin,
        "oper": found.oper,
    }


def slow_pon(payload: bytes) -> tuple[PonMessage, DecodingNotes]:
    """The message of an OLT, port by port.

    Raises:
        PayloadError: the envelope is wrong.
    """
    notes = DecodingNotes()
    members, json_text = read_object(payload)
    ts = _envelope(members, "ts", units.EpochMs)
    seq = take_sequence(members, notes)
    elements = _array(members, "ports", MAX_PORTS)
    _count_unknown(members, {"ts", "seq", "ports"}, notes)
    raws = RawEntries(json_text, "ports")
    ports: dict[tuple[int, int], Port] = {}
    for index, element in enumerate(elements):
        path = f"ports[{index}]"
        try:
            identity = _identity(element, path)
        except MemberError as error:
            _note(notes, RejectionReason.BAD_ENTRY, Extent.ENTRY, str(error), raws[index])
            continue
        key = (identity["slot"], identity["port"])
        if key in ports:
            text = f"{path}: slot {key[0]} port {key[1]} stands in this report twice"
            _note(notes, RejectionReason.DUPLICATE_ENTRY, Extent.ENTRY, text, raws[index])
            continue
        optional, errors = take_optional(Port, element, _PORT_REQUIRED, path, notes)
        ports[key] = Port(**identity, **optional)
        if errors:
            _note(
                notes,
                RejectionReason.BAD_FIELD,
                Extent.PARTIAL,
                "; ".join(errors),
                raws[index],
            )
    return PonMessage(ts=ts, ports=list(ports.values()), seq=seq), notes


def _values(kind: str, members: Any, path: str, notes: DecodingNotes) -> tuple[Any, list[str]]:
    """The usable values of a kind, and what is wrong with the others.

    Raises:
        MemberError: not an object.
    """
    if not isinstance(members, dict):
        raise MemberError(f"{path}: expected an object")
    struct = CATALOGUE[kind].values
    taken, errors = take_optional(struct, members, _NONE, path, notes)
    return struct(**taken), errors


def _unknown_kind(path: str, kind: str) -> str:
    return f"{path}: {kind[:64]!r} is not a kind of the catalogue"


def slow_device(payload: bytes) -> tuple[Any, DecodingNotes]:
    """The message of a device, value by value.

    Raises:
        PayloadError: the envelope or the kind is wrong.
    """
    notes = DecodingNotes()
    members, _ = read_object(payload)
    ts = _envelope(members, "ts", units.EpochMs)
    seq = take_sequence(members, notes)
    kind = _envelope(members, "kind", str)
    if kind not in CATALOGUE:
        raise PayloadError(RejectionReason.UNKNOWN_KIND, _unknown_kind("kind", kind))
    if "values" not in members:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, "values: missing")
    _count_unknown(members, {"ts", "seq", "kind", "values"}, notes)
    try:
        values, errors = _values(kind, members["values"], "values", notes)
    except MemberError as error:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, str(error)) from error
    if errors:
        _note(notes, RejectionReason.BAD_FIELD, Extent.PARTIAL, "; ".join(errors), payload)
    return MESSAGE_STRUCTS[kind](ts=ts, values=values, seq=seq), notes


_ENTRY_MEMBERS = {
    "community": units.CommunityCode,
    "device": units.Identifier,
    "ts": units.EpochMs,
}


def _known_entry(
    kind: str, members: dict[str, Any], path: str, notes: DecodingNotes
) -> tuple[Any, list[str]]:
    taken = {
        name: take_required(members.get(name), expected, f"{path}.{name}")
        for name, expected in _ENTRY_MEMBERS.items()
    }
    seq = take_sequence(members, notes)
    values, errors = _values(kind, members.get("values"), f"{path}.values", notes)
    _count_unknown(members, {*_ENTRY_MEMBERS, "kind", "seq", "values"}, notes)
    return ENTRY_STRUCTS[kind](values=values, seq=seq, **taken), errors


def _entry(members: Any, path: str, raws: RawEntries, index: int, notes: DecodingNotes) -> Any:
    """One entry of a bundle, or None if it is rejected (and noted)."""
    reason = RejectionReason.BAD_ENTRY
    try:
        if not isinstance(members, dict):
            raise MemberError(f"{path}: expected an object")
        kind = take_required(members.get("kind"), str, f"{path}.kind")
        if kind not in CATALOGUE:
            reason = RejectionReason.UNKNOWN_KIND
            raise MemberError(_unknown_kind(f"{path}.kind", kind))
        entry, errors = _known_entry(kind, members, path, notes)
    except MemberError as error:
        _note(notes, reason, Extent.ENTRY, str(error), raws[index])
        return None
    if errors:
        _note(
            notes,
            RejectionReason.BAD_FIELD,
            Extent.PARTIAL,
            "; ".join(errors),
            raws[index],
        )
    return entry


def slow_bundle(payload: bytes) -> tuple[Any, DecodingNotes]:
    """A bundle, entry by entry.

    Raises:
        PayloadError: the envelope is wrong.
    """
    notes = DecodingNotes()
    members, json_text = read_object(payload)
    seq = take_sequence(members, notes)
    elements = _array(members, "reports", MAX_BUNDLE_REPORTS)
    _count_unknown(members, {"seq", "reports"}, notes)
    raws = RawEntries(json_text, "reports")
    found = [_entry(e, f"reports[{i}]", raws, i, notes) for i, e in enumerate(elements)]
    return Bundle(reports=[entry for entry in found if entry is not None], seq=seq), notes


_STATUS_TYPES = {f.encode_name: f.type for f in msgspec.structs.fields(Status)}
_STATUS_REQUIRED = ("session", "state")


def slow_status(payload: bytes) -> tuple[Status, DecodingNotes]:
    """A status; that a session ended counts, though when or why cannot be read.

    Raises:
        PayloadError: ``session`` or ``state`` is wrong.
    """
    notes = DecodingNotes()
    members, _ = read_object(payload)
    required = {name: _envelope(members, name, _STATUS_TYPES[name]) for name in _STATUS_REQUIRED}
    taken: dict[str, Any] = {}
    errors: list[str] = []
    for name in sorted(_STATUS_TYPES.keys() - _STATUS_REQUIRED):
        value = members.get(name)
        try:
            taken[name] = take_required(value, _STATUS_TYPES[name], name)
        except MemberError as error:
            notes.count_absent(name)
            if value != NO_VALUE:
                errors.append(str(error))
    _count_unknown(members, set(_STATUS_TYPES), notes)
    if errors:
        _note(notes, RejectionReason.BAD_FIELD, Extent.PARTIAL, "; ".join(errors), payload)
    return Status(**required, **taken), notes
