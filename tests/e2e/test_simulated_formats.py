"""A city in which everybody speaks another format: from devices to figures, against the truth.

One broker, database, worker, API and simulator; each OLT, gateway and device of its own takes its
turn through all formats. Ports and cameras fail on the way, and the figures follow.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.kinds import CATALOGUE
from gigacity_deploy.demo.check import Comparison
from gigacity_deploy.demo.http import Figures
from gigacity_deploy.demo.verdict import COUNTED_FIELDS
from gigacity_deploy.demo.watch import TruthReader
from gigacity_deploy.processes import Child
from gigacity_deploy.servers import http_status
from gigacity_deploy.sockets import free_port, listens
from gigacity_simulators.foreign.catalogue import ALL
from tests.e2e.foreign_stack import API_KEY, ForeignStack
from tests.e2e.stack import READY_S, gigacity_env
from tests.support.city import CITY_YAML, write_city
from tests.support.mqtt_probe import wait_until
from tests.support.spoken_city import ALL_FORMATS, spoken_tables, write_spoken_sources

pytestmark = pytest.mark.e2e

TICK_S = 2
INTERVAL_S = 2
OLTS = 4
OUTAGE_COMMUNITY = "371602002010"
EVERY_KIND = ", ".join(f"{kind}: {INTERVAL_S}" for kind in CATALOGUE)
CITY = CITY_YAML.replace(
    "pon_s: 60, device_s: {camera: 60}", f"pon_s: {INTERVAL_S}, device_s: {{{EVERY_KIND}}}"
)
SCENARIO = f"""\
version: 1
events:
  - {{event: feeder_cut, at: 9s, for: 5s, olt: olt-0, slot: 1}}
  - {{event: feeder_cut, at: 12s, for: 5s, olt: olt-2, slot: 1}}
  - {{event: camera_outage, at: 10s, for: 5s, community: "{OUTAGE_COMMUNITY}"}}
