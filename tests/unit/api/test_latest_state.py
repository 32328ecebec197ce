"""The newest report of every object: which row wins, and what its values come to."""

import numpy as np
import pytest

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.latest_state import NEVER, LatestState, StateColumn
from gigacity_api.indicators.row_loader import PortRow, PresenceRow, load_ports, load_presence
from gigacity_api.indicators.rules import CityInstant
from gigacity_api.indicators.subjects.port.in_service import PON_PORTS_10G, ports_in_service
from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN
from tests.support.city import AREA_A, port_index
from tests.unit.api.conftest import T

LAYOUT = {
    "tag": StateColumn(np.int64, 0, is_tag=True),
    "count": StateColumn(np.int64, -1),
    "power": StateColumn(np.float64, np.nan),
    "end": StateColumn(np.int64, 99, is_lesser_better=True),
}


def offer(newest: LatestState, *rows: tuple[int, int, int, float, int], tag: int = 0) -> None:
    index, ts, count, power, end = zip(*rows, strict=True)
    said = {
        "tag": np.full(len(rows), tag), "count": np.array(count),
        "power": np.array(power, np.float64), "end": np.array(end),
    }  # fmt: skip
    newest.offer(np.array(index), np.array(ts), said)


def test_the_newest_row_wins_whatever_the_order() -> None:
    newest = LatestState.empty(LAYOUT, 3)
    offer(newest, (0, 10, 5, 1, 9), (0, 30, 1, 1, 9), (0, 20, 9, 1, 9), (2, 7, 1, 8, 9))
    offer(newest, (0, 29, 9, 9, 9), (2, 6, 9, 9, 9))

    assert newest.ts.tolist() == [30, NEVER, 7]
    assert newest["count"].tolist() == [1, -1, 1]
    assert newest["power"].tolist()[2] == 8
    assert np.isnan(newest["power"]).tolist() == [False, True, False]


def test_a_row_that_is_read_again_says_what_it_holds_now() -> None:
    """The database merges reports of one time: the later may say less, or something worse."""
    newest = LatestState.empty(LAYOUT, 1)
    offer(newest, (0, 7, 4, 3, 9))
    offer(newest, (0, 7, 2, np.nan, 9))

    assert newest["count"].tolist() == [2]
    assert np.isnan(newest["power"]).tolist() == [True]


def test_of_several_series_of_one_time_that_of_the_greater_tag_wins_in_any_order() -> None:
    """They stand beside each other in the database: which was read last says nothing."""
    for tags in ((1, 2), (2, 1)):
        newest = LatestState.empty(LAYOUT, 1)
        for tag in tags:
            offer(newest, (0, 7, 10 * tag, 1, 9), tag=tag)
        assert (newest["tag"].tolist(), newest["count"].tolist()) == ([2], [20])


def test_of_several_ends_of_one_session_the_earliest_stands() -> None:
    newest = LatestState.empty(LAYOUT, 1)
    for end in (60, 40, 50):
        offer(newest, (0, 1, 1, 1, end))
    assert newest["end"].tolist() == [40]


def test_values_that_are_not_named_stay_as_they_are() -> None:
    newest = LatestState.empty(LAYOUT, 1)
    newest.offer(np.array([0]), np.array([5]), {})
    assert (newest.ts.tolist(), newest["count"].tolist()) == ([5], [-1])


def test_a_copy_is_not_changed_by_later_rows() -> None:
    newest = LatestState.empty(LAYOUT, 1)
    before = newest.copy()
    offer(newest, (0, 1, 1, 1, 1))
    assert (before.ts.tolist(), before["count"].tolist()) == ([NEVER], [-1])


def test_a_session_keeps_its_end_as_it_was_told(inventory: Inventory) -> None:
    """It was once kept negated, and whoever read it had to know."""
    state = CityState.empty(inventory)
    row = PresenceRow(T - 9, "olt", None, "olt-a", T - 9, ended_ms=T - 3, seen_ended_ms=T - 2)
    load_presence(state, inventory, [row], T)
    assert state.sessions["olt"]["end_ms"][inventory.olt_index["olt-a"]] == T - 3


def instant_of(
    inventory: Inventory, tech: str | None, admin: str | None, oper: str | None
) -> tuple[CityInstant, int]:
    state = CityState.empty(inventory)
    load_ports(state, inventory, [PortRow(T - 1, "olt-a", "1", "0", tech, AREA_A, admin, oper)], T)
    return CityInstant(inventory, state, T), port_index(inventory.city, "olt-a", 1, 0)


@pytest.mark.parametrize(
    ("tech", "admin", "oper", "verdict"),
    [
        ("xgs-pon", "up", "up", IN),
        ("gpon+xgs-pon", "up", "up", IN),
        ("10g-epon", "up", "up", IN),
        ("50g-pon", "up", "up", IN),
        ("gpon", "up", "up", OUT),
        ("xgs-pon", "down", "up", OUT),
        ("xgs-pon", "up", "down", OUT),
        ("xgs-pon", None, "up", UNKNOWN),
        ("xgs-pon", "up", None, UNKNOWN),
        ("carrier-pigeon", "up", "up", UNKNOWN),
        (None, "up", "up", UNKNOWN),
        (None, "down", "up", OUT),
    ],
)
def test_a_port_counts_by_technology_and_both_states(
    inventory: Inventory, tech: str | None, admin: str | None, oper: str | None, verdict: int
) -> None:
    instant, port = instant_of(inventory, tech, admin, oper)
    assert ports_in_service(instant).verdicts[port] == verdict


@pytest.mark.parametrize("tech", ["gpon", "gpon+xgs-pon", "50g-pon+gpon+xgs-pon"])
def test_evidence_shows_what_a_port_said(inventory: Inventory, tech: str) -> None:
    instant, port = instant_of(inventory, tech, "up", "down")
    values = PON_PORTS_10G.entry(instant, port).values
    assert (values["tech"], values["admin"], values["oper"]) == (tech, "up", "down")
