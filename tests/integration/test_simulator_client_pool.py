"""A pool of the field against a real broker: cuts, restarts, refusals, full sockets, TLS."""

import os
import resource
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_deploy.sockets import free_port
from gigacity_simulators.clients.broker import Broker as Endpoint
from gigacity_simulators.clients.broker import broker_from
from gigacity_simulators.messages import OutgoingMessage
from tests.support.certificates import self_signed
from tests.support.field_scene import AREA, Listener, PoolScene, endpoint_of, pool_identities
from tests.support.mqtt_probe import wait_until
from tests.support.processes import Broker, LocalBroker
from tests.support.programs import program

pytestmark = pytest.mark.integration


def test_a_fleet_connects_reports_and_says_farewell(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identities = pool_identities(broker, "pool-ok", 30)
    listener = listen(identities)
    scene = PoolScene(endpoint_of(broker), identities)
    for index in range(30):
        for n in range(1, 41):
            scene.report(index, n)
    pool = scene.pool
    scene.pump_until(lambda: pool.oldest_unacknowledged_ms() is None, listener)
    assert (pool.connected, pool.clients) == (30, 30)
    scene.close()
    listener.wait(lambda: len(listener.seen) == 30 * 42)
    for identity in identities:
        states = [status["state"] for status in listener.statuses(identity)]
        assert states == ["online", "offline"]
        assert listener.statuses(identity)[1]["reason"] == "over"
        assert [x["n"] for x in listener.reports(identity)] == list(range(1, 41))
    assert pool.counts.points_acked == {"pon_port": 30 * 40 * 2}
    assert pool.counts.messages_acked == pool.counts.messages_sent == 30 * 42
    assert scene.told == []


def test_a_cut_client_s_will_is_sent_and_its_data_follow_later(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identities = pool_identities(broker, "pool-cut", 2)
    listener = listen(identities)
    scene = PoolScene(endpoint_of(broker), identities)
    scene.report(0, 1)
    scene.pump_until(lambda: len(listener.seen) == 3, listener)
    scene.pool.cut(0)
    for n in (2, 3):
        scene.report(0, n)
    scene.report(1, 9)
    scene.pump_until(lambda: len(listener.seen) == 5, listener)
    assert [s["state"] for s in listener.statuses(identities[0])] == ["online", "offline"]
    assert scene.pool.oldest_unacknowledged_ms() == 2
    scene.pool.allow(0)
    scene.pump_until(lambda: len(listener.seen) == 8, listener)
    topics = [(t.rsplit("/", 1)[-1], x.get("n", x.get("state"))) for t, _, x in listener.seen[5:]]
    assert topics == [("status", "online"), ("pon", 2), ("pon", 3)]
    scene.close()


def test_a_killed_client_forgets_what_it_had_to_say(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identities = pool_identities(broker, "pool-kill", 1)
    listener = listen(identities)
    scene = PoolScene(endpoint_of(broker), identities)
    scene.pump_until(lambda: len(listener.seen) == 1, listener)
    scene.report(0, 1)
    scene.pool.kill(0)
    scene.pump_until(lambda: len(listener.seen) == 2, listener)
    scene.pool.allow(0)
    scene.report(0, 2)
    scene.pump_until(lambda: len(listener.seen) == 4, listener)
    assert [x["n"] for x in listener.reports(identities[0])] == [2]
    scene.close()


def test_a_fleet_outlives_a_restart_of_the_broker(fresh_broker: Broker) -> None:
    identities = pool_identities(fresh_broker, "pool-restart", 5)
    scene = PoolScene(endpoint_of(fresh_broker), identities)
    scene.pump_until(lambda: scene.pool.connected == 5)
    before_ms = scene.pool.undisturbed_since_ms()
    fresh_broker.stop()
    for index in range(5):
        scene.report(index, 1)
    scene.pump_until(lambda: any("cannot reach" in text for text in scene.told))
    assert "is the broker running there?" in " ".join(scene.told)
    fresh_broker.start()
    scene.pump_until(lambda: scene.pool.oldest_unacknowledged_ms() is None)
    assert scene.pool.connected == 5
    assert scene.pool.undisturbed_since_ms() > before_ms
    assert scene.pool.counts.points_acked == {"pon_port": 10}
    scene.close()


def test_a_wrong_field_secret_is_said_once_and_tried_again(broker: Broker) -> None:
    identities = pool_identities(broker, "pool-secret", 8)
    scene = PoolScene(endpoint_of(broker, secret="sixteen characters and wrong"), identities)
    scene.pump_until(lambda: bool(scene.told))
    assert "GIGACITY_SIMULATE_FIELD_SECRET" in scene.told[0]
    assert "Not authorized" in scene.told[0]
    scene.pump_until(lambda: scene.pool.publishers[0].retry.until_s > 0)
    assert len(scene.told) == 1
    assert scene.pool.connected == 0
    scene.close()


def test_what_does_not_fit_into_the_socket_waits_for_it(fresh_broker: Broker) -> None:
    """The broker stands still for a moment; nothing blocks meanwhile, and nothing is lost."""
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("this broker is not the tests' to pause")
    identities = pool_identities(fresh_broker, "pool-full", 1)
    scene = PoolScene(endpoint_of(fresh_broker), identities)
    scene.pump_until(lambda: scene.pool.connected == 1)
    fresh_broker.pause()
    payload = b"x" * 900_000
    for n in range(15):
        message = OutgoingMessage(f"gigacity/v1/{identities[0]}/pon", payload, n, {"pon_port": 1})
        scene.pool.send(0, message)
    started_s = time.monotonic()
    for _ in range(5):
        scene.pool.pump(0.02)
    assert time.monotonic() - started_s < 2
    connection = scene.pool.publishers[0].connection
    assert connection is not None
    assert connection.wants_write
    fresh_broker.resume()
    scene.pump_until(lambda: scene.pool.counts.points_acked["pon_port"] == 15)
    assert scene.told == []
    scene.close()


def test_messages_that_the_access_list_forbids_are_said_and_counted(broker: Broker) -> None:
    identities = pool_identities(broker, "pool-acl", 1)
    scene = PoolScene(endpoint_of(broker), identities)
    forbidden = f"gigacity/v1/{AREA}/olt/somebody-else/pon"
    scene.pool.send(0, OutgoingMessage(forbidden, b"{}", 1, {"pon_port": 1}))
    scene.pump_until(lambda: bool(scene.told))
    assert "pattern write gigacity/v1/%u/#" in scene.told[0]
    assert scene.pool.counts.messages_refused == 1
    assert scene.pool.counts.points_acked == {}
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
        scene = PoolScene(Endpoint(address, None, Secret("")), [f"{AREA}/olt/x"], clock)
        scene.pool.pump(0.02)
        before = scene.pool.publishers[0].connection
        clock.ahead_s = 11
        scene.pool.pump(0.02)
        after = scene.pool.publishers[0].connection
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
        identities = pool_identities(broker, "pool-fd", 3)
        scene = PoolScene(endpoint_of(broker), identities)
        scene.report(0, 1)
        scene.pump_until(lambda: scene.pool.counts.messages_acked == 4)
        assert min(s.connection.fd for s in scene.pool.publishers if s.connection) > 1023
        scene.close()
    finally:
        for fd in held:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


@pytest.fixture
def tls_broker(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A Mosquitto with a certificate of its own, for anybody: its URL and the certificate."""
    mosquitto = program("mosquitto")
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
    endpoint = broker_from(url, Secret(""), ca=cert)
    identities = [f"{AREA}/olt/tls-{n}" for n in range(4)]
    scene = PoolScene(endpoint, identities)
    for index in range(4):
        for n in range(200):
            scene.report(index, n)
    scene.pump_until(lambda: scene.pool.counts.points_acked["pon_port"] == 4 * 200 * 2)
    scene.close()
    assert scene.told == []


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_certificate_from_elsewhere_is_a_clear_error(tls_broker: tuple[str, Path]) -> None:
    url, _ = tls_broker
    scene = PoolScene(broker_from(url, Secret("")), [f"{AREA}/olt/tls"])
    scene.pump_until(lambda: bool(scene.told))
    assert "certificate verify failed" in scene.told[0]
    scene.close()
