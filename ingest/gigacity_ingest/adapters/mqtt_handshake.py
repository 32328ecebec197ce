"""How long a broker may take to answer a connection, and what its refusals mean. Pure."""

from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint

HANDSHAKE_TIMEOUT_S = 10.0
"""Silence after connecting, until the subscription is granted; a broker that hangs says nothing."""


class HandshakeDeadline:
    """From connecting to the answer to the subscription.

    A resumed session may send much before that answer, so messages put the deadline off.
    """

    def __init__(self) -> None:
        self._until_s: float | None = None
        self._delivered = 0

    def begin(self, now_s: float, delivered: int) -> None:
        """Wait from now on; ``delivered`` counts the messages that came so far."""
        self._until_s = now_s + HANDSHAKE_TIMEOUT_S
        self._delivered = delivered

    def end(self) -> None:
        """Nothing is waited for any more."""
        self._until_s = None

    def is_over(self, now_s: float) -> bool:
        """Whether the time is up."""
        return self._until_s is not None and now_s >= self._until_s

    def has_moved(self, delivered: int) -> bool:
        """Whether messages came meanwhile."""
        return delivered != self._delivered


def explain_refusal(endpoint: MQTTEndpoint, code: str) -> str:
    """What to do about a refused connection."""
    text = f"{endpoint.address} refuses the connection: {code}"
    if code in {"Not authorized", "Bad user name or password"}:
        origin = endpoint.password.origin or "GIGACITY_MQTT_PASSWORD"
        again = ", which is read again at each attempt" if "_FILE=" in origin else ""
        return f"{text}; check GIGACITY_MQTT_USERNAME and {origin}{again}"
    if code == "Unsupported protocol version":
        return f"{text}; the worker needs MQTT 5 (devices may use 3.1.1)"
    return text
