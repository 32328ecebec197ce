"""What can be taken along: tables, linked data, the catalogue and the feed."""

import csv
import io
import json
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from gigacity_api.forecasting.outlook import Day
from gigacity_api.site.snapshot import RememberedFigure
from gigacity_contract.local_time import DAY_MS
from tests.unit.api.conftest import Running, T

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def remembering(opened: Running) -> Running:
    """Three days of one figure are remembered."""
    days = tuple(Day(T - back * DAY_MS, 14.0 - back, 13.0 - back, 14.0) for back in (2, 1))
    memory = opened.app.state.context.site.memory
    memory._known = dict(memory.known) | {"pon.ports_10g": RememberedFigure(days)}
    memory.edition += 1
    return opened


def test_a_table_has_the_city_and_its_areas(opened: Running) -> None:
    answer = opened.ask("GET", "/data/pon.ports_10g.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="pon.ports_10g.csv"'
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[0] == "指标 indicator"
    named = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["代码 code"], row["数值 value"], row["判定 verdict"]) for row in named] == [
        ("371600", "18", "met"), ("371602", "6", "no_target"), ("371621", "4", "met"),
        ("371690", "8", "no_target"),
    ]  # fmt: skip


def test_daily_values_are_a_table_of_their_own(remembering: Running) -> None:
    answer = remembering.ask("GET", "/data/pon.ports_10g-daily.csv")
    _, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert rows == [
        ["pon.ports_10g", "2027-01-13", "12.0", "11.0", "14.0"],
        ["pon.ports_10g", "2027-01-14", "13.0", "12.0", "14.0"],
    ]


def test_a_workbook_has_figures_days_and_what_they_are(remembering: Running) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(remembering.ask("GET", "/data/scorecard.xlsx").content)
    )
    assert book.sheetnames == ["gigacity", "每日 daily", "说明 about"]
    assert [sheet.max_row > 2 for sheet in book] == [True, True, True]


def test_json_has_the_same_and_the_licence(remembering: Running) -> None:
    found = remembering.ask("GET", "/data/pon.ports_10g.json").json()
    assert found["as_of_ms"] == T
    assert found["licence"] is None
    assert [figure["code"] for figure in found["figures"]][:2] == ["371600", "371602"]
    assert found["daily"][1] == {
        "indicator": "pon.ports_10g", "day": "2027-01-14", "value": 13.0, "lower": 12.0,
        "upper": 14.0,
    }  # fmt: skip


def test_linked_data_says_value_bounds_and_method(opened: Running) -> None:
    found = opened.ask("GET", "/data/home.gigabit_access.jsonld").json()
    city = found["variableMeasured"][0]
    assert (found["@type"], city["propertyID"]) == ("Dataset", "home.gigabit_access")
    assert city["minValue"] <= city["value"] <= city["maxValue"]
    more = {one["name"]: one["value"] for one in city["additionalProperty"]}
    assert (more["scope"], more["methodVersion"], more["verdict"]) == ("city", 1, "met")


def test_everything_that_the_catalogue_names_is_there(opened: Running) -> None:
    answer = opened.ask("GET", "/catalog.jsonld")
    assert answer.headers["content-type"] == "application/ld+json"
    catalogue = json.loads(answer.text)
    assert catalogue["@type"] == "dcat:Catalog"
    named = [
        distribution["dcat:downloadURL"]["@id"]
        for dataset in catalogue["dcat:dataset"]
        for distribution in dataset["dcat:distribution"]
    ]
    assert "data/scorecard.csv" in named
    assert len(named) > 40
    assert {opened.ask("GET", f"/{name}").status_code for name in named} == {200}
    pages = {dataset["dcat:landingPage"]["@id"] for dataset in catalogue["dcat:dataset"]}
    assert {opened.ask("GET", f"/{page}").status_code for page in pages} == {200}
    assert "dct:license" not in catalogue["dcat:dataset"][0], "none is stated"


def test_the_feed_has_an_entry_for_each_day(remembering: Running) -> None:
    answer = remembering.ask("GET", "/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 - our own
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert ids == [f"urn:gigacity:371600:figures:2027-01-{day}" for day in (15, 14, 13)]
    newest, before, _ = feed.findall(f"{ATOM}entry")
    assert "10G-PON ports in service: 18" in (newest.findtext(f"{ATOM}content") or "")
    assert (before.findtext(f"{ATOM}content") or "").endswith("10G-PON ports in service: 13")
    links = [link.get("href", "") for link in feed.iter(f"{ATOM}link")]
    assert {remembering.ask("GET", f"/{link}").status_code for link in links} == {200}


@pytest.mark.parametrize("name", ["scorecard.pdf", "pon.ports.csv", "nonsense", "../settings.py"])
def test_there_is_no_other_file(opened: Running, name: str) -> None:
    assert opened.ask("GET", f"/data/{name}").status_code == 404
