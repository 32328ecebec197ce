"""Sparkplug B: what golden files and the state machine do not show."""

from typing import Any

import pytest

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.definition import DialectError
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder
from gigacity_ingest.formats.sparkplug_b.decoder import FORMAT
from gigacity_ingest.formats.sparkplug_b.rebirths import ASK_EVERY_MS
from gigacity_ingest.formats.times import TimeRule
from tests.support.protobuf_wire import WireField, float32, wire

NOW_MS = 1_767_225_600_000


def _decoder(**dialect: object) -> FormatDecoder:
    return FORMAT.make(dialect, TimeRule())


def _metric(*fields: WireField) -> WireField:
    return 2, list(fields)


def _payload(*metrics: WireField, seq: int, at_ms: int = NOW_MS) -> bytes:
    return wire([(1, at_ms), *metrics, (3, seq)])


def _birth(*metrics: WireField, bd_seq: int = 1, seq: int = 0, at_ms: int = NOW_MS) -> bytes:
    return _payload(_metric((1, "bdSeq"), (4, 4), (11, bd_seq)), *metrics, seq=seq, at_ms=at_ms)


def _send(
    decoder: FormatDecoder, message: str, payload: bytes, *, edge: str = "e", now_ms: int = NOW_MS
) -> Decoded:
    kind, _, device = message.partition("/")
    topic = f"spBv1.0/g/{kind}/{edge}" + (f"/{device}" if device else "")
    return decoder.decode(ForeignMessage(topic, payload, False, now_ms))


def _values(decoded: Decoded) -> dict[str, Any]:
    return {k: v for reading in decoded.readings for k, v in reading.values.items()}


def _born(name: str, alias: int) -> WireField:
    return _metric((1, name), (2, alias), (4, 12), (15, name))


@pytest.mark.parametrize(
    ("datatype", "raw", "expected"),
    [
        (1, (10, 255), -1),
        (1, (10, 0xFFFFFFFF), -1),
        (1, (11, (1 << 64) - 1), -1),
        (1, (10, 127), 127),
        (2, (10, 0xFFFF), -1),
        (3, (10, 0x80000000), -(1 << 31)),
        (4, (11, (1 << 64) - 5), -5),
        (8, (11, (1 << 64) - 1), (1 << 64) - 1),
        (5, (10, 255), 255),
        (7, (11, 7), 7),
        (10, (13, float("nan")), None),
        (13, (11, NOW_MS), NOW_MS),
        (15, (15, "b1a0"), "b1a0"),
        (26, (16, b"\x17\xfa"), [23, 250]),
        (25, (16, (-5).to_bytes(8, "little", signed=True)), [-5]),
        (30, (16, bytes.fromhex("a4709d3f")), [pytest.approx(1.23)]),
        (33, (16, b"ABC\0hello\0"), ["ABC", "hello"]),
        (34, (16, bytes.fromhex("c7d0907524010000")), [1_256_102_875_335]),
    ],
    ids=str,
)
def test_every_type_is_read_as_its_birth_stated_it(
    datatype: int, raw: WireField, expected: object
) -> None:
    decoded = _send(_decoder(), "NBIRTH", _birth(_metric((1, "m"), (4, datatype), raw)))

    assert (_values(decoded), decoded.faults) == ({"m": expected}, [])


