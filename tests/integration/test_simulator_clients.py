"""The field's clients against a real broker: births, wills, refusals, cuts, restarts, TLS."""

import json
import os
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from gigacity_contract.city.load import load_city
from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.settings import Secret, parse_url
from gigacity_deploy.sockets import free_port
from gigacity_simulators.clients.broker import Broker as Endpoint
from gigacity_simulators.clients.broker import broker_from
from gigacity_simulators.clients.fleet import Fleet
from gigacity_simulators.clients.notices import Notices
from gigacity_simulators.field_client import FieldClient, FieldError
from gigacity_simulators.messages import Message
from gigacity_simulators.roster import build_roster
from tests.support.certificates import self_signed
from tests.support.city import edit, write_city
from tests.support.mqtt_probe import wait_until
from tests.support.processes import Broker, LocalBroker

pytestmark = pytest.mark.integration

AREA = "371602"
_BINARIES = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"


def _endpoint(broker: Broker, *, secret: str | None = None) -> Endpoint:
    address = parse_url("GIGACITY_MQTT_URL", broker.url, ("mqtt", "mqtts"))
    tls = ssl.create_default_context(cafile=str(broker.ca)) if broker.ca else None
    return Endpoint(address, tls, Secret(secret or broker.field_secret))


class Listener:
    """A subscriber that sees the topics of some identities, with the broker's retain flag."""

    def __init__(self, broker: Broker, identities: list[str]) -> None:
        self.seen: list[tuple[str, bool, Any]] = []
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(broker.worker.username, broker.worker.password)
        if broker.ca:
            client.tls_set(ca_certs=str(broker.ca))
        client.on_message = self._on_message
        client.connect(broker.host, broker.port)
        self._is_subscribed = False
        client.on_subscribe = self._on_subscribe
        options = SubscribeOptions(qos=1, retainAsPublished=False)
        client.subscribe([(f"gigacity/v1/{identity}/#", options) for identity in identities])
        self._client = client
        self.wait(lambda: self._is_subscribed)

    def _on_subscribe(self, *_: Any) -> None:
        self._is_subscribed = True

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.seen.append((message.topic, message.retain, json.loads(message.payload)))

    def wait(self, is_done: Callable[[], bool], timeout_s: float = 15) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not is_done():
            assert time.monotonic() < deadline_s, self.seen[-5:]
            self._client.loop(0.02)

    def statuses(self, identity: str) -> list[dict[str, Any]]:
        return [x for topic, _, x in self.seen if topic == f"gigacity/v1/{identity}/status"]

    def reports(self, identity: str) -> list[dict[str, Any]]:
        return [x for topic, _, x in self.seen if topic == f"gigacity/v1/{identity}/pon"]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop(0.1)


@pytest.fixture
def listen(broker: Broker) -> Iterator[Callable[[list[str]], Listener]]:
    listeners: list[Listener] = []

    def start(identities: list[str]) -> Listener:
        listeners.append(Listener(broker, identities))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.close()


def _olt(broker: Broker, name: str) -> str:
    identity = f"{AREA}/olt/{name}"
    broker.add_user(identity)
    return identity


