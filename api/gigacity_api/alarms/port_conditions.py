"""What ports say of themselves: down, ONUs lost, flapping, light too weak, laser too warm.

Losses are measured against the ONUs that were online shortly before, so that a port whose customers
switch off at night is no fault; while ONUs are lost that reference stands still.
"""

import numpy as np

from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.debounce import Debouncer
from gigacity_api.alarms.knobs import knob
from gigacity_api.alarms.layout import NetworkLayout
from gigacity_api.alarms.trends import PortTrends
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.port.subject import fresh_ports
from gigacity_api.indicators.verdicts import Flags, Integers, Numbers

DOWN, LOSS, FLAPPING = "pon.port_down", "pon.onu_loss", "pon.flapping"
QUALITY = (
    "pon.rx_low", "pon.laser_temperature", "pon.rx_drift", "pon.bias_rising", "pon.utilisation",
    "pon.fec_uncorrectable",
)  # fmt: skip
"""Types whose cause is looked for on the port itself."""

REFERENCE_INSTANTS = 3
"""The most ONUs that were online at one of so many instants are a port's reference."""

LEAST_DARK = 4
"""So many ONUs must have been online for their going out, all at once, to mean a cut."""

FLAP_INSTANTS = 30
RX_BACK_DB, WARM_BACK_C, FULL_BACK = 0.5, 2.0, 0.03


