"""Messages of foreign formats to what a decoder makes of them, against files written by hand."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gigacity_contract.decoding import PayloadError
from gigacity_ingest.formats.catalogue import _ROWS, FORMATS
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder, Reading
from gigacity_ingest.formats.times import TimeRule
from tests.golden.formats_files import CASES, case_payload, expectation_of

NOW_MS = 1_767_225_660_000


def _id(case: Path) -> str:
    return f"{case.parent.name}/{case.name.removesuffix('.expect.json')}"


def _decode(decoder: FormatDecoder, case: Path) -> Decoded:
    expectation = expectation_of(case)
    message = ForeignMessage(
        expectation["topic"], case_payload(case), expectation.get("retained", False), NOW_MS
    )
    return decoder.decode(message)


def _decoder(case: Path) -> FormatDecoder:
    expectation = expectation_of(case)
    rule = TimeRule(zone=ZoneInfo(expectation.get("zone", "UTC")))
    return FORMATS[case.parent.name].make(expectation.get("dialect", {}), rule)


def _summary(decoded: Decoded) -> dict[str, Any]:
    """The outcome as a file writes it: what is empty is left out."""
    summary = {
        "readings": [_reading(reading) for reading in decoded.readings],
        "sessions": [msgspec.to_builtins(change) for change in decoded.sessions],
        "answers": [answer.topic for answer in decoded.answers],
        "faults": [[str(fault.reason), fault.error] for fault in decoded.faults],
        "ignored": dict(decoded.ignored),
    }
    return {key: value for key, value in summary.items() if value}


def _reading(reading: Reading) -> dict[str, Any]:
    written: dict[str, Any] = {
        "names": dict(reading.names),
        "values": dict(reading.values),
        "time_ms": reading.time_ms,
    }
    if reading.message_id:
        written["message_id"] = reading.message_id
    if reading.parents:
        written["parents"] = [dict(parent) for parent in reading.parents]
    return written


_OUTCOMES = ("readings", "sessions", "answers", "faults", "ignored")


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_a_message_becomes_what_its_file_says(case: Path) -> None:
    expectation = expectation_of(case)
    decoder = _decoder(case)
    for before in expectation.get("after", ()):
        _decode(decoder, case.with_name(f"{before}.expect.json"))

    if "refused" in expectation:
        with pytest.raises(PayloadError) as raised:
            _decode(decoder, case)
        assert raised.value.reason == expectation["refused"]
        return
    decoded = _decode(decoder, case)

    expected = {key: expectation[key] for key in _OUTCOMES if key in expectation}
    assert _summary(decoded) == expected
    if "answer_bodies" in expectation:
        bodies = [msgspec.json.decode(answer.payload) for answer in decoded.answers]
        assert bodies == expectation["answer_bodies"]


def test_every_format_has_a_golden_message() -> None:
    assert {case.parent.name for case in CASES} == set(FORMATS)


def test_no_two_formats_have_one_name() -> None:
    assert len(_ROWS) == len(FORMATS)
