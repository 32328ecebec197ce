"""What a mapping file says, read and checked: plain values that are compiled afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

from gigacity_contract.fields import FieldSpec
from gigacity_ingest.formats.times import TimeRule
from gigacity_ingest.mapping.property_paths import PropertyPath
from gigacity_ingest.mapping.sources import RetainedPolicy, SourceOwner, SourcePublishers
from gigacity_ingest.mapping.templates import IdentityTemplate
from gigacity_ingest.mapping.topic_filters import TopicFilter

PON_PORT_KIND = "pon_port"
"""The kind whose readings are ports of an OLT."""


class FieldDefinition(NamedTuple):
    """How one field is made."""

    spec: FieldSpec
    paths: tuple[PropertyPath, ...]
    """The first that is there."""
    factor: Fraction = Fraction(1)
    """Scale and unit together: field = property * factor + offset."""
    offset: Fraction = Fraction(0)
    forms: Mapping[Any, Any] | None = None
    """``map``: what each form of the property stands for; None: the property is the value."""
    sentinels: tuple[Any, ...] = ()
    """Properties that stand for no value, beside those that hold for every field."""


class KindDefinition(NamedTuple):
    """How readings of one kind are made."""

    kind: str
    when: tuple[tuple[str, tuple[str, ...]], ...]
    """Name and the patterns of which one must hold, for each condition; all must."""
    fields: tuple[FieldDefinition, ...]
    ignored: tuple[str, ...] = ()
    """Patterns of properties that nobody needs."""


@dataclass(frozen=True, slots=True)
class PortDefinition:
    """Where slot and port of a PON port stand: one of these, in this order."""

    slot: IdentityTemplate | None = None
    port: IdentityTemplate | None = None
    label: IdentityTemplate | None = None
    """A text whose last two numbers are slot and port: ``GPON 0/1/3``."""
    index: IdentityTemplate | None = None
    formula: str = ""
    """Which vendor's index it is."""


class IdentityDefinition(NamedTuple):
    """How the object of a reading is found."""

    registry: IdentityTemplate | None = None
    """Foreign id, which ``foreign_ids.csv`` of the city file knows."""
    area: IdentityTemplate | None = None
    community: IdentityTemplate | None = None
    device: IdentityTemplate | None = None
    olt: IdentityTemplate | None = None
    port: PortDefinition = PortDefinition()
    is_unknown_ignored: bool = False


class SourceDefinition(NamedTuple):
    """One source of a mapping file."""

    name: str
    topics: tuple[TopicFilter, ...]
    format: str
    dialect: Mapping[str, Any]
    owner: SourceOwner
    publishers: SourcePublishers
    times: TimeRule
    is_time_required: bool
    retained: RetainedPolicy
    identity: IdentityDefinition
    kinds: tuple[KindDefinition, ...]
    answers: bool
    sequence: PropertyPath | None = None
    """Of the number by which a device counts its messages; None: it has none."""
