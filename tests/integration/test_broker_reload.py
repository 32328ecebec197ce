"""A broker that reads its files again loses nothing of a session that it restored."""

import time

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.mqtt_probe import wait_until
from tests.support.processes import Broker

pytestmark = pytest.mark.integration

OLT = "371602/olt/olt-a"
TOPIC = f"gigacity/v1/{OLT}/pon"


def _worker(broker: Broker, got: list[bytes]) -> mqtt.Client:
    """A persistent session, as a worker's: what it receives goes to ``got``."""
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id="worker-of-the-test", protocol=mqtt.MQTTv5
    )
    client.username_pw_set(broker.worker.username, broker.worker.password)
    client.on_message = lambda _client, _data, message: got.append(bytes(message.payload))
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    port = int(broker.worker_url.rsplit(":", 1)[1])
    client.connect("127.0.0.1", port, clean_start=False, properties=properties)
    client.loop_start()
    wait_until(client.is_connected, "the worker is connected")
    return client


def _publish(broker: Broker, password: str, payload: bytes) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set(OLT, password)
    client.connect(broker.host, broker.port)
    client.loop_start()
    client.publish(TOPIC, payload, qos=1).wait_for_publish(10)
    client.disconnect()
    client.loop_stop()


def test_a_reload_loses_nothing_of_a_restored_session(fresh_broker: Broker) -> None:
    """Restarted, then told of a new publisher, before the worker is back."""
    broker = fresh_broker
    login = broker.add_user(OLT)
    got: list[bytes] = []
    worker = _worker(broker, got)
    worker.subscribe("gigacity/v1/#", qos=1)
    _publish(broker, login.password, b"first")
    wait_until(lambda: got == [b"first"], "the subscription is there")
    worker.disconnect()
    worker.loop_stop()
    time.sleep(0.2)
    broker.stop()
    broker.start()
    broker.add_user("371602/olt/olt-new")

    _publish(broker, login.password, b"after the reload")

    worker = _worker(broker, got)
    wait_until(lambda: b"after the reload" in got, "what was acknowledged is delivered")
    worker.disconnect()
    worker.loop_stop()