@pytest.mark.parametrize(
    ("datatype", "raw"),
    [
        (1, (10, 300)),
        (1, (10, 0xFFFFFF7F)),
        (5, (10, 256)),
        (9, (15, "1.0")),
        (11, (10, 1)),
        (12, (13, 1.0)),
        (22, (10, 1)),
        (23, (16, b"\x01")),
        (32, (16, b"\x01\x00")),
        (32, (16, b"\xff\xff\xff\xff\x01")),
        (33, (16, b"no end")),
        (33, (16, b"\xff\x00")),
        (12, (1, "m")),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_a_fault_of_that_metric_alone(
    datatype: int, raw: WireField
) -> None:
    good = _metric((1, "good"), (4, 11), (14, True))
    decoded = _send(_decoder(), "NBIRTH", _birth(_metric((1, "m"), (4, datatype), raw), good))

    assert _values(decoded) == {"good": True}
    (fault,) = decoded.faults
    assert fault.reason is RejectionReason.BAD_FIELD
    assert fault.error.startswith("metrics[1] m: ")


def test_booleans_are_packed_the_other_way_where_the_dialect_says_so() -> None:
    packed = _metric((1, "m"), (4, 32), (16, bytes.fromhex("0c0000002c0b")))
    decoded = _send(_decoder(boolean_array="lsb_first"), "NBIRTH", _birth(packed))

    assert _values(decoded)["m"] == [x == "1" for x in "001101001101"]


def test_a_float_keeps_its_single_precision() -> None:
    flow = wire([(1, "m"), (4, 9)]) + float32(12, 0.1)
    assert _values(_send(_decoder(), "NBIRTH", _birth((2, flow))))["m"] == pytest.approx(0.1)


def test_an_older_birth_that_comes_late_changes_no_alias() -> None:
    """Births begin at 0, so the sequence would not tell."""
    decoder, old = _decoder(), _birth(_born("old", 1), bd_seq=1, at_ms=NOW_MS - 50)
    _send(decoder, "NBIRTH", old)
    _send(decoder, "NBIRTH", _birth(_born("new", 1), bd_seq=2))

    assert _send(decoder, "NBIRTH", old).ignored == {"stale_birth": 1}
    data = _payload(_metric((2, 1), (15, "new")), seq=1, at_ms=NOW_MS + 1)
    assert _values(_send(decoder, "NDATA", data)) == {"new": "new"}


def test_data_of_an_older_life_is_not_read_by_the_aliases_of_this_one() -> None:
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth(_born("new", 1)))
    late = _payload(_metric((2, 1), (15, "old")), seq=1, at_ms=NOW_MS - 50)
    decoded = _send(decoder, "NDATA", late)

    assert decoded.readings == []
    assert [answer.topic for answer in decoded.answers] == ["spBv1.0/g/NCMD/e"]


def test_a_redelivery_is_counted_and_breaks_no_sequence() -> None:
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth(_born("a", 1)))
    data = _payload(_metric((2, 1), (15, "a")), seq=1)
    _send(decoder, "NDATA", data)

    assert _send(decoder, "NDATA", data).ignored == {"duplicate": 1}
    after = _send(decoder, "NDATA", _payload(_metric((2, 1), (15, "a")), seq=2))
    assert (_values(after), after.faults) == ({"a": "a"}, [])


def test_the_sequence_goes_from_255_to_0() -> None:
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth(_born("a", 1), seq=255))
    assert _send(decoder, "NDATA", _payload(_metric((2, 1), (15, "a")), seq=0)).faults == []


def test_after_a_gap_aliases_are_trusted_only_where_the_dialect_says_so() -> None:
    for dialect, expected in (("refuse", {}), ("trust", {"a": "a"})):
        decoder = _decoder(after_gap=dialect)
        _send(decoder, "NBIRTH", _birth(_born("a", 1)))
        decoded = _send(decoder, "NDATA", _payload(_metric((2, 1), (15, "a")), seq=9))
        assert _values(decoded) == expected
        assert decoded.faults[0].error == "seq: expected 1, got 9; a rebirth is asked for"


def test_a_rebirth_is_asked_for_once_a_minute_and_node() -> None:
    decoder, data = _decoder(), _payload(_metric((2, 1)), seq=1)

    def asked(now_ms: int, edge: str = "e") -> int:
        return len(_send(decoder, "NDATA", data, edge=edge, now_ms=now_ms).answers)

    assert [asked(NOW_MS), asked(NOW_MS + ASK_EVERY_MS - 1), asked(NOW_MS, "other")] == [1, 0, 1]
    assert asked(NOW_MS + ASK_EVERY_MS) == 1
    assert asked(NOW_MS - 1) == 1, "a clock that was set back silences nobody"


