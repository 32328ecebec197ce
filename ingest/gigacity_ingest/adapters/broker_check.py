"""Tries whether a broker takes a worker's credentials, beside the worker's own session."""

import dataclasses
import secrets
from typing import Any

from paho.mqtt.reasoncodes import ReasonCode

from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint, build_session_client

_SILENCE_S = 10.0
_LOOP_S = 0.1


def check_broker(endpoint: MQTTEndpoint, clock: Clock) -> str:
    """Connect under a name of its own, with a session that ends with the connection; blocks.

    Returns:
        What is wrong; empty if nothing is.
    """
    name = f"gigacity-check-{secrets.token_hex(6)}"
    answers: list[ReasonCode] = []

    def on_connect(_client: Any, _data: Any, _flags: Any, code: ReasonCode, _more: Any) -> None:
        answers.append(code)

    visitor = dataclasses.replace(endpoint, client_id=name, filters=(), session_expiry_s=0)
    until_s = clock.monotonic_s() + _SILENCE_S
    try:
        client = build_session_client(visitor, lambda *_: None)
        client.on_connect = on_connect
        client.reconnect()
        while not answers:
            if client.loop(_LOOP_S) and not answers:
                return "the broker ended the connection"
            if clock.monotonic_s() > until_s:
                return f"the broker did not answer within {_SILENCE_S:g} s"
        client.disconnect()
        client.loop(_LOOP_S)
    except (OSError, ValueError, ConfigError) as error:
        return f"no connection: {error}"
    return f"the connection is refused: {answers[0]}" if answers[0].is_failure else ""
