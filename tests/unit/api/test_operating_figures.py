"""Availability, optics and ONUs: verdicts, bounds, reasons."""

from dataclasses import replace
from typing import Any

import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.entries import Entry
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import objects_of, page
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.row_loader import PORT_COLUMNS, PortRow, load_ports
from gigacity_api.indicators.subjects.port.plausibility import Contradiction, contradictions
from gigacity_api.indicators.subjects.port.subject import LINE_VALUES
from gigacity_city.model import (
    Building,
    City,
    Community,
    Parameter,
    PortKey,
    RegisteredPort,
)
from gigacity_contract.measurements import PON_PORT
from tests.unit.api.worlds import AREAS, SOURCE, WINDOW_MS, T, build_city

OLT = f"olt-{AREAS[0]}"
CODE = f"{AREAS[0]}000001"
PARAMETERS = {
    "households_per_10g_port": 40, "max_onus_per_pon_port": 64, "optics_onu_rx_min_dbm": -28,
    "optics_tx_min_dbm": 1.5, "optics_tx_max_dbm": 10, "optics_temp_max_c": 70,
}  # fmt: skip
GOOD: dict[str, Any] = {
    "onu_total": 10, "onu_online": 10, "onu_rx_min_dbm": -28.0, "tx_dbm": 1.5, "temp_c": 70.0,
}  # fmt: skip


def city_of(ports: int, households: int = 100, **changes: float | None) -> City:
    values = {**PARAMETERS, **changes}
    return build_city(
        [Community(CODE, "社区", AREAS[0], 111, 1000)],
        [Building("b1", CODE, households)],
        [RegisteredPort(PortKey(OLT, 1, n), "xgs-pon") for n in range(ports)],
        [(0, 0)],
        [0],
        parameters=tuple(
            Parameter(name, value, SOURCE) for name, value in values.items() if value is not None
        ),
    )


def report(port: int, ago_ms: int = 1000, **said: Any) -> PortRow:
    """A port that is up and well, but for what is said."""
    values = {"tech": "xgs-pon", "admin": "up", "oper": "up", **GOOD, **said}
    return PortRow(T - ago_ms, OLT, "1", str(port), area=AREAS[0], **values)


def evaluate(city: City, *rows: PortRow) -> Evaluation:
    inventory = Inventory(city)
    state = CityState.empty(inventory)
    load_ports(state, inventory, rows, T)
    return Evaluator(inventory).evaluate(state, T)


def parts(evaluation: Evaluation, indicator: str) -> tuple[int, int, int]:
    figure = evaluation.by_key[indicator, "city", "371600"]
    return figure.known_in, figure.known_out, figure.unknown


def entries(evaluation: Evaluation, indicator: str) -> list[Entry]:
    definition = REGISTRY[indicator]
    objects = objects_of(evaluation, definition, Level.CITY, "371600")
    return list(page(evaluation, definition, objects, offset=0, limit=99).entries)


@pytest.mark.parametrize(
    ("said", "counts", "reason"),
    [
        ({}, (1, 0, 0), "port_up"),
        ({"oper": "down"}, (0, 1, 0), "port_oper_down"),
        ({"admin": "down", "oper": "down"}, (0, 0, 0), "port_admin_down"),
        ({"oper": None}, (0, 0, 1), "port_incomplete"),
        ({"admin": None}, (0, 0, 1), "port_incomplete"),
        ({"ago_ms": WINDOW_MS}, (0, 0, 1), "port_stale"),
    ],
    ids=["up", "down", "switched off", "oper absent", "admin absent", "stale"],
)
def test_availability_counts_the_ports_that_are_meant_to_work(
    said: dict[str, Any], counts: tuple[int, int, int], reason: str
) -> None:
    evaluation = evaluate(city_of(1), report(0, **said))
    assert parts(evaluation, "pon.port_availability") == counts
    assert [e.reason.slug for e in entries(evaluation, "pon.port_availability")] == [reason]


@pytest.mark.parametrize(
    ("said", "verdict", "reason"),
    [
        ({}, "in", "port_optics_good"),
        ({"onu_rx_min_dbm": -28.01}, "out", "port_onu_rx_low"),
        ({"tx_dbm": 1.49}, "out", "port_tx_low"),
        ({"tx_dbm": 10.01}, "out", "port_tx_high"),
        ({"temp_c": 70.1}, "out", "port_too_warm"),
        ({"temp_c": None}, "unknown", "port_incomplete"),
        ({"temp_c": None, "tx_dbm": 0.0}, "out", "port_tx_low"),
        ({"ago_ms": WINDOW_MS}, "unknown", "port_stale"),
    ],
    ids=["at the limits", "fibre", "weak", "strong", "warm", "absent", "one decides", "stale"],
)
def test_optics_are_healthy_within_the_limits_of_the_city_file(
    said: dict[str, Any], verdict: str, reason: str
) -> None:
    (entry,) = entries(evaluate(city_of(1), report(0, **said)), "pon.optical_health")
    assert (entry.verdict, entry.reason.slug) == (verdict, reason)


def test_another_limit_in_the_city_file_is_another_verdict() -> None:
    strict = city_of(1, optics_onu_rx_min_dbm=-27)
    assert parts(evaluate(city_of(1), report(0)), "pon.optical_health") == (1, 0, 0)
    assert parts(evaluate(strict, report(0)), "pon.optical_health") == (0, 1, 0)


