"""Foreign formats: what fuzzing starts from, and what must hold for every mutant.

Formats come from the catalogue and their messages from the golden files, so a new one is fuzzed
as soon as it has one.
"""

import gzip
import json
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.gathering import MAX_FAULTS, MAX_READINGS
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder
from gigacity_ingest.formats.times import TimeRule
from tests.fuzz.corpus import NOW_MS, Sample
from tests.fuzz.findings import kind_of, require
from tests.golden.formats_files import CASES, case_payload, expectation_of

_HARD = (
    b"",
    b"[" * 2000 + b"]" * 2000,
    b'{"a":' * 200 + b"1" + b"}" * 200,
    b'{"params":{"a":NaN}}',
    gzip.compress(b'{"services":' + b"[" * 500, mtime=0),
    gzip.compress(b" " * 2_000_000, mtime=0),
)
_MAX_SEED_BYTES = 8192


def format_seeds() -> list[Sample]:
    """Golden messages of every format, and a few hard shapes on a topic of each."""
    samples = []
    for case in CASES:
        expectation = expectation_of(case)
        source = json.dumps(
            [case.parent.name, expectation.get("dialect", {}), expectation.get("zone", "UTC")]
        )
        topic = expectation["topic"].encode()
        is_retained = expectation.get("retained", False)
        payload = case_payload(case)
        if len(payload) <= _MAX_SEED_BYTES:
            samples.append(Sample(topic, payload, is_retained, source))
    first_of_source = {sample.source: sample for sample in reversed(samples)}
    for sample in first_of_source.values():
        samples += [sample._replace(payload=payload) for payload in _HARD]
    return samples


class FormatOracle:
    """Checks mutants, with one decoder for all messages of one source."""

    def __init__(self) -> None:
        self._decoders: dict[str, FormatDecoder] = {}

    def check(self, sample: Sample) -> frozenset[str]:
        """The input's features.

        Raises:
            Finding: it breaks what must hold.
        """
        decoder = self._decoders.get(sample.source)
        name, dialect, zone = json.loads(sample.source)
        if decoder is None:
            decoder = FORMATS[name].make(dialect, TimeRule(zone=ZoneInfo(zone)))
            self._decoders[sample.source] = decoder
        topic = sample.topic.decode(errors="replace")
        try:
            decoded = decoder.decode(ForeignMessage(topic, sample.payload, sample.is_copy, NOW_MS))
        except PayloadError as error:
            error.error.encode()
            require(isinstance(error.reason, RejectionReason), f"{name}: a reason of no name")
            return frozenset({f"{name} {error.reason} {kind_of(error.error)}"})
        return frozenset(f"{name} {feature}" for feature in _check(name, decoded))


def _check(name: str, decoded: Decoded) -> set[str]:
    features = set()
    require(len(decoded.readings) <= MAX_READINGS, f"{name}: too many readings")
    require(len(decoded.faults) <= MAX_FAULTS + 1, f"{name}: too many faults")
    for reading in decoded.readings:
        _check_names(name, reading.names)
        _check_time(name, reading.time_ms)
        require(isinstance(reading.message_id, str), f"{name}: a message id that is no text")
        require(all(isinstance(key, str) for key in reading.values), f"{name}: a property's name")
        features.add(f"reading {min(len(reading.values), 20)} {reading.time_ms is None}")
    for session in decoded.sessions:
        _check_names(name, session.names)
        _check_time(name, session.time_ms)
        features.add(f"session {session.is_online} {session.time_ms is None}")
    for fault in decoded.faults:
        require(isinstance(fault.reason, RejectionReason), f"{name}: a reason of no name")
        require(bool(fault.error), f"{name}: a fault without words")
        fault.error.encode()
        features.add(f"fault {fault.reason} {kind_of(fault.error.rpartition(': ')[2])}")
    for answer in decoded.answers:
        require(bool(answer.topic) and answer.payload.__class__ is bytes, f"{name}: an answer")
    for what, count in decoded.ignored.items():
        require(count > 0, f"{name}: ignored without a count")
        features.add(f"ignored {what}")
    is_told = decoded.readings or decoded.sessions or decoded.faults or decoded.ignored
    require(bool(is_told or decoded.answers), f"{name}: the message vanished")
    return features


def _check_names(name: str, names: Any) -> None:
    plain = dict(names)
    require(
        all(isinstance(key, str) and isinstance(value, str) for key, value in plain.items()),
        f"{name}: a name that is no text",
    )
    msgspec.json.encode(plain)


def _check_time(name: str, time_ms: object) -> None:
    require(time_ms is None or time_ms.__class__ is int, f"{name}: a time that is no number")
