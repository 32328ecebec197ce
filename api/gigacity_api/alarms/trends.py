"""What a port's longer past says: rates over a quarter of an hour, changes over a week.

Read less often than ports are (``evaluator/port_trends``), since it moves slowly and costs more.
"""

from dataclasses import dataclass

import numpy as np

from gigacity_api.indicators.verdicts import Numbers


@dataclass(frozen=True, slots=True)
class PortTrends:
    """Of every port of a city version; NaN where it is not known."""

    utilisation: Numbers
    """Downstream rate over the nominal one."""
    fec_per_s: Numbers
    """Uncorrectable codewords a second."""
    rx_change_db: Numbers
    """Weakest ONU: the day's mean less that of a week before."""
    tx_change_db: Numbers
    bias_change: Numbers
    """Bias current: rise within a week, as a share."""
    down_bps: Numbers
    """Downstream rate, bit/s."""

    @classmethod
    def unknown(cls, size: int) -> "PortTrends":
        """Nothing is known."""
        return cls(*(np.full(size, np.nan) for _ in range(6)))
