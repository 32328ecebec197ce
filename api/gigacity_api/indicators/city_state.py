"""The latest known state of a city, in columns; grown by rows in any order, never by the clock.

A state holds one row for each object, the newest it was offered. A rule at ``as_of_ms`` must
therefore be asked of a state that was offered no later row (``row_loader`` sees to that).
"""

from dataclasses import dataclass, field

import numpy as np

from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import LatestState, StateColumn
from gigacity_contract.fields import KIND_FIELDS, FieldType
from gigacity_contract.kinds import KIND_OF_VALUES
from gigacity_contract.safety import SAFETY_FLAGS

NO_END = 2**62
"""End of a session that is not known to have ended."""

_FLAG = StateColumn(np.int8, -1)
"""0 or 1 (down or up, no or yes), -1 absent: as verdicts are."""
_COUNT = StateColumn(np.int64, -1)
_NUMBER = StateColumn(np.float64, np.nan)

PORT_VALUES = {
    "tech": StateColumn(np.int64, 0, is_tag=True), "admin": _FLAG, "oper": _FLAG,
    "onu_total": _COUNT, "onu_online": _COUNT,
    "onu_rx_min_dbm": _NUMBER, "tx_dbm": _NUMBER, "temp_c": _NUMBER,
}  # fmt: skip
"""What is kept of a port's report; technologies as a mask, numbers in steps of ``STEPS``."""

STEPS = {"onu_rx_min_dbm": 2, "tx_dbm": 2, "temp_c": 1}
"""Decimal places in which numbers are kept, and limits compared: 0.01 dB, 0.1 °C."""

DEVICE_FIELDS: dict[str, tuple[str, ...]] = {
    "camera": ("intact", "picture"),
}
"""By kind the fields of a device's report that are kept, and read from the database."""

_COLUMNS = {FieldType.BOOLEAN: _FLAG, FieldType.INTEGER: _NUMBER, FieldType.FLOAT: _NUMBER}


def field_types(kind: str) -> dict[str, FieldType]:
    """The type of each field that is kept of a kind."""
    types = {field.name: field.type for field in KIND_FIELDS[kind]}
    return {name: types[name] for name in DEVICE_FIELDS.get(kind, ())}


EVENT_FIELDS = {KIND_OF_VALUES[values]: flag for values, flag in SAFETY_FLAGS.items()}
"""By kind the flag that a device raises in a report sent at once: column ``event``."""

CHARGE_FIELD = "battery_pct"
CHARGED_KINDS = tuple(
    kind for kind, fields in KIND_FIELDS.items() if CHARGE_FIELD in {f.name for f in fields}
)
"""Kinds that say how full their battery is."""

DEVICE_VALUES = {
    **{
        name: _COLUMNS[type_] for kind in DEVICE_FIELDS for name, type_ in field_types(kind).items()
    },
    "event": _FLAG,
    CHARGE_FIELD: _NUMBER,
}
"""Their columns; kinds that share a field's name and type share its column."""

SESSION_VALUES = {"end_ms": StateColumn(np.int64, NO_END, is_lesser_better=True)}
"""Of several ends of one session the earliest stands: each says that it had ended by then."""

MAX_UNREGISTERED = 10_000
"""Identities of unregistered reporters that are remembered, so that a flood of them stays cheap."""


@dataclass(frozen=True, slots=True, order=True)
class UnregisteredReporter:
    """A reporter that the city file does not list."""

    kind: str
    """``port``, or a device kind."""
    area: str
    identity: str


@dataclass
class UnregisteredReporters:
    """Unregistered reporters with the time of their newest report."""

    seen: dict[UnregisteredReporter, int] = field(default_factory=dict)
    overflow: int = 0
    """Rows of further ones, once ``MAX_UNREGISTERED`` are known."""

    def offer(self, reporter: UnregisteredReporter, ts: int) -> None:
        """Take note of a report."""
        if reporter not in self.seen and len(self.seen) >= MAX_UNREGISTERED:
            self.overflow += 1
            return
        self.seen[reporter] = max(ts, self.seen.get(reporter, ts))

    def forget_before(self, ts: int) -> None:
        """Drop those whose newest report is at or before this time."""
        self.seen = {reporter: at for reporter, at in self.seen.items() if at > ts}

    def copy(self) -> "UnregisteredReporters":
        """A copy that later offers do not change."""
        return UnregisteredReporters(dict(self.seen), self.overflow)


class CityState:
    """Newest port reports, device reports, sessions and events of the registered objects.

    A session's time is its start. An event's is that of the newest report that called it out: one
    that the device took back within an interval would not show in its newest report.
    """

    def __init__(
        self,
        ports: LatestState,
        devices: LatestState,
        sessions: dict[str, LatestState],
        unregistered: UnregisteredReporters,
        events: LatestState,
    ) -> None:
        self.ports = ports
        self.events = events
        self.devices = devices
        self.sessions = sessions
        self.unregistered = unregistered

    @classmethod
    def empty(cls, inventory: Inventory) -> "CityState":
        """Nothing is known of anything."""
        city = inventory.city
        sizes = {"olt": len(city.olts), "gateway": len(city.gateways), "device": len(city.devices)}
        return cls(
            LatestState.empty(PORT_VALUES, len(city.ports)),
            LatestState.empty(DEVICE_VALUES, len(city.devices)),
            {name: LatestState.empty(SESSION_VALUES, size) for name, size in sizes.items()},
            UnregisteredReporters(),
            LatestState.empty({}, len(city.devices)),
        )

    def copy(self) -> "CityState":
        """A copy that later rows do not change: what an evaluation keeps as its evidence."""
        sessions = {publisher: newest.copy() for publisher, newest in self.sessions.items()}
        return CityState(
            self.ports.copy(), self.devices.copy(), sessions, self.unregistered.copy(),
            self.events.copy(),
        )  # fmt: skip
