"""Sparkplug B: lives of edge nodes, and what their births and data say.

A value is only ever read under a name that a birth gave its alias in this life: whatever may
make an alias mean something else (no birth, a lost message) asks for a rebirth instead.
"""

from collections.abc import Callable

from google.protobuf.message import DecodeError

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, PayloadError, RejectionReason
from gigacity_ingest.formats.definition import Dialect, Format, check_keys, choice
from gigacity_ingest.formats.memo import MAX_TOPICS, Memo
from gigacity_ingest.formats.protobuf_schema import parse_protobuf
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, Reading
from gigacity_ingest.formats.sparkplug_b.births import (
    MAX_METRICS,
    MAX_METRICS_OF_ALL,
    MAX_NODES,
    BirthTable,
    NodeLife,
    NodeLives,
    bd_seq_of,
    birth_table,
)
from gigacity_ingest.formats.sparkplug_b.metrics import MetricReader
from gigacity_ingest.formats.sparkplug_b.node_message import SEQUENCE, NodeMessage, digest_of
from gigacity_ingest.formats.sparkplug_b.plain_data import plain_readers, plain_values
from gigacity_ingest.formats.sparkplug_b.rebirths import RebirthRequests
from gigacity_ingest.formats.sparkplug_b.schema import Payload, RawPayload
from gigacity_ingest.formats.sparkplug_b.topic import (
    SparkplugMessage,
    SparkplugTopic,
    parse_sparkplug_topic,
)
from gigacity_ingest.formats.times import TimeRule

_DATA = (SparkplugMessage.NDATA, SparkplugMessage.DDATA)
_COMPRESSED = "SPBV1.0_COMPRESSED"


