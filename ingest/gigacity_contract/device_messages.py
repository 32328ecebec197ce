"""Structs of devices' messages, made from the catalogue: alone on their topic, or in a bundle.

A message is a union tagged by ``kind``: msgspec checks the envelope, the kind and the values with
their ranges in one pass over the bytes.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta

from gigacity_contract import units
from gigacity_contract.kinds import CATALOGUE, DeviceKind, Values


class DeviceMessage(Protocol):
    """What every generated message struct has."""

    ts: int
    seq: int | None
    values: Values


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


_NAMES = (("community", units.CommunityCode), ("device", units.Identifier))


def _message_struct(kind: DeviceKind, names: Sequence[tuple[str, Any]] = ()) -> Any:
    fields: list[Any] = [
        *names,
        ("ts", units.EpochMs),
        ("values", kind.values),
        ("seq", units.Sequence | None, None),
    ]
    return msgspec.defstruct(
        _camel(kind.name) + ("Entry" if names else "Message"),
        fields,
        tag=kind.name,
        tag_field="kind",
        forbid_unknown_fields=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )


MESSAGE_STRUCTS: dict[str, Any] = {k.name: _message_struct(k) for k in CATALOGUE.values()}
ENTRY_STRUCTS: dict[str, Any] = {k.name: _message_struct(k, _NAMES) for k in CATALOGUE.values()}


def _any_of(structs: Iterable[Any]) -> Any:
    return reduce(lambda a, b: a | b, structs)


AnyDeviceMessage: Any = _any_of(MESSAGE_STRUCTS.values())
AnyEntry: Any = _any_of(ENTRY_STRUCTS.values())

MAX_BUNDLE_REPORTS = 10_000


def _bundle_of(entry: Any) -> Any:
    return msgspec.defstruct(
        "Bundle",
        [
            ("reports", Annotated[list[entry], Meta(max_length=MAX_BUNDLE_REPORTS)]),
            ("seq", units.Sequence | None, None),
        ],
        forbid_unknown_fields=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )


Bundle: Any = _bundle_of(AnyEntry)
"""Messages of many devices of one area, sent by their gateway; each has its own ``ts``."""
BundleOfKnown: Any = _bundle_of(
    _any_of(_message_struct(k, [(name, str) for name, _ in _NAMES]) for k in CATALOGUE.values())
)
"""The same for who looks each name up among known ones: to check their grammar as well would cost
three quarters of the decoding."""