"""
RUN_S = 20


class SpokenStack(ForeignStack):
    """Broker, database and worker with the mappings of all formats, and simulators."""

    def __init__(self, folder: Path) -> None:
        plan = write_city(folder / "plan", city=CITY, **spoken_tables(OLTS))
        write_spoken_sources(plan, folder / "mappings", ALL_FORMATS)
        texts = {one.name: one.read_text(encoding="utf-8") for one in plan.iterdir()}
        mappings = {
            one.name: one.read_text(encoding="utf-8") for one in (folder / "mappings").iterdir()
        }
        super().__init__(folder / "stack", mappings, texts, "371602/gateway/gw-0")
        self.truth = folder / "truth.jsonl"
        self.scenario = folder / "scenario.yaml"
        self.scenario.write_text(SCENARIO, encoding="utf-8")

    def simulator(self, name: str, *options: str) -> Child:
        """The city, speaking."""
        env = gigacity_env(
            GIGACITY_MQTT_URL=self.broker.url,
            GIGACITY_SIMULATE_FIELD_SECRET=self.broker.field_secret,
            GIGACITY_CITY=str(self.city),
            GIGACITY_EVALUATE_TICK_S=str(TICK_S),
            **({"GIGACITY_MQTT_CA": str(self.broker.ca)} if self.broker.ca else {}),
        )
        command = [
            *(sys.executable, "-m", "gigacity_deploy", "simulate", "--formats", ALL),
            *("--change-rate", "0", "--stats", str(self.folder / f"{name}.json"), *options),
        ]
        return Child(name, command, log=self.folder / f"{name}.log", env=env)

    def acknowledged(self, name: str) -> dict[str, int]:
        """Points of a simulator whose message the broker took, by measurement."""
        stats = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        assert stats["messages_refused"] == stats["messages_dropped"] == 0
        return {name: int(count) for name, count in stats["points_acked"].items()}

    def stored(self, since_ms: int) -> dict[str, int]:
        """Rows by measurement, counted by the field that every report has."""
        counts = {}
        for measurement, field in COUNTED_FIELDS.items():
            rows = self.influx.query(
                f"SELECT {field} FROM {measurement} WHERE time >= {since_ms}ms"  # noqa: S608 - ours
            )
            counts[measurement] = len(rows)
        return counts


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpokenStack]:
    made = SpokenStack(tmp_path_factory.mktemp("spoken"))
    try:
        made.start_worker()
        yield made
    finally:
        made.close()


def _watch(stack: SpokenStack, figures: Figures, simulator: Child) -> Comparison:
    """Compare what is published with its truth, until the simulator has ended."""
    comparison, truth = Comparison(3 * INTERVAL_S * 1000), TruthReader(stack.truth)
    published: dict[int, Any] = {}
    while simulator.is_running:
        newest_ms = figures.newest_instant_ms()
        if newest_ms is not None and newest_ms not in published:
            published[newest_ms] = figures.all_of(newest_ms)
        time.sleep(0.2)
    for at_ms, all_of in published.items():
        at = truth.at(at_ms)
        if at is not None and all_of is not None:
            comparison.add(at, all_of, is_disturbed=False)
    return comparison


def test_figures_are_the_truth_whatever_format_devices_speak(stack: SpokenStack) -> None:
    port, begun_ms = free_port(), SystemClock().now_ms() // 1000 * 1000
    api = stack.new_api(
        port,
        GIGACITY_EVALUATE_TICK_S=str(TICK_S),
        GIGACITY_EVALUATE_ALLOWED_LATENESS_S="1",
    )
    simulator = stack.simulator(
        "all",
        *("--truth", str(stack.truth), "--scenario", str(stack.scenario)),
        *("--duration", str(RUN_S)),
    )
    api.start()
    try:
        api.wait_ready(
            lambda: listens(api.pid, port) and http_status(port, "/readyz") == 200,
            deadline_s=READY_S,
        )
        simulator.start()
        found = _watch(stack, Figures(port, Secret(API_KEY)), simulator)
        assert simulator.wait(20) == 0, simulator.log_tail()
    finally:
        simulator.kill()
        api.kill()

    assert found.examples == []
    assert found.exact_instants >= 5, found
    seen = [json.loads(line) for line in stack.truth.read_text(encoding="utf-8").splitlines()]
    ports = {tuple(f) for row in seen for f in row["figures"] if f[:2] == ["pon.ports_10g", "city"]}
    assert len(ports) >= 2, "the cuts show in the truth, and so in the figures"
    ledger = stack.drain(received=1)
    assert ledger["balanced"] is True
    assert ledger["messages"]["received"] == ledger["messages"]["acknowledged"]
    assert sum(ledger["dead_letters"].values()) == 0, stack.dead_letters()
    sent, rows = stack.acknowledged("all"), stack.stored(begun_ms)
    assert set(sent) == set(COUNTED_FIELDS), "every kind took part"
    assert sent == {name: count for name, count in rows.items() if count}


def test_a_worker_that_is_killed_loses_nothing_of_any_format(stack: SpokenStack) -> None:
    """What edge nodes of Sparkplug say before they are born again is kept as dead letters."""
    before = stack.ledger()["messages"]["received"]
    time.sleep(1)  # Some state whole seconds: the one of the simulator before is over.
    begun_ms = SystemClock().now_ms() // 1000 * 1000
    simulator = stack.simulator("killed", "--duration", "9")
    simulator.start()
    try:
        wait_until(lambda: stack.ledger()["messages"]["received"] > before + 200, "messages")
        stack.worker.kill()
        restarted_ms = SystemClock().now_ms()
        stack.start_worker()
        assert simulator.wait(30) == 0, simulator.log_tail()
    finally:
        simulator.kill()
    stack.drain(received=1)

    sent, rows = stack.acknowledged("killed"), stack.stored(begun_ms)
    letters = stack.dead_letters()
    assert letters, "some were said before the births"
    assert {letter["topic"].partition("/")[0] for letter in letters} == {"spBv1.0"}
    lost = sum(sent.values()) - sum(rows.values())
    assert 0 <= lost <= len(letters), (sent, rows)
    (node,) = {letter["topic"].split("/")[3] for letter in letters}
    community = f"371602{2000 + int(node.removeprefix('gw-')):06}"
    reborn = stack.influx.query(
        f"SELECT picture FROM device_camera WHERE community = '{community}'"  # noqa: S608 - ours
        f" AND time > {restarted_ms}ms"
    )
    assert reborn, "the node was asked for its births, and is read again"
