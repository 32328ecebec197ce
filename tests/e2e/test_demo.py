"""The demo as users run it: checked run, readings by hand, boards, failures, ends."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_contract.clock import SystemClock
from gigacity_dashboards.catalogue import Board
from gigacity_simulators.foreign.catalogue import FORMATS
from tests.e2e.demo_process import DemoProcess, entries, wait_gone
from tests.e2e.stack import gigacity_env
from tests.support.boards import all_boards
from tests.support.grafana_macros import TimeRange
from tests.support.grafana_reader import empty_queries
from tests.support.mqtt_probe import wait_until
from tests.support.processes_influx import InfluxServer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

EVALUATION_S = 5 + 2
"""Tick and allowed lateness of the demo."""

STARTED = r"starting the (simulated) city"
CHECKS = (
    "every figure equals the ground truth of its instant",
    "at least 3 instants compared",
    "while an OLT is disconnected, bounds widen and contain the truth",
    "the simulator ended normally",
    "nothing is lost",
    "both ledgers balance",
)
PROCESSES = {"mosquitto", "influxd", "ingest", "api", "simulate"}


GRAFANA = f"""#!{sys.executable}
import http.server, os
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/api/health" else 404)
        self.end_headers()
address = os.environ["GF_SERVER_HTTP_ADDR"], int(os.environ["GF_SERVER_HTTP_PORT"])
http.server.HTTPServer(address, Health).serve_forever()
"""
"""Stands in for the program, which no package registry has."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """A demo that runs until the module is done."""
    folder = tmp_path_factory.mktemp("demo")
    programs = folder / "programs"
    programs.mkdir()
    (programs / "grafana-server").write_text(GRAFANA)
    (programs / "grafana-server").chmod(0o755)
    process = DemoProcess(folder, "--state-dir", str(folder / "state"), programs=programs)
    process.find(STARTED)
    yield process
    process.stop()


def _state_dir(demo: DemoProcess) -> Path:
    return demo.temporary.parent / "state"


def _get(demo: DemoProcess, path: str) -> Any:
    base = demo.find(r"API +(http://127\.0\.0\.1:\d+)/docs")
    key = demo.find(r"Bearer (\S+)'")
    request = urllib.request.Request(base + path, headers={"Authorization": f"Bearer {key}"})  # noqa: S310 - ours
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - ours
        return json.load(answer)


def test_a_checked_run_with_an_outage_holds(tmp_path: Path) -> None:
    """Every figure equals the truth, bounds hold, nothing is lost though InfluxDB was away."""
    demo = DemoProcess(tmp_path, "--duration", "95", "--check", "--influx-outage", "20:8")
    assert demo.wait(200) == 0, demo.output
    assert demo.output.count("│ yes ") == len(CHECKS), demo.output
    for check in CHECKS:
        assert check in demo.output
    counts = demo.find_all(r"([\d,]+) points confirmed to the simulator, ([\d,]+) stored")
    confirmed, stored = (int(count.replace(",", "")) for count in counts)
    assert stored >= confirmed > 0
    assert demo.find_all(r"([\d,]+) dead letters; (\d+) still on the way") == ("0", "0")
    assert "InfluxDB runs again" in demo.output
    assert entries(demo.temporary) == []


def test_a_demo_that_speaks_every_format_stores_what_it_says(tmp_path: Path) -> None:
    demo = DemoProcess(tmp_path, "--duration", "15", "--formats", "all", "--keep", "--no-grafana")
    assert demo.wait(120) == 0, demo.output
    assert "making mappings of what the city speaks: all" in demo.output
    (folder,) = demo.temporary.iterdir()
    log = (folder / "logs" / "mosquitto.log").read_text(encoding="utf-8")
    assert "Denied PUBLISH" not in log
    stats = json.loads((folder / "stats.json").read_text(encoding="utf-8"))
    assert stats["messages_refused"] == 0
    assert stats["messages_acked"] > 1_000
    assert len(list((folder / "sources").iterdir())) == len(FORMATS)


def test_the_storm_bench_measures_what_it_stores(tmp_path: Path) -> None:
    """The load test over the small city: what is confirmed is stored, and what it cost is told."""
    report = tmp_path / "storm.json"
    argv = [sys.executable, "-m", "tests.bench", "storm", "--profile", "demo", "--duration", "20"]
    done = subprocess.run(
        [*argv, "--report", str(report)], capture_output=True, text=True, check=False,
        env=gigacity_env(TMPDIR=str(tmp_path)),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(report.read_text())
    assert [name for name, held, _ in found["findings"] if not held] == []
    assert set(found["processes"]) == set(found["memory"]) == PROCESSES
    assert found["stored_after"]["after_warm_up"]["points"] > 0
    assert found["points"]["stored"] >= found["points"]["confirmed to the simulator"] > 0
    assert found["ledger"]["dead_letters"] == {}
    assert found["mean_points_per_s"] > 0
    assert entries(tmp_path) == ["storm.json"]


def test_the_printed_example_shows_in_the_evidence(demo: DemoProcess) -> None:
    """A reading published with nothing but mosquitto_pub, within one evaluation."""
    line = demo.find(r"(mosquitto_pub .*)")
    words = shlex.split(line)
    _, _, _, _, community, device, _ = words[words.index("-t") + 1].split("/")
    path = (
        "/api/v1/indicators/device.online/evidence"
        f"?scope=community&code={community}&verdict=in&limit=5000"
    )

    def is_in() -> bool:
        return any(device in json.dumps(item) for item in _get(demo, path)["items"])

    wait_until(lambda: bool(_get(demo, path)["items"]), "the first evidence", timeout_s=60)
    assert not is_in()
    subprocess.run(["bash", "-c", line], check=True, timeout=10, env=gigacity_env())
    # One tick, the allowed lateness, and the evaluation itself.
    wait_until(is_in, "the reading is in the evidence", timeout_s=EVALUATION_S + 3)


@pytest.mark.parametrize("board", all_boards(), ids=lambda board: board.name)
def test_every_panel_shows_data_of_the_running_demo(demo: DemoProcess, board: Board) -> None:
    """No query fails, and none is empty, apart from those about faults that did not happen."""
    port = demo.find(r"starting influxd on port (\d+)")
    secret = (_state_dir(demo) / "secrets" / "influx_admin").read_text()
    influx = InfluxServer(
        f"http://127.0.0.1:{port}", "1", secret, "gigacity-admin", bucket="gigacity"
    )
    influx.prefix = "gigacity"
    influx.secrets_of["grafana"] = (_state_dir(demo) / "secrets" / "influx_grafana").read_text()
    now_ms = SystemClock().now_ms

    def empty() -> list[str]:
        last_hour = TimeRange(now_ms() - 3_600_000, now_ms())
        return [
            f"{query.panel.title}: {query.query}"
            for query in empty_queries(influx, board, last_hour)
            if query.panel.id not in board.event_panels
        ]

    wait_until(lambda: not empty(), f"every panel has data: {empty()}", timeout_s=60, every_s=1.0)


def test_grafana_on_path_is_started_and_shown(demo: DemoProcess) -> None:
    url = demo.find(r"Grafana +(http://\S+)  open to look at; to change: admin / \S+")
    with urllib.request.urlopen(url + "/api/health", timeout=5) as answer:  # noqa: S310 - ours
        assert answer.status == 200


def test_a_second_demo_on_a_busy_port_says_who_holds_it(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        demo = DemoProcess(tmp_path, "--mqtt-port", str(port))
        assert demo.wait() == 2
    assert f"port {port}, wanted for mosquitto, is held by" in demo.output
    assert f"(pid {os.getpid()})" in demo.output
    assert "choose another" in demo.output
    assert entries(demo.temporary) == []


def test_a_failed_child_ends_the_demo_and_is_named(demo: DemoProcess) -> None:
    """Last of those that share the running demo: it ends it."""
    children = demo.children()
    assert len(children) == len(PROCESSES) + 1  # The stand-in for Grafana is a script.
    os.kill(children["ingest"], signal.SIGKILL)
    assert demo.wait() == 1
    assert "ingest ended by itself (signal 9). The end of its log" in demo.output
    wait_gone(list(children.values()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda n: n.name)
def test_a_stopped_demo_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    demo = DemoProcess(tmp_path)
    demo.find(STARTED)
    children = demo.children()
    assert set(children) >= PROCESSES - {"simulate"}
    demo.send(number)
    assert demo.wait() == 0, demo.output
    wait_gone(list(children.values()))
    assert entries(demo.temporary) == []


def test_a_killed_demo_leaves_no_process_and_the_next_one_sweeps_its_folder(tmp_path: Path) -> None:
    demo = DemoProcess(tmp_path)
    demo.find(STARTED)
    children = demo.children()
    demo.send(signal.SIGKILL)
    demo.wait()
    wait_gone(list(children.values()))
    assert len(entries(demo.temporary)) == 1
    second = DemoProcess(tmp_path, "--duration", "1")
    assert second.wait() == 0, second.output
    assert entries(second.temporary) == []
