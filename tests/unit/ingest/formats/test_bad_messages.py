"""Whatever a message holds, every decoder gives what it could read, or says what it could not."""

import gzip
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, PayloadError, RejectionReason
from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder
from gigacity_ingest.formats.times import TimeRule
from tests.golden.formats_files import CASES, case_payload, expectation_of

NOW_MS = 1_767_225_660_000
_JSON = [case for case in CASES if case.with_name(case.name.replace(".expect", "")).exists()]
_SOUND = [case for case in _JSON if "readings" in expectation_of(case)]
_BOMB = gzip.compress(b" " * (8 * MAX_PAYLOAD_BYTES), compresslevel=1)
_SCALARS: list[Any] = [None, True, 0, -1, 2**63, 1e300, "", "x", [], {}, [[]], [{}], {"value": []}]


def _id(case: Path) -> str:
    return f"{case.parent.name}/{case.name.removesuffix('.expect.json')}"


def _decoder(case: Path) -> FormatDecoder:
    expectation = expectation_of(case)
    rule = TimeRule(zone=ZoneInfo(expectation.get("zone", "UTC")))
    return FORMATS[case.parent.name].make(expectation.get("dialect", {}), rule)


def _outcome(decoder: FormatDecoder, topic: str, payload: bytes) -> Decoded | PayloadError:
    try:
        return decoder.decode(ForeignMessage(topic, payload, False, NOW_MS))
    except PayloadError as error:
        return error


def _decode(case: Path, payload: bytes) -> Decoded | PayloadError:
    return _outcome(_decoder(case), expectation_of(case)["topic"], payload)


def _is_told(outcome: Decoded | PayloadError) -> bool:
    if isinstance(outcome, PayloadError):
        return bool(outcome.error)
    said = outcome.readings or outcome.sessions or outcome.faults or outcome.ignored
    return bool(said or outcome.answers) and all(fault.error for fault in outcome.faults)


def _exchanged(value: Any, new: Any) -> list[Any]:
    """The document, again and again, each time with another of its members exchanged."""
    if isinstance(value, dict):
        keys: list[Any] = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    else:
        return [new]
    changed = [new]
    for key in keys:
        for inner in _exchanged(value[key], new):
            copy = value.copy()
            copy[key] = inner
            changed.append(copy)
    return changed


@pytest.mark.parametrize("case", _SOUND, ids=_id)
def test_a_wrong_type_at_any_level_is_told(case: Path) -> None:
    document = msgspec.json.decode(case_payload(case).replace(b"NaN", b"null"))

    for new in _SCALARS:
        for changed in _exchanged(document, new):
            assert _is_told(_decode(case, msgspec.json.encode(changed)))


@pytest.mark.parametrize("case", _SOUND, ids=_id)
def test_a_message_that_is_cut_off_is_refused(case: Path) -> None:
    payload = case_payload(case).rstrip()

    for end in range(len(payload)):
        outcome = _decode(case, payload[:end])
        # Nothing at all may mean something, such as a topic that was deleted.
        may_be_read = _id(case) == "json/bare" or (end == 0 and _is_told(outcome))
        assert isinstance(outcome, PayloadError) or may_be_read


@pytest.mark.parametrize("case", _SOUND, ids=_id)
@pytest.mark.parametrize("depth", [900, 10_000])
def test_depth_costs_the_message_and_nothing_else(case: Path, depth: int) -> None:
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        nested = opening * depth + b"1" + closing * depth
        whole = _decode(case, nested)
        if depth == 10_000:
            assert isinstance(whole, PayloadError)
        document = msgspec.json.decode(case_payload(case).replace(b"NaN", b"null"))
        marked = msgspec.json.encode(_exchanged(document, "HERE"))
        for text in marked.split(b'"HERE"')[1:4]:
            _decode(case, text + nested)
        assert _is_told(whole)


@pytest.mark.parametrize("case", _SOUND, ids=_id)
def test_a_bomb_is_refused_before_it_is_inflated(case: Path) -> None:
    outcome = _decode(case, _BOMB)

    assert isinstance(outcome, PayloadError)
    assert outcome.reason is RejectionReason.TOO_LARGE


