"""Listens at a broker beside the workers: takes nothing from anybody, and changes nothing."""

import dataclasses
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint, build_session_client
from gigacity_ingest.adapters.mqtt_failures import explain_failure, explain_refusal
from gigacity_ingest.adapters.mqtt_handshake import HANDSHAKE_TIMEOUT_S
from gigacity_ingest.traffic.arrivals import Arrival

_LOOP_S = 0.1
_EXPIRY_S = 60
"""For how long the broker keeps what comes while the connection is away."""
_AGAIN_S = 1.0
_QUIET_S = 1.0
_COPIES_S = 30.0
_SEND_NO_COPIES = SubscribeOptions.RETAIN_DO_NOT_SEND
_SEND_COPIES = SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE

TakeArrival = Callable[[Arrival], None]


class BrokerListener:
    """One subscription of its own; a context that ends its session at the broker.

    It has an ordinary subscription under a name of its own, so every message comes here and to its
    worker alike. A lost connection is made again, and the broker keeps what came meanwhile.

    Args:
        endpoint: broker, credentials and filters; its client id is not used.
        clock: of the arrivals.
        take: given every message, in order.
        are_copies: take what the broker had retained already, and nothing else.
    """

    def __init__(
        self, endpoint: MQTTEndpoint, clock: Clock, take: TakeArrival, *, are_copies: bool = False
    ) -> None:
        name = f"gigacity-listener-{secrets.token_hex(6)}"
        self._endpoint = dataclasses.replace(
            endpoint, client_id=name, session_expiry_s=_EXPIRY_S, receive_maximum=1000
        )
        self._clock = clock
        self._take = take
        self._are_copies = are_copies
        self.losses = 0
        """Connections that were lost and made again."""
        self._refusal = ""
        self._is_subscribed = False
        self.last_s = 0.0
        """Monotonic time of the last message."""
        self._client = build_session_client(self._endpoint, self._deliver)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe

    def __enter__(self) -> "BrokerListener":
        """Connect and subscribe.

        Raises:
            ConfigError: the broker cannot be reached, or refuses; names the setting.
        """
        self._connect()
        until_s = self._clock.monotonic_s() + HANDSHAKE_TIMEOUT_S
        while not self._is_subscribed:
            code = self._client.loop(_LOOP_S)
            if self._refusal:
                raise ConfigError(self._refusal)
            if code or self._clock.monotonic_s() > until_s:
                text = "the connection ended" if code else "no answer to the subscription"
                raise ConfigError(f"GIGACITY_MQTT_URL={self._endpoint.address}: {text}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the session, so that the broker keeps nothing for it."""
        properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call] # paho's gap
        properties.SessionExpiryInterval = 0
        self._client.disconnect(properties=properties)
        self._client.loop(_LOOP_S)

    def listen_until(self, is_done: Callable[[], bool]) -> None:
        """Take messages until something holds.

        Raises:
            ConfigError: after a loss the broker refuses the connection.
        """
        again_s = 0.0
        while not is_done():
            if self._client.loop(_LOOP_S) == 0:
                continue
            if self._refusal:
                raise ConfigError(self._refusal)
            if self._clock.monotonic_s() >= again_s:
                again_s = self._clock.monotonic_s() + _AGAIN_S
                self.losses += self._is_subscribed
                self._is_subscribed = False
                self._try_again()
            else:
                time.sleep(_LOOP_S)

    def _connect(self) -> None:
        try:
            self._client.reconnect()
        except (OSError, ValueError) as error:
            raise ConfigError(explain_failure(self._endpoint, error)) from error

    def _try_again(self) -> None:
        try:
            self._client.reconnect()
        except OSError:
            return  # The broker is away; the next turn tries again.

    def _on_connect(
        self, client: Any, _data: Any, flags: Any, code: ReasonCode, _more: Any
    ) -> None:
        if code.is_failure:
            self._refusal = explain_refusal(self._endpoint, str(code))
        elif flags.session_present:
            self._is_subscribed = True
        else:
            options = SubscribeOptions(
                qos=1,
                retainAsPublished=not self._are_copies,
                retainHandling=_SEND_COPIES if self._are_copies else _SEND_NO_COPIES,
            )
            client.subscribe([(text, options) for text in self._endpoint.filters])

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _more: Any
    ) -> None:
        refused = [
            f"{text} ({code})"
            for text, code in zip(self._endpoint.filters, codes, strict=True)
            if code.is_failure
        ]
        if refused:
            self._refusal = f"the broker refuses the subscription to {', '.join(refused)}"
        self._is_subscribed = True
        self.last_s = self._clock.monotonic_s()

    def _deliver(
        self,
        mid: int,
        topic: bytes,
        payload: bytes,
        qos: int,
        retain: bool,
        _dup: bool,
    ) -> None:
        if retain or not self._are_copies:
            self.last_s = self._clock.monotonic_s()
            text = topic.decode(errors="backslashreplace")
            now_ms = self._clock.now_ms()
            self._take(Arrival(now_ms, text, payload, qos, retain, self._are_copies))
        if qos:
            self._client.ack_many([mid])


def take_traffic(
    endpoint: MQTTEndpoint,
    clock: Clock,
    take: TakeArrival,
    *,
    is_done: Callable[[], bool],
    begin: Callable[[], None],
) -> int:
    """Take what the broker has retained, and what comes until something holds, or Ctrl-C.

    Args:
        endpoint: broker, credentials and filters.
        clock: of the arrivals.
        take: given every message, those that were retained first.
        is_done: asked between messages.
        begin: called once nothing is missed any more.

    Returns:
        Connections that were lost meanwhile.

    Raises:
        ConfigError: the broker cannot be reached, or refuses.
    """
    copies_end_s = clock.monotonic_s() + _COPIES_S
    with BrokerListener(endpoint, clock, take) as listener, suppress(KeyboardInterrupt):
        with BrokerListener(endpoint, clock, take, are_copies=True) as copies:
            # Both subscriptions stand: what is published now waits until the copies have come.
            begin()
            copies.listen_until(
                lambda: (
                    is_done() or clock.monotonic_s() > min(copies.last_s + _QUIET_S, copies_end_s)
                )
            )
        listener.listen_until(is_done)
    return listener.losses
