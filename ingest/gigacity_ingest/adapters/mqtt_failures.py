"""What to do about a connection to the broker that fails, is refused or ends, in words. Pure."""

import ssl

from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint


def explain_failure(endpoint: MQTTEndpoint, error: Exception) -> str:
    """What to do about a connection that does not come about."""
    if isinstance(error, ssl.SSLError):
        return f"TLS with {endpoint.address} failed: {error}; check GIGACITY_MQTT_CA"
    text = f"no connection to {endpoint.address}: {error}"
    return f"{text}; check GIGACITY_MQTT_URL and the broker"


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


def explain_end(endpoint: MQTTEndpoint, code: str) -> str:
    """What to do about a connection that ended."""
    text = f"connection to {endpoint.address} ended: {code}"
    if code in {"Session taken over", "Unspecified error"}:
        # Mosquitto 2.0 closes a session that is taken over without a word.
        text += f"; the broker ended, or another client uses the id {endpoint.client_id}"
    return text
