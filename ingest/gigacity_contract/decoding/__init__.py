"""Payload bytes to typed structs: a fast path in one pass, a slow path element by element.

Good messages take the fast path. A message that fails it is read again by the slow path, which
keeps every part that is good and says, for each part that is not, what is wrong with which field.
"""

from gigacity_contract.decoding.decode import (
    MAX_PAYLOAD_BYTES,
    are_usual,
    decode_bundle,
    decode_device,
    decode_pon,
    decode_status,
    may_hold_sentinel,
)
from gigacity_contract.decoding.outcome import (
    DecodingNotes,
    Extent,
    PayloadError,
    Rejection,
    RejectionReason,
)

__all__ = [
    "MAX_PAYLOAD_BYTES",
    "DecodingNotes",
    "Extent",
    "PayloadError",
    "Rejection",
    "RejectionReason",
    "are_usual",
    "decode_bundle",
    "decode_device",
    "decode_pon",
    "decode_status",
    "may_hold_sentinel",
]
