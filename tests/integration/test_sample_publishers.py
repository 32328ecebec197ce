"""The sample publishers of ``docs/samples`` before a real broker, read by the worker's decoder."""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_deploy.sockets import free_port
from gigacity_ingest.adapters.broker_listener import take_traffic
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.conformance.report import Conformity
from gigacity_ingest.conformance.watch import ConformanceWatch
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.imaginary import imaginary_registry
from gigacity_ingest.decode.outcome import ReceivedMessage
from gigacity_ingest.decode.trial import try_message
from tests.support.certificates import self_signed
from tests.support.field_client import FieldClient
from tests.support.field_scene import Listener, endpoint_of
from tests.support.mqtt_probe import wait_until
from tests.support.processes import Broker, Login
from tests.support.programs import program

pytestmark = pytest.mark.integration
SAMPLES = Path(__file__).parents[2] / "docs/samples"


class Sample(NamedTuple):
    command: Callable[[Path], list[str]]
    """Made in a folder of the test's own."""
    identity: str
    report: str
    """Last level of its reports' topic."""


def _tool(name: str) -> str:
    """A program that the suite does not install: a compiler, a JavaScript engine."""
    return shutil.which(name) or pytest.skip(f"{name} is not on this machine")


def _python(_folder: Path) -> list[str]:
    return [sys.executable, str(SAMPLES / "python/olt.py")]


def _c(folder: Path) -> list[str]:
    compiler = _tool("cc")
    made = folder / "camera"
    probe = subprocess.run(
        [compiler, "-E", "-x", "c", "-"], input=b"#include <mosquitto.h>\n",
        capture_output=True, check=False,
    )  # fmt: skip
    if probe.returncode:
        pytest.skip("mosquitto.h is not on this machine (Debian: libmosquitto-dev)")
    source = str(SAMPLES / "c/camera.c")
    flags = ["-Wall", "-Wextra", "-Werror", "-o", str(made), source, "-lmosquitto"]
    subprocess.run([compiler, *flags], check=True)
    return [str(made)]


def _nodejs(_folder: Path) -> list[str]:
    node = _tool("node")
    sample = SAMPLES / "nodejs/gateway.js"
    probe = subprocess.run(
        [node, "-e", "require('mqtt')"], cwd=sample.parent, capture_output=True, check=False
    )
    if probe.returncode:
        pytest.skip("mqtt of npm is not here: npm ci --prefix docs/samples/nodejs")
    return [node, str(sample)]


def _shell(_folder: Path) -> list[str]:
    program("mosquitto_pub", "mosquitto-clients")
    return ["sh", str(SAMPLES / "shell/smoke_detector.sh")]


COMMUNITY = "371602/community/371602001001"
ALL = {
    "python": Sample(_python, "371602/olt/sample-olt", "pon"),
    "c": Sample(_c, f"{COMMUNITY}/sample-cam", "telemetry"),
    "nodejs": Sample(_nodejs, "371602/gateway/sample-gw", "bundle"),
    "shell": Sample(_shell, f"{COMMUNITY}/sample-smoke", "telemetry"),
}
RECONNECTING = [name for name in ALL if name != "shell"]


class Run(NamedTuple):
    """One sample that runs, and what the broker gives of it."""

    process: subprocess.Popen[bytes]
    listener: Listener
    sample: Sample

    @property
    def statuses(self) -> list[dict[str, Any]]:
        return self.listener.statuses(self.sample.identity)

    @property
    def reports(self) -> list[dict[str, Any]]:
        level = f"/{self.sample.report}"
        return [x for topic, _, x in self.listener.seen if topic.endswith(level)]


