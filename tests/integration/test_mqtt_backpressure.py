"""A worker that holds enough leaves its socket unread, keeps its session, and goes on later."""

import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.adapters.mqtt import MQTTLink
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.waker import Waker
from tests.support.processes import Broker

pytestmark = pytest.mark.integration

IDENTITY = "371602/olt/olt-full"
TOPIC = f"gigacity/v1/{IDENTITY}/pon"
PAYLOAD = b"x" * 16_000
MESSAGES = 600
ENOUGH = 50
A_RECEIVE = 256 * 1024 // len(PAYLOAD) + 1


class Hold:
    """A receiver that has room for so many messages and acknowledges nothing by itself."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.mids: list[int] = []
        self.taken = 0
        self.sessions = 0

    def on_session(self, *, is_resumed: bool) -> None:
        self.sessions += 1

    def on_publish(
        self, mid: int, topic: bytes, payload: bytes, qos: int, retain: bool, dup: bool
    ) -> None:
        self.mids.append(mid)
        self.taken += 1

    def on_packets(self, packets: list[tuple[int, bytes, bytes, int, int]], start: int) -> None:
        self.mids += [packet[0] for packet in packets]
        self.taken += len(packets)

    def has_room(self) -> bool:
        return len(self.mids) < self.room

    def on_connection_end(self) -> None:
        self.mids.clear()


def _turn_until(link: MQTTLink, seconds: float, done: object = None) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and not (callable(done) and done()):
        link.turn(0.05)


def _publish(broker: Broker) -> None:
    login = broker.add_user(IDENTITY)
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.username_pw_set(login.username, login.password)
    client.max_inflight_messages_set(100)
    client.connect(broker.host, broker.port)
    client.loop_start()
    sent = [client.publish(TOPIC, PAYLOAD, 1) for _ in range(MESSAGES)]
    for message in sent:
        message.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


def test_the_socket_is_left_unread_while_enough_is_held(broker: Broker) -> None:
    """Mosquitto 2.0 exceeds Receive Maximum once acknowledgements have begun."""
    ok, waker = Hold(ENOUGH), Waker()
    health = HealthState("session")
    endpoint = MQTTEndpoint(
        parse_url("GIGACITY_MQTT_URL", broker.worker_url, ("mqtt", "mqtts")),
        client_id="backpressure",
        filters=(f"gigacity/v1/{IDENTITY}/#",),
        username=broker.worker.username,
        password=Secret(broker.worker.password),
        ca_file=str(broker.ca or ""),
        keepalive_s=2,
        receive_maximum=ENOUGH,
        session_expiry_s=60,
    )
    link = MQTTLink(
        endpoint, ok, waker=waker, health=health,
        subscriptions=HealthState("subscriptions", problem=""), clock=SystemClock(),
    )  # fmt: skip
    _turn_until(link, 5, lambda: health.is_ok)
    _publish(broker)
    _turn_until(link, 5, lambda: ok.taken >= ENOUGH)

    link.acknowledge(ok.mids[:20])
    del ok.mids[:20]
    # More than twice the keepalive: an unread answer to a ping must not end the connection, and
    # the pings that go on being sent keep the broker from ending it.
    _turn_until(link, 5)
    assert ENOUGH <= ok.taken <= ENOUGH + 20 + 2 * A_RECEIVE
    assert (ok.sessions, link.is_connected) == (1, True)

    ok.room = MESSAGES + 1
    _turn_until(link, 10, lambda: ok.taken == MESSAGES)
    assert ok.taken == MESSAGES
    link.acknowledge(ok.mids)
    link.leave()
    _turn_until(link, 5, lambda: not link.is_connected)
    link.close()
    waker.close()
