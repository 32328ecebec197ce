"""What a port says of its line: counts of ONUs, powers and temperature, in one integer.

Each value is kept in whole steps (0.01 dB, 0.1 °C, one ONU) plus one; zero is absent.
Thresholds are compared in the same steps.
Order of the bits, lowest first: temperature, launch power, weakest ONU, ONUs online, ONUs in all.
"""

from typing import NamedTuple

from gigacity_api.indicators.verdicts import Integers


class Scale(NamedTuple):
    """Where a value sits in the code, and in which steps."""

    shift: int
    bits: int
    least: float
    per_unit: int

    def step(self, value: float | None) -> int:
        """The value in steps, never zero; 0 if absent, or outside what can be kept."""
        if value is None:
            return 0
        step = round((value - self.least) * self.per_unit) + 1
        return step if 0 < step < 1 << self.bits else 0

    def of(self, code: Integers) -> Integers:
        """The steps of a column of codes; 0 is absent."""
        found: Integers = (code >> self.shift) & ((1 << self.bits) - 1)
        return found

    def value(self, code: int) -> float | None:
        """The value again, for evidence."""
        step = (code >> self.shift) & ((1 << self.bits) - 1)
        return (step - 1) / self.per_unit + self.least if step else None


TEMP_C = Scale(0, 12, -60, 10)
TX_DBM = Scale(12, 14, -60, 100)
ONU_RX_MIN_DBM = Scale(26, 14, -60, 100)
ONU_ONLINE = Scale(40, 11, 0, 1)
ONU_TOTAL = Scale(51, 11, 0, 1)


class LineValues(NamedTuple):
    """What a port's newest report says of its line."""

    onu_total: int | None
    onu_online: int | None
    onu_rx_min_dbm: float | None
    tx_dbm: float | None
    temp_c: float | None


def pack_line(
    onu_total: int | None,
    onu_online: int | None,
    onu_rx_min_dbm: float | None,
    tx_dbm: float | None,
    temp_c: float | None,
) -> int:
    """All of them in one integer below 2**62."""
    return (
        ONU_TOTAL.step(onu_total) << ONU_TOTAL.shift
        | ONU_ONLINE.step(onu_online) << ONU_ONLINE.shift
        | ONU_RX_MIN_DBM.step(onu_rx_min_dbm) << ONU_RX_MIN_DBM.shift
        | TX_DBM.step(tx_dbm) << TX_DBM.shift
        | TEMP_C.step(temp_c)
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def unpack_line(code: int) -> LineValues:
    """The values again, for evidence."""
    return LineValues(
        _whole(ONU_TOTAL.value(code)),
        _whole(ONU_ONLINE.value(code)),
        _rounded(ONU_RX_MIN_DBM.value(code)),
        _rounded(TX_DBM.value(code)),
        _rounded(TEMP_C.value(code)),
    )