def test_the_request_is_what_the_specification_says() -> None:
    (answer,) = _send(_decoder(), "NDATA", _payload(seq=1)).answers

    assert answer.payload == wire(
        [
            (1, NOW_MS),
            _metric((1, "Node Control/Rebirth"), (3, NOW_MS), (4, 11), (14, True)),
        ]
    )


def test_devices_of_a_node_that_is_born_again_wait_for_their_own_birth() -> None:
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth())
    _send(decoder, "DBIRTH/d", _payload(_born("a", 1), seq=1))
    _send(decoder, "NBIRTH", _birth(bd_seq=2, at_ms=NOW_MS + 1))
    decoded = _send(
        decoder, "DDATA/d", _payload(_metric((2, 1), (15, "a")), seq=1, at_ms=NOW_MS + 2)
    )

    assert decoded.readings == []
    assert decoded.faults[0].error == "d: data without a DBIRTH; a rebirth is asked for"


def test_devices_of_one_node_may_use_the_same_alias() -> None:
    """The format forbids it; the topic says whose it is all the same."""
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth())
    for seq, device in enumerate(("p", "q"), start=1):
        _send(decoder, f"DBIRTH/{device}", _payload(_born(device, 1), seq=seq))
    decoded = _send(decoder, "DDATA/p", _payload(_metric((2, 1), (15, "p")), seq=3))

    assert _values(decoded) == {"p": "p"}


def test_an_alias_that_a_birth_gives_twice_is_nobodys() -> None:
    decoder = _decoder()
    decoded = _send(decoder, "NBIRTH", _birth(_born("a", 1), _born("b", 1)))
    assert [f.error for f in decoded.faults] == ["metrics[2] b: alias 1 is another's"]

    after = _send(decoder, "NDATA", _payload(_metric((2, 1), (15, "?")), seq=1))
    assert after.readings == []


def test_a_death_after_a_restart_ends_the_session_and_asks() -> None:
    """Whose life ended is not known; a node that lives says so by a birth."""
    decoded = _send(_decoder(), "NDEATH", wire([_metric((1, "bdSeq"), (4, 4), (11, 3))]))

    (change,) = decoded.sessions
    # A will states no moment: that is its arrival, of which copies and replays know.
    assert (change.is_online, change.time_ms) == (False, None)
    assert len(decoded.answers) == 1


def test_what_is_retained_is_not_read() -> None:
    message = ForeignMessage("spBv1.0/g/NBIRTH/e", _birth(), True, NOW_MS)
    assert _decoder().decode(message) == Decoded(ignored={"retained": 1})


@pytest.mark.parametrize(
    ("message", "payload"),
    [
        ("NBIRTH", b"\xff"),
        ("NBIRTH", b"{}"),
        ("NBIRTH", _payload(seq=0)),
        ("NBIRTH", wire([_metric((1, "bdSeq"), (4, 4), (11, 3))])),
        ("NBIRTH", _birth(seq=256)),
        ("NDEATH", b""),
        ("NBIRTH", _birth(_metric((1, b"\xff\xfe"), (4, 12), (15, "x")))),
        ("NDATA", wire([(4, "SPBV1.0_COMPRESSED"), (5, b"x")])),
    ],
    ids=range(8),
)
def test_what_cannot_be_read_is_refused(message: str, payload: bytes) -> None:
    with pytest.raises(PayloadError) as raised:
        _send(_decoder(), message, payload)
    assert raised.value.reason is RejectionReason.BAD_ENVELOPE


def test_groups_ten_thousand_deep_are_refused() -> None:
    """The schema nests nowhere without end; unknown groups of the wire format could."""
    with pytest.raises(PayloadError):
        _send(_decoder(), "NBIRTH", b"\x33" * 10_000 + b"\x34" * 10_000)


