"""A device or a platform that publishes whatever it likes, under an account of the field.

It blocks: each publish returns with the broker's verdict. What it subscribes is collected.
"""

import threading
from types import TracebackType
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from tests.support.mqtt_probe import wait_until
from tests.support.processes import Broker

_REFUSED = 0x80
_PUBACK_S = 20.0


class ForeignClient:
    """One connection, MQTT 5, QoS 1."""

    def __init__(self, broker: Broker, user: str, *topics: str) -> None:
        self.received: list[tuple[str, bytes]] = []
        """Topic and payload of what came on ``topics``."""
        self._answered = threading.Event()
        self._connected = threading.Event()
        self._verdict = 0
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=user, protocol=paho.MQTTv5)
        client.username_pw_set(user, broker.password_of(user))
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.on_message = lambda _c, _d, message: self.received.append(
            (message.topic, bytes(message.payload))
        )
        client.connect(broker.host, broker.port)
        client.loop_start()
        self._client = client
        wait_until(self._connected.is_set, f"{user} is connected")
        for topic in topics:
            client.subscribe(topic, qos=1)

    def _on_connect(
        self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, _more: Any
    ) -> None:
        if not code.is_failure:
            self._connected.set()

    def _on_publish(
        self, _client: Any, _data: Any, _mid: int, code: ReasonCode, _more: Any
    ) -> None:
        self._verdict = code.value
        self._answered.set()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Whether the broker let it publish that."""
        self._answered.clear()
        self._client.publish(topic, payload, qos=1, retain=retain)
        assert self._answered.wait(_PUBACK_S), f"a PUBACK for {topic}"
        return self._verdict < _REFUSED

    def __enter__(self) -> "ForeignClient":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
