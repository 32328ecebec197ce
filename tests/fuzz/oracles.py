"""What must hold for every input, and what an input showed that others had not.

Raises nothing but ``Finding``; whatever else is raised on the way is a finding, too.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from gigacity_city.model import City
from gigacity_contract.decoding import (
    DecodingNotes,
    Extent,
    PayloadError,
    RejectionReason,
    decode_bundle,
    decode_device,
    decode_pon,
    decode_status,
)
from gigacity_contract.decoding.slow import slow_bundle, slow_device, slow_status
from gigacity_contract.decoding.slow_ports import slow_pon
from gigacity_contract.measurements import FOREVER, MEASUREMENTS, RAW
from gigacity_contract.technology import canonical_tech
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from tests.fuzz.corpus import NOW_MS, Sample
from tests.fuzz.findings import Finding, kind_of, require
from tests.fuzz.formats import FormatOracle
from tests.support.line_protocol import LineError, parse_line

Decode = Callable[[bytes], Any]
_PAIRS: tuple[tuple[str, Decode, Decode], ...] = (
    ("pon", decode_pon, slow_pon),
    ("device", decode_device, slow_device),
    ("bundle", decode_bundle, slow_bundle),
    ("status", decode_status, slow_status),
)
_EMPTY = re.compile(rb'"(ports|reports)"\s*:\s*\[\s*\]')
_FIELDS = {m.name: {f.name: f.type.value for f in m.fields} for m in MEASUREMENTS.values()}


class Oracles:
    """Checks inputs one after the other, with one worker's decoder for all of them."""

    def __init__(self, city: City) -> None:
        self.decoder = Decoder(city)
        self._formats = FormatOracle()

    def check(self, sample: Sample) -> frozenset[str]:
        """The input's features.

        Raises:
            Finding: it breaks what must hold.
        """
        if sample.source:
            return self._formats.check(sample)
        features: set[str] = set()
        for name, fast, slow in _PAIRS:
            features.update(f"{name} {what}" for what in _check_pair(fast, slow, sample.payload))
        features.update(self._check_worker(sample))
        return frozenset(features)

    def _check_worker(self, sample: Sample) -> set[str]:
        out = Outcome()
        self.decoder.decode(
            ReceivedMessage(sample.topic, sample.payload, sample.is_copy, NOW_MS), out
        )
        if self.decoder.internal_errors:
            self.decoder.internal_errors = 0
            raise Finding(f"fault of the worker: {out.dead_letters[-1].error}")
        features = set()
        for policy, lines in ((RAW, out.raw), (FOREVER, out.forever)):
            for line in lines:
                features.add(f"line {_check_line(line, policy)}")
        for dead_letter in out.dead_letters:
            require(bool(dead_letter.id and dead_letter.error), "a letter without id or error")
            msgspec.json.encode(dead_letter)
            features.add(
                f"letter {dead_letter.reason} {dead_letter.extent} {kind_of(dead_letter.error)}"
            )
        if not out.points and not out.dead_letters and not out.cleared_statuses:
            require(_EMPTY.search(sample.payload) is not None, "the message vanished")
        return features


def _check_line(line: bytes, policy: Any) -> str:
    try:
        point = parse_line(line)
    except LineError as error:
        raise Finding(f"a line that no server reads: {error}: {line!r}") from error
    row = MEASUREMENTS[point.measurement]
    types = _FIELDS[point.measurement]
    require(row.policy is policy, f"{point.measurement} in {policy.name}")
    require([t for t in row.tags if t in point.tags] == list(point.tags), f"tags: {line!r}")
    kinds = {name: kind for name, (kind, _) in point.fields.items()}
    require(kinds == {name: types.get(name) for name in kinds}, f"types: {line!r}")
    return f"{point.measurement} {len(kinds)}"


def _check_pair(fast: Decode, slow: Decode, payload: bytes) -> set[str]:
    """Both paths of one decoder over one payload: same verdict, same report."""
    reasons = []
    reports = []
    features = set()
    for decode in (fast, slow):
        try:
            answer = decode(payload)
        except PayloadError as error:
            error.error.encode()
            reasons.append(error.reason)
            features.add(f"{error.reason} {kind_of(error.error)}")
            continue
        report, notes = answer if isinstance(answer, tuple) else (answer, None)
        reports.append(_text_of(report))
        features.update(_check_notes(notes or DecodingNotes()))
    require(len(set(reasons)) + len(set(reports)) == 1, f"the paths differ: {reasons} {reports}")
    return features


def _text_of(report: Any) -> bytes:
    """Tells 5 from 5.0; a list of technologies counts as its canonical form."""
    plain = msgspec.to_builtins(report)
    for port in plain.get("ports", []):
        if isinstance(port["tech"], list):
            port["tech"] = canonical_tech(port["tech"])
    return msgspec.json.encode(plain)


def _check_notes(notes: DecodingNotes) -> set[str]:
    features = {f"absent {name}" for name in notes.absent_fields}
    for name in (*notes.unknown_fields, *notes.absent_fields):
        name.encode()
    for rejection in notes.rejections:
        require(isinstance(rejection.reason, RejectionReason), "a reason of no name")
        require(rejection.extent is not Extent.MESSAGE, "a part that is the whole")
        require(bool(rejection.error and rejection.raw), "a rejection without text")
        rejection.error.encode()
        features.add(f"{rejection.reason} {rejection.extent} {kind_of(rejection.error)}")
    return features


def source_of(error: BaseException) -> str:
    """Where an exception comes from: its type and the last place in the product."""
    place, trace = "", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "gigacity_" in str(file):
            place = f"{file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} {place}".strip()
