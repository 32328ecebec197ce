"""Lists of evidence over HTTP: conditions, orders, and pages that stay true to them."""

import csv
import io
import re
from typing import Any, get_args

import pytest

from gigacity_api.evaluator.publication import Publication
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.indicators.selecting import EvidenceSort
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, RETIRED_A
from tests.unit.api.conftest import Running, T
from tests.unit.api.test_routes import get, pages, problem

EVIDENCE = "/api/v1/indicators/{}/evidence"
PORTS = EVIDENCE.format("pon.ports_10g")
HOMES = EVIDENCE.format("home.gigabit_access")
DEVICES = EVIDENCE.format("device.online")
SMART = EVIDENCE.format("community.smart_coverage")
SORTS = get_args(EvidenceSort)
RANK = {"out": 0, "unknown": 1, "in": 2}


def newest(running: Running) -> Evaluation:
    publication = running.cache.newest()
    assert publication is not None
    assert publication.evaluation is not None
    return publication.evaluation


@pytest.fixture
def mixed(evaluated: Running) -> Running:
    """An instant later: ports of every verdict, times apart, one OLT silent for long."""
    for number, port in enumerate(evaluated.cache.inventory.city.ports):
        key = port.key
        tags = {
            "area": evaluated.cache.inventory.city.olt_by_id[key.olt].area, "olt": key.olt,
            "slot": str(key.slot), "port": str(key.port), "tech": port.tech,
        }  # fmt: skip
        state = {"admin": "up", "oper": "down" if number % 3 == 0 else "up"}
        if number % 5 == 0:
            state.pop("oper")
        evaluated.store.put("pon_port", T + 60_000 - 100 * (number * 7 % 11), tags, **state)
    evaluated.clock.advance_s(60)
    assert evaluated.core.step()
    return evaluated


def whole(running: Running, path: str) -> list[dict[str, Any]]:
    return [item for page in pages(running, path) for item in page["items"]]


def key_of(item: dict[str, Any], column: str) -> Any:
    if column == "verdict":
        return RANK[item["verdict"]]
    if column == "reason":
        return item["reason"]["slug"]
    if column == "code" and item["kind"] == "port":
        olt, slot, port = item["id"].split("/")
        return olt, int(slot), int(port)
    if column == "code" and item["kind"] == "device":
        prefix, number = re.fullmatch(r"(.*?)(\d*)", item["id"]).groups()  # type: ignore[union-attr] # it fits any text
        return item["community"], prefix, int(number or 0)
    return item[{"code": "id", "last_report": "last_report_ms"}.get(column, column)]


@pytest.mark.parametrize("path", [PORTS, HOMES, DEVICES, SMART])
@pytest.mark.parametrize("sort", SORTS[1:])
def test_pages_together_are_the_whole_list_in_its_order(
    mixed: Running, path: str, sort: str
) -> None:
    plain = [(i["community"], i["id"]) for i in whole(mixed, f"{path}?limit=5000")]
    found = whole(mixed, f"{path}?sort={sort}&limit=5")
    assert len(found) == len(plain)
    assert {(i["community"], i["id"]) for i in found} == set(plain)
    keys = [key_of(item, sort.removeprefix("-")) for item in found]
    known = [key for key in keys if key is not None]
    assert keys[len(known) :] == [None] * (len(keys) - len(known)), "never reported: last"
    assert known == sorted(known, reverse=sort.startswith("-"))


def test_equals_stay_in_the_order_of_the_city_file(mixed: Running) -> None:
    plain = [item["id"] for item in whole(mixed, PORTS)]
    for sort in ("verdict", "-verdict", "reason", "-weight"):
        groups: dict[Any, list[str]] = {}
        for item in whole(mixed, f"{PORTS}?sort={sort}&limit=3"):
            groups.setdefault(key_of(item, sort.removeprefix("-")), []).append(item["id"])
        for ids in groups.values():
            assert ids == sorted(ids, key=plain.index)


def test_an_unknown_order_is_refused_with_those_there_are(evaluated: Running) -> None:
    for path in (PORTS, "/api/v1/ports", f"{PORTS}/export"):
        detail = problem(evaluated, f"{path}?sort=size", 422, "invalid-request")["detail"]
        assert "query.sort" in detail
        assert all(f"'{sort}'" in detail for sort in SORTS)