class SparkplugDecoder:
    """Reads the messages of every edge node of one source.

    Its state is lost with the process; the first data of a node then asks for a rebirth.

    Args:
        times: how instants are written; the format says milliseconds.
        trusts_aliases: after a gap in the sequence, aliases keep their meaning.
        is_lsb_first: of a packed array of booleans.
    """

    def __init__(self, times: TimeRule, *, trusts_aliases: bool, is_lsb_first: bool) -> None:
        self._times = times
        self._trusts_aliases = trusts_aliases
        self._is_lsb_first = is_lsb_first
        self._lives = NodeLives()
        self._rebirths = RebirthRequests()
        self._topics = Memo(parse_sparkplug_topic, MAX_TOPICS)
        self._handlers: dict[SparkplugMessage, Callable[[NodeMessage], None]] = {
            SparkplugMessage.NBIRTH: self._node_birth,
            SparkplugMessage.NDEATH: self._node_death,
            SparkplugMessage.NDATA: self._data,
            SparkplugMessage.DBIRTH: self._device_birth,
            SparkplugMessage.DDEATH: self._device_death,
            SparkplugMessage.DDATA: self._data,
        }

    def decode(self, message: ForeignMessage) -> Decoded:
        """What the message holds; see ``FormatDecoder``."""
        topic = self._topics[message.topic]
        handler = self._handlers.get(topic.message)
        if handler is None:
            is_state = topic.message is SparkplugMessage.STATE
            return Decoded(ignored={"host_state" if is_state else "command": 1})
        if message.is_retained:
            # The format forbids it; what is old says nothing about aliases of now.
            return Decoded(ignored={"retained": 1})
        if len(message.payload) > MAX_PAYLOAD_BYTES:
            text = f"{len(message.payload)} bytes, limit {MAX_PAYLOAD_BYTES}"
            raise PayloadError(RejectionReason.TOO_LARGE, text)
        if topic.message in _DATA:
            plain = self._plain_data(message, topic)
            if plain is not None:
                return plain
        payload = parse_protobuf(Payload, message.payload, "Sparkplug B")
        if payload.uuid == _COMPRESSED:
            text = "compressed inside Sparkplug: switch compression off at the edge node"
            raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
        arrival = NodeMessage(message, topic, payload, self._times.instant_ms(payload.timestamp))
        handler(arrival)
        return arrival.gathering.finish()

    # Births.

    def _node_birth(self, arrival: NodeMessage) -> None:
        payload, node = arrival.payload, arrival.topic.node
        bd_seq = bd_seq_of(payload.metrics)
        if bd_seq is None or not arrival.has_sequence:
            raise PayloadError(
                RejectionReason.BAD_ENVELOPE, "NBIRTH: needs bdSeq and a seq from 0 to 255"
            )
        now_ms = arrival.message.now_ms
        life = self._lives.find(node, now_ms)
        if life is not None and _is_old_birth(life, bd_seq, arrival):
            arrival.gathering.ignore("stale_birth")
            return
        if not self._lives.has_room(node, now_ms):
            arrival.refuse_many(f"more than {MAX_NODES} edge nodes are alive")
            return
        before = life.metric_count() if life is not None else 0
        table = self._admitted(arrival, others=0, before=before)
        if table is None:
            return
        new = NodeLife(bd_seq, {"": table}, (payload.seq + 1) % SEQUENCE, now_ms)
        new.last_message = arrival.digest
        self._lives.begin(node, new)
        arrival.session(is_online=True, at_ms=arrival.sent_ms, reason="NBIRTH")
        self._read(arrival, table, is_alias_known=True)

    def _device_birth(self, arrival: NodeMessage) -> None:
        life = self._life(arrival)
        if life is None or not self._step(arrival, life):
            return
        device = arrival.topic.device
        old = life.births.get(device)
        if (old or life.births[""]).is_before_birth(arrival.sent_ms):
            arrival.gathering.ignore("stale_birth")
            return
        before = len(old.types) if old is not None else 0
        table = self._admitted(arrival, others=life.metric_count(without=device), before=before)
        if table is None:
            return
        if not self._knows_aliases(life):
            # Of another life perhaps; its names and values are its own all the same.
            self._read(arrival, table, is_alias_known=True)
            return
        self._lives.keep_device(arrival.topic.node, device, table)
        arrival.session(is_online=True, at_ms=arrival.sent_ms, reason="DBIRTH")
        self._read(arrival, table, is_alias_known=True)

    def _admitted(self, arrival: NodeMessage, others: int, before: int) -> BirthTable | None:
        """The birth's table, if there is room for it."""
        count = len(arrival.payload.metrics)
        if others + count > MAX_METRICS:
            arrival.refuse_many(f"more than {MAX_METRICS} metrics of one edge node")
            return None
        node, now_ms = arrival.topic.node, arrival.message.now_ms
        if not self._lives.has_room_for(count - before, node, now_ms):
            arrival.refuse_many(f"more than {MAX_METRICS_OF_ALL} metrics of all edge nodes")
            return None
        faults: list[str] = []
        table = birth_table(arrival.payload.metrics, arrival.sent_ms, faults)
        for text in faults:
            arrival.refuse(text)
        return table

    # Deaths.

    def _node_death(self, arrival: NodeMessage) -> None:
        bd_seq = bd_seq_of(arrival.payload.metrics)
        if bd_seq is None:
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "NDEATH: needs bdSeq")
        life = self._lives.find(arrival.topic.node, arrival.message.now_ms)
        if life is not None and life.bd_seq != bd_seq:
            arrival.gathering.ignore("stale_death")
            return
        # The will was written when the session began, so its own time says nothing.
        arrival.session(is_online=False, at_ms=None, reason="NDEATH")
        if life is None:
            # Which life ended is not known: if it was an older one, a birth will say so.
            self._rebirths.ask(arrival.topic.node, arrival.message.now_ms, arrival.gathering)
            return
        for device in life.births:
            if device:
                arrival.session(is_online=False, at_ms=None, reason="NDEATH", device=device)
        self._lives.end(arrival.topic.node)

    def _device_death(self, arrival: NodeMessage) -> None:
        life = self._life(arrival)
        if life is None or not self._step(arrival, life):
            return
        table = life.births.get(arrival.topic.device)
        if table is None or table.is_before_birth(arrival.sent_ms):
            arrival.gathering.ignore("stale_death")
            return
        self._lives.drop_device(arrival.topic.node, arrival.topic.device)
        arrival.session(is_online=False, at_ms=arrival.sent_ms, reason="DDEATH")

    # Data.

    def _plain_data(self, message: ForeignMessage, topic: SparkplugTopic) -> Decoded | None:
        """The reading of data that is next in its sequence and plain, as ``_data`` has it.

        None, and nothing noted, where it is not.
        """
        life = self._lives.find(topic.node, message.now_ms)
        table = None if life is None else life.births.get(topic.device)
        if life is None or table is None or not self._knows_aliases(life):
            return None
        try:
            payload = RawPayload.FromString(message.payload)
        except DecodeError:
            return None
        seq, metrics = payload.seq, payload.metrics
        sent_ms = self._times.instant_ms(payload.timestamp)
        if seq != life.next_seq or payload.uuid or len(metrics) > MAX_METRICS:
            return None
        if table.is_before_birth(sent_ms) or not payload.HasField("seq"):
            return None
        if table.readers is None:
            table.readers = plain_readers(table.aliases)
        plain = plain_values(metrics, table.readers)
        if plain is None:
            return None
        stated, values = plain
        at_ms = self._times.instant_ms(stated)
        life.next_seq = (seq + 1) % SEQUENCE
        life.last_message = digest_of(message)
        return Decoded([Reading(topic.names, values, sent_ms if at_ms is None else at_ms)])

    def _data(self, arrival: NodeMessage) -> None:
        life = self._life(arrival)
        if life is None or not self._step(arrival, life):
            return
        if len(arrival.payload.metrics) > MAX_METRICS:
            arrival.refuse_many(f"more than {MAX_METRICS} metrics in one message")
            return
        table = life.births.get(arrival.topic.device)
        if table is None:
            self._ask(arrival, f"{arrival.topic.device}: data without a DBIRTH")
            return
        is_known = self._knows_aliases(life) and not table.is_before_birth(arrival.sent_ms)
        self._read(arrival, table, is_alias_known=is_known)

    def _read(self, arrival: NodeMessage, table: BirthTable, *, is_alias_known: bool) -> None:
        reader = MetricReader(
            table, self._times, is_alias_known=is_alias_known, is_lsb_first=self._is_lsb_first
        )
        payload = arrival.payload
        reader.read(payload.metrics, arrival.topic.names, arrival.sent_ms, arrival.gathering)
        if reader.unknown and not arrival.topic.message.endswith("BIRTH"):
            rest = f" and {reader.unknown - 1} more" if reader.unknown > 1 else ""
            self._ask(arrival, f"{reader.first_unknown}{rest}: no birth in force names it")

    # The sequence.

    def _life(self, arrival: NodeMessage) -> NodeLife | None:
        life = self._lives.find(arrival.topic.node, arrival.message.now_ms)
        if life is None:
            self._ask(arrival, f"{arrival.topic.node[1]}: {arrival.topic.message} without NBIRTH")
        return life

    def _step(self, arrival: NodeMessage, life: NodeLife) -> bool:
        """Whether the message is to be read; notes what the sequence says of those before it."""
        payload = arrival.payload
        if not arrival.has_sequence:
            self._ask(arrival, f"{arrival.topic.message}: needs a seq from 0 to 255")
            life.is_in_step = False
            return True
        if payload.seq == (life.next_seq - 1) % SEQUENCE and arrival.digest == life.last_message:
            arrival.gathering.ignore("duplicate")
            return False
        if payload.seq != life.next_seq:
            self._ask(arrival, f"seq: expected {life.next_seq}, got {payload.seq}")
            life.is_in_step = False
        life.next_seq = (payload.seq + 1) % SEQUENCE
        life.last_message = arrival.digest
        return True

    def _knows_aliases(self, life: NodeLife) -> bool:
        return life.is_in_step or self._trusts_aliases

    def _ask(self, arrival: NodeMessage, text: str) -> None:
        arrival.refuse(f"{text}; a rebirth is asked for", RejectionReason.BAD_ENVELOPE)
        self._rebirths.ask(arrival.topic.node, arrival.message.now_ms, arrival.gathering)


def _is_old_birth(life: NodeLife, bd_seq: int, arrival: NodeMessage) -> bool:
    """Whether an NBIRTH is the one in force once more, or an older one that comes late."""
    own = life.births[""]
    if bd_seq == life.bd_seq and own.at_ms is not None and own.at_ms == arrival.sent_ms:
        return True
    is_ahead = 0 < (bd_seq - life.bd_seq) % SEQUENCE < SEQUENCE // 2
    return not is_ahead and own.is_before_birth(arrival.sent_ms)


def _make(dialect: Dialect, times: TimeRule) -> SparkplugDecoder:
    check_keys(dialect, ("after_gap", "boolean_array"))
    return SparkplugDecoder(
        times,
        trusts_aliases=choice(dialect, "after_gap", ("refuse", "trust"), "refuse") == "trust",
        is_lsb_first=choice(dialect, "boolean_array", ("msb_first", "lsb_first"), "msb_first")
        == "lsb_first",
    )


FORMAT = Format(
    name="sparkplug_b",
    make=_make,
    en="Sparkplug B 3.0: births, deaths, aliases, the sequence; asks for rebirths",
    zh="Sparkplug B 3.0：上线、离线、别名与序号；缺失时请求重新上线报文",
)
