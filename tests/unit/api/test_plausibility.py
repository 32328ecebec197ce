"""Reports that contradict themselves, and reports that lack a value, by area and kind."""

from typing import Any

import pytest

from gigacity_api.indicators.subjects.port.plausibility import TEXTS, Contradiction, contradictions
from gigacity_city.model import City
from tests.support.city import AREA_A, AREA_B
from tests.unit.api.conftest import Running, T, report_everything
from tests.unit.api.test_operating_figures import city_of, evaluate, report
from tests.unit.api.test_routes import get, pages, problem

GOOD = {
    "admin": "up", "oper": "up", "onu_total": 32, "onu_online": 30, "onu_rx_min_dbm": -21.5,
    "tx_dbm": 4.2, "temp_c": 41.5,
}  # fmt: skip
DOWN = {"admin": "up", "oper": "down", "temp_c": 33.0}


def put(running: Running, number: int, ts: int = T - 400, **changes: Any) -> str:
    """The newest report of a port; values of None are left out."""
    city = running.cache.inventory.city
    port = city.ports[number]
    key = port.key
    tags = {
        "area": city.olt_by_id[key.olt].area, "olt": key.olt, "slot": str(key.slot),
        "port": str(key.port), "tech": port.tech,
    }  # fmt: skip
    values = {name: value for name, value in (GOOD | changes).items() if value is not None}
    running.store.put("pon_port", ts, tags, **values)
    return str(key)


def lines_only() -> dict[str, None]:
    return dict.fromkeys(("onu_total", "onu_online", "onu_rx_min_dbm", "tx_dbm"))


@pytest.fixture
def reporting(running: Running, city: City) -> Running:
    """Everything has reported, every port all of its values; nothing is evaluated yet."""
    report_everything(running.store, city, T - 1000)
    for number in range(len(city.ports)):
        put(running, number, T - 500)
    return running


def of_ports(running: Running, area: str | None = None) -> dict[str, Any]:
    items = get(running, "/api/v1/quality?kind=port")["items"]
    (found,) = [item for item in items if item["area"] == area]
    return dict(found)


def listed(running: Running, query: str = "") -> dict[str, list[str]]:
    return {
        item["port"]["id"]: [c["slug"] for c in item["contradictions"]]
        for page in pages(running, f"/api/v1/quality/implausible{query}")
        for item in page["items"]
    }


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        (lines_only() | DOWN, []),
        (lines_only() | DOWN | {"admin": "down"}, []),
        (lines_only() | DOWN | {"onu_online": 0, "onu_total": 32}, []),
        ({"admin": "down"}, ["up_while_switched_off"]),
        (DOWN | {"onu_online": 1}, ["onus_on_a_down_port"]),
        ({"onu_online": 33}, ["onus_online_beyond_total"]),
        ({"onu_online": 32}, []),
        ({"onu_online": 30, "onu_total": None}, []),
        ({"onu_rx_min_dbm": 4.2}, []),
        ({"onu_rx_min_dbm": 4.21}, ["received_above_launched"]),
        ({"onu_rx_min_dbm": 0.0, "tx_dbm": None}, []),
        (
            {"admin": "down", "onu_online": 40, "onu_rx_min_dbm": 9.0},
            ["up_while_switched_off", "onus_online_beyond_total", "received_above_launched"],
        ),
    ],
)
def test_values_of_one_report_are_laid_side_by_side(
    reporting: Running, changes: dict[str, Any], expected: list[str]
) -> None:
    name = put(reporting, 0, **changes)
    assert reporting.core.step()
    assert listed(reporting) == ({name: expected} if expected else {})
    assert of_ports(reporting)["implausible"] == bool(expected)


@pytest.mark.parametrize(("most", "expected"), [(64, [1]), (65, []), (None, [])])
def test_more_onus_than_the_city_file_allows_a_port(
    most: float | None, expected: list[int]
) -> None:
    rows = [report(0, onu_total=64), report(1, onu_total=65)]
    found = contradictions(evaluate(city_of(2, max_onus_per_pon_port=most), *rows).instant)
    assert found[Contradiction.ONUS_BEYOND_SPLIT].nonzero()[0].tolist() == expected


def test_they_are_counted_by_area_and_lower_the_grade_there(reporting: Running) -> None:
    city = reporting.cache.inventory.city
    numbers = [n for n, p in enumerate(city.ports) if city.olt_by_id[p.key.olt].area == AREA_B]
    names = [put(reporting, number, onu_online=33) for number in numbers[:2]]
    assert reporting.core.step()
    assert [of_ports(reporting, a)["implausible"] for a in (None, AREA_A, AREA_B)] == [2, 0, 2]
    assert [of_ports(reporting, a)["grade"] for a in (AREA_A, AREA_B)] == ["A", "B"]
    figures = get(reporting, "/api/v1/indicators?indicator=pon.ports_10g&scope=area")["items"]
    grades = {f["code"]: f["quality"]["grade"] for f in figures}
    assert (grades[AREA_A], grades[AREA_B]) == ("A", "B")
    assert list(listed(reporting, f"?area={AREA_B}&limit=1")) == names
    assert not listed(reporting, f"?area={AREA_A}")
    assert not listed(reporting, "?contradiction=onus_beyond_split")
    problem(reporting, "/api/v1/quality/implausible?contradiction=x", 422, "invalid-request")
    item = get(reporting, "/api/v1/quality/implausible")["items"][0]
    assert (item["port"]["values"]["onu_online"], item["port"]["values"]["onu_total"]) == (33, 32)
    assert item["contradictions"][0]["zh"]


def test_a_report_that_is_no_longer_fresh_is_not_counted(reporting: Running) -> None:
    put(reporting, 0, onu_online=33)
    reporting.clock.advance_s(240)
    while reporting.core.step():
        pass
    assert not listed(reporting)
    assert of_ports(reporting)["implausible"] == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 0),
        (lines_only() | DOWN, 0),
        ({"oper": None}, 1),
        ({"onu_total": None}, 1),
        ({"temp_c": None}, 1),
        ({"tx_dbm": None, "onu_rx_min_dbm": None}, 1),
    ],
)
def test_a_report_without_what_a_figure_needs_is_incomplete(
    running: Running, city: City, changes: dict[str, Any], expected: int
) -> None:
    for number in range(len(city.ports)):
        put(running, number, **(changes if number == 0 else {}))
    assert running.core.step()
    assert of_ports(running)["incomplete"] == expected


def test_kinds_say_what_can_be_told_of_them(running: Running, city: City) -> None:
    report_everything(running.store, city, T - 1000)
    row = next(r for r in city.devices.ranges if r.kind == "camera")
    tags = {
        "area": city.community_by_code[row.community].area, "community": row.community,
        "device": next(iter(row.ids.ids())),
    }  # fmt: skip
    running.store.put("device_camera", T - 500, tags, intact=True)
    assert running.core.step()
    told = {
        item["kind"]: (item["incomplete"], item["implausible"])
        for item in get(running, "/api/v1/quality")["items"]
        if item["area"] is None
    }
    assert told.pop("port") == (len(city.ports), 0)
    assert told.pop("camera") == (1, None)
    assert set(told.values()) == {(None, None)}


def test_every_contradiction_has_its_sentences() -> None:
    assert set(TEXTS) == set(Contradiction)
    assert all(text.zh and text.en for text in TEXTS.values())