@pytest.fixture
def run(broker: Broker, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    started: list[Run] = []

    def start(name: str, *, identity: str = "", **more: str) -> Run:
        named = ALL[name]
        command = named.command(tmp_path)
        # What the broker retained of another test is of another publisher.
        sample = named._replace(identity=identity or _own(named))
        login = broker.add_user(sample.identity)
        if broker.ca:
            more = {"MQTT_CA": str(broker.ca), **more}
        listener = Listener(broker, [sample.identity])
        environment = {**os.environ, **_told(broker.host, broker.port, login), **more}
        # A group of its own: the shell's sample starts programs, which end with it.
        process = subprocess.Popen(command, env=environment, start_new_session=True)
        started.append(Run(process, listener, sample))
        return started[-1]

    yield start
    for each in started:
        with suppress(ProcessLookupError):
            os.killpg(each.process.pid, signal.SIGKILL)
        each.process.wait()
        each.listener.close()


def _own(named: Sample) -> str:
    return f"{named.identity}-{secrets.token_hex(4)}"


def _told(host: str, port: int, login: Login) -> dict[str, str]:
    return {
        "MQTT_HOST": host, "MQTT_PORT": str(port), "MQTT_USERNAME": login.username,
        "MQTT_PASSWORD": login.password, "INTERVAL_S": "0.1",
    }  # fmt: skip


def _objections(listener: Listener) -> list[str]:
    """What the worker's decoder has against what came."""
    now_ms = SystemClock().now_ms()
    decoder = Decoder(imaginary_registry(["371602"]))
    found = []
    for message in listener.messages:
        received = ReceivedMessage(
            message.topic.encode(), bytes(message.payload), is_copy=False, now_ms=now_ms
        )
        trial = try_message(decoder, received)
        found += [f"{letter.reason}: {letter.error}" for letter in trial.dead_letters]
        found += ["unknown fields"] * trial.unknown_fields + ["absent fields"] * trial.absent_fields
    return found


@pytest.mark.parametrize("name", ALL)
def test_a_sample_says_when_it_comes_and_goes_and_what_it_reports_is_stored(
    run: Callable[..., Run], name: str
) -> None:
    found = run(name, REPORTS="3")
    found.listener.wait(lambda: "ts" in (found.statuses or [{}])[-1])

    birth, end = found.statuses
    assert found.process.wait(10) == 0
    assert birth == {"session": birth["session"], "state": "online"}
    assert end == {**birth, "state": "offline", "ts": end["ts"], "reason": "stop"}
    assert [report["seq"] for report in found.reports] == [1, 2, 3]
    assert {message.qos for message in found.listener.messages} == {1}
    assert found.listener.seen[0][0].endswith("/status")
    assert _objections(found.listener) == []


@pytest.mark.parametrize("name", ALL)
def test_a_sample_conforms(run: Callable[..., Run], broker: Broker, name: str) -> None:
    clock, identity = SystemClock(), _own(ALL[name])
    watch = ConformanceWatch(identity, clock.now_ms())
    endpoint = MQTTEndpoint(
        parse_url("GIGACITY_MQTT_URL", broker.worker_url, ("mqtt", "mqtts")), "",
        (f"gigacity/v1/{identity}/#",), Secret(broker.worker.password),
        broker.worker.username, ca_file=str(broker.ca or ""),
    )  # fmt: skip
    until_s = clock.monotonic_s() + 10

    def is_over() -> bool:
        checks = {f.check: f.conformity for f in watch.report(clock.now_ms()).findings}
        return checks["end"] is Conformity.GOOD or clock.monotonic_s() > until_s

    def begin() -> None:
        run(name, identity=identity, REPORTS="3")

    take_traffic(endpoint, clock, watch.take, is_done=is_over, begin=begin)
    report = watch.report(clock.now_ms())

    assert [f for f in report.findings if f.conformity is Conformity.BAD] == []
    assert [f.check for f in report.findings if f.conformity is Conformity.WARNING] == []


@pytest.mark.parametrize("name", ALL)
def test_a_sample_that_is_told_to_stop_says_goodbye(run: Callable[..., Run], name: str) -> None:
    found = run(name)
    found.listener.wait(lambda: len(found.reports) > 1)

    found.process.send_signal(signal.SIGTERM)
    assert found.process.wait(10) == 0
    found.listener.wait(lambda: "reason" in found.statuses[-1])


@pytest.mark.parametrize("name", ALL)
def test_the_will_of_a_sample_names_its_session(
    run: Callable[..., Run], broker: Broker, name: str
) -> None:
    """Whoever takes its place ends its connection: a lost one, for the broker."""
    found = run(name)
    found.listener.wait(lambda: len(found.reports) > 1)
    with FieldClient(endpoint_of(broker), found.sample.identity) as other:
        found.listener.wait(lambda: len(found.statuses) > 1)
        birth, will = found.statuses[:2]
        assert other.session_ms != birth["session"]

    assert will == {**birth, "state": "offline"}


def _is_whole(reports: list[dict[str, Any]]) -> bool:
    """Whether no number is missing."""
    numbers = {report["seq"] for report in reports}
    return numbers == set(range(1, max(numbers) + 1))


@pytest.mark.parametrize("name", RECONNECTING)
def test_a_sample_that_lost_its_connection_is_born_again(
    run: Callable[..., Run], broker: Broker, name: str
) -> None:
    found = run(name)
    found.listener.wait(lambda: len(found.reports) > 1)
    other = FieldClient(endpoint_of(broker), found.sample.identity)
    other.connect(with_birth=False)
    other.end()

    found.listener.wait(lambda: [s["state"] for s in found.statuses].count("online") == 2)
    first, second = (s["session"] for s in found.statuses if s["state"] == "online")
    seen = len(found.reports)
    # What it could not send meanwhile may come after a newer report.
    found.listener.wait(lambda: len(found.reports) > seen and _is_whole(found.reports))

    assert second > first


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A broker that speaks TLS alone, and lets everybody in; its port and its CA file."""
    certificate, key = self_signed(tmp_path)
    port, conf, log = free_port(), tmp_path / "tls.conf", tmp_path / "tls.log"
    user = f"user {getpass.getuser()}\n" if os.geteuid() == 0 else ""
    conf.write_text(
        f"{user}listener {port} 127.0.0.1\ncertfile {certificate}\nkeyfile {key}\n"
        "allow_anonymous true\nlog_dest stdout\n",
        encoding="utf-8",
    )
    with log.open("wb") as file:
        process = subprocess.Popen([program("mosquitto"), "-c", conf], stdout=file, stderr=file)
    wait_until(lambda: is_open(port), "the broker listens")
    yield port, certificate
    process.kill()
    process.wait()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("name", ALL)
def test_a_sample_speaks_tls_when_it_is_given_a_ca(
    tls_port: tuple[int, Path], tmp_path: Path, name: str
) -> None:
    """A report is taken over TLS; without the CA, the broker's certificate is not trusted."""
    port, ca = tls_port
    sample = ALL[name]
    client = Client(CallbackAPIVersion.VERSION2)
    client.tls_set(ca_certs=str(ca))
    topics: list[str] = []
    client.on_message = lambda _client, _data, message: topics.append(message.topic)
    client.connect("127.0.0.1", port)
    client.subscribe("gigacity/v1/#", 1)
    told = _told("127.0.0.1", port, Login(sample.identity, "any"))
    process = subprocess.Popen(
        sample.command(tmp_path),
        env={**os.environ, **told, "MQTT_CA": str(ca), "REPORTS": "1"},
    )
    wanted = f"gigacity/v1/{sample.identity}/{sample.report}"
    try:
        wait_until(
            lambda: client.loop(0.02) == 0 and wanted in topics, f"{wanted} arrives", every_s=0
        )
        assert process.wait(10) == 0
    finally:
        process.kill()
        client.disconnect()
        client.loop(0.1)
