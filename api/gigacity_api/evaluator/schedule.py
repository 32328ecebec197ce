"""Which evaluation tick is due. Pure: the time of day is an argument."""

from dataclasses import dataclass
from typing import NamedTuple

from gigacity_contract.errors import ConfigError


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """When figures are made: of each tick, once the allowed lateness has passed after it."""

    tick_s: float = 60.0
    allowed_lateness_s: float = 30.0
    max_catch_up: int = 60
    """Missed instants that are evaluated late; older ones are given up, and counted."""

    def __post_init__(self) -> None:
        if self.tick_s < 1 or self.tick_s != int(self.tick_s):
            raise ConfigError(
                "GIGACITY_EVALUATE_TICK_S must be a whole number of seconds, 1 or more"
            )
        if self.allowed_lateness_s < 0:
            raise ConfigError("GIGACITY_EVALUATE_ALLOWED_LATENESS_S must not be negative")

    @property
    def tick_ms(self) -> int:
        """Distance of two ticks."""
        return round(self.tick_s * 1000)

    @property
    def allowed_lateness_ms(self) -> int:
        """Time given to reports to arrive before their tick is evaluated."""
        return round(self.allowed_lateness_s * 1000)


class Due(NamedTuple):
    """The next instant to evaluate."""

    as_of_ms: int
    given_up: int
    """Older missed instants that lie too far back to be evaluated late."""


def newest_due_ms(settings: EvaluationSettings, now_ms: int) -> int:
    """The newest evaluation tick whose allowed lateness has passed."""
    return (now_ms - settings.allowed_lateness_ms) // settings.tick_ms * settings.tick_ms


def next_due(settings: EvaluationSettings, now_ms: int, done_ms: int | None) -> Due | None:
    """The instant after the last one that was done, or None if it is not due yet.

    Missed instants come one after another, as far as ``max_catch_up`` reaches back.
    """
    newest = newest_due_ms(settings, now_ms)
    if done_ms is None:
        return Due(newest, 0)
    following = done_ms + settings.tick_ms
    if following > newest:
        return None
    oldest = newest - settings.max_catch_up * settings.tick_ms
    given_up = max(0, (oldest - following) // settings.tick_ms)
    return Due(following + given_up * settings.tick_ms, given_up)


def wait_s(settings: EvaluationSettings, now_ms: int, done_ms: int) -> float:
    """Seconds until the instant after ``done_ms`` is due."""
    due_ms = done_ms + settings.tick_ms + settings.allowed_lateness_ms
    return max(0.0, (due_ms - now_ms) / 1000)