def test_birth_report_and_orderly_end(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identity = _olt(broker, "sim-orderly")
    listener = listen([identity])
    with FieldClient(_endpoint(broker), identity) as client:
        client.publish(b'{"ts":1,"ports":[]}')
        session = client.session_ms
    listener.wait(lambda: len(listener.seen) == 3)
    birth, report, end = [x for _, _, x in listener.seen]
    assert birth == {"session": session, "state": "online"}
    assert report == {"ts": 1, "ports": []}
    assert end == {
        "session": session,
        "state": "offline",
        "ts": end["ts"],
        "reason": "test",
    }
    # Nothing more comes: the will is not sent after an orderly end. The last status is kept.
    fresh = listen([identity])
    fresh.wait(lambda: len(fresh.seen) == 1)
    assert fresh.seen == [(f"gigacity/v1/{identity}/status", True, end)]
    assert len(listener.seen) == 3


def test_a_dropped_connection_brings_the_will_of_its_session(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identity = _olt(broker, "sim-dropped")
    listener = listen([identity])
    client = FieldClient(_endpoint(broker), identity)
    client.connect(session_ms=1_795_500_000_123)
    client.abort()
    listener.wait(lambda: len(listener.seen) == 2)
    assert listener.statuses(identity) == [
        {"session": 1_795_500_000_123, "state": "online"},
        {"session": 1_795_500_000_123, "state": "offline"},
    ]


def test_many_messages_are_all_acknowledged(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identity = _olt(broker, "sim-many")
    listener = listen([identity])
    with FieldClient(_endpoint(broker), identity) as client:
        client.publish_all((client.report_topic, b'{"n":%d}' % n) for n in range(500))
    listener.wait(lambda: len(listener.reports(identity)) == 500)
    assert [x["n"] for x in listener.reports(identity)] == list(range(500))


def test_another_s_topic_is_refused(broker: Broker) -> None:
    identity = _olt(broker, "sim-own")
    client = FieldClient(_endpoint(broker), identity)
    client.connect()
    client.publish(b"{}")
    with pytest.raises(FieldError, match="refused: Not authorized"):
        client.publish(b"{}", topic=f"gigacity/v1/{AREA}/olt/sim-other/pon")
    # Mosquitto 2.0.11 closes the connection of whoever tries; others may go on.
    client.abort()


def test_a_wrong_password_is_refused(broker: Broker) -> None:
    identity = _olt(broker, "sim-password")
    client = FieldClient(_endpoint(broker), identity, password="not the one")
    with pytest.raises(FieldError, match="not connected: Not authorized"):
        client.connect()


class FleetScene:
    """A fleet with its notices, pumped until something holds."""

    def __init__(
        self, endpoint: Endpoint, identities: list[str], clock: Clock | None = None
    ) -> None:
        self.told: list[str] = []
        clock = clock or SystemClock()
        self.fleet = Fleet(endpoint, identities, clock, Notices(self.told.append))
        self.identities = identities
        for index in range(len(identities)):
            self.fleet.allow(index)

    def pump_until(
        self, is_done: Callable[[], bool], listener: Listener | None = None, timeout_s: float = 20
    ) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not is_done():
            assert time.monotonic() < deadline_s, (self.told, self.fleet.tally)
            self.fleet.pump(0.02)
            if listener is not None:
                listener.wait(lambda: True)
                listener._client.loop(0.001)

    def report(self, index: int, n: int) -> None:
        topic = f"gigacity/v1/{self.identities[index]}/pon"
        self.fleet.send(index, Message(topic, b'{"n":%d}' % n, n, {"pon_port": 2}))

    def close(self) -> None:
        self.fleet.close(reason="over", timeout_s=5)


def _fleet_identities(broker: Broker, prefix: str, count: int) -> list[str]:
    identities = [f"{AREA}/olt/{prefix}-{n}" for n in range(count)]
    broker.add_users({identity: broker.password_of(identity) for identity in identities})
    return identities


def test_a_fleet_connects_reports_and_says_farewell(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identities = _fleet_identities(broker, "fleet-ok", 30)
    listener = listen(identities)
    scene = FleetScene(_endpoint(broker), identities)
    for index in range(30):
        for n in range(1, 41):
            scene.report(index, n)
    fleet = scene.fleet
    scene.pump_until(lambda: fleet.oldest_unacknowledged_ms() is None, listener)
    assert (fleet.connected, fleet.clients) == (30, 30)
    scene.close()
    listener.wait(lambda: len(listener.seen) == 30 * 42)
    for identity in identities:
        states = [status["state"] for status in listener.statuses(identity)]
        assert states == ["online", "offline"]
        assert listener.statuses(identity)[1]["reason"] == "over"
        assert [x["n"] for x in listener.reports(identity)] == list(range(1, 41))
    assert fleet.tally.points_acked == {"pon_port": 30 * 40 * 2}
    assert fleet.tally.messages_acked == fleet.tally.messages_sent == 30 * 42
    assert scene.told == []


def test_a_cut_client_s_will_is_sent_and_its_data_follow_later(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identities = _fleet_identities(broker, "fleet-cut", 2)
    listener = listen(identities)
    scene = FleetScene(_endpoint(broker), identities)
    scene.report(0, 1)
    scene.pump_until(lambda: len(listener.seen) == 3, listener)
    scene.fleet.cut(0)
    for n in (2, 3):
        scene.report(0, n)
    scene.report(1, 9)
    scene.pump_until(lambda: len(listener.seen) == 5, listener)
    assert [s["state"] for s in listener.statuses(identities[0])] == ["online", "offline"]
    assert scene.fleet.oldest_unacknowledged_ms() == 2
    scene.fleet.allow(0)
    scene.pump_until(lambda: len(listener.seen) == 8, listener)
    topics = [(t.rsplit("/", 1)[-1], x.get("n", x.get("state"))) for t, _, x in listener.seen[5:]]
    assert topics == [("status", "online"), ("pon", 2), ("pon", 3)]
    scene.close()


def test_a_killed_client_forgets_what_it_had_to_say(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identities = _fleet_identities(broker, "fleet-kill", 1)
    listener = listen(identities)
    scene = FleetScene(_endpoint(broker), identities)
    scene.pump_until(lambda: len(listener.seen) == 1, listener)
    scene.report(0, 1)
    scene.fleet.kill(0)
    scene.pump_until(lambda: len(listener.seen) == 2, listener)
    scene.fleet.allow(0)
    scene.report(0, 2)
    scene.pump_until(lambda: len(listener.seen) == 4, listener)
    assert [x["n"] for x in listener.reports(identities[0])] == [2]
    scene.close()


def test_a_fleet_outlives_a_restart_of_the_broker(fresh_broker: Broker) -> None:
    identities = _fleet_identities(fresh_broker, "fleet-restart", 5)
    scene = FleetScene(_endpoint(fresh_broker), identities)
    scene.pump_until(lambda: scene.fleet.connected == 5)
    before_ms = scene.fleet.undisturbed_since_ms()
    fresh_broker.stop()
    for index in range(5):
        scene.report(index, 1)
    scene.pump_until(lambda: any("cannot reach" in text for text in scene.told))
    assert "is the broker running there?" in " ".join(scene.told)
    fresh_broker.start()
    scene.pump_until(lambda: scene.fleet.oldest_unacknowledged_ms() is None)
    assert scene.fleet.connected == 5
    assert scene.fleet.undisturbed_since_ms() > before_ms
    assert scene.fleet.tally.points_acked == {"pon_port": 10}
    scene.close()


def test_a_wrong_field_secret_is_said_once_and_tried_again(broker: Broker) -> None:
    identities = _fleet_identities(broker, "fleet-secret", 8)
    scene = FleetScene(_endpoint(broker, secret="sixteen characters and wrong"), identities)
    scene.pump_until(lambda: bool(scene.told))
    assert "GIGACITY_SIMULATE_FIELD_SECRET" in scene.told[0]
    assert "Not authorized" in scene.told[0]
    scene.pump_until(lambda: scene.fleet.stations[0].retry.until_s > 0)
    assert len(scene.told) == 1
    assert scene.fleet.connected == 0
    scene.close()


def test_what_does_not_fit_into_the_socket_waits_for_it(fresh_broker: Broker) -> None:
    """The broker stands still for a moment; nothing blocks meanwhile, and nothing is lost."""
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("this broker is not the tests' to pause")
    identities = _fleet_identities(fresh_broker, "fleet-full", 1)
    scene = FleetScene(_endpoint(fresh_broker), identities)
    scene.pump_until(lambda: scene.fleet.connected == 1)
    fresh_broker.pause()
    payload = b"x" * 900_000
    for n in range(15):
        message = Message(f"gigacity/v1/{identities[0]}/pon", payload, n, {"pon_port": 1})
        scene.fleet.send(0, message)
    started_s = time.monotonic()
    for _ in range(5):
        scene.fleet.pump(0.02)
    assert time.monotonic() - started_s < 2
    connection = scene.fleet.stations[0].connection
    assert connection is not None
    assert connection.wants_write
    fresh_broker.resume()
    scene.pump_until(lambda: scene.fleet.tally.points_acked["pon_port"] == 15)
    assert scene.told == []
    scene.close()


def test_messages_that_the_access_list_forbids_are_said_and_counted(broker: Broker) -> None:
    identities = _fleet_identities(broker, "fleet-acl", 1)
    scene = FleetScene(_endpoint(broker), identities)
    forbidden = f"gigacity/v1/{AREA}/olt/somebody-else/pon"
    scene.fleet.send(0, Message(forbidden, b"{}", 1, {"pon_port": 1}))
    scene.pump_until(lambda: bool(scene.told))
    assert "pattern write gigacity/v1/%u/#" in scene.told[0]
    assert scene.fleet.tally.messages_refused == 1
    assert scene.fleet.tally.points_acked == {}
    scene.close()


class _FastClock(SystemClock):
    """The machine's clock, which can be set forward."""

    ahead_s = 0.0

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.ahead_s


def test_a_broker_that_never_answers_connect_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        address = parse_url("X", f"mqtt://127.0.0.1:{silent.getsockname()[1]}", ("mqtt",))
        clock = _FastClock()
        scene = FleetScene(Endpoint(address, None, Secret("")), [f"{AREA}/olt/x"], clock)
        scene.fleet.pump(0.02)
        before = scene.fleet.stations[0].connection
        clock.ahead_s = 11
        scene.fleet.pump(0.02)
        after = scene.fleet.stations[0].connection
        assert (before is None, after is None) == (False, True)
        assert "does not answer CONNECT" in scene.told[0]
        scene.close()


def test_file_descriptors_beyond_1023_work(broker: Broker) -> None:
    """select() cannot watch them, and paho's own loop fails on them without a word."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit[1] < 1400:
        pytest.skip(f"this user may open only {limit[1]} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit[0], 1400), limit[1]))
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        identities = _fleet_identities(broker, "fleet-fd", 3)
        scene = FleetScene(_endpoint(broker), identities)
        scene.report(0, 1)
        scene.pump_until(lambda: scene.fleet.tally.messages_acked == 4)
        assert min(s.connection.fd for s in scene.fleet.stations if s.connection) > 1023
        scene.close()
    finally:
        for fd in held:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


@pytest.fixture
def tls_broker(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A Mosquitto with a certificate of its own, for anybody: its URL and the certificate."""
    openssl, mosquitto = shutil.which("openssl"), shutil.which("mosquitto", path=_BINARIES)
    if openssl is None or mosquitto is None:
        pytest.skip("openssl and mosquitto are needed")
    cert, key = self_signed(tmp_path)
    port = free_port()
    config = tmp_path / "mosquitto.conf"
    config.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n"
        f"certfile {cert}\nkeyfile {key}\n"
    )
    log = (tmp_path / "mosquitto.log").open("wb")
    child = subprocess.Popen([mosquitto, "-c", str(config)], stdout=log, stderr=log)
    wait_until(lambda: _listens(port), "the TLS broker listens")
    yield f"mqtts://127.0.0.1:{port}", cert
    child.terminate()
    child.wait(10)
    log.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_tls_clients_publish_more_than_a_record_at_once(tls_broker: tuple[str, Path]) -> None:
    url, cert = tls_broker
    endpoint = broker_from(url, {}, ca=cert)
    identities = [f"{AREA}/olt/tls-{n}" for n in range(4)]
    scene = FleetScene(endpoint, identities)
    for index in range(4):
        for n in range(200):
            scene.report(index, n)
    scene.pump_until(lambda: scene.fleet.tally.points_acked["pon_port"] == 4 * 200 * 2)
    scene.close()
    assert scene.told == []


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_from_elsewhere_is_a_clear_error(tls_broker: tuple[str, Path]) -> None:
    url, _ = tls_broker
    scene = FleetScene(broker_from(url, {}), [f"{AREA}/olt/tls"])
    scene.pump_until(lambda: bool(scene.told))
    assert "certificate verify failed" in scene.told[0]
    scene.close()


def test_nobody_listening_is_a_clear_error() -> None:
    address = parse_url("GIGACITY_MQTT_URL", "mqtt://127.0.0.1:1", ("mqtt",))
    client = FieldClient(Endpoint(address, None, Secret("")), f"{AREA}/olt/nobody")
    with pytest.raises(FieldError, match=r"cannot reach mqtt://127.0.0.1:1.*refused"):
        client.connect()


def test_the_command_runs_until_sigterm_and_leaves_everybody_offline(
    broker: Broker, listen: Callable[[list[str]], Listener], tmp_path: Path
) -> None:
    """Every point that it counts as acknowledged has arrived, once; each client said farewell."""
    folder = write_city(tmp_path / "city")
    edit(
        folder, "city.yaml", "pon_s: 60, device_s: {camera: 60}", "pon_s: 1, device_s: {camera: 1}"
    )
    roster = build_roster(load_city(folder), seed=1)
    identities = [publisher.identity for publisher in roster.publishers]
    broker.add_users({identity: broker.password_of(identity) for identity in identities})
    listener = listen(identities)
    stats, truth = tmp_path / "stats.json", tmp_path / "truth.jsonl"
    gigacity = Path(sys.executable).with_name("gigacity")
    command = [str(gigacity), "simulate", "--city", str(folder)]
    outputs = ["--stats", str(stats), "--truth", str(truth), "--grid-s", "1"]
    environ = os.environ | {
        "GIGACITY_SIMULATE_FIELD_SECRET": broker.field_secret,
        "GIGACITY_MQTT_URL": broker.url,
        **({"GIGACITY_MQTT_CA": str(broker.ca)} if broker.ca else {}),
    }
    child = subprocess.Popen([*command, *outputs], env=environ, stderr=subprocess.PIPE, text=True)
    listener.wait(lambda: len(listener.seen) > 60)
    child.terminate()
    listener.wait(lambda: child.poll() is not None)
    _, said = child.communicate(timeout=10)
    assert child.returncode == 0, said
    assert "ended:" in said
    counts = json.loads(stats.read_text())
    listener.wait(lambda: len(listener.seen) == counts["messages_acked"])
    points = Counter(
        ("pon_port", topic, x["ts"], p["slot"], p["port"])
        for topic, _, x in listener.seen
        for p in x.get("ports", ())
    )
    assert len(points) == sum(points.values()) == counts["points_acked"]["pon_port"] > 0
    ends = [
        listener.statuses(identity)[-1] for identity in identities if listener.statuses(identity)
    ]
    assert {end["state"] for end in ends} == {"offline"}
    assert {end["reason"] for end in ends} == {"the simulation ended"}
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    assert len({line["t"] for line in lines}) == len(lines) > 0
    assert all(line["t"] % 1000 == 0 for line in lines)