HUGE: dict[str, tuple[dict[str, Any], str, bytes]] = {
    "json": ({"each": "."}, "t", b"[" + b"1," * 20_000 + b"1]"),
    "telegraf_json": ({}, "t", b"[" + b'{"fields":{"a":1}},' * 20_000 + b"7]"),
    "influx_line": ({}, "t", b"m v=1\n" * 20_000),
    "alink": (
        {},
        "/sys/p/d/thing/event/property/batch/post",
        b'{"params":{"properties":{"a":[' + b'{"value":1},' * 20_000 + b"1]}}}",
    ),
    "iotda": (
        {},
        "$oc/devices/d/sys/properties/report",
        b'{"services":[' + b'{"service_id":"s","properties":{"a":1}},' * 20_000 + b"1]}",
    ),
    "thingsboard": ({}, "v1/devices/me/telemetry", b"[" + b'{"a":1},' * 20_000 + b"1]"),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_list_is_bounded(name: str) -> None:
    dialect, topic, payload = HUGE[name]
    decoder = FORMATS[name].make(dialect, TimeRule())
    outcome = _outcome(decoder, topic, payload)

    if name == "alink":
        assert not isinstance(outcome, PayloadError)
        assert len(outcome.readings) == 1, "the list is one value"
    else:
        assert isinstance(outcome, PayloadError)
        assert outcome.reason is RejectionReason.TOO_LARGE


def test_faults_are_bounded_and_the_rest_is_told_as_a_number() -> None:
    decoder = FORMATS["influx_line"].make({}, TimeRule())
    decoded = decoder.decode(ForeignMessage("t", b"nonsense\n" * 500 + b"m v=1", False, NOW_MS))

    assert len(decoded.faults) == 101
    assert decoded.faults[-1].error == "400 more parts that cannot be read"
    assert len(decoded.readings) == 1


@pytest.mark.parametrize(
    ("name", "payload"),
    [("influx_line", b"x\n" * 20_000), ("telegraf_json", b"[" + b"1," * 20_000 + b"1]")],
)
def test_a_message_of_faults_alone_is_bounded_as_one_of_readings(name: str, payload: bytes) -> None:
    outcome = _outcome(FORMATS[name].make({}, TimeRule()), "t", payload)

    assert isinstance(outcome, PayloadError)
    assert outcome.reason is RejectionReason.TOO_LARGE
    assert outcome.error.startswith("more than 10000 parts that cannot be read")


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=200), st.text(max_size=60))
def test_any_bytes_on_any_topic_are_told(name: str, payload: bytes, topic: str) -> None:
    assert _is_told(_outcome(FORMATS[name].make({}, TimeRule()), topic, payload))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_an_unknown_key_of_a_dialect_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="surprise"):
        FORMATS[name].make({"surprise": 1}, TimeRule())


@pytest.mark.parametrize(
    ("name", "dialect", "words"),
    [
        ("json", {"each": 7}, "dialect.each"),
        ("json", {"each": ["a", 7]}, "dialect.each"),
        ("json", {"each": ["a", "b", "c", "d", "e"]}, "at most 4"),
        ("json", {"each": "a..b"}, "without a name"),
        ("json", {"time": 7}, "dialect.time"),
        ("alink", {"platform": "acme"}, "dialect.platform"),
        ("alink", {"identity": ["productKey"]}, "dialect.identity"),
    ],
)
def test_a_wrong_dialect_is_refused_by_key(name: str, dialect: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FORMATS[name].make(dialect, TimeRule())


def test_identity_of_a_dialect_may_be_named() -> None:
    decoder = FORMATS["alink"].make({"identity": ["pk", "dev"]}, TimeRule())
    message = ForeignMessage("/sys/a/b/thing/property/post", b'{"params":{"x":1}}', False, NOW_MS)

    assert decoder.decode(message).readings[0].names == {"pk": "a", "dev": "b"}