def test_onus_are_summed_and_the_unheard_have_the_greatest_size() -> None:
    """Ten of ten and four of six; one port is silent, one lacks its counts, one is implausible."""
    evaluation = evaluate(
        city_of(5), report(0), report(1, onu_total=6, onu_online=4),
        report(3, onu_total=None), report(4, onu_total=3, onu_online=5),
    )  # fmt: skip
    figure = evaluation.by_key["onu.online", "city", "371600"]
    assert (figure.numerator, figure.known_out, figure.unknown) == (14, 2, 3 * 64)
    assert figure.value == 14 / 16
    assert (figure.lower, figure.upper) == (14 / 208, 206 / 208)
    found = entries(evaluation, "onu.online")
    assert [(e.verdict, e.adds, e.weight) for e in found] == [
        ("in", 10, 10), ("out", 4, 6), ("unknown", 0, 64), ("unknown", 0, 64), ("unknown", 0, 64),
    ]  # fmt: skip
    assert found[1].values["onu_online"] == 4
    assert [e.reason.slug for e in found] == [
        "port_onus_all_online",
        "port_onus_offline",
        "port_stale",
        "port_incomplete",
        "port_onus_beyond_total",
    ]


def test_capacity_exceeds_one_and_its_evidence_weighs_households() -> None:
    evaluation = evaluate(city_of(4), report(0), report(1), report(2, oper="down"))
    figure = evaluation.by_key["home.gigabit_capacity", "city", "371600"]
    assert (figure.numerator, figure.denominator, figure.unknown) == (80, 100, 40)
    assert (figure.value, figure.lower, figure.upper) == (0.8, 0.8, 1.2)
    assert [e.adds for e in entries(evaluation, "home.gigabit_capacity")] == [40, 40, 0, 0]
    assert [e.weight for e in entries(evaluation, "home.gigabit_capacity")] == [40] * 4


def test_a_factor_that_is_not_whole_is_rounded_once_in_the_sum() -> None:
    evaluation = evaluate(city_of(3, households_per_10g_port=36.1), *map(report, range(3)))
    figure = evaluation.by_key["home.gigabit_capacity", "city", "371600"]
    assert (figure.numerator, figure.value) == (108, 1.08)


def test_nothing_heard_is_no_capacity_of_zero() -> None:
    figure = evaluate(city_of(2)).by_key["home.gigabit_capacity", "city", "371600"]
    assert (figure.value, figure.lower, figure.upper) == (None, 0.0, 0.8)


@pytest.mark.parametrize("name", PARAMETERS)
def test_without_its_parameter_a_figure_is_not_computed(name: str) -> None:
    change: dict[str, Any] = {name: None}
    found = {f.indicator for f in evaluate(city_of(1, **change), report(0)).figures}
    missing = {d.id for d in REGISTRY.values() if name in d.parameters}
    assert missing
    assert not missing & found
    assert "pon.ports_10g" in found


def test_values_are_kept_as_they_were_reported() -> None:
    said: dict[str, Any] = {"onu_total": 1021, "onu_online": 0, "onu_rx_min_dbm": -27.994}
    said["tx_dbm"] = 30.0
    (shown,) = entries(evaluate(city_of(1), report(0, temp_c=-60.06, **said)), "onu.online")
    assert [shown.values[name] for name in LINE_VALUES] == [1021, 0, -27.99, 30.0, -60.1]
    nothing: dict[str, Any] = dict.fromkeys(LINE_VALUES)
    (shown,) = entries(evaluate(city_of(1), report(0, **nothing)), "onu.online")
    assert not set(LINE_VALUES) & set(shown.values)


def test_what_lies_beyond_every_device_is_neither_lost_nor_unknown() -> None:
    """Each once became absent, silently, since it had no room: nothing counted it."""
    rows = [report(0, onu_total=5000, onu_online=4000), report(1, tx_dbm=900.0)]
    evaluation = evaluate(city_of(2), *rows)
    assert parts(evaluation, "pon.optical_health") == (1, 1, 0)
    assert [e.values["onu_total"] for e in entries(evaluation, "onu.online")] == [5000, 10]
    beyond = contradictions(evaluation.instant)[Contradiction.ONUS_BEYOND_SPLIT]
    assert beyond.tolist() == [True, False]


def test_every_column_that_a_port_row_asks_for_is_stored() -> None:
    stored = {*PON_PORT.tags, *(field.name for field in PON_PORT.fields)}
    assert set(PORT_COLUMNS) <= stored


def test_of_two_rows_of_one_time_the_greater_wins_in_either_order() -> None:
    rows = [report(0, onu_online=3), report(0, onu_online=9)]
    first, second = evaluate(city_of(1), *rows), evaluate(city_of(1), *reversed(rows))
    assert first.figures == second.figures
    assert parts(first, "onu.online") == (9, 1, 0)


def test_the_alternative_reading_stands_beside_where_the_city_file_has_one() -> None:
    city = city_of(1)
    rural = replace(city.communities[0], urban_class=123)
    other = replace(city.urban, everywhere=frozenset({123}))
    city = replace(city, communities=(rural,), urban=replace(city.urban, alternative=other))
    found = evaluate(city, report(0)).by_key
    assert found["home.gigabit_access", "city", "371600"].denominator == 0
    beside = found["home.gigabit_access.alternative", "city", "371600"]
    assert (beside.numerator, beside.denominator, beside.target) == (100, 100, None)
    without = replace(city, urban=replace(city.urban, alternative=None))
    places = evaluate(without, report(0)).by_key
    assert ("home.gigabit_access.alternative", "city", "371600") not in places
