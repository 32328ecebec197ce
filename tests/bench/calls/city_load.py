"""``python -m tests.bench.calls.city_load``: calls for help while the whole city reports.

The system of ``gigacity demo`` with all its processes, the notifier beside it with one webhook, and
calls of devices of the bench's own at four a second, each timed from publishing to the webhook's
receipt; the simulated city's own calls come beside them, most of them in bursts. Then the same with
the database stopped. Prints JSON.

    python -m tests.bench.calls.city_load [PROFILE [CALLS [WARM_S]]]
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from rich.console import Console

from gigacity_city.load import load_city
from gigacity_city.wholeness import CHECKSUMS
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_contract.topics import device_identity
from gigacity_deploy.broker import WORKER_USER
from gigacity_deploy.demo.options import DemoOptions
from gigacity_deploy.demo.plan import DemoPlan
from gigacity_deploy.demo.session import make_plan, open_session
from gigacity_deploy.demo.system import System
from gigacity_deploy.processes import Child
from gigacity_simulators.clients.broker import broker_from
from gigacity_simulators.publisher_directory import RESERVED_PREFIX
from tests.bench.api.load import quantile
from tests.bench.calls.burst import configuration
from tests.support.field_client import FieldClient

EVERY_S = 0.25
COMMUNITIES = 16
"""Of the bench's devices: one community may send fifty at once, and one a second."""
PER_MINUTE = 6_000
SETTLE_S = 10.0


