"""An edge node that publishes Sparkplug B, written with nothing of the product.

Every metric is a text that says its own name, so that a value under a wrong name shows itself.
"""

from dataclasses import dataclass, field
from random import Random

from tests.support.protobuf_wire import WireField, wire

_STRING, _INT64 = 12, 4


@dataclass
class EdgeNode:
    """Publishes (topic, payload) as a well-behaved node does; aliases change with every birth."""

    random: Random
    now_ms: int = 1_767_225_600_000
    seq: int = 0
    bd_seq: int = -1
    aliases: dict[str, dict[str, int]] = field(default_factory=dict)
    """Metric names to aliases by device; the node's own under the empty name."""

    def connect(self, names: list[str]) -> tuple[str, bytes]:
        """Begin a session: NBIRTH."""
        self.bd_seq = (self.bd_seq + 1) % 256
        return self.rebirth(names)

    def rebirth(self, names: list[str]) -> tuple[str, bytes]:
        """Say the node's birth again, in the same session; devices must follow."""
        self.aliases = {}
        # Away from where the life before stood: a coincidence of one in 256 is no subject here.
        self.seq = (self.seq + self.random.randrange(60, 190)) % 256
        metrics = [*self._births("", names), self._bd_seq()]
        return self._publish("NBIRTH", "", metrics)

    def device_birth(self, device: str, names: list[str]) -> tuple[str, bytes]:
        """Say a device's birth, perhaps with other aliases than before."""
        return self._publish("DBIRTH", device, self._births(device, names))

    def data(self, device: str) -> tuple[str, bytes]:
        """Report every metric of the node or a device, by alias alone."""
        metrics: list[list[WireField]] = [
            [(2, alias), (3, self.now_ms), (15, name)]
            for name, alias in self.aliases[device].items()
        ]
        return self._publish("DDATA" if device else "NDATA", device, metrics)

    def device_death(self, device: str) -> tuple[str, bytes]:
        """Say that a device is gone."""
        del self.aliases[device]
        return self._publish("DDEATH", device, [])

    def death(self) -> tuple[str, bytes]:
        """The last will: it has no sequence, and its time is that of the session's begin."""
        self.aliases = {}
        return "spBv1.0/g/NDEATH/e", wire([(2, self._bd_seq())])

    def _births(self, device: str, names: list[str]) -> list[list[WireField]]:
        numbers = self.random.sample(range(1, 7), len(names))
        self.aliases[device] = dict(zip(names, numbers, strict=True))
        return [
            [(1, name), (2, alias), (3, self.now_ms), (4, _STRING), (15, name)]
            for name, alias in self.aliases[device].items()
        ]

    def _bd_seq(self) -> list[WireField]:
        return [(1, "bdSeq"), (4, _INT64), (11, self.bd_seq)]

    def _publish(
        self, message: str, device: str, metrics: list[list[WireField]]
    ) -> tuple[str, bytes]:
        self.now_ms += 7
        fields: list[WireField] = [(1, self.now_ms), *((2, metric) for metric in metrics)]
        payload = wire([*fields, (3, self.seq)])
        self.seq = (self.seq + 1) % 256
        topic = f"spBv1.0/g/{message}/e" + (f"/{device}" if device else "")
        return topic, payload
