"""Who is told of a notice, and when. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from gigacity_notify.configuration import AlarmRoute, Configuration, QuietHours, rank_of
from gigacity_notify.notice import AlarmNotice


class Recipient(NamedTuple):
    """One channel that is told of a notice."""

    channel: str
    not_before_ms: int
    """When it may be told: now, or at the end of the quiet hours."""
    route: AlarmRoute


def matches(route: AlarmRoute, notice: AlarmNotice) -> bool:
    """Whether a route is about a notice."""
    if notice.act == "clear" and not route.clears:
        return False
    return (
        (not route.areas or notice.area in route.areas)
        and (not route.kinds or notice.kind in route.kinds)
        and (not route.types or notice.type in route.types)
        and (notice.is_life_safety or notice.rank >= rank_of(route.severity))
    )


def recipients(
    configuration: Configuration, notice: AlarmNotice, now_ms: int, zone: tzinfo
) -> Iterator[Recipient]:
    """The channels that are told, each once, at the earliest of its routes."""
    found: dict[str, Recipient] = {}
    for route in configuration.routes:
        if matches(route, notice):
            when_ms = due_ms(route.quiet, notice, now_ms, zone)
            for channel in route.to:
                known = found.get(channel)
                if known is None or when_ms < known.not_before_ms:
                    found[channel] = Recipient(channel, when_ms, route)
    yield from found.values()


def due_ms(quiet: QuietHours | None, notice: AlarmNotice, now_ms: int, zone: tzinfo) -> int:
    """When a notice may be told: now, or at the end of the quiet hours."""
    if quiet is None or notice.is_life_safety or notice.rank >= rank_of(quiet.below):
        return now_ms
    now = datetime.fromtimestamp(now_ms / 1000, zone)
    if not quiet.holds(now.time()):
        return now_ms
    until = quiet.until
    end = now.replace(hour=until.hour, minute=until.minute, second=0, microsecond=0)
    if end <= now:
        end += timedelta(days=1)
    return round(end.timestamp() * 1000)
