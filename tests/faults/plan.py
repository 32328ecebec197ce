"""The long run's plan: which faults, how many, in which order and when; all from the seed. Pure."""

from dataclasses import dataclass
from random import Random

QUOTAS = {
    "worker_killed": 100,
    "broker_restarted": 10,
    "database_stopped": 3,
    "database_killed": 4,
    "database_frozen": 3,
    "database_refusing": 3,
    "answers_lost": 3,
    "broker_link_flapping": 4,
    "database_link_flapping": 4,
    "disk_full": 2,
    "clock_stepped": 2,
    "reconnect_storm": 2,
    "poison_burst": 4,
    "session_takeover": 4,
    "flood": 3,
    "poison_of_one": 3,
    "clock_day_behind": 3,
    "half_copied_tables": 2,
    "slow_readers": 2,
}
"""Of a run of full size; ten database outages are among them."""

WHOLE_S = 14 * 60
"""What a run of full size takes."""

HOLD_S = (2.0, 10.0)
_MIN_GAP_S = 0.5
_MEAN_FAULT_S = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """When what happens."""

    kills_at_s: list[float]
    """Instants at which the worker is killed, whatever else goes on."""
    faults: list[str]
    """The others, one after the other."""
    gap_s: float
    """Between two of them."""


def make_plan(rng: Random, *, duration_s: float, scale: float) -> Plan:
    """A plan of about this length.

    Args:
        rng: draws order and instants.
        duration_s: gaps between the faults are chosen so as to fill it.
        scale: of the quotas; every fault happens at least once.
    """
    counts = {name: max(1, round(count * scale)) for name, count in QUOTAS.items()}
    kills = counts.pop("worker_killed")
    faults = [name for name, count in counts.items() for _ in range(count)]
    rng.shuffle(faults)
    gap_s = max(_MIN_GAP_S, duration_s / len(faults) - _MEAN_FAULT_S)
    kills_at_s = sorted(rng.uniform(1.0, duration_s) for _ in range(kills))
    return Plan(kills_at_s, faults, gap_s)
