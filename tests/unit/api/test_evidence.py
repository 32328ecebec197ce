"""Why an object has its verdict."""

from dataclasses import replace

import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import objects_of
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.row_loader import PortRow, load_ports
from gigacity_api.indicators.subjects.building.gigabit_access import HOME_GIGABIT_ACCESS
from gigacity_api.indicators.subjects.port.in_service import PON_PORTS_10G
from tests.support.city import AREA_A, COMMUNITY_A, COMMUNITY_B, port_index
from tests.unit.api.conftest import T


def evaluate(inventory: Inventory, *rows: PortRow) -> Evaluation:
    state = CityState.empty(inventory)
    load_ports(state, inventory, rows, T)
    return Evaluator(inventory).evaluate(state, T)


def row(
    olt: str, slot: int, port: int, tech: str = "xgs-pon", admin: str | None = "up",
    oper: str | None = "up", ago_ms: int = 1,
) -> PortRow:  # fmt: skip
    return PortRow(T - ago_ms, olt, str(slot), str(port), tech, AREA_A, admin, oper)


@pytest.mark.parametrize(
    ("report", "verdict", "reason"),
    [
        (row("olt-a", 1, 0), "in", "port_in_service_10g"),
        (row("olt-a", 1, 0, "gpon"), "out", "port_below_10g"),
        (row("olt-a", 1, 0, admin="down"), "out", "port_admin_down"),
        (row("olt-a", 1, 0, oper="down"), "out", "port_oper_down"),
        (row("olt-a", 1, 0, oper=None), "unknown", "port_incomplete"),
        (row("olt-a", 1, 0, ago_ms=180_000), "unknown", "port_stale"),
        (row("olt-a", 1, 1), "unknown", "port_stale"),
    ],
)
def test_a_ports_reason(inventory: Inventory, report: PortRow, verdict: str, reason: str) -> None:
    index = port_index(inventory.city, "olt-a", 1, 0)
    entry = PON_PORTS_10G.entry(evaluate(inventory, report).instant, index)
    assert (entry.verdict, entry.reason.slug) == (verdict, reason)


def building(inventory: Inventory, id_: str, *rows: PortRow) -> tuple[str, str, int | None]:
    index = [b.id for b in inventory.city.buildings].index(id_)
    entry = HOME_GIGABIT_ACCESS.entry(evaluate(inventory, *rows).instant, index)
    return entry.verdict, entry.reason.slug, entry.last_report_ms


def test_a_buildings_reason(inventory: Inventory) -> None:
    one = f"{COMMUNITY_A}-1"
    ports = [(1, 0), (1, 1), (1, 4)]
    down = [row("olt-a", slot, port, oper="down", ago_ms=port + 1) for slot, port in ports]
    assert building(inventory, one) == ("unknown", "building_ports_unknown", None)
    assert building(inventory, one, *down[:2])[:2] == (
        "unknown",
        "building_ports_unknown",
    )
    assert building(inventory, one, *down) == ("out", "building_all_ports_out", T - 1)
    assert building(inventory, one, *down[:2], row("olt-a", 1, 4))[:2] == (
        "in", "building_has_10g_port",
    )  # fmt: skip


def test_a_building_that_no_port_passes_is_out(inventory: Inventory) -> None:
    """Of the test city's buildings each is passed; take the ports away from one."""
    index = [b.id for b in inventory.city.buildings].index(f"{COMMUNITY_B}-2")
    city = inventory.city
    without = replace(city, coverage=tuple(p for p in city.coverage if p[0] != index))
    entry = HOME_GIGABIT_ACCESS.entry(evaluate(Inventory(without)).instant, index)
    assert (entry.verdict, entry.reason.slug) == ("out", "building_not_passed")


def test_a_code_that_the_level_has_not_is_refused(inventory: Inventory) -> None:
    evaluation = evaluate(inventory)
    with pytest.raises(KeyError, match="nobody"):
        objects_of(evaluation, PON_PORTS_10G, Level.OLT, "nobody")
