"""Nobody's account of the field can end, empty or read a session that is not its own."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from gigacity_deploy.broker_log import turned_away
from tests.support.mqtt_probe import can_connect, wait_until
from tests.support.processes import Broker, LocalBroker, Login

pytestmark = pytest.mark.integration

AREA = "371602"
WORKER_ID = "gigacity-worker-0"
HONEST, HOSTILE = f"{AREA}/olt/honest", f"{AREA}/olt/hostile"
DAY_S = 86_400
MESSAGES = 100


class Client:
    """One connection, and what came of it."""

    def __init__(
        self, broker: Broker, port: int, login: Login, client_id: str, *, is_clean: bool = True
    ) -> None:
        self.topics: list[str] = []
        self.endings: list[str] = []
        self.sessions: list[bool] = []
        self.granted: list[list[int]] = []
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
        )
        client.username_pw_set(login.username, login.password)
        client.on_message = lambda _c, _d, message: self.topics.append(message.topic)
        client.on_connect = lambda _c, _d, flags, _r, _p: self.sessions.append(
            flags.session_present
        )
        client.on_disconnect = lambda _c, _d, _f, code, _p: self.endings.append(str(code))
        client.on_subscribe = lambda _c, _d, _m, codes, _p: self.granted.append(
            [code.value for code in codes]
        )
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 0 if is_clean else DAY_S
        client.connect(broker.host, port, clean_start=is_clean, properties=properties)
        client.loop_start()
        self.client = client
        wait_until(lambda: bool(self.sessions), f"{login.username} is answered")

    def subscribe(self, *filters: str) -> None:
        """Subscribe, and wait for the answer."""
        self.client.subscribe([(name, SubscribeOptions(qos=1)) for name in filters])
        wait_until(lambda: bool(self.granted), "the subscription is answered")

    def publish(self, count: int, topic: str) -> None:
        """Publish, and wait until all are acknowledged."""
        sent = [self.client.publish(topic, b"{}", 1) for _ in range(count)]
        for message in sent:
            message.wait_for_publish(30)

    def close(self) -> None:
        """Leave in order."""
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def _client(*args: Any, **options: Any) -> Iterator[Client]:
    client = Client(*args, **options)
    try:
        yield client
    finally:
        client.close()


def _worker(broker: Broker) -> Any:
    return _client(broker, broker.worker_port, broker.worker, WORKER_ID, is_clean=False)


def _telemetry(identity: str) -> str:
    return f"gigacity/v1/{identity}/telemetry"


@pytest.fixture
def logins(broker: Broker) -> tuple[Login, Login]:
    honest, hostile = broker.add_users(
        {name: broker.password_of(name) for name in (HONEST, HOSTILE)}
    )
    return honest, hostile


def test_a_device_with_the_workers_client_id_neither_ends_nor_takes_its_session(
    broker: Broker, logins: tuple[Login, Login]
) -> None:
    honest, hostile = logins
    with _worker(broker) as worker, _client(broker, broker.port, honest, "any") as device:
        worker.subscribe(f"gigacity/v1/{AREA}/#")
        for _ in range(5):
            with _client(broker, broker.port, hostile, WORKER_ID) as taker:
                assert not taker.sessions[0]
                device.publish(MESSAGES // 5, _telemetry(HONEST))
        wait_until(lambda: len(worker.topics) >= MESSAGES, "the worker has all")
        assert not worker.endings


def test_a_connect_in_the_workers_name_while_it_is_away_deletes_nothing(
    broker: Broker, logins: tuple[Login, Login]
) -> None:
    honest, hostile = logins
    with _worker(broker) as worker:
        worker.subscribe(f"gigacity/v1/{AREA}/#")
    with _client(broker, broker.port, honest, "any") as device:
        device.publish(MESSAGES, _telemetry(HONEST))
    with _client(broker, broker.port, hostile, WORKER_ID):
        pass
    with _worker(broker) as worker:
        assert worker.sessions == [True]
        wait_until(lambda: len(worker.topics) >= MESSAGES, "the queue is delivered")


def test_the_queue_waits_over_a_restart_of_the_broker_and_grows_after_it(
    fresh_broker: LocalBroker,
) -> None:
    """A session that was read from disk belongs to its listener, and to its access list."""
    login = fresh_broker.add_user(HONEST)
    with _worker(fresh_broker) as worker:
        worker.subscribe(f"gigacity/v1/{AREA}/#")
    for _ in range(2):
        with _client(fresh_broker, fresh_broker.port, login, "any") as device:
            device.publish(MESSAGES, _telemetry(HONEST))
        fresh_broker.stop()
        fresh_broker.start()
    with _worker(fresh_broker) as worker:
        assert worker.sessions == [True]
        wait_until(lambda: len(worker.topics) >= 2 * MESSAGES, "the queue is delivered")


def test_devices_cannot_end_each_others_connections(
    broker: Broker, logins: tuple[Login, Login]
) -> None:
    honest, hostile = logins
    with _client(broker, broker.port, honest, HONEST) as device:
        for client_id in (HONEST, "any", ""):
            with _client(broker, broker.port, hostile, client_id):
                device.publish(1, _telemetry(HONEST))
        assert not device.endings


def test_a_device_has_one_session_however_many_client_ids_it_names(
    broker: Broker, logins: tuple[Login, Login]
) -> None:
    hostile = logins[1]
    with _client(broker, broker.port, hostile, "first", is_clean=False):
        pass
    for number in range(5):
        options = {"is_clean": False}
        with _client(broker, broker.port, hostile, f"other-{number}", **options) as again:
            assert again.sessions == [True]
    with _client(broker, broker.port, hostile, "clean"):
        pass


def test_each_listener_knows_its_own_accounts_alone(
    broker: Broker, logins: tuple[Login, Login]
) -> None:
    honest = logins[0]
    assert not can_connect(broker.host, broker.worker_port, honest.username, honest.password)
    worker = broker.worker
    assert not can_connect(broker.host, broker.port, worker.username, worker.password)


def test_a_device_reads_nothing_whatever_it_subscribes_to(
    broker: Broker, logins: tuple[Login, Login]
) -> None:
    honest, hostile = logins
    with _worker(broker) as worker, _client(broker, broker.port, hostile, "reader") as reader:
        worker.subscribe(f"gigacity/v1/{AREA}/#")
        reader.subscribe("#", f"gigacity/v1/{HONEST}/#", "$share/its-own/gigacity/v1/#")
        with _client(broker, broker.port, honest, "any") as device:
            device.publish(MESSAGES, _telemetry(HONEST))
        wait_until(lambda: len(worker.topics) >= MESSAGES, "the worker has all")
        time.sleep(0.2)
        assert not reader.topics
    if isinstance(broker, LocalBroker):
        found = turned_away(broker.log_lines())
        assert found.counts[HOSTILE, "subscriptions"] >= 3


def test_who_is_revoked_is_put_out_at_once_and_nobody_else(fresh_broker: Broker) -> None:
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("the broker's password file must be the tests' own")
    honest, hostile = (fresh_broker.add_user(name) for name in (HONEST, HOSTILE))
    port = fresh_broker.port
    with (
        _client(fresh_broker, port, honest, "any") as device,
        _client(fresh_broker, port, hostile, "any") as revoked,
        _worker(fresh_broker) as worker,
    ):
        worker.subscribe(f"gigacity/v1/{AREA}/#")
        fresh_broker.remove_user(HOSTILE)
        wait_until(lambda: bool(revoked.endings), "its connection is ended")
        device.publish(1, _telemetry(HONEST))
        wait_until(lambda: len(worker.topics) == 1, "the others go on")
        assert not device.endings
    assert not can_connect(fresh_broker.host, port, hostile.username, hostile.password)


@pytest.mark.parametrize("protocol", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])
def test_a_publish_outside_its_path_is_acknowledged_on_311_and_named_by_the_brokers_log(
    fresh_broker: Broker, protocol: MQTTProtocolVersion
) -> None:
    """The level that names it is switched on and off while the broker runs."""
    if not isinstance(fresh_broker, LocalBroker):
        pytest.skip("the broker's log must be the tests' own")
    login = fresh_broker.add_user(HOSTILE)
    assert not turned_away(fresh_broker.log_lines()).tells
    fresh_broker.add_setting("log_type debug")
    answers: list[int] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id="any", protocol=protocol)
    client.username_pw_set(login.username, login.password)
    client.on_publish = lambda _c, _d, _m, code, _p: answers.append(code.value)
    client.connect(fresh_broker.host, fresh_broker.port)
    client.loop_start()
    client.publish(_telemetry(HONEST), b"{}", 1)
    wait_until(lambda: bool(answers), "it is answered")
    client.disconnect()
    client.loop_stop()

    assert answers == [0 if protocol == MQTTProtocolVersion.MQTTv311 else 0x87]
    found = turned_away(fresh_broker.log_lines())
    assert found.counts == {(HOSTILE, "outside its path"): 1}
    assert found.topics == {(HOSTILE, "outside its path"): _telemetry(HONEST)}


@pytest.mark.parametrize(("knows_it", "dealt"), [(False, MESSAGES), (True, MESSAGES // 2)])
def test_a_group_whose_name_a_device_does_not_know_deals_it_nothing(
    fresh_broker: Broker, knows_it: bool, dealt: int
) -> None:
    """Mosquitto lets anybody subscribe, so the name is what keeps devices out."""
    broker = fresh_broker
    honest, hostile = (broker.add_user(name) for name in (HONEST, HOSTILE))
    group = f"$share/{secrets.token_hex(12)}/gigacity/v1/{AREA}/#"
    with (
        _client(broker, broker.worker_port, broker.worker, "in-a-group") as worker,
        _client(broker, broker.port, hostile, "reader") as reader,
        _client(broker, broker.port, honest, "any") as device,
    ):
        worker.subscribe(group)
        reader.subscribe(group if knows_it else "$share/guessed/gigacity/v1/#")
        device.publish(MESSAGES, _telemetry(HONEST))
        wait_until(lambda: len(worker.topics) >= dealt, "the worker has its part")
        time.sleep(0.2)
        assert (len(worker.topics), reader.topics) == (dealt, [])