def test_a_list_of_one_reason(mixed: Running) -> None:
    every = whole(mixed, PORTS)
    slugs = {item["reason"]["slug"] for item in every}
    assert {"port_oper_down", "port_in_service_10g", "port_incomplete"} <= slugs
    for slug in slugs:
        mine = [item["id"] for item in every if item["reason"]["slug"] == slug]
        assert [item["id"] for item in whole(mixed, f"{PORTS}?reason={slug}&limit=2")] == mine
    both = whole(mixed, f"{PORTS}?reason=port_oper_down&reason=port_incomplete")
    assert {item["reason"]["slug"] for item in both} == {"port_oper_down", "port_incomplete"}
    problem(mixed, f"{PORTS}?reason=bad_luck", 422, "invalid-request")


@pytest.mark.parametrize("path", [PORTS, HOMES, DEVICES, SMART])
def test_a_list_of_one_area_or_community(mixed: Running, path: str) -> None:
    every = whole(mixed, path)
    mine = whole(mixed, f"{path}?area={RETIRED_A}")
    assert [i["id"] for i in mine] == [i["id"] for i in every if i["area"] == AREA_A]
    there = whole(mixed, f"{path}?community={COMMUNITY_A}")
    assert there
    if path != PORTS:
        expected = [i["id"] for i in every if i["community"] == COMMUNITY_A]
        assert [i["id"] for i in there] == expected
    assert not whole(mixed, f"{path}?area={AREA_B}&community={COMMUNITY_A}")
    problem(mixed, f"{path}?area=110101", 404, "unknown-area")
    problem(mixed, f"{path}?community=110101001001", 404, "unknown-community")


def test_ports_are_listed_and_sorted_alike(mixed: Running) -> None:
    path = f"?community={COMMUNITY_A}&verdict=out&reason=port_oper_down&sort=-last_report"
    evidence = [item["id"] for item in whole(mixed, PORTS + path)]
    assert evidence
    assert [item["id"] for item in whole(mixed, f"/api/v1/ports{path}&limit=1")] == evidence


def test_an_export_has_the_same_rows_in_the_same_order(mixed: Running) -> None:
    asked = f"?area={AREA_A}&verdict=out&sort=-code"
    answer = mixed.get(f"{PORTS}/export{asked}")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))[1:]
    assert [row[1] for row in rows] == [item["id"] for item in whole(mixed, PORTS + asked)]


def test_a_cursor_goes_with_its_order_and_conditions(mixed: Running) -> None:
    cursor = get(mixed, f"{PORTS}?sort=code&limit=1")["next_cursor"]
    for other in ("sort=-code", "sort=code&reason=port_up", f"sort=code&area={AREA_A}"):
        problem(mixed, f"{PORTS}?{other}&limit=1&cursor={cursor}", 400, "bad-cursor")


def test_a_cursor_does_not_go_on_in_a_revision(mixed: Running) -> None:
    first = get(mixed, f"{PORTS}?sort=-last_report&limit=1")
    evaluation = newest(mixed)
    revised = mixed.core.evaluate(evaluation.as_of_ms)
    assert revised.revision == 0, "the core knows no revision of its own instants"
    mixed.cache.replace(
        Publication(
            revised.as_of_ms, revised.city_version, 1, revised.figures, revised.inventory,
            revised.evaluation,
        )
    )  # fmt: skip
    path = f"{PORTS}?sort=-last_report&limit=1&cursor={first['next_cursor']}"
    assert "revised" in problem(mixed, path, 410, "evaluation-gone")["detail"]


@pytest.mark.parametrize("id_", REGISTRY)
def test_what_objects_add_is_what_their_entries_say(mixed: Running, id_: str) -> None:
    """The columns that lists are sorted by, against each entry's own numbers."""
    evaluation, definition = newest(mixed), REGISTRY[id_]
    if id_ not in evaluation.populations:
        return
    adds, weight = definition.parts(evaluation.instant)
    for index in evaluation.populations[id_].index.tolist():
        shown = definition.entry(evaluation.instant, index)
        assert (adds[index], weight[index]) == (shown.adds, shown.weight)
        assert shown.reason in definition.rule.reasons
