"""Publishes what a recording holds, on any topic that its account may write."""

import secrets
from dataclasses import replace
from types import TracebackType
from typing import Any

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError, GigacityError
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint, build_session_client
from gigacity_ingest.adapters.mqtt_failures import explain_failure, explain_refusal
from gigacity_ingest.adapters.mqtt_handshake import HANDSHAKE_TIMEOUT_S

_LOOP_S = 0.05
_WINDOW = 500
"""Messages without an answer; fewer where the broker asks for it."""
_ACK_TIMEOUT_S = 30.0
_MAX_NAMES = 5


class PlayingError(GigacityError):
    """The connection was lost, or the broker answers no more; says how far it came."""


class BrokerPublisher:
    """One connection that publishes; a context.

    Args:
        endpoint: broker and credentials; its client id is not used.
        clock: for timeouts.
    """

    def __init__(self, endpoint: MQTTEndpoint, clock: Clock) -> None:
        name = f"gigacity-replay-{secrets.token_hex(6)}"
        self._endpoint = replace(endpoint, client_id=name, filters=(), session_expiry_s=0)
        self._clock = clock
        self.taken = 0
        """Messages that the broker took; of QoS 0, that were sent."""
        self.refused = 0
        self.refused_topics: dict[str, str] = {}
        """The first of them, with the broker's reason."""
        self._open: dict[int, str] = {}
        self._window = _WINDOW
        self._answer: ReasonCode | None = None
        self._client = build_session_client(self._endpoint, lambda *_: None, max_inflight=_WINDOW)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish

    def __enter__(self) -> "BrokerPublisher":
        """Connect.

        Raises:
            ConfigError: the broker cannot be reached, or refuses; names the setting.
        """
        try:
            self._client.reconnect()
        except (OSError, ValueError) as error:
            raise ConfigError(explain_failure(self._endpoint, error)) from error
        until_s = self._clock.monotonic_s() + HANDSHAKE_TIMEOUT_S
        while self._answer is None:
            code = self._client.loop(_LOOP_S)
            if self._answer is None and (code or self._clock.monotonic_s() > until_s):
                where = f"GIGACITY_MQTT_URL={self._endpoint.address}"
                raise ConfigError(f"{where}: the broker does not answer")
        if self._answer.is_failure:
            raise ConfigError(explain_refusal(self._endpoint, str(self._answer)))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the connection."""
        properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call] # paho's gap
        self._client.disconnect(properties=properties)
        self._client.loop(_LOOP_S)

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Publish one message; waits while too many have no answer.

        Raises:
            PlayingError: see the class.
        """
        if len(self._open) >= self._window:
            self._wait_for(self._window // 2)
        info = self._client.publish(topic, payload, qos=qos, retain=retain)
        if qos:
            self._open[info.mid] = topic
        if self._client.want_write():
            self._turn(0)

    def wait_until(self, until_s: float) -> None:
        """Serve the connection until a monotonic time.

        Raises:
            PlayingError: see the class.
        """
        while (left_s := until_s - self._clock.monotonic_s()) > 0:
            self._turn(min(left_s, _LOOP_S))

    def finish(self) -> None:
        """Wait for the answer to every message.

        Raises:
            PlayingError: see the class.
        """
        self._wait_for(0)

    def _wait_for(self, few: int) -> None:
        until_s = self._clock.monotonic_s() + _ACK_TIMEOUT_S
        # Nobody answers QoS 0: it is out once nothing is left to be written.
        while len(self._open) > few or (not few and self._client.want_write()):
            if self._clock.monotonic_s() > until_s:
                raise PlayingError(
                    f"{len(self._open)} messages have no answer within {_ACK_TIMEOUT_S:g} s"
                )
            self._turn(_LOOP_S)

    def _turn(self, seconds: float) -> None:
        if self._client.loop(seconds):
            text = f"the connection to {self._endpoint.address} was lost"
            raise PlayingError(f"{text} after {self.taken} messages")

    def _on_connect(
        self, _client: Any, _data: Any, _flags: Any, code: ReasonCode, properties: Any
    ) -> None:
        self._answer = code
        self._window = min(getattr(properties, "ReceiveMaximum", _WINDOW), _WINDOW)

    def _on_publish(self, _client: Any, _data: Any, mid: int, code: ReasonCode, _m: Any) -> None:
        topic = self._open.pop(mid, "")
        if not code.is_failure:
            self.taken += 1
            return
        self.refused += 1
        if len(self.refused_topics) < _MAX_NAMES:
            self.refused_topics[topic] = str(code)
