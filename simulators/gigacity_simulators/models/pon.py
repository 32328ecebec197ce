"""A PON port: optics from the fibre plant, load over the day, counters that only grow.

The optical budget is distance, splitter and connector loss taken from the launch power of the
technology's class (domain figures: 0.35 dB/km, 1:32 about 17 dB, 1:64 about 20 dB, class B+/N1).
"""

from typing import Final, NamedTuple

from gigacity_contract.local_time import DAY_MS
from gigacity_contract.payloads import Port, PortState
from gigacity_simulators.models.noise import between, unit, wobble
from gigacity_simulators.models.rhythm import HOME_TRAFFIC

_HOUR_MS: Final = 3_600_000
_RESTART_MS: Final = 90 * DAY_MS
"""Counters start again with the port, every 90 days; each port at its own time."""


class Optics(NamedTuple):
    """What a technology launches with, and how much a port of it carries on average."""

    olt_tx_dbm: float
    onu_tx_dbm: float
    bias_ma: float
    mean_bps: float
    capacity_bps: float


OPTICS: Final = {
    "epon": Optics(3.5, 2.0, 14.0, 90e6, 1.25e9),
    "gpon": Optics(4.0, 2.5, 15.0, 180e6, 2.48e9),
    "10g-epon": Optics(4.5, 5.5, 60.0, 500e6, 10.3e9),
    "xg-pon": Optics(4.5, 5.0, 62.0, 500e6, 9.95e9),
    "xgs-pon": Optics(5.0, 6.0, 70.0, 700e6, 9.95e9),
    "ng-pon2": Optics(5.0, 6.0, 75.0, 700e6, 9.95e9),
    "25gs-pon": Optics(5.5, 6.5, 85.0, 1.5e9, 25e9),
    "50g-pon": Optics(6.5, 7.0, 95.0, 2.5e9, 49.7e9),
}


class PortTruth(NamedTuple):
    """The state of a port at an instant: what it is, and whether it works."""

    tech: str
    """Technologies in lower case, sorted, joined by ``+``."""
    admin: PortState
    oper: PortState


class Plant(NamedTuple):
    """The passive side of a port: fibre, splitter and the homes that are connected."""

    distance_km: float
    split: int
    loss_db: float
    onu_total: int


def plant_of(key: int) -> Plant:
    """The fibre plant behind a port; it does not change when the port is upgraded."""
    split = 64 if unit(key, 1) < 0.6 else 32
    distance_km = 0.3 + 9.0 * unit(key, 2) ** 2
    splitter_db = between(key, 3, 19.5, 20.8) if split == 64 else between(key, 3, 16.5, 17.5)
    loss_db = splitter_db + 0.35 * distance_km + between(key, 4, 0.4, 1.6)
    return Plant(distance_km, split, loss_db, round(split * between(key, 5, 0.35, 0.95)))


def highest(tech: str) -> Optics:
    """The optics of a port's fastest technology."""
    return max((OPTICS[token] for token in tech.split("+")), key=lambda o: o.capacity_bps)


def sample_port(key: int, slot: int, port: int, state: PortTruth, at_ms: int) -> Port:
    """What the port shows at this instant.

    A port that is down reports its state and its own temperature and voltage; optics of the line
    and traffic are absent, since it has none.
    """
    optics = highest(state.tech)
    plant = plant_of(key)
    is_up = state.oper == "up"
    load = min(1.0, HOME_TRAFFIC.rate(at_ms) * (1 + 0.15 * wobble(key, 6, at_ms, 300_000)) / 2)
    heat = load if is_up else 0.0
    temp_c = 33.0 + 4.0 * unit(key, 7) + 9.0 * heat + 1.5 * wobble(key, 8, at_ms, _HOUR_MS)
    volt_v = 3.30 + 0.03 * wobble(key, 9, at_ms, _HOUR_MS)
    report = Port(
        slot=slot,
        port=port,
        tech=state.tech,  # type: ignore[arg-type] # A Literal of the wire; the city file's value.
        admin=state.admin,
        oper=state.oper,
        temp_c=round(temp_c, 1),
        volt_v=round(volt_v, 3),
    )
    if is_up:
        line = _Line(key, plant, optics, load, temp_c, at_ms)
        _add_optics(report, line)
        _add_traffic(report, line)
    return report


class _Line(NamedTuple):
    """A port in service at one instant."""

    key: int
    plant: Plant
    optics: Optics
    load: float
    temp_c: float
    at_ms: int

    @property
    def rx_dbm(self) -> float:
        """What arrives at the OLT from its ONUs on average."""
        return self.optics.onu_tx_dbm - self.plant.loss_db


def _add_optics(report: Port, line: _Line) -> None:
    """Levels of the line, the laser's current, and who is there."""
    key, at_ms = line.key, line.at_ms
    breathing_db = 0.15 * wobble(key, 10, at_ms, _HOUR_MS)
    tx_dbm = line.optics.olt_tx_dbm + between(key, 11, -0.7, 0.7)
    report.tx_dbm = round(tx_dbm + breathing_db, 2)
    report.rx_dbm = round(line.rx_dbm + breathing_db, 2)
    report.onu_rx_min_dbm = round(tx_dbm - line.plant.loss_db - between(key, 12, 0.3, 2.5), 2)
    # A laser needs more current as it warms, about half a percent per degree.
    report.bias_ma = round(line.optics.bias_ma * (1 + 0.005 * (line.temp_c - 35)), 2)
    asleep = 0.04 * (1 - line.load) + 0.01 * unit(key, 13 + (at_ms // _HOUR_MS << 8))
    report.onu_total = line.plant.onu_total
    report.onu_online = round(line.plant.onu_total * (1 - asleep))
    # Whoever switches its ONU off leaves with a dying gasp; a drop that is cut does not.
    offline = report.onu_total - report.onu_online
    report.onu_off_power = round(0.8 * offline)
    report.onu_off_los = offline - report.onu_off_power
    spread_db = between(key, 12, 0.3, 2.5)
    report.onu_rx_p10_dbm = round(tx_dbm - line.plant.loss_db - 0.6 * spread_db, 2)


def _add_traffic(report: Port, line: _Line) -> None:
    """Rates, and counters as the integral of the mean rate since the port last restarted."""
    key, at_ms = line.key, line.at_ms
    mean_bps = line.optics.mean_bps * line.plant.onu_total / 40
    restarted_ms = at_ms - (at_ms + int(unit(key, 14) * _RESTART_MS)) % _RESTART_MS
    busy_s = HOME_TRAFFIC.since(restarted_ms, at_ms)
    up_share = between(key, 15, 0.08, 0.2)
    report.down_bps = min(int(mean_bps * 2 * line.load), int(line.optics.capacity_bps))
    report.up_bps = int(report.down_bps * up_share)
    report.tx_bytes = int(mean_bps / 8 * busy_s)
    report.rx_bytes = int(mean_bps / 8 * up_share * busy_s)
    # Errors rise tenfold with each dB that the receive level loses below -26 dBm.
    errors_per_s = 0.002 * 10 ** min(3.0, max(-3.0, -26.0 - line.rx_dbm))
    report.bip_errors = int(errors_per_s * busy_s)
    report.fec_corrected = int(errors_per_s * 4 * busy_s)
    report.fec_uncorrectable = int(errors_per_s * 0.01 * busy_s)
