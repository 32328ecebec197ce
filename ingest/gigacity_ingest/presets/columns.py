"""One column of an SNMP table, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """One column, whose rows are joined with those of the others by their index."""

    name: str
    """What Telegraf calls it; and the mapping, in ``from``."""
    oid: str
    """Numeric, so that no MIB file is needed."""
    source: str
    """Who says what the column holds, and in which unit."""
    target: str = ""
    """Field of ``pon_port`` that is made of it; empty: none."""
    reading: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the mapping language beside ``from``: ``scale``, ``map``, ``sentinel``, ``unit``."""
    is_tag: bool = False
    """Whether Telegraf names rows by it."""
