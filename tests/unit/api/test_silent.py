"""Publishers that say they are there, and of which no report comes."""

import pytest

from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.silent import SilentPublisher, silent_publishers
from tests.support.city import AREA_A, COMMUNITY_A
from tests.unit.api.conftest import Running, T
from tests.unit.api.test_devices import LONG_AGO, Case
from tests.unit.api.test_routes import get

S = 1000
WINDOW_S = 180
OLT = f"{AREA_A}/olt/olt-a"


def silent(case: Case) -> list[SilentPublisher]:
    return list(silent_publishers(case.evaluate().instant))


def identities(case: Case) -> list[str]:
    return [found.identity for found in silent(case)]


@pytest.fixture
def case(inventory: Inventory) -> Case:
    return Case(inventory)


def test_an_olt_that_is_connected_for_a_window_without_a_report_is_silent(case: Case) -> None:
    case.session("olt", "olt-a", T - WINDOW_S * S)
    assert silent(case) == [SilentPublisher("olt", AREA_A, OLT, T - WINDOW_S * S, None)]


def test_a_report_of_any_of_its_ports_ends_it_for_a_window(case: Case) -> None:
    case.session("olt", "olt-a", LONG_AGO).port(WINDOW_S - 1)
    assert identities(case) == []


def test_one_that_used_to_report_is_silent_with_its_last_report(case: Case) -> None:
    case.session("olt", "olt-a", LONG_AGO).port(WINDOW_S)
    assert silent(case) == [SilentPublisher("olt", AREA_A, OLT, LONG_AGO, T - WINDOW_S * S)]


def test_whoever_has_just_connected_or_has_left_is_not_silent(case: Case) -> None:
    case.session("olt", "olt-a", T - (WINDOW_S - 1) * S)
    case.session("device", "elevator-1", LONG_AGO, ended_ms=T - S)
    assert identities(case) == []


def test_a_gateway_is_silent_by_the_longest_window_of_its_devices(case: Case) -> None:
    longest = int(case.inventory.device_window_ms[case.inventory.device_gateway == 0].max())
    case.session("gateway", "gw-a", T - longest + S)
    assert identities(case) == []
    case.session("gateway", "gw-a", T - longest)
    assert identities(Case(case.inventory).session("gateway", "gw-a", T - longest)) == [
        f"{AREA_A}/gateway/gw-a"
    ]
    heard = Case(case.inventory).session("gateway", "gw-a", T - longest).camera(1, 1)
    assert identities(heard) == []


def test_a_device_of_its_own_is_silent_and_one_behind_a_gateway_is_not_looked_for(
    case: Case,
) -> None:
    case.session("device", "elevator-1", LONG_AGO).session("device", "camera-1", LONG_AGO)
    assert identities(case) == [f"{AREA_A}/community/{COMMUNITY_A}/elevator-1"]
    assert identities(case.elevator(1)) == []


def test_nobody_is_silent_of_whom_nothing_is_known(inventory: Inventory) -> None:
    assert identities(Case(inventory)) == []


def test_the_api_lists_them(running: Running) -> None:
    tags = {"area": AREA_A, "object": "olt", "id": "olt-a"}
    running.store.put("presence", T - 10 * WINDOW_S * S, tags, online_ms=T - 10 * WINDOW_S * S)
    assert running.core.step()
    body = get(running, "/api/v1/quality/silent?limit=1")
    assert body["total"] == 1
    assert body["items"][0]["identity"] == OLT
    assert body["items"][0]["last_report"] is None
    assert get(running, "/api/v1/quality/silent?publisher=gateway")["total"] == 0
    get(running, "/api/v1/quality/silent?publisher=camera", 422)
