"""The simulated city in time, against a field that records, and an evaluator written for the test.

The evaluator knows only what a receiver can know: the messages and when connections began and
ended. Where everything was delivered, its figures must be those of the ground truth.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_simulators.models.trouble import TroubleKind
from gigacity_simulators.pace import Pace
from gigacity_simulators.publisher_directory import (
    PublisherDirectory,
    PublisherRole,
    build_directory,
)
from gigacity_simulators.scenarios.language import read_scenario
from gigacity_simulators.scenarios.planning import plan_scenario
from gigacity_simulators.schedule.changes import Action, Change
from gigacity_simulators.schedule.cuts import Cut, CutPlan
from gigacity_simulators.schedule.grid import Grid
from gigacity_simulators.simulation import Simulation, SimulationPlan, TruthLine
from gigacity_simulators.truth.oracle import indicator_windows
from tests.support.city import device_name
from tests.support.recording_field import RecordingField

START_MS = 1_795_500_001_234
GRID = Grid(5000)
DEMO = Path(__file__).parents[3] / "deploy" / "city" / "binzhou-demo"


class Scene:
    """A city that has been simulated for a while."""

    def __init__(
        self,
        city: City,
        *,
        seconds: float,
        step_ms: int = 130,
        change_rate: float = 0.5,
        cuts: tuple[Cut, ...] = (),
        seed: int = 1,
        scenario: str = "",
    ) -> None:
        self.city = city
        self.directory: PublisherDirectory = build_directory(city, seed=seed)
        events = read_scenario("scenario", scenario) if scenario else []
        self.planned = plan_scenario(
            events, city, self.directory, GRID, start_ms=START_MS, seed=seed
        )
        self.field = RecordingField(START_MS)
        self.lines: list[TruthLine] = []
        plan = SimulationPlan(
            city=city,
            directory=self.directory,
            grid=GRID,
            pace=Pace(city.cadence),
            seed=seed,
            change_share_per_minute=change_rate,
            cuts=CutPlan([*cuts, *self.planned.cuts]),
            start_ms=START_MS,
            scripted=self.planned.changes,
            troubles=self.planned.troubles,
        )
        self.simulation = Simulation(plan, self.field, self.lines.append)
        self.simulation.start()
        for now_ms in range(START_MS, START_MS + round(seconds * 1000), step_ms):
            self.field.now_ms = now_ms
            self.simulation.advance(now_ms)
            self.welcome(now_ms)
        self.simulation.finish()
        self.device_reports = list(self._device_reports())
        self.port_reports = list(self._port_reports())

    def welcome(self, now_ms: int) -> None:
        """Tell the simulation whose connection has come up."""
        while self.field.arrived:
            publisher = self.field.arrived.pop(0)
            self.simulation.connection_changed(publisher, is_up=True, now_ms=now_ms)

    def _device_reports(self) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
        """(publisher, community, device, report) of every device report, bundled or not."""
        for _, publisher, message in self.field.sent:
            document = json.loads(message.payload)
            if self.directory.publishers[publisher].role is PublisherRole.GATEWAY:
                for entry in document["reports"]:
                    yield publisher, entry["community"], entry["device"], entry
            elif self.directory.publishers[publisher].role is PublisherRole.DEVICE:
                device = self.directory.publishers[publisher].subject
                yield publisher, *device_name(self.directory, device), document

    def _port_reports(self) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """(OLT, ts, port) of every port reported."""
        for _, publisher, message in self.field.sent:
            if self.directory.publishers[publisher].role is PublisherRole.OLT:
                document = json.loads(message.payload)
                olt = self.city.olts[self.directory.publishers[publisher].subject].id
                for port in document["ports"]:
                    yield olt, document["ts"], port


@pytest.fixture(scope="module")
def demo() -> City:
    return load_city(DEMO)


@pytest.fixture(scope="module")
def busy(demo: City) -> Scene:
    """Two minutes in which half of everything changes each minute."""
    return Scene(demo, seconds=120)


def _ports_in(scene: Scene, at_ms: int) -> dict[tuple[str, int, int], bool]:
    newest: dict[tuple[str, int, int], tuple[int, bool]] = {}
    for olt, ts, port in scene.port_reports:
        key = olt, port["slot"], port["port"]
        if ts <= at_ms and ts > newest.get(key, (0, False))[0]:
            fast = {"10g-epon", "xg-pon", "xgs-pon", "50g-pon"} & set(port["tech"].split("+"))
            newest[key] = ts, bool(fast) and port["admin"] == port["oper"] == "up"
    return {key: is_in for key, (_, is_in) in newest.items()}


def _devices_online(scene: Scene, at_ms: int) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest report of every device that is online, by the rules of the evaluator."""
    newest: dict[tuple[str, str], tuple[int, dict[str, Any]]] = {}
    for publisher, community, device, report in scene.device_reports:
        key = community, device
        if report["ts"] <= at_ms and (key not in newest or report["ts"] > newest[key][1]["ts"]):
            newest[key] = publisher, report
    online = {}
    for key, (publisher, report) in newest.items():
        window_ms = scene.city.cadence.window_ms(report["kind"])
        is_own = scene.directory.publishers[publisher].role is PublisherRole.DEVICE
        sessions = [
            s for s in scene.field.sessions[publisher] if s[0] is not None and s[0] <= at_ms
        ]
        ended_ms = sessions[-1][1] if is_own else None
        has_ended = ended_ms is not None and ended_ms <= at_ms and report["ts"] <= ended_ms
        if report["ts"] > at_ms - window_ms and not has_ended:
            online[key] = report
    return online


