"""The paho client of one worker's session: persistent, MQTT 5, acknowledged by hand."""

from dataclasses import dataclass

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import ConfigError
from gigacity_ingest.fast_path.publish_client import build_client
from gigacity_ingest.fast_path.publish_scanner import Deliver, StockClient

CONNECT_TIMEOUT_S = 3.0
SESSION_EXPIRY_S = 30 * 86_400
"""As long as raw data is kept: what is older would be refused anyway."""


@dataclass(frozen=True, slots=True)
class MQTTEndpoint:
    """Which broker, as whom, and what to subscribe to."""

    address: Address
    client_id: str
    filters: tuple[str, ...]
    """Empty: the session only drains."""
    password: Secret
    username: str = ""
    former_filters: tuple[str, ...] = ()
    """Of an earlier start: a persistent session keeps them until they are unsubscribed."""
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    keepalive_s: int = 30
    receive_maximum: int = 40_000
    """Two full batches of one-point messages are in flight, and as many must come meanwhile: 10,000
    halved the throughput of such messages (ingest/README.md)."""
    session_expiry_s: int = SESSION_EXPIRY_S


def build_session_client(
    endpoint: MQTTEndpoint, deliver: Deliver, *, max_inflight: int = 20
) -> StockClient:
    """A client that is ready to connect and gives every message to ``deliver``.

    Args:
        endpoint: which broker, and as whom.
        deliver: see ``PublishClient``.
        max_inflight: messages of its own that may be without an answer.

    Raises:
        ConfigError: the files for TLS cannot be used.
    """
    client = build_client(
        deliver,
        client_id=endpoint.client_id,
        protocol=paho.MQTTv5,
        manual_ack=True,
        reconnect_on_failure=False,
    )
    client.max_inflight_messages_set(max_inflight)
    client.connect_timeout = CONNECT_TIMEOUT_S
    use_latest_password(client, endpoint)
    if endpoint.address.is_tls:
        _use_tls(client, endpoint)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's gap
    properties.SessionExpiryInterval = endpoint.session_expiry_s
    properties.ReceiveMaximum = endpoint.receive_maximum
    client.connect_async(
        endpoint.address.host,
        endpoint.address.port,
        keepalive=endpoint.keepalive_s,
        clean_start=False,
        properties=properties,
    )
    return client


def use_latest_password(client: paho.Client, endpoint: MQTTEndpoint) -> None:
    """Have the client present what the password's file holds now: it may have been renewed."""
    if endpoint.username:
        client.username_pw_set(endpoint.username, endpoint.password.latest().reveal() or None)


def _use_tls(client: paho.Client, endpoint: MQTTEndpoint) -> None:
    try:
        client.tls_set(
            ca_certs=endpoint.ca_file or None,
            certfile=endpoint.cert_file or None,
            keyfile=endpoint.key_file or None,
        )
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"GIGACITY_MQTT_CA, _CERT or _KEY cannot be used: {error}; check the files"
        ) from error
