"""What decoding says about the parts that it could not take."""

from dataclasses import dataclass, field
from enum import StrEnum

from gigacity_contract.errors import GigacityError


class RejectionReason(StrEnum):
    """Why a message, or a part of it, is a dead letter: metric tag, log key and stored field."""

    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    BAD_TOPIC = "bad_topic"
    UNKNOWN_AREA = "unknown_area"
    UNKNOWN_IDENTITY = "unknown_identity"
    BAD_ENVELOPE = "bad_envelope"
    IMPLAUSIBLE_TIMESTAMP = "implausible_timestamp"
    UNKNOWN_KIND = "unknown_kind"
    BAD_ENTRY = "bad_entry"
    DUPLICATE_ENTRY = "duplicate_entry"
    NOT_YOURS = "not_yours"
    BAD_FIELD = "bad_field"
    NO_VALUES = "no_values"
    TOO_MANY_UNREGISTERED = "too_many_unregistered"
    SINK_REJECTED = "sink_rejected"


class Extent(StrEnum):
    """How much of the message a rejection takes away."""

    MESSAGE = "message"
    ENTRY = "entry"
    """One port, or one entry of a bundle."""
    PARTIAL = "partial"
    """Optional fields of an entry; the rest of the entry is stored."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """One dead letter to be."""

    reason: RejectionReason
    extent: Extent
    error: str
    """Names the field and what was expected, such as ``ports[3].rx_dbm: Expected `float```."""
    raw: bytes
    """The text that was refused: the whole payload, or one entry's."""


@dataclass(slots=True)
class DecodingNotes:
    """What the slow path found; None stands for "nothing" on the fast path."""

    rejections: list[Rejection] = field(default_factory=list)
    unknown_fields: dict[str, int] = field(default_factory=dict)
    absent_fields: dict[str, int] = field(default_factory=dict)
    """Optional fields that were present but unusable, sentinels included, by name."""

    def count_unknown(self, name: str) -> None:
        """Count a field that the contract does not know; names are bounded in length."""
        key = name[:64]
        self.unknown_fields[key] = self.unknown_fields.get(key, 0) + 1

    def count_absent(self, name: str) -> None:
        """Count an optional field whose value could not be used."""
        self.absent_fields[name] = self.absent_fields.get(name, 0) + 1


class PayloadError(GigacityError):
    """The whole message is a dead letter: store it, then acknowledge; never retry."""

    def __init__(self, reason: RejectionReason, error: str) -> None:
        super().__init__(f"{reason}: {error}")
        self.reason = reason
        self.error = error
