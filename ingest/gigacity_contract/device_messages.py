"""Structs of devices' messages, made from the catalogue: alone on their topic, or in a bundle.

A message is a union tagged by ``kind``: msgspec checks the envelope, the kind and the values with
their ranges in one pass over the bytes.
"""

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


def _message_struct(kind: DeviceKind, *, in_bundle: bool) -> Any:
    named = [("community", units.CommunityCode), ("device", units.Identifier)] if in_bundle else []
    fields: list[Any] = [
        *named,
        ("ts", units.EpochMs),
        ("values", kind.values),
        ("seq", units.Sequence | None, None),
    ]
    return msgspec.defstruct(
        _camel(kind.name) + ("Entry" if in_bundle else "Message"),
        fields,
        tag=kind.name,
        tag_field="kind",
        forbid_unknown_fields=True,
        gc=False,
        kw_only=True,
        omit_defaults=True,
    )


MESSAGE_STRUCTS: dict[str, Any] = {
    k.name: _message_struct(k, in_bundle=False) for k in CATALOGUE.values()
}
ENTRY_STRUCTS: dict[str, Any] = {
    k.name: _message_struct(k, in_bundle=True) for k in CATALOGUE.values()
}

AnyDeviceMessage: Any = reduce(lambda a, b: a | b, MESSAGE_STRUCTS.values())
AnyEntry: Any = reduce(lambda a, b: a | b, ENTRY_STRUCTS.values())

MAX_BUNDLE_REPORTS = 10_000

Bundle: Any = msgspec.defstruct(
    "Bundle",
    [
        ("reports", Annotated[list[AnyEntry], Meta(max_length=MAX_BUNDLE_REPORTS)]),
        ("seq", units.Sequence | None, None),
    ],
    forbid_unknown_fields=True,
    gc=False,
    kw_only=True,
    omit_defaults=True,
)
"""Messages of many devices of one area, sent by their gateway; each has its own ``ts``."""
