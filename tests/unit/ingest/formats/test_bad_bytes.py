"""Binary messages that are cut off, or of which one byte is another: told, and never raised."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gigacity_contract.decoding import PayloadError
from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.readings import ForeignMessage, FormatDecoder
from gigacity_ingest.formats.times import TimeRule
from tests.golden.formats_files import CASES, case_payload, expectation_of

NOW_MS = 1_767_225_660_000
_BINARY = [
    case for case in CASES if case.with_name(case.name[: -len("expect.json")] + "hex").exists()
]


def _id(case: Path) -> str:
    return f"{case.parent.name}/{case.name.removesuffix('.expect.json')}"


def _decoder(case: Path) -> FormatDecoder:
    expectation = expectation_of(case)
    decoder = FORMATS[case.parent.name].make(expectation.get("dialect", {}), TimeRule())
    for name in expectation.get("after", ()):
        before = case.with_name(f"{name}.expect.json")
        topic = expectation_of(before)["topic"]
        decoder.decode(ForeignMessage(topic, case_payload(before), False, NOW_MS))
    return decoder


def _damaged(payload: bytes) -> Iterator[bytes]:
    for place in range(len(payload)):
        yield payload[:place]
        for flipped in (0x01, 0x80, 0xFF):
            yield payload[:place] + bytes([payload[place] ^ flipped]) + payload[place + 1 :]


def _is_told(decoder: FormatDecoder, topic: str, payload: bytes) -> bool:
    try:
        decoded = decoder.decode(ForeignMessage(topic, payload, False, NOW_MS))
    except PayloadError as error:
        return bool(error.error)
    return bool(decoded.readings or decoded.sessions or decoded.faults or decoded.ignored)


@pytest.mark.parametrize("case", _BINARY, ids=_id)
def test_damage_is_told(case: Path) -> None:
    topic = expectation_of(case)["topic"]
    worn = _decoder(case)
    for damaged in _damaged(case_payload(case)):
        assert _is_told(worn, topic, damaged)
        assert _is_told(_decoder(case), topic, damaged)
