"""What an edge node's births have said, for as long as it lives: names, types, the sequence."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gigacity_ingest.formats.gathering import MAX_NAME
from gigacity_ingest.formats.sparkplug_b.values import DATA_TYPES, PLAIN_MEMBERS, ignored_type

BD_SEQ = "bdSeq"
CONTROL = "control"
"""Why what steers a node or its session is no reading."""
_CONTROLS = ("Node Control/", "Device Control/")
MAX_METRICS = 20_000
"""Of one edge node with its devices."""
MAX_METRICS_OF_ALL = 300_000
"""230 MB if all names are as long as they may be, 95 MB if they have 25 characters; 60 MB more once
all of them send plain data."""
MAX_NODES = 10_000
_SILENT_MS, _LOOK_EVERY_MS = 86_400_000, 60_000
_STALE_WITHIN_MS = 600_000
"""A message is sent so much earlier at most and arrives later; beyond it, a clock was set."""


class BornMetric(NamedTuple):
    """A metric as its birth declared it."""

    name: str
    datatype: int
    ignored: str | None
    """Why no reading is made of it; None: one is."""
    member: str
    """Where a value stands that is what the node means; empty: it has to be read."""


def born_metric(name: str, datatype: int) -> BornMetric:
    """A metric by what it is."""
    if name == BD_SEQ or name.startswith(_CONTROLS):
        return BornMetric(name, datatype, CONTROL, "")
    return BornMetric(name, datatype, ignored_type(datatype), PLAIN_MEMBERS.get(datatype, ""))


@dataclass(slots=True)
class BirthTable:
    """The metrics of one birth. Aliases are looked up by owner, which every topic names."""

    at_ms: int | None
    """When the birth was sent, by the node's clock."""
    types: dict[str, int] = field(default_factory=dict)
    aliases: dict[int, BornMetric] = field(default_factory=dict)
    readers: dict[bytes, tuple[str, Callable[[bytes, int], Any]]] | None = None
    """Of plain data (``plain_data``), made when the first of it comes."""

    def is_before_birth(self, sent_ms: int | None) -> bool:
        """Whether a message was sent before the birth and comes late, so of an older life."""
        if sent_ms is None or self.at_ms is None:
            return False
        return 0 < self.at_ms - sent_ms < _STALE_WITHIN_MS


@dataclass(slots=True)
class NodeLife:
    """An edge node between its birth and its death."""

    bd_seq: int
    births: dict[str, BirthTable]
    """By device; the node's own under the empty name."""
    next_seq: int
    heard_ms: int
    """When the worker last heard of it."""
    is_in_step: bool = True
    """No message is known to be missing since the birth; a lost one may have been a birth."""
    last_message: int = 0

    def metric_count(self, *, without: str | None = None) -> int:
        """Metrics of all owners, or of all but one."""
        return sum(len(table.types) for owner, table in self.births.items() if owner != without)


