"""The slow path of devices, bundles and statuses: keeps what is good, names what is not."""

from typing import Any

import msgspec

from gigacity_contract import units
from gigacity_contract.decoding.document import RawEntries, read_object
from gigacity_contract.decoding.entries import (
    MemberError,
    take_optional,
    take_required,
    take_sequence,
)
from gigacity_contract.decoding.envelope import (
    count_unknown,
    note_rejection,
    take_array,
    take_member,
)
from gigacity_contract.decoding.outcome import (
    DecodingNotes,
    Extent,
    PayloadError,
    RejectionReason,
)
from gigacity_contract.device_messages import (
    ENTRY_STRUCTS,
    MAX_BUNDLE_REPORTS,
    MESSAGE_STRUCTS,
    Bundle,
)
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.payloads import Status
from gigacity_contract.sentinels import NO_VALUE

_NONE: frozenset[str] = frozenset()


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
    ts = take_member(members, "ts", units.EpochMs)
    seq = take_sequence(members, notes)
    kind = take_member(members, "kind", str)
    if kind not in CATALOGUE:
        raise PayloadError(RejectionReason.UNKNOWN_KIND, _unknown_kind("kind", kind))
    if "values" not in members:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, "values: missing")
    count_unknown(members, {"ts", "seq", "kind", "values"}, notes)
    try:
        values, errors = _values(kind, members["values"], "values", notes)
    except MemberError as error:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, str(error)) from error
    if errors:
        note_rejection(notes, RejectionReason.BAD_FIELD, Extent.PARTIAL, "; ".join(errors), payload)
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
    count_unknown(members, {*_ENTRY_MEMBERS, "kind", "seq", "values"}, notes)
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
        note_rejection(notes, reason, Extent.ENTRY, str(error), raws[index])
        return None
    if errors:
        note_rejection(
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
    elements = take_array(members, "reports", MAX_BUNDLE_REPORTS)
    count_unknown(members, {"seq", "reports"}, notes)
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
    required = {name: take_member(members, name, _STATUS_TYPES[name]) for name in _STATUS_REQUIRED}
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
    count_unknown(members, set(_STATUS_TYPES), notes)
    if errors:
        note_rejection(notes, RejectionReason.BAD_FIELD, Extent.PARTIAL, "; ".join(errors), payload)
    return Status(**required, **taken), notes
