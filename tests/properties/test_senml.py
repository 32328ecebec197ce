"""SenML: a pack means what its resolved records mean, however base fields are used."""

from decimal import Decimal
from typing import Any

import cbor2
import hypothesis.strategies as st
import msgspec
from hypothesis import given

from gigacity_contract.decoding import PayloadError
from gigacity_ingest.formats.readings import ForeignMessage, FormatDecoder
from gigacity_ingest.formats.senml.decoder import FORMAT
from gigacity_ingest.formats.times import TimeRule

NOW_MS = 1_767_225_660_000
_KEYS = {"bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "bs": -6}
_KEYS |= {"n": 0, "u": 1, "v": 2, "vs": 3, "vb": 4, "s": 5, "t": 6, "ut": 7, "vd": 8}
_NUMBERS = st.integers(-1000, 1000)
_LONG_AGO = -1e10
_TIMES = st.integers(1_767_000_000, 1_767_200_000)
_VALUES = st.one_of(
    st.fixed_dictionaries({"v": _NUMBERS}, optional={"s": _NUMBERS}),
    st.fixed_dictionaries({"vs": st.text(max_size=5)}),
    st.fixed_dictionaries({"vb": st.booleans()}),
    st.fixed_dictionaries({"s": _NUMBERS}),
)
_RESOLVED = st.lists(
    st.tuples(
        st.sampled_from(["urn:dev:a:", "b/", "c"]),
        st.sampled_from(["temp", "level", "x1"]),
        _TIMES,
        _VALUES,
    ),
    max_size=8,
)


def _readings(pack: bytes) -> dict[tuple[str, int | None], dict[str, Any]]:
    decoded = FORMAT.make({}, TimeRule()).decode(ForeignMessage("t", pack, False, NOW_MS))
    assert decoded.faults == []
    return {(r.names["device"], r.time_ms): dict(r.values) for r in decoded.readings}


def _plain(records: list[Any]) -> list[dict[str, Any]]:
    """Every record by itself, with a base name of its own."""
    return [{"bn": base, "n": name, "t": time, **value} for base, name, time, value in records]


@st.composite
def _with_bases(draw: st.DrawFn) -> tuple[list[Any], list[dict[str, Any]]]:
    """Resolved records, and a pack that says the same with base fields here and there."""
    records = draw(_RESOLVED)
    pack: list[dict[str, Any]] = []
    base_name, base_time, base_value, base_sum = None, 0, 0, 0
    for base, name, time, value in records:
        record: dict[str, Any] = {"n": name}
        if base != base_name:
            record["bn"] = base_name = base
        if draw(st.booleans()):
            record["bt"] = base_time = draw(_TIMES)
        if draw(st.booleans()):
            record["bv"] = base_value = draw(_NUMBERS)
            record["bs"] = base_sum = draw(_NUMBERS)
        for label, member in value.items():
            less = {"v": base_value, "s": base_sum}.get(label, 0)
            record[label] = member - less if isinstance(member, int) and less else member
        if time != base_time or draw(st.booleans()):
            record["t"] = time - base_time
        pack.append(record)
    return records, pack


@given(_with_bases())
def test_base_fields_add_up_to_the_resolved_records(
    drawn: tuple[list[Any], list[dict[str, Any]]],
) -> None:
    records, pack = drawn
    # A base sum gives every number a sum, which no record without one can take back.
    resolved, sums = _readings(msgspec.json.encode(_plain(records))), ":sum"
    based = _readings(msgspec.json.encode(pack))
    stated = {key: {n for n in values if n.endswith(sums)} for key, values in resolved.items()}

    assert based.keys() == resolved.keys()
    for key, values in based.items():
        kept = {n: v for n, v in values.items() if not n.endswith(sums) or n in stated[key]}
        assert kept == resolved[key]


@given(_with_bases())
def test_cbor_says_what_json_says(drawn: tuple[list[Any], list[dict[str, Any]]]) -> None:
    _, pack = drawn
    by_key = [{_KEYS[label]: value for label, value in record.items()} for record in pack]

    assert _readings(cbor2.dumps(by_key)) == _readings(msgspec.json.encode(pack))


_ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(st.sampled_from([*_KEYS, "x", "y_"]), _ANYTHING), max_size=5))
def test_whatever_stands_in_a_pack_is_told(pack: list[dict[str, Any]]) -> None:
    decoder = FORMAT.make({}, TimeRule())
    by_key = [{_KEYS.get(label, label): value for label, value in r.items()} for r in pack]
    for body in (msgspec.json.encode(pack), cbor2.dumps(by_key)):
        try:
            decoded = decoder.decode(ForeignMessage("t", body, False, NOW_MS))
        except PayloadError as error:
            told = error.error
        else:
            told = str(decoded.readings or decoded.faults or decoded.ignored)
        assert told


_PLAIN = st.lists(
    st.fixed_dictionaries(
        {"v": st.one_of(_NUMBERS, st.floats(-1e6, 1e6), st.sampled_from([10**18, -1, None]))},
        optional={
            "bn": st.sampled_from(["a:", "b/", "", "urn:dev:c:"]),
            "bt": st.one_of(_TIMES, st.sampled_from([0, -5, 1.5])),
            "bu": st.sampled_from(["V", ""]),
            "bver": st.sampled_from([5, 10, 11, 10.0]),
            "n": st.sampled_from(["x", "y:z", "", "é", ".x", "n" * 300]),
            "u": st.sampled_from(["A", "", 1]),
            "t": st.one_of(st.integers(-10, 10), st.sampled_from([_LONG_AGO, 0.25, "1"])),
        },
    ).flatmap(lambda record: st.sampled_from([record, {k: record[k] for k in record if k != "v"}])),
    max_size=5,
)


@given(_PLAIN, st.sampled_from(["base_name", "before_last_separator", "name"]), st.booleans())
def test_the_quick_reader_of_plain_packs_says_what_the_general_one_says(
    pack: list[dict[str, Any]], device: str, is_retained: bool
) -> None:
    quick, general = (FORMAT.make({"device": device}, TimeRule()) for _ in range(2))
    general._plain.read = lambda *_: None  # type: ignore[attr-defined]
    by_key = [{_KEYS[label]: value for label, value in record.items()} for record in pack]
    decimal = [record | {2: Decimal(record[2])} for record in by_key if record.get(2) is not None]
    for body in (msgspec.json.encode(pack), cbor2.dumps(by_key), cbor2.dumps(decimal)):
        message = ForeignMessage("t", body, is_retained, NOW_MS)
        for _ in range(2):  # The second time from what was remembered.
            assert _said(quick, message) == _said(general, message)


def _said(decoder: FormatDecoder, message: ForeignMessage) -> Any:
    try:
        return decoder.decode(message)
    except PayloadError as error:
        return error.reason, error.error