class NodeLives:
    """Every edge node that lives, within bounds; makes room for new ones where old ones are silent.

    A death that nobody heard would keep its place for ever; and a group that invents nodes, or
    metrics of them, gives places back to smaller ones, whose data could not be read without their
    births.
    """

    def __init__(self) -> None:
        self._lives: dict[tuple[str, str], NodeLife] = {}
        self._by_group: Counter[str] = Counter()
        self._metrics_of: Counter[str] = Counter()
        """By group."""
        self._metrics = 0
        """Of all lives."""
        self._looked_ms = 0

    def find(self, node: tuple[str, str], now_ms: int) -> NodeLife | None:
        """The life of a node, which is heard now."""
        life = self._lives.get(node)
        if life is not None:
            life.heard_ms = now_ms
        return life

    def has_room(self, node: tuple[str, str], now_ms: int) -> bool:
        """Whether a birth of this node can be kept."""
        if node not in self._lives and len(self._lives) >= MAX_NODES:
            self._forget_silent(now_ms)
            self._take_from_largest(node[0])
        return node in self._lives or len(self._lives) < MAX_NODES

    def has_room_for(self, metrics: int, node: tuple[str, str], now_ms: int) -> bool:
        """Whether so many more metrics of this node can be kept."""
        if self._metrics + metrics <= MAX_METRICS_OF_ALL:
            return True
        self._forget_silent(now_ms)
        excess = self._metrics + metrics - MAX_METRICS_OF_ALL
        ended = self._nodes_for(excess, node[0], self._metrics_of[node[0]] + metrics)
        for other in ended:
            self.end(other)
        return bool(ended) or excess <= 0

    def begin(self, node: tuple[str, str], life: NodeLife) -> None:
        """A birth: the life before is over."""
        self.end(node)
        self._lives[node] = life
        self._by_group[node[0]] += 1
        self._count_metrics(node[0], life.metric_count())

    def end(self, node: tuple[str, str]) -> None:
        """A death."""
        life = self._lives.pop(node, None)
        if life is not None:
            self._count_metrics(node[0], -life.metric_count())
            self._by_group[node[0]] -= 1
            if not self._by_group[node[0]]:
                del self._by_group[node[0]], self._metrics_of[node[0]]

    def keep_device(self, node: tuple[str, str], device: str, table: BirthTable) -> None:
        """The birth of a device of a node that lives."""
        self.drop_device(node, device)
        self._lives[node].births[device] = table
        self._count_metrics(node[0], len(table.types))

    def drop_device(self, node: tuple[str, str], device: str) -> None:
        """The death of a device, if it was born."""
        table = self._lives[node].births.pop(device, None)
        if table is not None:
            self._count_metrics(node[0], -len(table.types))

    def _count_metrics(self, group: str, more: int) -> None:
        self._metrics_of[group] += more
        self._metrics += more

    def _nodes_for(self, excess: int, group: str, share: int) -> list[tuple[str, str]]:
        """Nodes of larger groups whose metrics make room, the longest silent first.

        None of them where that is not enough: whoever is refused costs nobody else's births.

        Args:
            excess: metrics that are too many.
            group: that asks.
            share: what it would have.
        """
        left = Counter(self._metrics_of)
        ending: dict[str, list[tuple[int, tuple[str, str]]]] = {}
        found: list[tuple[str, str]] = []
        while excess > 0:
            largest = max(left, key=left.__getitem__, default=group)
            if largest == group or left[largest] <= share:
                return []
            if largest not in ending:
                ending[largest] = sorted(self._heard(largest), reverse=True)
            node = ending[largest].pop()[1]
            count = self._lives[node].metric_count()
            left[largest] -= count
            excess -= count
            found.append(node)
        return found

    def _take_from_largest(self, group: str) -> None:
        """One place for a group, of the one that has most, unless that is itself."""
        if len(self._lives) < MAX_NODES:
            return
        largest = max(self._by_group, key=self._by_group.__getitem__)
        if self._by_group[largest] > self._by_group[group] + 1:
            self.end(min(self._heard(largest))[1])

    def _heard(self, group: str) -> Iterator[tuple[int, tuple[str, str]]]:
        """When each node of a group was last heard."""
        return ((life.heard_ms, node) for node, life in self._lives.items() if node[0] == group)

    def _forget_silent(self, now_ms: int) -> None:
        # Looking at all of them is not for every message of whoever invents nodes.
        if 0 <= now_ms - self._looked_ms < _LOOK_EVERY_MS:
            return
        self._looked_ms = now_ms
        for node, life in list(self._lives.items()):
            if now_ms - life.heard_ms > _SILENT_MS:
                self.end(node)


def birth_table(metrics: Any, at_ms: int | None, faults: list[str]) -> BirthTable:
    """The table of a birth's metrics. What contradicts itself is left out and told."""
    table = BirthTable(at_ms)
    doubtful: set[int] = set()
    for index, metric in enumerate(metrics):
        if not 0 < len(metric.name) <= MAX_NAME or metric.datatype not in DATA_TYPES:
            text = f"a birth states a name of at most {MAX_NAME} characters, and a known data type"
            faults.append(f"metrics[{index}]: {text}")
            continue
        if table.types.setdefault(metric.name, metric.datatype) != metric.datatype:
            faults.append(f"metrics[{index}] {metric.name}: born twice, with two data types")
            continue
        if not metric.HasField("alias"):
            continue
        born = born_metric(metric.name, metric.datatype)
        if table.aliases.setdefault(metric.alias, born) != born:
            faults.append(f"metrics[{index}] {metric.name}: alias {metric.alias} is another's")
            doubtful.add(metric.alias)
    for alias in doubtful:
        del table.aliases[alias]
    return table


def bd_seq_of(metrics: Any) -> int | None:
    """The birth and death number of an NBIRTH or NDEATH; None where it states none."""
    numbers: Iterator[int] = (
        getattr(metric, metric.WhichOneof("value"))
        for metric in metrics
        if metric.name == BD_SEQ and metric.WhichOneof("value") in {"int_value", "long_value"}
    )
    return next(numbers, None)
