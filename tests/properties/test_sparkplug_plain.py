"""Sparkplug B: the quick reader of plain data says what the general one says."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import example, given

from gigacity_contract.decoding import PayloadError
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.formats.sparkplug_b.decoder import FORMAT
from gigacity_ingest.formats.times import TimeRule
from tests.support.protobuf_wire import WireField, float32, wire

_NOW_MS = 1_767_225_660_000
_TYPES = {0: 10, 1: 9, 2: 11, 3: 3, 4: 8, 200: 1, 20_000: 10, 5: 12, 6: 17, 7: 13}
"""Data types by alias."""
_VALUES: st.SearchStrategy[tuple[int, Any]] = st.one_of(
    st.tuples(st.just(13), st.floats()),
    st.tuples(st.just(12), st.floats(width=32)),
    st.tuples(st.just(14), st.sampled_from([0, 1, 2])),
    st.tuples(st.sampled_from([10, 11]), st.integers(0, 2**64 - 1)),
    st.tuples(st.sampled_from([10, 11]), st.sampled_from([0, 1, 255, 2**32 - 1])),
    st.tuples(
        st.just(15), st.one_of(st.text(max_size=3), st.just("x" * 200), st.binary(max_size=2))
    ),
)
_MEMBERS = st.lists(
    st.sampled_from([(1, "m0"), (4, 10), (5, 1), (6, 1), (7, 1), (7, 0), (3, 5), (9, [])]),
    max_size=1,
)
_METRICS = st.tuples(
    st.sampled_from([*_TYPES, 9, None]),
    st.sampled_from([_NOW_MS, _NOW_MS, _NOW_MS - 1, 0, None]),
    _VALUES,
    _MEMBERS,
)
_USUAL: list[Any] = [
    (0, _NOW_MS, (13, 1.5), []),
    (3, _NOW_MS, (10, 2**32 - 1), []),
    (2, _NOW_MS, (14, 1), []),
]


@given(
    st.lists(_METRICS, max_size=4),
    st.sampled_from([_NOW_MS, _NOW_MS - 5000, None]),
    st.sampled_from([0, 0, 1, 300, None]),
)
@example(_USUAL, _NOW_MS, 0)
def test_the_quick_reader_says_what_the_general_one_says(
    metrics: list[Any], sent_ms: int | None, seq: int | None
) -> None:
    body = b"" if sent_ms is None else wire([(1, sent_ms)])
    body += b"".join(wire([(2, _metric(*metric))]) for metric in metrics)
    body += b"" if seq is None else wire([(3, seq)])
    quick, general = (_born() for _ in range(2))
    general._plain_data = lambda *_: None
    for _ in range(2):  # The second one is a duplicate.
        message = ForeignMessage("spBv1.0/g/NDATA/e", body, False, _NOW_MS)
        assert _said(quick, message) == _said(general, message)


def test_usual_data_is_plain() -> None:
    decoder = _born()
    body = wire([(1, _NOW_MS), *((2, _metric(*metric)) for metric in _USUAL), (3, 0)])
    message = ForeignMessage("spBv1.0/g/NDATA/e", body, False, _NOW_MS)

    decoded = decoder._plain_data(message, decoder._topics[message.topic])

    assert decoded.readings[0].values == {"m0": 1.5, "m3": -1, "m2": True}


def _metric(
    alias: int | None, at_ms: int | None, value: tuple[int, Any], others: list[WireField]
) -> bytes:
    number, content = value
    written = float32(number, content) if number == 12 else wire([(number, content)])
    begin = [] if alias is None else [(2, alias)]
    begin += [] if at_ms is None else [(3, at_ms)]
    return wire(begin) + written + wire(others)


def _born() -> Any:
    decoder: Any = FORMAT.make({}, TimeRule())
    born: list[WireField] = [
        (2, [(1, f"m{alias}"), (2, alias), (4, datatype)]) for alias, datatype in _TYPES.items()
    ]
    number: WireField = (2, [(1, "bdSeq"), (4, 4), (11, 1)])
    birth = wire([(1, _NOW_MS - 1000), number, *born, (3, 255)])
    decoder.decode(ForeignMessage("spBv1.0/g/NBIRTH/e", birth, False, _NOW_MS))
    return decoder


def _said(decoder: Any, message: ForeignMessage) -> Any:
    try:
        return decoder.decode(message)
    except PayloadError as error:
        return error.reason, error.error