def test_the_truth_is_what_an_evaluator_finds_that_misses_nothing(busy: Scene) -> None:
    complete = [line for line in busy.lines if line.is_complete]
    assert len(complete) > 12
    for line in complete[::4]:
        truth = {(f.indicator, f.scope, f.code): f.numerator for f in line.figures}
        ports = _ports_in(busy, line.at_ms)
        assert truth["pon.ports_10g", "city", "371600"] == sum(ports.values())
        by_olt: defaultdict[str, int] = defaultdict(int)
        for (olt, _, _), is_in in ports.items():
            by_olt[olt] += is_in
        assert {
            c: n for (i, s, c), n in truth.items() if (i, s) == ("pon.ports_10g", "olt")
        } == by_olt
        online = _devices_online(busy, line.at_ms)
        assert truth["device.online", "city", "371600"] == len(online)
        for kind in ("camera", "smoke_detector"):
            of_kind = sum(report["kind"] == kind for report in online.values())
            assert truth[f"device.online.{kind}", "city", "371600"] == of_kind
        _check_homes(busy.city, truth, ports)
        _check_communities(busy.city, truth, ports, online)


def _served(city: City, ports: dict[tuple[str, int, int], bool]) -> set[int]:
    return {b for b, p in city.coverage if ports[*city.ports[p].key]}


def _check_homes(
    city: City, truth: dict[tuple[str, str, str], int], ports: dict[tuple[str, int, int], bool]
) -> None:
    urban = {c.code for c in city.communities if city.urban.is_urban(c)}
    served = [city.buildings[b] for b in _served(city, ports)]
    homes = sum(b.households for b in served if b.community in urban)
    assert truth["home.gigabit_access", "city", city.code] == homes


def _check_communities(
    city: City,
    truth: dict[tuple[str, str, str], int],
    ports: dict[tuple[str, int, int], bool],
    online: dict[tuple[str, str], dict[str, Any]],
) -> None:
    served = _served(city, ports)
    smart = 0
    for community in city.communities:
        homes = [
            (n, b.households) for n, b in enumerate(city.buildings) if b.community == community.code
        ]
        households = sum(count for _, count in homes)
        shown = [
            r["values"]
            for (c, _), r in online.items()
            if c == community.code and r["kind"] == "camera"
        ]
        registered = sum(
            len(r.ids)
            for r in city.devices.ranges
            if r.community == community.code and r.kind == "camera"
        )
        reported = (community.area_5g_m2, community.tv_households, community.key_positions)
        if None in reported or not registered or not households or not community.key_positions:
            continue
        passes = (
            sum(count for n, count in homes if n in served) / households >= 0.7,
            (community.area_5g_m2 or 0) / community.surface_m2 >= 0.8,
            (community.tv_households or 0) / households >= 0.7,
            min(registered, community.key_positions) / community.key_positions >= 0.9,
            len(shown) / registered >= 0.9,
            sum(values["intact"] for values in shown) / registered >= 0.9,
            sum(values["picture"] for values in shown) / registered >= 0.8,
        )
        smart += all(passes)
    assert truth["community.smart_coverage", "city", city.code] == smart


