"""The city's own boundaries, coloured by verdict: for those who may see its areas."""

from dataclasses import replace
from pathlib import Path

import pytest

from gigacity_api.site.public_level import PublicLevel
from gigacity_city.model import AreaShape, City, CityMap
from gigacity_contract.clock import ManualClock
from tests.support.city import AREA_A, AREA_B
from tests.unit.api.conftest import READ_KEY, Running, T, report_everything
from tests.unit.api.doubles import FakeStore
from tests.unit.api.site.conftest import open_city

SQUARE = ((117.0, 37.0), (118.0, 37.0), (118.0, 38.0), (117.0, 37.0))
MAP = CityMap(
    "鲁滨SG(2026)001号", "滨州市自然资源和规划局", "CGCS2000",
    (AreaShape(AREA_A, ((SQUARE,),)), AreaShape(AREA_B, ((SQUARE,),))),
)  # fmt: skip
ADDRESS = "/api/v1/map.geojson"


@pytest.fixture
def mapped(city: City, store: FakeStore, clock: ManualClock, tmp_path: Path) -> Running:
    running = open_city(replace(city, map=MAP), store, clock, tmp_path)
    report_everything(store, city, T - 1000)
    assert running.core.step()
    return running


def test_each_area_of_the_map_has_its_verdict_and_colour(mapped: Running) -> None:
    answer = mapped.ask("GET", f"{ADDRESS}?indicator=pon.ports_10g")
    assert answer.headers["content-type"] == "application/geo+json"
    found = answer.json()
    assert found["review_number"] == "鲁滨SG(2026)001号"
    shown = {f["id"]: f["properties"] for f in found["features"]}
    assert (shown[AREA_A]["verdict"], shown[AREA_A]["value"]) == ("no_target", "6")
    assert (shown[AREA_B]["verdict"], shown[AREA_B]["sign"]) == ("met", "✓")
    assert shown[AREA_A]["fill"] != shown[AREA_B]["fill"]
    assert found["features"][0]["geometry"]["coordinates"][0][0][0] == [117.0, 37.0]


def test_an_evaluator_that_is_silent_leaves_no_verdict_on_the_map(mapped: Running) -> None:
    """A board that is opened then must not show what was true an hour ago."""
    mapped.clock.advance_s(3_600)
    found = mapped.ask("GET", f"{ADDRESS}?indicator=pon.ports_10g").json()
    assert found["is_late"] is True
    assert {f["properties"]["verdict"] for f in found["features"]} == {"late"}
    assert {f["properties"]["sign"] for f in found["features"]} == {"?"}
    assert len({f["properties"]["fill"] for f in found["features"]}) == 1


def test_a_page_of_another_origin_may_read_what_is_public(mapped: Running) -> None:
    assert mapped.ask("GET", ADDRESS).headers["access-control-allow-origin"] == "*"


def test_who_has_it_gets_304(mapped: Running) -> None:
    etag = mapped.ask("GET", ADDRESS).headers["etag"]
    assert mapped.ask("GET", ADDRESS, {"If-None-Match": etag}).status_code == 304


def test_a_city_without_boundaries_has_none(opened: Running) -> None:
    answer = opened.ask("GET", ADDRESS)
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("no-map")


def test_areas_that_are_not_public_need_a_key(
    city: City, store: FakeStore, clock: ManualClock, tmp_path: Path
) -> None:
    running = open_city(replace(city, map=MAP), store, clock, tmp_path, PublicLevel.CITY)
    report_everything(store, city, T - 1000)
    assert running.core.step()
    assert running.ask("GET", ADDRESS).status_code == 401
    answer = running.get(ADDRESS, READ_KEY)
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert running.get(f"{ADDRESS}?indicator=nonsense").status_code == 404


def test_the_page_shows_the_map_with_its_review_number(mapped: Running) -> None:
    page = mapped.ask("GET", "/zh/").text
    assert page.count('class="boundaries"') == 1
    assert "审图号：鲁滨SG(2026)001号 · 来源：滨州市自然资源和规划局" in page
    assert 'class="tiles"' in page
