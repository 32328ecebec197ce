"""A small run of the decoder fuzz; and that the fuzz would see what it looks for."""

import json

import pytest

from gigacity_contract.clock import ManualClock
from gigacity_contract.decoding import decode_device, decode_pon
from gigacity_contract.decoding.slow import slow_device
from gigacity_contract.decoding.slow_ports import slow_pon
from gigacity_ingest.decode import decoder as worker_decoder
from gigacity_ingest.decode.outcome import Outcome
from gigacity_ingest.encode.line_builder import marked
from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.readings import Decoded
from tests.fuzz import oracles
from tests.fuzz.formats import format_seeds
from tests.fuzz.run import Fuzz, Result, Target

INPUTS = 4000


def _run(seed: int = 1, inputs: int = INPUTS, target: Target = Target.NATIVE) -> Result:
    return Fuzz(seed, clock=ManualClock(), target=target).run(inputs)


def test_mutants_give_points_or_declared_errors() -> None:
    result = _run()

    assert result.inputs == INPUTS
    assert result.as_json()["findings"] == []
    assert result.features > 500, "the mutants reach little"


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = _run(inputs=500), _run(inputs=500)

    assert (first.features, first.corpus) == (second.features, second.corpus)
    assert (first.features, first.corpus) != (_run(2, 500).features, _run(2, 500).corpus)


def test_an_undeclared_error_of_a_decoder_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_on_a_float(payload: bytes) -> object:
        if b"e308" in payload:
            raise KeyError("e308")
        return decode_device(payload)

    pairs = (("device", break_on_a_float, slow_device),)
    monkeypatch.setattr(oracles, "_PAIRS", pairs)

    assert "KeyError" in _run().cases


def test_a_difference_of_the_paths_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_the_number(payload: bytes) -> object:
        report, notes = decode_pon(payload)
        report.seq = None
        return report, notes

    pairs = (("pon", lose_the_number, slow_pon),)
    monkeypatch.setattr(oracles, "_PAIRS", pairs)

    assert any("the paths differ" in what for what in _run(inputs=500).cases)


def test_a_fault_inside_the_worker_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(worker_decoder, "add_ports", fail)

    assert any("fault of the worker" in what for what in _run(inputs=500).cases)


def test_a_message_that_vanishes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Outcome, "refuse", lambda *_, **__: None)

    assert "the message vanished" in _run(inputs=500).cases


def test_a_line_that_no_server_reads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def add_nonsense(_route: object, _ports: object, _ts: int, out: Outcome) -> None:
        out.lines.points.append({"|": marked("pon_port rx_dbm=NaN 1")})

    monkeypatch.setattr(worker_decoder, "add_ports", add_nonsense)

    assert any("no server reads" in what for what in _run(inputs=500).cases)


def test_mutants_of_every_foreign_format_give_readings_or_words() -> None:
    result = _run(target=Target.FORMATS)

    assert result.as_json()["findings"] == []
    assert {json.loads(sample.source)[0] for sample in format_seeds()} == set(FORMATS)
    assert result.features > 200, "the mutants reach little"


def test_a_foreign_message_that_vanishes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gathering, "finish", lambda _: Decoded())

    assert any("vanished" in what for what in _run(inputs=500, target=Target.FORMATS).cases)


def test_an_undeclared_error_of_a_format_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(Gathering, "add", fail)

    cases = _run(inputs=500, target=Target.FORMATS).cases
    assert any("ZeroDivisionError" in what for what in cases)
