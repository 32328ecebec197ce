"""A pack's records by their JSON labels, from JSON or from CBOR."""

import io
from decimal import Decimal
from typing import Any

import cbor2

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import inflated, is_gzip, read_body

LABELS = {
    -1: "bver",
    -2: "bn",
    -3: "bt",
    -4: "bu",
    -5: "bv",
    -6: "bs",
    0: "n",
    1: "u",
    2: "v",
    3: "vs",
    4: "vb",
    5: "s",
    6: "t",
    7: "ut",
    8: "vd",
}
"""RFC 8428, table 4."""
_MAX_DEPTH = 16
_CBOR_ARRAYS = range(0x80, 0xA0)


def read_pack(payload: bytes) -> list[dict[str, Any]]:
    """The records of a pack, unresolved.

    Raises:
        PayloadError: neither JSON nor CBOR of a list of objects.
    """
    if len(payload) > MAX_PAYLOAD_BYTES:
        text = f"{len(payload)} bytes, limit {MAX_PAYLOAD_BYTES}"
        raise PayloadError(RejectionReason.TOO_LARGE, text)
    if is_gzip(payload):
        payload = inflated(payload)
    is_packed = is_cbor(payload)
    pack = read_cbor(payload) if is_packed else read_body(payload)
    if not isinstance(pack, list) or not all(isinstance(record, dict) for record in pack):
        text = "expected a pack: a list of records, in JSON or CBOR"
        raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
    return [_by_label(record) for record in pack] if is_packed else pack


def is_cbor(payload: bytes) -> bool:
    """Whether the bytes begin as a list in CBOR does; no JSON and no gzip begins so."""
    return payload[:1] != b"" and payload[0] in _CBOR_ARRAYS


def read_cbor(payload: bytes) -> Any:
    """What the bytes say.

    Raises:
        PayloadError: not CBOR, or more than one value.
    """
    source = io.BytesIO(payload)
    try:
        pack = cbor2.CBORDecoder(source, max_depth=_MAX_DEPTH).decode()
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError, ArithmeticError) as error:
        raise PayloadError(RejectionReason.BAD_ENVELOPE, f"not CBOR: {error}") from error
    if source.tell() != len(payload):
        text = f"not CBOR: {len(payload) - source.tell()} bytes behind the pack"
        raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
    return pack


def _by_label(record: dict[Any, Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for key, value in record.items():
        label = LABELS.get(key, "") if key.__class__ is int else key
        if isinstance(label, str) and label:
            # A decimal fraction is how constrained devices write 21.5.
            named[label] = float(value) if isinstance(value, Decimal) else value
    return named