def _city_with_callers(city: Path, folder: Path, callers: int) -> Path:
    """A copy of a city with help buttons that the simulated city leaves alone."""
    own = folder / "city"
    shutil.copytree(city, own, dirs_exist_ok=True)
    (own / CHECKSUMS).unlink(missing_ok=True)
    each = -(-callers // COMMUNITIES)
    rows = "".join(
        f"{community.code},sos_button,{RESERVED_PREFIX}-sos-{{1..{each}}},\n"
        for community in load_city(city).communities[:COMMUNITIES]
    )
    table = own / "devices.csv"
    head, rest = table.read_text(encoding="utf-8").split("\n", 1)
    table.write_text(f"{head}\n{rows}{rest}", encoding="utf-8")
    return own


def _callers(city: Path, number: int) -> Iterator[tuple[str, str]]:
    """Identity and resource of each, one community after another."""
    communities = load_city(city).communities[:COMMUNITIES]
    for index in range(number):
        community = communities[index % COMMUNITIES]
        device = f"{RESERVED_PREFIX}-sos-{index // COMMUNITIES + 1}"
        identity = device_identity(community.area, community.code, device)
        yield identity, f"{community.code}/{device}"


class Bench:
    """One run over a system that stands."""

    def __init__(self, system: System, folder: Path) -> None:
        self._plan, self._system, self._folder = system.plan, system, folder
        self._clock = SystemClock()
        self._made_ms: dict[str, int] = {}
        self._passed_ms: dict[str, int] = {}
        self._phases: dict[str, list[str]] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note when a worker passes an event on."""
        address = parse_url("url", self._plan.worker_mqtt_url, ("mqtt",))
        client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        client.username_pw_set(WORKER_USER, self._plan.secrets.value("mqtt_worker").reveal())
        client.on_message = self._note
        client.connect(address.host, address.port)
        client.subscribe("gigacity/safety/#", qos=0)
        client.loop_start()
        try:
            yield
        finally:
            client.disconnect()
            client.loop_stop()

    def _note(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self._passed_ms.setdefault("/".join(message.topic.split("/")[-2:]), self._clock.now_ms())

    def call(self, phase: str, callers: list[tuple[str, str]]) -> None:
        """Let them call, four a second."""
        broker = broker_from(self._plan.mqtt_url, self._plan.secrets.value("field"))
        began_s = time.monotonic()
        self._phases[phase] = [resource for _, resource in callers]
        for number, (identity, resource) in enumerate(callers):
            client = FieldClient(broker, identity, clock=self._clock, timeout_s=60.0)
            client.connect()
            self._made_ms[resource] = ts = self._clock.now_ms()
            client.publish(b'{"ts":%d,"kind":"sos_button","values":{"pressed":true}}' % ts)
            client.end()
            time.sleep(max(0.0, began_s + (number + 1) * EVERY_S - time.monotonic()))
        time.sleep(SETTLE_S)

    def report(self, told: dict[str, Any]) -> dict[str, Any]:
        """Quantiles of each phase, and of the city's own calls."""
        first_ms: dict[str, int] = told["first_ms"]
        found: dict[str, Any] = {
            phase: {
                "passed_on": _spread([self._passed_ms.get(r) for r in made], made, self._made_ms),
                "told": _spread([first_ms.get(r) for r in made], made, self._made_ms),
            }
            for phase, made in self._phases.items()
        }
        all_of = [r for r in self._passed_ms if r in first_ms]
        found["every call, from passed on to told"] = _spread(
            [first_ms[r] for r in all_of], all_of, self._passed_ms
        )
        return found | {
            "messages": told["messages"], "connections": told["connections"],
            "load": os.getloadavg(),
        }  # fmt: skip


def _spread(
    at_ms: list[int | None], names: list[str], from_ms: dict[str, int]
) -> dict[str, float | int]:
    took_s = sorted(
        (at - from_ms[name]) / 1000 for at, name in zip(at_ms, names, strict=True) if at is not None
    )
    return {
        "calls": len(took_s), "missing": len(names) - len(took_s),
        "median_s": round(statistics.median(took_s), 3), "p90_s": round(quantile(took_s, 0.9), 3),
        "p99_s": round(quantile(took_s, 0.99), 3), "slowest_s": round(took_s[-1], 3),
    }  # fmt: skip


def _notifier(plan: DemoPlan, folder: Path, port: int) -> Child:
    env = dict(os.environ) | {
        "GIGACITY_MQTT_URL": plan.worker_mqtt_url,
        "GIGACITY_MQTT_USERNAME": WORKER_USER,
        "GIGACITY_MQTT_PASSWORD": plan.secrets.value("mqtt_worker").reveal(),
        "GIGACITY_API_URL": f"http://127.0.0.1:{plan.ports.api}",
        "GIGACITY_API_KEY": plan.secrets.api_key.reveal(),
        "GIGACITY_NOTIFY_CONFIG": str(configuration(folder, port, PER_MINUTE)),
        "GIGACITY_STATE_DIR": str(folder / "notify"),
    }
    argv = [sys.executable, "-m", "gigacity_deploy", "notify", "run"]
    return Child("notify", argv, log=folder / "notify.log", env=env)


def run(profile: str, calls: int, warm_s: float) -> dict[str, Any]:
    """Start everything, measure, stop everything."""
    console = Console(stderr=True)

    def say(text: str) -> None:
        console.print(text, markup=False)

    with open_session(DemoOptions(profile=profile, grafana=False), console) as state:
        plan = make_plan(DemoOptions(profile=profile, grafana=False), state, dict(os.environ))
        plan = replace(plan, city=_city_with_callers(plan.city, plan.folder, 2 * calls))
        callers = list(_callers(plan.city, 2 * calls))
        command = [sys.executable, "-m", "tests.bench.calls.service"]
        service = subprocess.Popen(command, stdin=-1, stdout=-1, text=True)
        assert service.stdout is not None
        port = int(service.stdout.readline())
        with System(plan, logs=state.logs, say=say) as system:
            system.start()
            notifier = _notifier(plan, plan.folder, port)
            notifier.start()
            bench = Bench(system, plan.folder)
            with bench.watched():
                system.start_simulator()
                time.sleep(warm_s)
                say("calls, the database well")
                bench.call("database well", callers[:calls])
                system.stop_influx()
                time.sleep(SETTLE_S)
                say("calls, the database stopped")
                bench.call("database stopped", callers[calls:])
            said, _ = service.communicate()
            found = bench.report(json.loads(said))
            notifier.kill()
    return found


if __name__ == "__main__":
    given = sys.argv[1:]
    measured = run(
        given[0] if given else "city",
        int(given[1]) if len(given) > 1 else 240,
        float(given[2]) if len(given) > 2 else 180.0,
    )
    sys.stdout.write(json.dumps(measured, indent=1) + "\n")
