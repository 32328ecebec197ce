"""Bursts of bad messages, each with the fate that the simulators' corpus states for it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_simulators.clients.broker import Broker as Endpoint
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.field_client import FieldClient
from tests.support.poison import Poison, PoisonTarget, corpus
from tests.support.processes import Broker
from tests.support.processes_influx import InfluxServer

PLACE = PoisonTarget(
    area=AREA_A,
    olt="olt-a",
    community=COMMUNITY_A,
    device="hands-on",
    gateway="gw-a",
    bundled_device="smoke-1",
    foreign_device="hands-on",
)
_NESTING = "1 MB of nesting"
"""Once a run: it is the same bytes but for its time, and a megabyte each in the dead letters."""
_MEASUREMENTS = ("pon_port", "device_smoke_detector")


@dataclass
class PoisonLedger:
    """Every bad message that was published, by its instant."""

    sent: list[tuple[int, Poison]] = field(default_factory=list)

    def publish_burst(self, broker: Broker) -> int:
        """Publish the corpus once; how many messages."""
        # Each message of the corpus takes a second of its own before the instant.
        first_ms = SystemClock().now_ms() - 3_600_000 + len(self.sent) * 7
        poisons = [p for p in corpus(PLACE, first_ms) if not self.sent or p.name != _NESTING]
        by_identity: dict[str, list[Poison]] = {}
        for poison in poisons:
            by_identity.setdefault(_identity(poison.topic), []).append(poison)
        for identity, group in by_identity.items():
            with _client(broker, identity) as client:
                client.publish_all([(p.topic, p.payload) for p in group])
        self.sent += [(first_ms, poison) for poison in poisons]
        return len(poisons)

    def problems(self, influx: InfluxServer, letters: list[dict[str, Any]]) -> list[str]:
        """What is not as the corpus states; ``letters`` as ``gigacity deadletters list`` gives."""
        found = Counter((x["topic"], x["reason"], x["extent"]) for x in letters)
        distinct = {(p.topic, p.payload): p for _, p in self.sent if p.reason}
        wanted = Counter((p.topic, p.reason, p.extent) for p in distinct.values())
        wrong = [
            f"{key}: {found[key]} dead letters for {count} messages"
            for key, count in wanted.items()
            if found[key] != count
        ]
        points = sum(p.stored for _, p in self.sent)
        stored = self._stored(influx)
        if stored != points:
            wrong.append(f"{stored} points stored beside poison, for {points}")
        return wrong

    def _stored(self, influx: InfluxServer) -> int:
        """Points of the poisoned objects, which nothing else publishes."""
        wheres = (f"olt = '{PLACE.olt}'", f"device =~ /^({PLACE.device}|{PLACE.bundled_device})$/")
        return sum(
            len(influx.query(f"SELECT * FROM {name} WHERE {where}"))  # noqa: S608 - our own names
            for name, where in zip(_MEASUREMENTS, wheres, strict=True)
        )


def _identity(topic: str) -> str:
    levels = topic.split("/")[2:]
    return "/".join(levels[: 4 if levels[1] == "community" else 3])


def _client(broker: Broker, identity: str) -> FieldClient:
    login = broker.add_user(identity)
    address = parse_url("GIGACITY_MQTT_URL", broker.url, ("mqtt",))
    endpoint = Endpoint(address, None, Secret(broker.field_secret))
    return FieldClient(endpoint, identity, password=login.password, timeout_s=30.0)
