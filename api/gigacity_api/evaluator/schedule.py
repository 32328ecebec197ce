"""Which evaluation tick is due. Pure: the time of day is an argument."""

from typing import NamedTuple

from gigacity_api.settings import EvaluationSettings


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
