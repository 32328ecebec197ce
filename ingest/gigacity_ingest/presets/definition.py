"""What a preset says of a vendor's OLT: columns of SNMP tables, and what becomes of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gigacity_ingest.presets.columns import Column
from gigacity_ingest.presets.onu_counting import OnuTable


@dataclass(frozen=True, slots=True)
class Example:
    """One row as such an OLT sends it, and the port that it must become: the mapping's own test."""

    index: str
    label: str
    values: Mapping[str, int]
    port: Mapping[str, Any]
    counts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OltPreset:
    """How the PON ports of a vendor's OLTs are read."""

    name: str
    title: str
    formula: str
    """Of its index, by the name of ``mapping.port_indices``."""
    label: str
    """OID of the column with the port's name, such as ``GPON 0/1/3``."""
    port_names: tuple[str, ...]
    """Patterns of the names of PON ports; rows of other interfaces stay with Telegraf."""
    columns: tuple[Column, ...]
    examples: tuple[Example, ...]
    notes: tuple[str, ...] = ()
    """What whoever uses it should know; stands in both files."""
    onus: OnuTable | None = None
    """None: nobody published how its ONUs are read."""

    @property
    def mapped(self) -> tuple[Column, ...]:
        """Columns of which fields are made, those that are counted among them."""
        return self.columns if self.onus is None else (*self.columns, *self.onus.counted)


IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
_STATES = {1: "up", 2: "down"}
STATE_COLUMNS = (
    Column(
        "ifAdminStatus",
        "1.3.6.1.2.1.2.2.1.7",
        "RFC 2863 IF-MIB: 1 up, 2 down, 3 testing",
        "admin",
        {"map": {**_STATES, 3: "down"}},
    ),
    Column(
        "ifOperStatus",
        "1.3.6.1.2.1.2.2.1.8",
        "RFC 2863 IF-MIB: 1 up, 2 down, 3 testing, 4 unknown, 5 dormant, 6 not present, 7 lower",
        "oper",
        {"map": {**_STATES, 3: "down", 5: "down", 6: "down", 7: "down"}, "sentinel": [4]},
    ),
)
"""Of interfaces, as most vendors have them."""
TRAFFIC_COLUMNS = (
    Column(
        "ifHCInOctets", "1.3.6.1.2.1.31.1.1.1.6", "RFC 2863 IF-MIB: Counter64, bytes", "rx_bytes"
    ),
    Column(
        "ifHCOutOctets", "1.3.6.1.2.1.31.1.1.1.10", "RFC 2863 IF-MIB: Counter64, bytes", "tx_bytes"
    ),
)
