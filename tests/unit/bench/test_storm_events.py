"""Stretches of time of a load test, what a probe tells of them, and the databases it runs over."""

import re
from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_contract.errors import ConfigError
from gigacity_deploy.demo.links import find_hands_on
from gigacity_deploy.demo.profile import CITIES, TimeStretch
from tests.bench.storm.events import Events
from tests.bench.storm.probe import by_phase, city_with_probe
from tests.bench.storm.stores import PROGRAMS, parse_store, program_of


def test_phases_lie_between_start_outages_and_returns() -> None:
    events = Events(database=TimeStretch(100, 50), broker=TimeStretch(300, 10))

    assert events.phases(1_000, 400) == {
        "the first minute": (1_000, 61_000),
        "then": (61_000, 101_000),
        "without the database": (101_000, 151_000),
        "the minute after the database's return": (151_000, 211_000),
        "then, the database being back": (211_000, 301_000),
        "without the broker": (301_000, 311_000),
        "the minute after the broker's return": (311_000, 371_000),
        "then, the broker being back": (371_000, 401_000),
    }


def test_a_run_that_ends_before_a_phase_has_none_of_it() -> None:
    assert Events().phases(0, 40) == {"the first minute": (0, 40_000)}


def test_quantiles_of_a_phase_are_of_its_readings_alone() -> None:
    latencies = [(ts, 0.5 if ts < 1000 else 3.0) for ts in range(0, 2000, 10)]

    found = by_phase(latencies, {"a": (0, 1000), "b": (1000, 2000), "none": (2000, 3000)})

    assert found == {
        "a": {"readings": 100, "p50_s": 0.5, "p99_s": 0.5, "slowest_s": 0.5},
        "b": {"readings": 100, "p50_s": 3.0, "p99_s": 3.0, "slowest_s": 3.0},
    }


def test_the_copy_of_a_city_has_one_device_more_however_often_it_is_made(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for file in (CITIES / "binzhou-demo").iterdir():
        text = file.read_text(encoding="utf-8")
        kept = [line for line in text.splitlines(keepends=True) if "hands-on" not in line]
        (bare / file.name).write_text("".join(kept), encoding="utf-8")
    before = load_city(bare)

    after = load_city(city_with_probe(bare, tmp_path))
    again = load_city(city_with_probe(tmp_path / "city", tmp_path / "other"))

    assert find_hands_on(before) is None
    assert find_hands_on(after) is not None
    assert find_hands_on(after) == find_hands_on(again)
    assert len(after.devices) == len(again.devices) == len(before.devices) + 1


def test_a_store_and_its_program_are_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--store mysql: choose from influxdb1, influxdb2"):
        parse_store("mysql")
    for store, variable in PROGRAMS.items():
        with pytest.raises(ConfigError, match=re.escape(f"{variable}=''")):
            program_of(store, {})
        with pytest.raises(ConfigError, match="set it to the program of"):
            program_of(store, {variable: str(tmp_path / "missing")})
    program = tmp_path / "influxd"
    program.touch(mode=0o700)
    assert program_of("influxdb2", {"GIGACITY_BENCH_INFLUXDB2": str(program)}) == str(program)
