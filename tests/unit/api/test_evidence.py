"""Why an object has its verdict."""

from dataclasses import replace

import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.definitions import Level
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import building_entry, objects_of, port_entry
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.reasons import VerdictReason
from gigacity_api.indicators.row_loader import PortRow, load_ports
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
        (row("olt-a", 1, 0), "in", VerdictReason.PORT_IN_SERVICE_10G),
        (row("olt-a", 1, 0, "gpon"), "out", VerdictReason.PORT_BELOW_10G),
        (row("olt-a", 1, 0, admin="down"), "out", VerdictReason.PORT_ADMIN_DOWN),
        (row("olt-a", 1, 0, oper="down"), "out", VerdictReason.PORT_OPER_DOWN),
        (row("olt-a", 1, 0, oper=None), "unknown", VerdictReason.PORT_INCOMPLETE),
        (row("olt-a", 1, 0, ago_ms=180_000), "unknown", VerdictReason.PORT_STALE),
        (row("olt-a", 1, 1), "unknown", VerdictReason.NEVER_REPORTED),
    ],
)
def test_a_ports_reason(
    inventory: Inventory, report: PortRow, verdict: str, reason: VerdictReason
) -> None:
    index = port_index(inventory.city, "olt-a", 1, 0)
    entry = port_entry(evaluate(inventory, report), index)
    assert (entry.verdict, entry.reason) == (verdict, reason)


def building(
    inventory: Inventory, id_: str, *rows: PortRow
) -> tuple[str, VerdictReason, int | None]:
    index = [b.id for b in inventory.city.buildings].index(id_)
    entry = building_entry(evaluate(inventory, *rows), index)
    return entry.verdict, entry.reason, entry.last_report_ms


def test_a_buildings_reason(inventory: Inventory) -> None:
    one = f"{COMMUNITY_A}-1"
    ports = [(1, 0), (1, 1), (1, 4)]
    down = [row("olt-a", slot, port, oper="down", ago_ms=port + 1) for slot, port in ports]
    assert building(inventory, one) == ("unknown", VerdictReason.BUILDING_PORTS_UNKNOWN, None)
    assert building(inventory, one, *down[:2])[:2] == (
        "unknown",
        VerdictReason.BUILDING_PORTS_UNKNOWN,
    )
    assert building(inventory, one, *down) == ("out", VerdictReason.BUILDING_ALL_PORTS_OUT, T - 1)
    assert building(inventory, one, *down[:2], row("olt-a", 1, 4))[:2] == (
        "in", VerdictReason.BUILDING_HAS_10G_PORT,
    )  # fmt: skip


def test_a_building_that_no_port_passes_is_out(inventory: Inventory) -> None:
    """Of the test city's buildings each is passed; take the ports away from one."""
    index = [b.id for b in inventory.city.buildings].index(f"{COMMUNITY_B}-2")
    city = inventory.city
    without = replace(city, coverage=tuple(p for p in city.coverage if p[0] != index))
    entry = building_entry(evaluate(Inventory(without)), index)
    assert (entry.verdict, entry.reason) == ("out", VerdictReason.BUILDING_NOT_PASSED)


def test_a_code_that_the_level_has_not_is_refused(inventory: Inventory) -> None:
    evaluation = evaluate(inventory)
    with pytest.raises(KeyError, match="nobody"):
        objects_of(evaluation, evaluation.populations["pon.ports_10g"], Level.OLT, "nobody")
