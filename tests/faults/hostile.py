"""One hostile publisher with a password of its own: what it may send, as much as it can."""

import json

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_simulators.clients.broker import Broker as Endpoint
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.field_client import FieldClient
from tests.support.processes import Broker, Login

DEVICE = f"{AREA_A}/community/{COMMUNITY_A}/hostile"
OLT = f"{AREA_A}/olt/hostile"
_AT_ONCE = 500
_MEGABYTE = 1 << 20
_BAD_PORT = {"slot": 1, "tech": "xgs-pon", "admin": "up", "oper": "up", "rx_dbm": "weak"}


class Hostile:
    """A device and an OLT of the same owner."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._clock = SystemClock()
        self._sent = 0
        self._known: dict[str, Login] = {}

    def client(self, identity: str) -> FieldClient:
        """Connects as one of the two."""
        if identity not in self._known:
            # Each makes the broker read its passwords again, which no publisher does.
            self._known[identity] = self._broker.add_user(identity)
        login = self._known[identity]
        address = parse_url("GIGACITY_MQTT_URL", self._broker.url, ("mqtt",))
        endpoint = Endpoint(address, None, Secret(self._broker.field_secret))
        return FieldClient(endpoint, identity, password=login.password, timeout_s=60.0)

    def flood(self) -> None:
        """Good readings, as many at once as the broker allows."""
        now_ms = self._clock.now_ms()
        with self.client(DEVICE) as device:
            device.publish_all(
                (
                    device.report_topic,
                    b'{"ts":%d,"kind":"smoke_detector","values":{"alarm":false}}' % (now_ms - n),
                )
                for n in range(_AT_ONCE)
            )

    def poison(self) -> None:
        """Two megabytes of junk, and a report in which every port has a bad field."""
        with self.client(DEVICE) as device:
            for _ in range(2):
                self._sent += 1
                device.publish(b"%d " % self._sent + b"x" * _MEGABYTE)
        ports = [_BAD_PORT | {"port": number} for number in range(64)]
        with self.client(OLT) as olt:
            olt.publish(json.dumps({"ts": self._clock.now_ms(), "ports": ports}).encode())