def test_the_busy_city_is_worth_comparing(busy: Scene) -> None:
    """Figures move, devices die and return, ports are upgraded: otherwise equality says little."""
    for indicator in (
        "pon.ports_10g",
        "device.online",
        "home.gigabit_access",
        "community.smart_coverage",
    ):
        values = {
            f.numerator
            for line in busy.lines
            if line.is_complete
            for f in line.figures
            if (f.indicator, f.scope) == (indicator, "city")
        }
        assert len(values) > 2, indicator
    assert sum(len(s) > 1 for s in busy.field.sessions.values()) > 2
    techs = defaultdict(set)
    for olt, _, port in busy.port_reports:
        techs[olt, port["slot"], port["port"]].add(port["tech"])
    assert sum(len(found) > 1 for found in techs.values()) > 10
    alarms = [r for *_, r in busy.device_reports if r["values"].get("alarm")]
    assert len(alarms) > 10


def test_no_object_uses_one_instant_for_two_reports(busy: Scene) -> None:
    seen = [(c, d, r["ts"]) for _, c, d, r in busy.device_reports]
    assert len(set(seen)) == len(seen)
    ports = [(olt, ts, p["slot"], p["port"]) for olt, ts, p in busy.port_reports]
    assert len(set(ports)) == len(ports)


def test_no_report_is_due_at_a_grid_instant(busy: Scene) -> None:
    assert all(r["ts"] % 5000 for *_, r in busy.device_reports)
    assert all(ts % 5000 for _, ts, _ in busy.port_reports)


def test_sequence_numbers_count_each_publisher_s_messages(busy: Scene) -> None:
    numbers = defaultdict(list)
    for _, publisher, message in busy.field.sent:
        numbers[publisher].append(json.loads(message.payload)["seq"])
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


def test_messages_say_how_many_points_they_carry(busy: Scene) -> None:
    claimed: defaultdict[str, int] = defaultdict(int)
    for _, _, message in busy.field.sent:
        for measurement, count in message.points.items():
            claimed[measurement] += count
    found: defaultdict[str, int] = defaultdict(int)
    for *_, report in busy.device_reports:
        found[f"device_{report['kind']}"] += 1
    found["pon_port"] = sum(1 for _ in busy.port_reports)
    assert claimed == found


def test_events_leave_at_once(busy: Scene) -> None:
    """An alarm is reported at the middle where it is raised, not at the device's next turn."""
    for delivered_ms, publisher, message in busy.field.sent:
        if busy.directory.publishers[publisher].role is not PublisherRole.GATEWAY:
            continue
        for entry in json.loads(message.payload)["reports"]:
            limit_ms = 130 if entry["ts"] % 5000 == 2500 else 130 + busy.simulation.bundle_ms
            assert delivered_ms - entry["ts"] <= limit_ms


def test_the_first_complete_line_comes_after_a_full_window(busy: Scene) -> None:
    first = next(line for line in busy.lines if line.is_complete)
    assert 30_000 <= first.at_ms - START_MS <= 35_000
    pon_first = next(line for line in busy.lines if "pon.ports_10g" in line.complete_for)
    assert 15_000 <= pon_first.at_ms - START_MS <= 20_000


def test_the_same_seed_gives_the_same_messages_however_time_is_sliced(demo: City) -> None:
    fine, coarse = (Scene(demo, seconds=20, step_ms=step) for step in (40, 100))

    def reports(scene: Scene) -> list[Any]:
        until_ms = START_MS + 19_000
        return sorted(
            (c, d, r["ts"], r["values"])
            for _, c, d, r in scene.device_reports
            if r["ts"] < until_ms
        )

    assert [str(r) for r in reports(fine)] == [str(r) for r in reports(coarse)]
    other = Scene(demo, seconds=20, step_ms=100, seed=2)
    assert [str(r) for r in reports(fine)] != [str(r) for r in reports(other)]


def test_a_cut_olt_keeps_sampling_and_uploads_afterwards(demo: City) -> None:
    from_ms = GRID.middle_from(START_MS + 40_000)
    cut = Cut(from_ms, from_ms + 30_000, (3,))
    scene = Scene(demo, seconds=110, change_rate=0, cuts=(cut,))
    mine = [(at, m.due_ms) for at, publisher, m in scene.field.sent if publisher == 3]
    assert [due for _, due in mine] == list(range(mine[0][1], mine[-1][1] + 1, 5000))
    late = [due for at, due in mine if at - due > 1000]
    assert len(late) == 6
    lines = {line.at_ms: line for line in scene.lines}
    for at_ms, line in lines.items():
        is_cut = cut.from_ms <= at_ms < cut.until_ms
        assert line.cut_olts == ((demo.olts[3].id,) if is_cut else ())
        if is_cut:
            assert not line.is_complete
    values = {
        f.numerator
        for line in scene.lines[6:]
        for f in line.figures
        if f[:2] == ("pon.ports_10g", "city")
    }
    assert len(values) == 1, "being cut off changes what is known, not what is"
    assert scene.lines[-1].is_complete


