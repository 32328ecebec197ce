"""Sparkplug B under loss, delay, duplicates and any order: never a value under a wrong name."""

from random import Random

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder
from gigacity_ingest.formats.sparkplug_b.decoder import FORMAT
from gigacity_ingest.formats.times import TimeRule
from tests.support.sparkplug import EdgeNode

DEVICES = st.sampled_from(["d1", "d2"])
NAMES = st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True)


class EdgeNodeOverANetwork(RuleBasedStateMachine):
    """What the node publishes arrives late, twice, in another order, or never."""

    @initialize(seed=st.integers(0, 1000), names=NAMES)
    def begin(self, seed: int, names: list[str]) -> None:
        self.node = EdgeNode(Random(seed))  # noqa: S311
        self.decoder: FormatDecoder = FORMAT.make({}, TimeRule())
        self.wire: list[tuple[str, bytes]] = []
        self.arrived: list[tuple[str, bytes]] = []
        self.is_orderly = True
        self.wire.append(self.node.connect(names))
        self.budget = 50

    def _receive(self, message: tuple[str, bytes]) -> Decoded:
        topic, payload = message
        decoded = self.decoder.decode(ForeignMessage(topic, payload, False, self.node.now_ms))
        for reading in decoded.readings:
            assert all(value == name for name, value in reading.values.items())
        assert all(answer.topic == "spBv1.0/g/NCMD/e" for answer in decoded.answers)
        if self.is_orderly:
            assert decoded.faults == []
            assert decoded.ignored == {}
            assert bool(decoded.readings) != topic.split("/")[2].endswith("DEATH")
        return decoded

    @precondition(lambda self: self.budget > 0)
    @rule(names=NAMES, is_new_session=st.booleans())
    def be_born(self, names: list[str], is_new_session: bool) -> None:
        born = self.node.connect if is_new_session else self.node.rebirth
        self.wire.append(born(names))
        self.budget = 50

    @precondition(lambda self: self.budget > 0 and "" in self.node.aliases)
    @rule(device=DEVICES, names=NAMES)
    def device_is_born(self, device: str, names: list[str]) -> None:
        self.wire.append(self.node.device_birth(device, names))
        self.budget -= 1

    @precondition(lambda self: self.budget > 0 and "" in self.node.aliases)
    @rule(owner=st.sampled_from(["", "d1", "d2"]))
    def report(self, owner: str) -> None:
        if owner in self.node.aliases:
            self.wire.append(self.node.data(owner))
            self.budget -= 1

    @precondition(lambda self: self.budget > 0)
    @rule(device=DEVICES)
    def device_dies(self, device: str) -> None:
        if device in self.node.aliases:
            self.wire.append(self.node.device_death(device))
            self.budget -= 1

    @precondition(lambda self: "" in self.node.aliases)
    @rule()
    def die(self) -> None:
        self.wire.append(self.node.death())

    @precondition(lambda self: self.wire)
    @rule(count=st.integers(1, 5))
    def arrive_next(self, count: int) -> None:
        for message in self.wire[:count]:
            self.arrived.append(message)
            self._receive(message)
        self.wire = self.wire[count:]

    @precondition(lambda self: len(self.wire) > 1)
    @rule(data=st.data())
    def arrive_out_of_order(self, data: st.DataObject) -> None:
        self.is_orderly = False
        message = self.wire.pop(data.draw(st.integers(1, len(self.wire) - 1)))
        self.arrived.append(message)
        self._receive(message)

    @precondition(lambda self: self.arrived)
    @rule(data=st.data())
    def arrive_again(self, data: st.DataObject) -> None:
        self.is_orderly = False
        self._receive(data.draw(st.sampled_from(self.arrived)))

    @precondition(lambda self: self.wire)
    @rule()
    def get_lost(self) -> None:
        self.is_orderly = False
        self.wire.pop(0)

    def teardown(self) -> None:
        """Whatever was before, a birth and what follows it are read."""
        self.is_orderly = False
        born, data = self.node.connect(["a", "b"]), self.node.data("")
        assert self._receive(born).sessions[-1].is_online
        self.is_orderly = True
        assert {name for reading in self._receive(data).readings for name in reading.values} == {
            "a",
            "b",
        }


TestEdgeNodeOverANetwork = EdgeNodeOverANetwork.TestCase
TestEdgeNodeOverANetwork.settings = settings(
    max_examples=200, stateful_step_count=40, deadline=None
)