class PortConditions:
    """The conditions of every port of one city version."""

    def __init__(self, layout: NetworkLayout) -> None:
        size = len(layout.port_olt)
        self._layout = layout
        self.by_type = {
            name: Debouncer(
                size, on_s=ALARM_TYPES[name].on_delay_s, off_s=ALARM_TYPES[name].off_delay_s
            )
            for name in (DOWN, LOSS, FLAPPING, *QUALITY)
        }
        self.reference: Integers = np.full(size, -1, dtype=np.int64)
        """ONUs that were online before; -1: not known."""
        self._recent = np.full((REFERENCE_INSTANTS, size), -1, dtype=np.int64)
        self._flips = np.zeros((FLAP_INSTANTS, size), dtype=np.int8)
        self.was_bad: Flags = np.zeros(size, dtype=np.bool_)
        self._turn = 0
        self.was_lost: Flags = np.zeros(size, dtype=np.bool_)
        """An alarm from before this process says so: the reference is then all its ONUs."""
        self.seen_up: Flags = np.zeros(size, dtype=np.bool_)
        self.lost: Integers = np.zeros(size, dtype=np.int64)
        """ONUs that are missing, of ports that report."""
        self.is_dark: Flags = np.zeros(size, dtype=np.bool_)
        """Up, and none of its ONUs is online."""
        self.went_dark: Flags = np.zeros(size, dtype=np.bool_)
        """Was dark since its loss began: what went out together belongs together until it ends."""
        self.counts: Flags = np.zeros(size, dtype=np.bool_)
        """Meant to work, and known to: those over which a card is judged."""

    def step(self, instant: CityInstant, trends: PortTrends | None) -> None:
        """Take an instant."""
        ports, at_ms = instant.state.ports, instant.as_of_ms
        fresh = fresh_ports(instant)
        admin, oper = ports["admin"], ports["oper"]
        is_on = fresh & (admin == 1)
        self.seen_up |= is_on & (oper == 1)
        is_down = is_on & (oper == 0) & (self.seen_up | self._layout.passes_homes)
        self.by_type[DOWN].step(at_ms, is_down, fresh & ((oper == 1) | (admin == 0)))
        self._losses(instant, is_on & (oper == 1), fresh)
        bad = is_down | self.by_type[LOSS].holds
        self.counts = is_on & (bad | self.seen_up)
        self._flap(at_ms, fresh, bad, instant)
        self._quality(instant, fresh, trends)

    def _losses(self, instant: CityInstant, is_up: Flags, fresh: Flags) -> None:
        ports = instant.state.ports
        online, total = ports["onu_online"], ports["onu_total"]
        known = is_up & (online >= 0)
        # One that is met in the dark: whoever is registered there should be online.
        first = known & (self.reference < 0)
        met_dark = first & (((online == 0) & (total >= LEAST_DARK)) | (self.was_lost & (total > 0)))
        self.reference = np.where(first, np.where(met_dark, total, online), self.reference)
        self.lost = np.where(known, np.maximum(self.reference - online, 0), 0)
        least = np.maximum(
            knob(instant.inventory, "alarm_onu_loss_count"),
            knob(instant.inventory, "alarm_onu_loss_share") * self.reference,
        )
        self.is_dark = known & (online == 0) & (self.reference >= LEAST_DARK)
        holds = known & ((self.lost >= least) | self.is_dark)
        condition = self.by_type[LOSS]
        gone = known & ~holds & (self.lost < least / 2)
        condition.step(instant.as_of_ms, holds, gone | (fresh & ~is_up))
        self.went_dark = (self.went_dark | self.is_dark) & condition.present
        self._recent[self._turn % REFERENCE_INSTANTS] = np.where(known, online, -1)
        calm = known & ~condition.present
        newest = self._recent.max(axis=0)
        self.reference = np.where(calm & (newest >= 0), newest, self.reference)

    def _flap(self, at_ms: int, fresh: Flags, bad: Flags, instant: CityInstant) -> None:
        flips = fresh & (bad != self.was_bad)
        self.was_bad = np.where(fresh, bad, self.was_bad)
        self._flips[self._turn % FLAP_INSTANTS] = flips
        self._turn += 1
        condition = self.by_type[FLAPPING]
        if not (flips.any() or condition.active.any()):
            return
        changes = self._flips.sum(axis=0)
        limit = knob(instant.inventory, "alarm_flap_changes")
        condition.step(at_ms, fresh & (changes > limit), fresh & (changes <= 1))

    def _quality(self, instant: CityInstant, fresh: Flags, trends: PortTrends | None) -> None:
        ports, inventory, at_ms = instant.state.ports, instant.inventory, instant.as_of_ms
        rx, temp = ports["onu_rx_min_dbm"], ports["temp_c"]
        low = knob(inventory, "optics_onu_rx_min_dbm")
        self.by_type["pon.rx_low"].step(at_ms, fresh & (rx < low), fresh & (rx >= low + RX_BACK_DB))
        warm = knob(inventory, "optics_temp_max_c")
        self.by_type["pon.laser_temperature"].step(
            at_ms, fresh & (temp > warm), fresh & (temp <= warm - WARM_BACK_C)
        )
        if trends is None or len(trends.utilisation) != len(fresh):
            return
        drift = knob(inventory, "alarm_rx_drift_db")
        self._above("pon.rx_drift", at_ms, -trends.rx_change_db, drift, drift - RX_BACK_DB)
        rise = knob(inventory, "alarm_bias_rise_share")
        steady = np.abs(trends.tx_change_db) < 1.0
        rising = np.where(steady, trends.bias_change, np.nan)
        self._above("pon.bias_rising", at_ms, rising, rise, rise / 2)
        full = knob(inventory, "alarm_utilisation_share")
        self._above("pon.utilisation", at_ms, trends.utilisation, full, full - FULL_BACK)
        fec = knob(inventory, "alarm_fec_uncorrectable_per_s")
        self._above("pon.fec_uncorrectable", at_ms, trends.fec_per_s, fec, fec / 2)

    def _above(self, name: str, at_ms: int, values: Numbers, limit: float, back: float) -> None:
        """What is not a number neither holds nor is gone."""
        self.by_type[name].step(at_ms, values >= limit, values < back)

    def carry(self, other: "PortConditions", here: Integers, there: Integers) -> None:
        """Take over what was seen over another city version."""
        self.reference[here] = other.reference[there]
        self.seen_up[here] = other.seen_up[there]
        self.was_bad[here] = other.was_bad[there]
        self.went_dark[here] = other.went_dark[there]
