"""Publishers of the field before a real broker: who listens, and a pool that is pumped."""

import json
import ssl
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from gigacity_contract.access import Secret
from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_simulators.clients.broker import Broker as Endpoint
from gigacity_simulators.clients.client_pool import ClientPool
from gigacity_simulators.clients.rate_limited_log import RateLimitedLog
from gigacity_simulators.messages import OutgoingMessage
from tests.support.processes import Broker

AREA = "371602"


def endpoint_of(broker: Broker, *, secret: str | None = None) -> Endpoint:
    address = parse_url("GIGACITY_MQTT_URL", broker.url, ("mqtt", "mqtts"))
    tls = ssl.create_default_context(cafile=str(broker.ca)) if broker.ca else None
    return Endpoint(address, tls, Secret(secret or broker.field_secret))


class Listener:
    """A subscriber that sees the topics of some identities, with the broker's retain flag."""

    def __init__(self, broker: Broker, identities: list[str]) -> None:
        self.seen: list[tuple[str, bool, Any]] = []
        self.messages: list[MQTTMessage] = []
        """The same as they came."""
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        client.username_pw_set(broker.worker.username, broker.worker.password)
        if broker.ca:
            client.tls_set(ca_certs=str(broker.ca))
        client.on_message = self._on_message
        client.connect(broker.host, broker.worker_port)
        self._is_subscribed = False
        client.on_subscribe = self._on_subscribe
        options = SubscribeOptions(qos=1, retainAsPublished=False)
        client.subscribe([(f"gigacity/v1/{identity}/#", options) for identity in identities])
        self._client = client
        self.wait(lambda: self._is_subscribed)

    def _on_subscribe(self, *_: Any) -> None:
        self._is_subscribed = True

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.messages.append(message)
        self.seen.append((message.topic, message.retain, json.loads(message.payload)))

    def wait(self, is_done: Callable[[], bool], timeout_s: float = 15) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not is_done():
            assert time.monotonic() < deadline_s, self.seen[-5:]
            self._client.loop(0.02)

    def statuses(self, identity: str) -> list[dict[str, Any]]:
        return [x for topic, _, x in self.seen if topic == f"gigacity/v1/{identity}/status"]

    def reports(self, identity: str) -> list[dict[str, Any]]:
        return [x for topic, _, x in self.seen if topic == f"gigacity/v1/{identity}/pon"]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop(0.1)


class PoolScene:
    """A pool with its log, pumped until something holds."""

    def __init__(
        self, endpoint: Endpoint, identities: list[str], clock: Clock | None = None
    ) -> None:
        self.told: list[str] = []
        clock = clock or SystemClock()
        self.pool = ClientPool(endpoint, identities, clock, RateLimitedLog(self.told.append))
        self.identities = identities
        for index in range(len(identities)):
            self.pool.allow(index)

    def pump_until(
        self, is_done: Callable[[], bool], listener: Listener | None = None, timeout_s: float = 20
    ) -> None:
        deadline_s = time.monotonic() + timeout_s
        while not is_done():
            assert time.monotonic() < deadline_s, (self.told, self.pool.counts)
            self.pool.pump(0.02)
            if listener is not None:
                listener.wait(lambda: True)
                listener._client.loop(0.001)

    def report(self, index: int, n: int) -> None:
        topic = f"gigacity/v1/{self.identities[index]}/pon"
        self.pool.send(index, OutgoingMessage(topic, b'{"n":%d}' % n, n, {"pon_port": 2}))

    def close(self) -> None:
        self.pool.close(reason="over", timeout_s=5)


def pool_identities(broker: Broker, prefix: str, count: int) -> list[str]:
    identities = [f"{AREA}/olt/{prefix}-{n}" for n in range(count)]
    broker.add_users({identity: broker.password_of(identity) for identity in identities})
    return identities
