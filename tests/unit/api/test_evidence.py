"""Why an object has its verdict."""

from dataclasses import replace

import pytest

from gigacity_api.indicators.definitions import Level
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.evidence import building_entry, objects_of, port_entry
from gigacity_api.indicators.intake import PortRow, take_ports
from gigacity_api.indicators.reasons import Reason
from gigacity_api.indicators.state import State
from gigacity_api.indicators.universe import Universe
from gigacity_city.model import PortKey
from tests.support.city import AREA_A, COMMUNITY_A, COMMUNITY_B
from tests.unit.api.conftest import T


def evaluate(universe: Universe, *rows: PortRow) -> Evaluation:
    state = State.empty(universe)
    take_ports(state, universe, rows, T)
    return Evaluator(universe).evaluate(state, T)


def row(
    olt: str, slot: int, port: int, tech: str = "xgs-pon", admin: str | None = "up",
    oper: str | None = "up", ago_ms: int = 1,
) -> PortRow:  # fmt: skip
    return PortRow(T - ago_ms, olt, str(slot), str(port), tech, AREA_A, admin, oper)


@pytest.mark.parametrize(
    ("report", "verdict", "reason"),
    [
        (row("olt-a", 1, 0), "in", Reason.PORT_IN_SERVICE_10G),
        (row("olt-a", 1, 0, "gpon"), "out", Reason.PORT_BELOW_10G),
        (row("olt-a", 1, 0, admin="down"), "out", Reason.PORT_ADMIN_DOWN),
        (row("olt-a", 1, 0, oper="down"), "out", Reason.PORT_OPER_DOWN),
        (row("olt-a", 1, 0, oper=None), "unknown", Reason.PORT_INCOMPLETE),
        (row("olt-a", 1, 0, ago_ms=180_000), "unknown", Reason.PORT_STALE),
        (row("olt-a", 1, 1), "unknown", Reason.NEVER_REPORTED),
    ],
)
def test_a_ports_reason(universe: Universe, report: PortRow, verdict: str, reason: Reason) -> None:
    index = universe.city.port_index[PortKey("olt-a", 1, 0)]
    entry = port_entry(evaluate(universe, report), index)
    assert (entry.verdict, entry.reason) == (verdict, reason)


def building(universe: Universe, id_: str, *rows: PortRow) -> tuple[str, Reason, int | None]:
    index = [b.id for b in universe.city.buildings].index(id_)
    entry = building_entry(evaluate(universe, *rows), index)
    return entry.verdict, entry.reason, entry.last_report_ms


def test_a_buildings_reason(universe: Universe) -> None:
    one = f"{COMMUNITY_A}-1"
    ports = [(1, 0), (1, 1), (1, 4)]
    down = [row("olt-a", slot, port, oper="down", ago_ms=port + 1) for slot, port in ports]
    assert building(universe, one) == ("unknown", Reason.BUILDING_PORTS_UNKNOWN, None)
    assert building(universe, one, *down[:2])[:2] == ("unknown", Reason.BUILDING_PORTS_UNKNOWN)
    assert building(universe, one, *down) == ("out", Reason.BUILDING_ALL_PORTS_OUT, T - 1)
    assert building(universe, one, *down[:2], row("olt-a", 1, 4))[:2] == (
        "in", Reason.BUILDING_HAS_10G_PORT,
    )  # fmt: skip


def test_a_building_that_no_port_passes_is_out(universe: Universe) -> None:
    """Of the test city's buildings each is passed; take the ports away from one."""
    index = [b.id for b in universe.city.buildings].index(f"{COMMUNITY_B}-2")
    city = universe.city
    without = replace(city, coverage=tuple(p for p in city.coverage if p[0] != index))
    entry = building_entry(evaluate(Universe(without)), index)
    assert (entry.verdict, entry.reason) == ("out", Reason.BUILDING_NOT_PASSED)


def test_a_code_that_the_level_has_not_is_refused(universe: Universe) -> None:
    evaluation = evaluate(universe)
    with pytest.raises(KeyError, match="nobody"):
        objects_of(evaluation, evaluation.populations["pon.ports_10g"], Level.OLT, "nobody")
