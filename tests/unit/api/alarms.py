"""A call for help in the hand-written city, and what follows."""

from gigacity_api.alarms.model import AlarmResource, ResourceKind, alarm_id
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.api.conftest import Running, T

SMOKE = AlarmResource(ResourceKind.DEVICE, f"{COMMUNITY_A}/smoke-1", AREA_A)
ALARM = alarm_id("safety.smoke", SMOKE)
MINUTE = 60_000


def say(running: Running, at_ms: int, *, alarm: bool) -> None:
    """A report of the smoke detector."""
    tags = {"area": AREA_A, "community": COMMUNITY_A, "device": "smoke-1"}
    running.store.put("device_smoke_detector", at_ms, tags, alarm=alarm, battery_pct=80.0)


def next_minute(running: Running) -> None:
    """The next tick, as the evaluator and the thread of alarms do it."""
    running.clock.advance_s(60)
    running.core.step()
    running.alarms.refresh()


def call_for_help(running: Running) -> None:
    """Smoke, noticed at the next tick; the clock stands where it stood."""
    running.alarms.refresh()
    say(running, T + 40_000, alarm=True)
    next_minute(running)
