"""The broker's side: events of life and safety in, retained alarms out. Runs in paho's thread."""

from collections.abc import Callable
from pathlib import Path

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.safety import SAFETY_ROOT, SafetyEvent
from gigacity_notify.calls import DELIVERED, Judgement, Verdict
from gigacity_notify.safety import SafetyEventError, read_event

SESSION_EXPIRY_S = 3_600
"""Events that came while the notifier was restarted wait in its session so long."""
_PUBLISH_TIMEOUT_S = 5.0
LOG = structlog.get_logger()


class BrokerLink:
    """One session at the broker."""

    def __init__(
        self,
        address: Address,
        take: Callable[[SafetyEvent], None],
        *,
        client_id: str,
        username: str,
        password: Secret,
        ca_file: str = "",
    ) -> None:
        self._take = take
        self.bad_events = 0
        """Messages on topics of safety that are no events."""
        self._password, self._username = password, username
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5
        )
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_pre_connect = self._on_pre_connect
        if address.is_tls:
            if ca_file and not Path(ca_file).is_file():
                raise ConfigError(f"GIGACITY_MQTT_CA={ca_file}: no such file")
            self._client.tls_set(ca_certs=ca_file or None)
        self._client.reconnect_delay_set(1, 30)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's gap
        properties.SessionExpiryInterval = SESSION_EXPIRY_S
        self._client.connect_async(
            address.host, address.port, keepalive=30, clean_start=False, properties=properties
        )

    @property
    def is_connected(self) -> bool:
        """Whether a session is held."""
        return bool(self._client.is_connected())

    def start(self) -> None:
        """Connect, and stay connected."""
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect; the session waits."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes) -> Judgement:
        """Publish a retained message, and wait for the broker's acknowledgement."""
        if not self.is_connected:
            return Judgement(Verdict.AGAIN, "there is no session at the broker")
        info = self._client.publish(topic, payload, qos=1, retain=True)
        try:
            info.wait_for_publish(_PUBLISH_TIMEOUT_S)
        except (RuntimeError, ValueError) as error:
            return Judgement(Verdict.AGAIN, f"not published: {error}")
        if not info.is_published():
            return Judgement(Verdict.AGAIN, "the broker does not acknowledge")
        return DELIVERED

    def _on_pre_connect(self, client: paho.Client, _data: object) -> None:
        if self._username:
            client.username_pw_set(self._username, self._password.latest().reveal() or None)

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, reason: object,
        _properties: object,
    ) -> None:  # fmt: skip
        if not getattr(reason, "is_failure", False):
            client.subscribe(f"{SAFETY_ROOT}/#", qos=1)

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        try:
            event = read_event(bytes(message.payload))
        except SafetyEventError:
            self.bad_events += 1
            return
        try:
            self._take(event)
        except Exception:
            LOG.exception("notify.event_not_taken")