def test_a_dead_device_that_connects_by_itself_is_offline_at_once(busy: Scene) -> None:
    ended = [
        (publisher, session[1])
        for publisher, sessions in busy.field.sessions.items()
        for session in sessions
        if session[1] is not None
    ]
    assert ended
    for publisher, at_ms in ended:
        device = busy.directory.publishers[publisher].subject
        name = device_name(busy.directory, device)
        assert at_ms is not None
        assert name not in _devices_online(busy, GRID.next_half(at_ms))


def test_a_device_by_itself_is_offline_while_unconnected_and_reports_on_return(demo: City) -> None:
    """Lost by accident: nothing is sampled meanwhile, and the truth says offline."""
    scene = Scene(demo, seconds=42, change_rate=0)
    publisher = next(
        i for i, p in enumerate(scene.directory.publishers) if p.role is PublisherRole.DEVICE
    )

    def online_after(seconds: int) -> int:
        scene.field.now_ms += seconds * 1000
        scene.simulation.advance(scene.field.now_ms)
        figures = scene.lines[-1].figures
        return next(f.numerator for f in figures if f[:2] == ("device.online", "city"))

    before, sent = online_after(10), len(scene.field.sent)
    scene.field.cut(publisher)
    scene.simulation.connection_changed(publisher, is_up=False, now_ms=scene.field.now_ms)
    assert online_after(30) == before - 1
    assert publisher not in {who for _, who, _ in scene.field.sent[sent:]}
    assert not scene.field.buffers[publisher]
    scene.field.allow(publisher)
    scene.welcome(scene.field.now_ms)
    _, who, message = scene.field.sent[-1]
    assert (who, message.due_ms) == (publisher, scene.field.now_ms)
    assert online_after(10) == before


def test_a_report_at_connecting_never_falls_on_the_grid(demo: City) -> None:
    scene = Scene(demo, seconds=12, change_rate=0)
    publisher = next(
        i for i, p in enumerate(scene.directory.publishers) if p.role is PublisherRole.DEVICE
    )
    at_ms = GRID.next_half(scene.field.now_ms)
    scene.field.now_ms = at_ms
    scene.simulation.connection_changed(publisher, is_up=True, now_ms=at_ms)
    assert scene.field.sent[-1][2].due_ms == at_ms + 1


def test_lines_are_incomplete_while_something_is_undelivered(demo: City) -> None:
    scene = Scene(demo, seconds=45, change_rate=0)
    before = scene.lines[-1]
    scene.field.disturbed_ms = scene.field.now_ms
    scene.field.now_ms += 6000
    scene.simulation.advance(scene.field.now_ms)
    after = scene.lines[-1]
    assert (before.is_complete, after.is_complete) == (True, False)
    assert before.complete_for == tuple(indicator_windows(demo))
    assert after.complete_for == ()


def test_lines_are_incomplete_while_a_death_without_a_will_may_be_unknown(demo: City) -> None:
    """The broker that held the will is gone: for three windows nobody can tell."""
    scene = Scene(demo, seconds=45, change_rate=0)
    publisher, device = next(
        (i, p.subject)
        for i, p in enumerate(scene.directory.publishers)
        if p.role is PublisherRole.DEVICE
    )
    at_ms = scene.field.now_ms
    scene.field.cut(publisher)
    scene.simulation.connection_changed(publisher, is_up=False, now_ms=at_ms)
    change = Change(at_ms, Action.DEVICE_DIES, device)
    scene.simulation.world.apply(change)
    scene.simulation._follow(change)
    first = len(scene.lines)
    for now_ms in range(at_ms, at_ms + 120_000, 500):
        scene.field.now_ms = now_ms
        scene.simulation.advance(now_ms)
    complete = {line.at_ms: line.is_complete for line in scene.lines[first:]}
    assert not any(is_done for at, is_done in complete.items() if at_ms < at < at_ms + 90_000)
    assert all(is_done for at, is_done in complete.items() if at >= at_ms + 90_000)
    assert max(complete) > at_ms + 100_000


