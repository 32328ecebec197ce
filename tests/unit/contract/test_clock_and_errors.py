"""Small parts: clocks, and errors that say everything at once."""

import time

from gigacity_contract.clock import ManualClock, SystemClock
from gigacity_contract.errors import CityError, CityProblem


def test_the_system_clock_tells_the_machines_time() -> None:
    clock = SystemClock()
    before, started = time.time_ns() // 1_000_000, time.monotonic()

    assert before <= clock.now_ms() <= before + 60_000
    assert started <= clock.monotonic_s() <= time.monotonic()


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(wall_ms=1_000, elapsed_s=5.0)
    assert (clock.now_ms(), clock.monotonic_s()) == (1_000, 5.0)

    clock.advance_s(0.25)

    assert (clock.now_ms(), clock.monotonic_s()) == (1_250, 5.25)


def test_a_city_error_lists_every_fault_with_its_place_in_order() -> None:
    error = CityError(
        [
            CityProblem("olts.csv", 3, "area", "unknown"),
            CityProblem("city.yaml", 0, "", "is missing"),
            CityProblem("buildings.csv", 2, "", "too many columns"),
        ]
    )

    assert str(error).splitlines() == [
        "3 problem(s) in the city file:",
        "  buildings.csv:2: too many columns",
        "  city.yaml: is missing",
        "  olts.csv:3: area: unknown",
    ]
