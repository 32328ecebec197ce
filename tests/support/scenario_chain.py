"""A simulated city with a scenario, before the platform's alarms, by a clock that is moved.

Simulation, decoder, evaluator and alarms are the product's; broker and database are doubles.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

from gigacity_city.load import load_city
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.topics import MessageKind, topic_of
from gigacity_ingest.decode.decoder import Decoder
from gigacity_simulators.pace import Pace
from gigacity_simulators.publisher_directory import build_directory
from gigacity_simulators.scenarios.disturbing import DisturbedTransport
from gigacity_simulators.scenarios.language import read_scenario
from gigacity_simulators.scenarios.planning import plan_scenario
from gigacity_simulators.schedule.cuts import CutPlan
from gigacity_simulators.schedule.grid import Grid
from gigacity_simulators.simulation import Simulation, SimulationPlan
from tests.support.alarm_chain import Chain
from tests.support.alarm_city import MINUTE_MS, START_MS, Fault
from tests.support.alarm_town import Town
from tests.support.city import CITY_YAML, write_city
from tests.support.recording_field import RecordingField
from tests.unit.ingest.messages import decode, points, status

EVERY_MINUTE = ", ".join(f"{kind}: 60" for kind in CATALOGUE)
CITY = CITY_YAML.replace("device_s: {camera: 60}", f"device_s: {{{EVERY_MINUTE}}}")


class ScenarioChain(Chain):
    """The small test city; every object reports each minute."""

    def __init__(self, folder: Path, scenario: str, seed: int = 1) -> None:
        city = load_city(write_city(folder / "city", city=CITY))
        directory, grid = build_directory(city, seed=seed), Grid(MINUTE_MS)
        events = read_scenario("scenario", scenario)
        planned = plan_scenario(events, city, directory, grid, start_ms=START_MS, seed=seed)
        self.field, self._decoder = RecordingField(START_MS), Decoder(city)
        self._identities = [p.identity for p in directory.publishers]
        self._refused = 0
        self.simulation = Simulation(
            SimulationPlan(
                city=city,
                directory=directory,
                grid=grid,
                pace=Pace(city.cadence),
                seed=seed,
                change_share_per_minute=0,
                cuts=CutPlan(planned.cuts),
                start_ms=START_MS,
                scripted=planned.changes,
                troubles=planned.troubles,
                skews=planned.skews,
            ),
            DisturbedTransport(self.field, planned.disturbances),
            lambda _: None,
        )
        self.simulation.start()
        super().__init__(cast("Town", SimpleNamespace(city=city)), folder)

    def _sessions(self) -> None:
        """The simulation has its own."""

    def _report(self, minute: int, fault: Fault | None, *, is_late: bool = False) -> None:
        """A minute of the city, as it arrives."""
        del fault, is_late
        until_ms = START_MS + minute * MINUTE_MS
        for now_ms in range(until_ms - MINUTE_MS + 1000, until_ms + 1, 1000):
            before = self._seen()
            self.field.now_ms = now_ms
            self.simulation.advance(now_ms)
            self._welcome(now_ms)
            self._take(before, now_ms)
        self.store.put(
            "gigacity_worker", until_ms, {"worker": "w-1"}, areas="*", connected=True,
            balanced=True, points_spooled=0, points_decoded=minute * 100,
            dead_letters=self._refused,
        )  # fmt: skip

    def _welcome(self, now_ms: int) -> None:
        while self.field.arrived:
            publisher = self.field.arrived.pop(0)
            self.simulation.connection_changed(publisher, is_up=True, now_ms=now_ms)

    def _seen(self) -> dict[tuple[int, int], int | None]:
        return {
            (publisher, began): ended
            for publisher, sessions in self.field.sessions.items()
            for began, ended in cast("list[tuple[int, int | None]]", sessions)
        }

    def _take(self, before: dict[tuple[int, int], int | None], now_ms: int) -> None:
        for (publisher, began_ms), ended_ms in self._seen().items():
            topic = topic_of(self._identities[publisher], MessageKind.STATUS)
            if (publisher, began_ms) not in before:
                self._decode(topic, status(began_ms, "online"), now_ms)
            if ended_ms is not None and before.get((publisher, began_ms)) is None:
                self._decode(topic, status(began_ms, "offline"), now_ms)
        sent, self.field.sent = self.field.sent, []
        for _, _, message in sent:
            self._decode(message.topic, message.payload, now_ms)

    def _decode(self, topic: str, payload: bytes, now_ms: int) -> None:
        out = decode(self._decoder, topic, payload, now_ms=now_ms)
        self._refused += len(out.dead_letters)
        for point in points(out):
            fields = {name: value for name, (_, value) in point.fields.items()}
            self.store.put(point.measurement, point.time or 0, dict(point.tags), **fields)
