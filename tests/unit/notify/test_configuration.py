"""The file that says whom to tell of what."""

from zoneinfo import ZoneInfo

import pytest

from gigacity_contract.errors import ConfigError
from gigacity_notify.configuration import QuietHours, WeComChannel, read_configuration
from gigacity_notify.routing import matches, recipients
from tests.support.notices import NOW_MS, notice

ZONE = ZoneInfo("Asia/Shanghai")
HOUR_MS = 3_600_000
GOOD = """
version: 1
channels:
  - {name: duty, kind: wecom, key_file: /run/secrets/duty, mention: [zhang]}
  - {name: chief, kind: mail, host: mail.example, sender: g@example, to: [c@example]}
  - {name: soc, kind: syslog, host: soc.example}
routes:
  - {to: [duty], areas: ["371602"], quiet: {from: "22:00", to: "07:00"}}
  - {to: [chief], severity: critical, escalate: {after_s: 900, to: [soc]}}
"""


def test_a_file_is_read_with_its_defaults() -> None:
    found = read_configuration(GOOD, "channels.yaml")
    duty = found.channel_by_name["duty"]
    assert isinstance(duty, WeComChannel)
    assert (duty.language, duty.per_minute, duty.mention) == ("zh", 20, ["zhang"])
    assert found.routes[0].quiet == QuietHours("22:00", "07:00")
    assert found.grouping.wait_s == 30


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1", "version: 2", "version"),
        ("kind: wecom", "kind: pager", r"channels\[0\]\.kind.*pager"),
        ("key_file", "key", r"channels\[0\].*key"),
        ("name: chief", "name: duty", "duty stands twice"),
        ("to: [duty]", "to: [dutty]", r"routes\[0\]: no channel is called dutty; there are duty"),
        ("to: [soc]", "to: [boss]", r"routes\[1\]: no channel is called boss"),
        ("severity: critical", "severity: bad", r"routes\[1\]\.severity"),
        ('from: "22:00"', 'from: "25:00"', r"routes\[0\]\.quiet"),
        ("routes:", "routs:", "routs"),
        ("channels:", "channels: {", "is not YAML"),
        ("version: 1", "version: 2026-13-40", r":1:1: has a value that cannot be read"),
        ("version: 1", "version: " + "9" * 5_000, "has a value that cannot be read"),
        (GOOD, "", ":1:1: is empty"),
    ],
    ids=lambda text: text[:24],
)
def test_what_is_wrong_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        read_configuration(GOOD.replace(old, new, 1), "channels.yaml")
    assert "channels.yaml" in str(raised.value)


def test_a_route_is_about_what_it_names_and_worse() -> None:
    here, grave = read_configuration(GOOD, "f").routes
    assert matches(here, notice())
    assert not matches(here, notice(area="371603"))
    assert not matches(here, notice(severity="indeterminate"))
    assert not matches(grave, notice())
    assert matches(grave, notice(severity="critical", area="371603"))
    assert matches(grave, notice(is_life_safety=True, area="371603"))


def _due(hour: float, **changes: object) -> list[tuple[str, float]]:
    """Channels, and after how many hours they are told, of a notice at an hour of the day."""
    midnight = (NOW_MS + 8 * HOUR_MS) // (24 * HOUR_MS) * 24 * HOUR_MS - 8 * HOUR_MS
    now_ms = midnight + round(hour * HOUR_MS)
    found = recipients(read_configuration(GOOD, "f"), notice(**changes), now_ms, ZONE)
    return [(r.channel, (r.not_before_ms - now_ms) / HOUR_MS) for r in found]


@pytest.mark.parametrize(
    ("hour", "wait_h"), [(21.99, 0), (22, 9), (23.5, 7.5), (0, 7), (6.5, 0.5), (7, 0)]
)
def test_quiet_hours_reach_over_midnight(hour: float, wait_h: float) -> None:
    assert _due(hour) == [("duty", wait_h)]


def test_what_is_urgent_is_told_in_quiet_hours() -> None:
    assert _due(23, severity="critical") == [("duty", 0), ("chief", 0)]
    assert _due(23, is_life_safety=True) == [("duty", 0), ("chief", 0)]
