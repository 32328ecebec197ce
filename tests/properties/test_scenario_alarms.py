"""What people hear of each event of a scenario: from simulated devices to alarms.

Every event is played before the small city; its alarm names the object, and is over with it.
"""

from pathlib import Path

import pytest

from gigacity_simulators.scenarios.language import KINDS
from tests.support.scenario_chain import ScenarioChain

pytestmark = pytest.mark.timeout(120)

AT_MIN, FOR_MIN = 3, 12
PORT = "olt: olt-a, slot: 1, port: 0"
ALARMS = {
    "feeder_cut": ("olt: olt-a, slot: 1", "pon.card_down olt-a/1"),
    "branch_cut": (f"{PORT}, share: 0.6", "pon.onu_loss olt-a/1/0"),
    "onu_dying_gasp": (f"{PORT}, share: 0.6", "pon.onu_loss olt-a/1/0"),
    "community_power_cut": ('community: "371602001001"', "device.silent gw-a"),
    "camera_outage": (
        'community: "371602001001"',
        "figure.below_target community.smart_coverage/area/371602",
    ),
    "olt_offline": ("olt: olt-a", "pon.olt_offline olt-a"),
    "olt_power_loss": ("olt: olt-a", "pon.olt_offline olt-a"),
    "gateway_reboot": ("count: 2", "gateway.silent gw-z"),
    "poison_burst": ("count: 5", "platform.dead_letters w-1"),
    "clock_skew": ("olt: olt-a, by: 10min", "pon.olt_offline olt-a"),
}
"""Keys of the event, and what is open while it lasts."""
CAUSES = {
    "feeder_cut": "line card failed",
    "branch_cut": "distribution branch or second splitter cut",
    "onu_dying_gasp": "power cut at the customers",
}
UNHEARD = ("vendor_sentinels", "duplicates", "reordering", "retained_flood")
OTHERS = {"optics_drift", "reconnect_storm"}
"""With lengths of their own."""


def _played(folder: Path, event: str, keys: str, length: str = f"{FOR_MIN}min") -> ScenarioChain:
    more = f", {keys}" if keys else ""
    line = f"  - {{event: {event}, at: {AT_MIN}min, for: {length}{more}}}\n"
    chain = ScenarioChain(folder, f"version: 1\nevents:\n{line}")
    chain.play(AT_MIN)
    assert chain.told() == [], "a city in which nothing happens yet"
    return chain


def test_every_event_is_played() -> None:
    assert {*ALARMS, *UNHEARD, *OTHERS} == set(KINDS)


@pytest.mark.parametrize("event", list(ALARMS))
def test_an_event_is_an_alarm_of_its_object_until_it_is_over(tmp_path: Path, event: str) -> None:
    keys, alarm = ALARMS[event]
    chain = _played(tmp_path, event, keys)
    chain.play(FOR_MIN - 1)
    assert alarm in chain.open(), chain.told()
    cause = CAUSES.get(event, "")
    assert any(f"raise {alarm}" in told and cause in told for told in chain.told())
    chain.play(8)
    assert chain.open() == []
    assert any(f"clear {alarm}" in told for told in chain.told())


@pytest.mark.parametrize("event", UNHEARD)
def test_what_only_disturbs_messages_calls_nobody(tmp_path: Path, event: str) -> None:
    keys = "olt: olt-a, slot: 1" if event == "vendor_sentinels" else "count: 5"
    chain = _played(tmp_path, event, keys)
    chain.play(FOR_MIN + 4)
    assert chain.told() == []


def test_a_minute_without_connection_calls_nobody(tmp_path: Path) -> None:
    chain = _played(tmp_path, "reconnect_storm", "", "30s")
    chain.play(10)
    assert chain.told() == []


def test_light_that_fades_is_told_before_it_fails(tmp_path: Path) -> None:
    chain = _played(tmp_path, "optics_drift", f"{PORT}, db: 20", "50min")
    chain.play(48)
    assert chain.open() == ["pon.rx_low olt-a/1/0"]
