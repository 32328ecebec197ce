"""MQTT 5's will delay: whoever is back in time was never away, and no will calls it out."""

import socket
import time

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.support.mqtt_probe import wait_until
from tests.support.processes import Broker, Login

pytestmark = pytest.mark.integration

IDENTITY = "371602/community/371602001001/camera-shaky"
STATUS = f"gigacity/v1/{IDENTITY}/status"
DELAY_S = 2


def _connect(broker: Broker, port: int, login: Login, **options: object) -> paho.Client:
    client = paho.Client(
        CallbackAPIVersion.VERSION2, client_id=login.username, protocol=paho.MQTTv5,
        reconnect_on_failure=False,
    )  # fmt: skip
    client.username_pw_set(login.username, login.password)
    if "will" in options:
        waits = Properties(PacketTypes.WILLMESSAGE)  # type: ignore[no-untyped-call]
        waits.WillDelayInterval = DELAY_S
        client.will_set(STATUS, str(options["will"]), qos=1, properties=waits)
    expires = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    expires.SessionExpiryInterval = 10 * DELAY_S
    # A clean start would end the session, and with it the wait.
    client.connect(broker.host, port, clean_start=False, properties=expires)
    client.loop_start()
    wait_until(client.is_connected, f"{login.username} is connected")
    return client


def _cut(client: paho.Client) -> None:
    """The link breaks: no DISCONNECT is sent."""
    connection = client.socket()
    assert connection is not None
    connection.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined] # a socket
    client.loop_stop()


def test_a_will_waits_for_a_link_that_comes_back(broker: Broker) -> None:
    (login,) = broker.add_users({IDENTITY: broker.password_of(IDENTITY)})
    wills: list[tuple[str, float]] = []
    worker = _connect(broker, broker.worker_port, broker.worker)
    worker.on_message = lambda _c, _d, m: wills.append((m.payload.decode(), time.monotonic()))
    worker.subscribe(STATUS, 1)
    _cut(_connect(broker, broker.port, login, will="first"))
    again = _connect(broker, broker.port, login, will="second")
    time.sleep(2 * DELAY_S)
    assert wills == []
    cut_s = time.monotonic()
    _cut(again)
    wait_until(lambda: bool(wills), "the will of one that stays away comes", timeout_s=10)
    ((said, came_s),) = wills
    assert (said, came_s - cut_s > DELAY_S - 1) == ("second", True)
    worker.disconnect()
    worker.loop_stop()