SCENARIO = """\
version: 1
events:
  - {event: feeder_cut, at: 40s, for: 30s, olt: olt-371602-a001, slot: 1}
  - {event: camera_outage, at: 40s, for: 30s}
  - {event: community_power_cut, at: 45s, for: 40s}
  - {event: branch_cut, at: 20s, for: 60s, share: 0.5}
  - {event: onu_dying_gasp, at: 20s, for: 60s, share: 0.5}
  - {event: optics_drift, at: 20s, for: 60s, db: 8}
  - {event: vendor_sentinels, at: 20s, for: 60s, olt: olt-371602-a001}
"""


@pytest.fixture(scope="module")
def bad_day(demo: City) -> Scene:
    """Nothing happens but what the scenario says."""
    return Scene(demo, seconds=120, change_rate=0, scenario=SCENARIO)


def test_the_truth_follows_a_scenario(bad_day: Scene) -> None:
    test_the_truth_is_what_an_evaluator_finds_that_misses_nothing(bad_day)
    by_time = {
        line.at_ms: {(f.indicator, f.scope): f.numerator for f in line.figures}
        for line in bad_day.lines
    }
    (from_ms, until_ms) = (c.at_ms for c in bad_day.planned.changes[:2])
    before = by_time[from_ms - 2500]
    during = by_time[until_ms - 2500]
    after = by_time[until_ms + 30_000 - 2500]
    for figure in (("pon.ports_10g", "city"), ("device.online", "city")):
        assert before[figure] > during[figure], figure
        assert before[figure] == after[figure], figure


def test_troubles_of_a_line_show_in_its_reports_and_end(bad_day: Scene) -> None:
    seen = set()
    for index, troubles in bad_day.planned.troubles.items():
        key = bad_day.city.ports[index].key
        reports = [
            (ts, port)
            for olt, ts, port in bad_day.port_reports
            if (olt, port["slot"], port["port"]) == (key.olt, key.slot, key.port)
        ]
        for trouble in troubles:
            name = _SHOWS[trouble.kind]
            before, during, after = (
                [port[name] for ts, port in reports if low <= ts < high and name in port]
                for low, high in (
                    (0, trouble.from_ms),
                    (trouble.until_ms - 6000, trouble.until_ms),
                    (trouble.until_ms, 2**60),
                )
            )
            if before:
                seen.add(trouble.kind)
                sign = -1 if name == "rx_dbm" else 1
                assert sign * during[0] > sign * before[-1]
                assert after[-1] == pytest.approx(before[-1], abs=1.5)
    assert seen == set(TroubleKind)


_SHOWS = {
    TroubleKind.LIGHT_LOST: "onu_off_los",
    TroubleKind.POWER_LOST: "onu_off_power",
    TroubleKind.LEVEL_SINKS: "rx_dbm",
    TroubleKind.NO_VALUE: "tx_dbm",
}


def test_a_storm_reconnects_who_was_cut_and_loses_nothing(demo: City) -> None:
    text = """\
version: 1
events:
  - {event: olt_offline, at: 20s, for: 40s, count: 2}
  - {event: reconnect_storm, at: 30s, for: 10s}
  - {event: gateway_reboot, at: 60s, for: 10s}
"""
    scene = Scene(demo, seconds=100, change_rate=0, scenario=text)
    offline, storm, _ = scene.planned.cuts
    assert not set(offline.publishers) & set(storm.publishers)
    assert all(scene.field.is_up(index) for index in (*offline.publishers, *storm.publishers))
    assert not scene.field.buffers
    test_sequence_numbers_count_each_publisher_s_messages(scene)


def test_an_olt_without_power_samples_nothing_and_keeps_nothing(demo: City) -> None:
    text = """\
version: 1
events:
  - {event: olt_power_loss, at: 40s, for: 40s, olt: olt-371602-a001}
"""
    scene = Scene(demo, seconds=100, change_rate=0, scenario=text)
    (cut,) = scene.planned.cuts
    times = [ts for olt, ts, _ in scene.port_reports if olt == "olt-371602-a001"]
    assert [ts for ts in times if cut.from_ms < ts < cut.until_ms] == []
    assert min(times) < cut.from_ms
    assert max(times) > cut.until_ms
    assert all(scene.field.is_up(publisher) for publisher in cut.publishers)
    dark = [line for line in scene.lines if cut.from_ms < line.at_ms < cut.until_ms]
    assert dark
    assert not any("pon.ports_10g" in line.complete_for for line in dark)
