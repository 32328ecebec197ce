"""The slow path of an OLT's message, port by port: keeps what is good, names what is not."""

from functools import lru_cache
from typing import Any, get_args

import msgspec

from gigacity_contract import units
from gigacity_contract.decoding.document import RawEntries, read_object
from gigacity_contract.decoding.entries import MemberError, take_optional, take_sequence, whole
from gigacity_contract.decoding.envelope import (
    count_unknown,
    note_rejection,
    take_array,
    take_member,
)
from gigacity_contract.decoding.outcome import DecodingNotes, Extent, RejectionReason
from gigacity_contract.payloads import CanonicalTech, PonMessage, Port, PortState
from gigacity_contract.technology import canonical_tech

MAX_PORTS = 4096
_CANONICAL: frozenset[str] = frozenset(get_args(CanonicalTech))
_PORT_REQUIRED = frozenset({"slot", "port", "tech", "admin", "oper"})


class _PortIdentity(msgspec.Struct, gc=False):
    """The required members of a port, checked in one go; the rest is ignored here."""

    slot: units.SlotNumber
    port: units.SlotNumber
    tech: str | list[str]
    admin: PortState
    oper: PortState


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
    ts = take_member(members, "ts", units.EpochMs)
    seq = take_sequence(members, notes)
    elements = take_array(members, "ports", MAX_PORTS)
    count_unknown(members, {"ts", "seq", "ports"}, notes)
    raws = RawEntries(json_text, "ports")
    ports: dict[tuple[int, int], Port] = {}
    for index, element in enumerate(elements):
        path = f"ports[{index}]"
        try:
            identity = _identity(element, path)
        except MemberError as error:
            note_rejection(notes, RejectionReason.BAD_ENTRY, Extent.ENTRY, str(error), raws[index])
            continue
        key = (identity["slot"], identity["port"])
        if key in ports:
            text = f"{path}: slot {key[0]} port {key[1]} stands in this report twice"
            note_rejection(notes, RejectionReason.DUPLICATE_ENTRY, Extent.ENTRY, text, raws[index])
            continue
        optional, errors = take_optional(Port, element, _PORT_REQUIRED, path, notes)
        ports[key] = Port(**identity, **optional)
        if errors:
            note_rejection(
                notes,
                RejectionReason.BAD_FIELD,
                Extent.PARTIAL,
                "; ".join(errors),
                raws[index],
            )
    return PonMessage(ts=ts, ports=list(ports.values()), seq=seq), notes