def test_a_node_with_too_many_metrics_is_refused_and_keeps_its_birth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gigacity_ingest.formats.sparkplug_b.decoder.MAX_METRICS", 4)
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth(_born("a", 1), _born("b", 2)))
    many = _send(decoder, "DBIRTH/d", _payload(*(_born(n, i) for i, n in enumerate("xyz")), seq=1))

    assert [fault.reason for fault in many.faults] == [RejectionReason.TOO_LARGE]
    after = _send(decoder, "NDATA", _payload(_metric((2, 1), (15, "a")), seq=2))
    assert _values(after) == {"a": "a"}


def test_data_with_too_many_metrics_is_refused_and_breaks_no_sequence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gigacity_ingest.formats.sparkplug_b.decoder.MAX_METRICS", 4)
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth(_born("a", 1)))
    many = _send(decoder, "NDATA", _payload(*[_metric((2, 1), (15, "a"))] * 5, seq=1))

    assert [fault.reason for fault in many.faults] == [RejectionReason.TOO_LARGE]
    assert many.readings == []
    after = _send(decoder, "NDATA", _payload(_metric((2, 1), (15, "a")), seq=2))
    assert (_values(after), after.faults) == ({"a": "a"}, [])


def test_metrics_that_no_birth_named_are_told_by_the_first_and_a_number() -> None:
    decoder = _decoder()
    _send(decoder, "NBIRTH", _birth(_born("a", 1)))
    unknown = _metric((1, "x" * 100_000), (15, "?"))
    (fault,) = _send(decoder, "NDATA", _payload(*[unknown] * 3, seq=1)).faults

    assert " and 2 more: no birth in force names it" in fault.error
    assert len(fault.error) < 500


def test_room_is_given_back_by_deaths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_ingest.formats.sparkplug_b.births.MAX_METRICS_OF_ALL", 4)
    decoder = _decoder()
    for life in range(1, 20):
        at_ms = NOW_MS + life
        born = _send(decoder, "NBIRTH", _birth(_born("a", 1), bd_seq=life, at_ms=at_ms))
        device = _send(decoder, "DBIRTH/d", _payload(_born("b", 2), seq=1, at_ms=at_ms))
        if life % 2:
            _send(decoder, "DDEATH/d", _payload(seq=2, at_ms=at_ms))
        if life % 3:
            _send(decoder, "NDEATH", wire([_metric((1, "bdSeq"), (4, 4), (11, life))]))
        assert born.faults == device.faults == []


@pytest.mark.parametrize("edge", ["e" * 257, "é" * 300])
def test_names_that_are_too_long_are_nobodys(edge: str) -> None:
    """What is remembered of nodes and metrics is bounded in bytes, too."""
    with pytest.raises(PayloadError) as raised:
        _send(_decoder(), "NBIRTH", _birth(), edge=edge)
    assert raised.value.reason is RejectionReason.BAD_TOPIC
    assert len(raised.value.error) < 400

    born = _send(_decoder(), "NBIRTH", _birth(_born("m" * 257, 1), _born("a", 2)))
    assert [fault.error[:11] for fault in born.faults] == ["metrics[1]:"]


def test_a_node_that_was_silent_for_a_day_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_ingest.formats.sparkplug_b.births.MAX_NODES", 2)
    decoder, day_ms = _decoder(), 86_400_000
    for edge in ("old", "kept", "new"):
        born = _send(decoder, "NBIRTH", _birth(_born("a", 1)), edge=edge)
        assert bool(born.faults) == (edge == "new")
    data = _payload(_metric((2, 1), (15, "a")), seq=1)
    _send(decoder, "NDATA", data, edge="kept", now_ms=NOW_MS + day_ms)
    later_ms = NOW_MS + day_ms + 1
    assert _send(decoder, "NBIRTH", _birth(), edge="new", now_ms=later_ms).faults == []

    after = _payload(_metric((2, 1), (15, "a")), seq=2)
    assert _values(_send(decoder, "NDATA", after, edge="kept", now_ms=later_ms)) == {"a": "a"}
    assert _send(decoder, "NDATA", data, edge="old", now_ms=later_ms).readings == []


