"""Scenarios: what is shipped can be played; what is wrong is named with its place."""

from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_contract.errors import ConfigError
from gigacity_simulators.publisher_directory import build_directory
from gigacity_simulators.scenarios.language import KINDS, read_scenario
from gigacity_simulators.scenarios.planning import PlannedScenario, plan_scenario
from gigacity_simulators.schedule.cuts import CutPlan
from gigacity_simulators.schedule.grid import Grid

ROOT = Path(__file__).parents[3]
SHIPPED = sorted((ROOT / "simulators/scenarios").glob("*.yaml"))
EVENT = "version: 1\nevents:\n  - {event: feeder_cut, at: 1min, for: 30s}\n"
SKEW = "version: 1\nevents:\n  - {event: clock_skew, at: 1min, for: 30s, by: -1min}\n"


def planned(text: str, seed: int = 1) -> PlannedScenario:
    city = load_city(ROOT / "deploy/city/binzhou-demo")
    directory = build_directory(city, seed=1)
    events = read_scenario("s.yaml", text)
    return plan_scenario(events, city, directory, Grid(60_000), start_ms=0, seed=seed)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scenario_does_something(path: Path) -> None:
    found = planned(path.read_text(encoding="utf-8"))
    chosen = [one.publishers for one in found.cuts]
    disturbed = [one.publishers for one in found.disturbances]
    assert found.changes or found.troubles or any(chosen) or (disturbed and all(disturbed))


def test_every_kind_of_event_is_shipped_and_on_the_page() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SHIPPED]
    page = (ROOT / "simulators/README.md").read_text(encoding="utf-8")
    events = {event.kind for text in texts for event in read_scenario("s", text)}
    assert events == set(KINDS)
    assert [kind for kind in KINDS if f"`{kind}`" not in page] == []


def test_the_same_seed_gives_the_same_and_another_event_changes_no_other() -> None:
    assert planned(EVENT) == planned(EVENT)
    assert planned(EVENT) != planned(EVENT, seed=2)
    more = EVENT + "  - {event: optics_drift, at: 1min, for: 1h, db: 6}\n"
    assert planned(more).changes == planned(EVENT).changes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\n", "s.yaml:1:1: events: missing"),
        ("version: 2\nevents: [{event: x, at: 1s, for: 1s}]", "s.yaml:1:10: version: must be 1"),
        (EVENT.replace("feeder_cut", "feeder_cot"), "s.yaml:3:13: 'feeder_cot': did you mean fe"),
        (EVENT.replace("1min", "1"), "s.yaml:3:29: at: '1': write a duration such as 90s"),
        (EVENT.replace("30s", "0s"), "s.yaml:3:40: for: '0s'"),
        (EVENT.replace("for:", "fur:"), "s.yaml:3:35: 'fur': did you mean for?"),
        (EVENT.replace("30s", "30s, db: 3"), "s.yaml:3:49: db: feeder_cut has no such key"),
        (SKEW.replace("-1min", "soon"), "s.yaml:3:49: by: 'soon': write how far ahead, such as 9"),
        (SKEW.replace("-1min", "25h"), "s.yaml:3:49: by: '25h': write how far ahead"),
        (EVENT.replace("30s", "30s, slot: x"), "s.yaml:3:51: slot: must be a whole number"),
        (EVENT.replace("30s", "30s, at: 1s"), "at: stands twice"),
        ("version: 1\nevents: []", "s.yaml:2:9: events: from 1 to 1,000"),
        ("version: 1\nevents: [1]", "s.yaml:2:10: must be a mapping"),
        ("[", "s.yaml:2:1: is not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_scenario("s.yaml", text)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("olt: nowhere", "the city has no OLT nowhere"),
        ("olt: olt-371602-a001, slot: 77", "olt-371602-a001 has no port 77/-1"),
    ],
)
def test_what_the_city_has_not_is_named(more: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        planned(EVENT.replace("30s", f"30s, {more}"))


def test_a_wrong_clock_is_believed_until_what_it_dated_ahead_has_come() -> None:
    """Nobody is disconnected; till then the publisher's words are not to be judged by."""
    behind, ahead, refused = (planned(SKEW.replace("-1min", by)) for by in ("-1min", "2min", "1h"))
    ((skew,),) = behind.skews.values()
    assert (skew.from_ms, skew.until_ms, skew.by_ms) == (90_000, 150_000, -59_999)
    for found, until_ms in ((behind, 150_000), (ahead, 150_000 + 120_001), (refused, 150_000)):
        plan = CutPlan(found.cuts)
        assert plan.begun(90_000) == plan.ended(150_000) == []
        assert plan.holds(until_ms - 1) == list(found.skews)
        assert plan.holds(until_ms) == []
