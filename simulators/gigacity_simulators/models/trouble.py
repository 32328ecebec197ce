"""What troubles the line of a port that stays up: ONUs that went, levels that sink."""

from enum import Enum, auto
from typing import NamedTuple

from gigacity_contract.payloads import Port


class TroubleKind(Enum):
    """What it is."""

    LIGHT_LOST = auto()
    """A branch is cut: ONUs go without a word."""
    POWER_LOST = auto()
    """ONUs go with a dying gasp."""
    LEVEL_SINKS = auto()
    """The receive levels sink evenly, and are back at the end."""
    NO_VALUE = auto()
    """The driver scales the vendor's "no value" as if it were a level."""


_LEVELS = ("tx_dbm", "rx_dbm", "onu_rx_min_dbm", "onu_rx_p10_dbm")
_NO_VALUE_DBM = 21_474_836.47
"""The greatest signed number of 32 bits, in hundredths."""


class PortTrouble(NamedTuple):
    """Of one port, for a while."""

    kind: TroubleKind
    from_ms: int
    until_ms: int
    amount: float
    """Share of the ONUs, or dB at the end; of no use where there is no value."""

    def trouble(self, port: Port, at_ms: int) -> None:
        """Change what the port shows at this instant."""
        if not self.from_ms <= at_ms < self.until_ms:
            return
        if self.kind is TroubleKind.NO_VALUE:
            for name in _LEVELS:
                setattr(port, name, _NO_VALUE_DBM)
            return
        if port.oper == "down":
            return
        if self.kind is TroubleKind.LEVEL_SINKS:
            lost_db = self.amount * (at_ms - self.from_ms) / (self.until_ms - self.from_ms)
            for name in ("rx_dbm", "onu_rx_min_dbm", "onu_rx_p10_dbm"):
                level = getattr(port, name)
                if level is not None:
                    setattr(port, name, round(level - lost_db, 2))
            return
        lost = round((port.onu_online or 0) * self.amount)
        port.onu_online = (port.onu_online or 0) - lost
        if self.kind is TroubleKind.POWER_LOST:
            port.onu_off_power = (port.onu_off_power or 0) + lost
        else:
            port.onu_off_los = (port.onu_off_los or 0) + lost