def test_the_dialect_is_checked() -> None:
    for dialect in ({"after_gap": "hope"}, {"boolean_array": 1}, {"rebirth": True}):
        with pytest.raises(DialectError):
            FORMAT.make(dialect, TimeRule())


def test_a_group_that_invents_nodes_takes_no_place_of_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gigacity_ingest.formats.sparkplug_b.births.MAX_NODES", 4)
    decoder, birth = _decoder(), _birth(_born("a", 1))

    def is_born(group: str, node: str) -> bool:
        topic = f"spBv1.0/{group}/NBIRTH/{node}"
        return bool(decoder.decode(ForeignMessage(topic, birth, False, NOW_MS)).sessions)

    assert [is_born("many", f"n{number}") for number in range(6)] == [True] * 4 + [False] * 2
    assert is_born("few", "n0")
    assert is_born("few", "n1")
    # Equal shares: nobody takes from the other any more.
    assert not is_born("few", "n2")
    assert not is_born("many", "n9")


def test_a_group_that_invents_metrics_takes_no_room_of_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gigacity_ingest.formats.sparkplug_b.births.MAX_METRICS_OF_ALL", 12)
    decoder = _decoder()
    birth = _birth(_born("a", 1), _born("b", 2))  # With bdSeq three metrics.
    data = _payload(_metric((2, 1), (15, "a")), seq=1)

    def send(group: str, kind: str, node: str, payload: bytes, now_ms: int = NOW_MS) -> Decoded:
        topic = f"spBv1.0/{group}/{kind}/{node}"
        return decoder.decode(ForeignMessage(topic, payload, False, now_ms))

    def is_born(group: str, node: str) -> bool:
        return bool(send(group, "NBIRTH", node, birth, NOW_MS + 10).sessions)

    assert [is_born("many", f"n{number}") for number in range(6)] == [True] * 4 + [False] * 2
    send("many", "NDATA", "n0", data, NOW_MS + 20)
    assert is_born("few", "n0")
    assert send("many", "NDATA", "n1", data).readings == [], "the longest silent made room"
    assert send("many", "NDATA", "n2", data).readings
    assert is_born("few", "n1")
    # Equal shares: nobody takes from the other any more.
    assert not is_born("few", "n2")
    assert not is_born("many", "n9")
    again = _birth(_born("a", 1), _born("b", 2), bd_seq=2, at_ms=NOW_MS + 1)
    assert send("few", "NBIRTH", "n0", again).sessions, "one that lives needs no more room"
    device = _payload(_born("x", 1), seq=1, at_ms=NOW_MS + 2)
    assert send("few", "DBIRTH", "n0/d", device).faults[0].reason is RejectionReason.TOO_LARGE


def test_a_birth_that_is_refused_ends_nobodys_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_ingest.formats.sparkplug_b.births.MAX_METRICS_OF_ALL", 12)
    decoder, birth = _decoder(), _birth(_born("a", 1), _born("b", 2))
    for group in ("p", "p", "q", "r"):
        topic = f"spBv1.0/{group}/NBIRTH/{group}"
        decoder.decode(ForeignMessage(topic, birth, False, NOW_MS))
    large = _birth(*(_born(str(n), n) for n in range(12)))
    decoded = decoder.decode(ForeignMessage("spBv1.0/s/NBIRTH/s", large, False, NOW_MS))

    assert decoded.sessions == []
    for group in ("p", "q", "r"):
        data = _payload(_metric((2, 1), (15, "a")), seq=1)
        topic = f"spBv1.0/{group}/NDATA/{group}"
        assert decoder.decode(ForeignMessage(topic, data, False, NOW_MS)).readings
