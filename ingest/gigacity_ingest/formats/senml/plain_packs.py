"""Packs as most devices write them: numbers under names, no bases but name, time and unit.

They are read by C straight into structs, and every name is checked and cut once. Whatever is
otherwise is left, as a whole, to the general reader, with which this one must always agree.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import chain
from math import isfinite
from typing import Annotated, Any, TypeAlias, get_type_hints

import msgspec
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import astuple

from gigacity_contract.decoding import PayloadError
from gigacity_contract.decoding.document import JSON_ERRORS
from gigacity_ingest.formats.readings import Decoded, Reading
from gigacity_ingest.formats.senml.packs import LABELS, is_cbor, read_cbor
from gigacity_ingest.formats.senml.records import VERSION

MAX_RECORDS = 10_000
_MAX_NAMES = 50_000
"""Of one source, with their base names."""
_LABEL = frozenset({int})
_PLAIN = frozenset({int, float, str, Decimal})
_Whole: TypeAlias = Annotated[int, Meta(gt=-(10**18), lt=10**18)]
Cut: TypeAlias = tuple[str, str]
"""Device and property."""


class NotPlainError(Exception):
    """A pack is for the general reader."""


class _PlainRecord(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A record whose only value is a number."""

    bn: str | UnsetType = UNSET
    bt: _Whole | float | UnsetType = UNSET
    bu: str | UnsetType = UNSET
    n: str | UnsetType = UNSET
    u: str | UnsetType = UNSET
    v: _Whole | float | UnsetType = UNSET
    t: _Whole | float | UnsetType = UNSET
    bver: Annotated[int, Meta(ge=0, le=VERSION)] | UnsetType = UNSET


_decode = msgspec.json.Decoder(list[_PlainRecord]).decode


_NAMED = {name: number for number, name in LABELS.items()}
_LabelledRecord = msgspec.defstruct(
    "_LabelledRecord",
    [(name, get_type_hints(_PlainRecord, include_extras=True)[name], UNSET)
     for name in _PlainRecord.__struct_fields__],
    rename={name: str(_NAMED[name]) for name in _PlainRecord.__struct_fields__},
    forbid_unknown_fields=True,
    gc=False,
)  # fmt: skip
"""The same by CBOR's labels."""
_encode = msgspec.json.Encoder(decimal_format="number").encode
_decode_labelled = msgspec.json.Decoder(list[_LabelledRecord]).decode  # type: ignore[valid-type]


def _of_cbor(payload: bytes) -> list[Any]:
    """Records of a pack, by way of JSON: so C checks them once more, and Python names none."""
    pack = read_cbor(payload)
    # True and 1.0 are 1 to a dict, and no labels; JSON has texts for bytes and instants.
    if not (
        _LABEL.issuperset(map(type, chain.from_iterable(pack)))
        and _PLAIN.issuperset(map(type, chain.from_iterable(map(dict.values, pack))))
    ):
        raise TypeError("labels that are no numbers, or values that are neither numbers nor texts")
    found: list[Any] = _decode_labelled(_encode(pack))
    return found


_Group: TypeAlias = tuple[dict[str, Any], dict[str, str]]


class PlainPacks:
    """Reads such packs of one source.

    Args:
        cut: of a base name and a name; None where the two are no name.
    """

    def __init__(self, cut: Callable[[str, str], Cut | None]) -> None:
        self._cut = cut
        self._cuts: dict[tuple[str, str], Cut] = {}

    def read(self, payload: bytes, instant: Callable[[float], int | None]) -> Decoded | None:
        """The readings of a pack; None where it is no such one.

        Args:
            payload: of the message.
            instant: epoch ms of a time as it is written.
        """
        try:
            records = _of_cbor(payload) if is_cbor(payload) else _decode(payload)
            groups = self._groups(records, instant) if len(records) <= MAX_RECORDS else {}
        except (*JSON_ERRORS, PayloadError, KeyError, TypeError, NotPlainError):
            return None
        if not groups:
            return None
        return Decoded([
            Reading({"device": device}, own, time_ms, "", ({"units": named},) if named else ())
            for (device, time_ms), (own, named) in groups.items()
        ])  # fmt: skip

    def _groups(  # noqa: C901, PLR0912 - one loop without calls: it meets every value of a device.
        self, records: list[Any], instant: Callable[[float], int | None]
    ) -> dict[tuple[str, int | None], _Group]:
        """Values and units by device and instant, in the order of their first record.

        Raises:
            NotPlainError: a record that is for the general reader.
        """
        cuts, groups, nothing = self._cuts, dict[tuple[str, int | None], _Group](), UNSET
        base_name, base_time, base_unit = "", 0.0, ""
        last_device, last_time, versions = "", None, 0
        values: dict[str, Any] = {}
        units: dict[str, str] = {}
        for row in map(astuple, records):
            bn, bt, bu, name, unit, value, time, version = row
            if bn is not nothing:
                base_name = bn
            if bt is not nothing:
                base_time = bt
            if bu is not nothing:
                base_unit = bu
            if version is not nothing:
                versions += 1
                if groups or versions > 1:
                    raise NotPlainError
            if value is nothing:
                if name is nothing and unit is nothing and time is nothing:
                    continue
                raise NotPlainError
            key = base_name, "" if name is nothing else name
            found = cuts.get(key) or self._learn(key)
            device, member = found
            time = base_time if time is nothing else base_time + time
            if time != last_time or device != last_device:
                if not isfinite(time):
                    raise NotPlainError
                last_device, last_time = device, time
                values, units = groups.setdefault((device, instant(time)), ({}, {}))
            if member in values:
                raise NotPlainError
            values[member] = value
            if unit is nothing:
                unit = base_unit
            if unit:
                units[member] = unit
        return groups

    def _learn(self, key: tuple[str, str]) -> Cut:
        found = self._cut(*key)
        if found is None:
            raise NotPlainError
        if len(self._cuts) >= _MAX_NAMES:
            self._cuts.clear()
        self._cuts[key] = found
        return found
