"""Which object reports how often: the city's cadence and the chosen speed, as schedules."""

from collections import defaultdict
from dataclasses import dataclass

from gigacity_city.model import Cadence
from gigacity_contract.errors import ConfigError
from gigacity_simulators.publisher_directory import NOBODY, PublisherDirectory
from gigacity_simulators.schedule.periodic import PeriodicSchedule, phase_ms

_STORM_PON_S = 15.0
_STORM_DEVICE_S = 60.0
_SLOWEST, _FASTEST = 0.5, 100.0
_STEP_MS = 100


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the simulated objects report, next to what the city file expects of them."""

    expected: Cadence
    speed: float = 1.0
    is_storm: bool = False

    def pon_ms(self) -> int:
        """Period of an OLT's reports."""
        return self._period_ms(self.expected.pon_s, _STORM_PON_S)

    def device_ms(self, kind: str) -> int:
        """Period of a device's reports."""
        return self._period_ms(self.expected.expected_s(kind), _STORM_DEVICE_S)

    def _period_ms(self, expected_s: float, storm_s: float) -> int:
        period_s = min(expected_s, storm_s) if self.is_storm else expected_s / self.speed
        return max(_STEP_MS, round(period_s * 1000 / _STEP_MS) * _STEP_MS)


def parse_pace(text: str, expected: Cadence) -> Pace:
    """``storm``, or a factor: 2 reports twice as often as the city file expects.

    Raises:
        ConfigError: neither; or slower than half the expected pace, at which an evaluator would
            rightly call everything silent.
    """
    if text == "storm":
        return Pace(expected, is_storm=True)
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not _SLOWEST <= speed <= _FASTEST:
        raise ConfigError(
            f"GIGACITY_SIMULATE_CADENCE={text!r}: expected storm, or a factor from"
            f" {_SLOWEST:g} to {_FASTEST:g} (2: twice as often as the city file expects)"
        )
    return Pace(expected, speed)


def olt_schedule(directory: PublisherDirectory, pace: Pace, *, grid_ms: int) -> PeriodicSchedule:
    """When each OLT reports its ports."""
    period_ms = pace.pon_ms()
    keys = [directory.port_keys[ports[0]] if ports else 0 for ports in directory.ports_of]
    phases = (
        (phase_ms(key, period_ms, grid_ms), olt)
        for olt, key in enumerate(keys)
        if directory.ports_of[olt]
    )
    return PeriodicSchedule(period_ms, phases)


def device_schedules(
    directory: PublisherDirectory, pace: Pace, *, grid_ms: int
) -> list[PeriodicSchedule]:
    """When each simulated device reports; one schedule a period."""
    phases: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for group in directory.groups:
        period_ms = pace.device_ms(group.kind)
        for device in range(group.offset, group.offset + group.count):
            if directory.publisher_of[device] != NOBODY:
                phase = phase_ms(directory.device_keys[device], period_ms, grid_ms)
                phases[period_ms].append((phase, device))
    return [PeriodicSchedule(period_ms, rows) for period_ms, rows in sorted(phases.items())]
