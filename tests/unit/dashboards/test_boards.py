"""What holds for every board: committed, laid out, dressed, and alike in both languages."""

import dataclasses
import itertools
import json
import re
import shutil
from pathlib import Path

import pytest

from gigacity_api.indicators.registry import REGISTRY
from gigacity_city.model import AreaShape, CityMap, Name
from gigacity_contract.decoding import RejectionReason
from gigacity_contract.errors import CityError
from gigacity_dashboards import (
    generate,
    indicators,
    texts,
    texts_alarm_list,
    texts_alerts,
    texts_maps,
    texts_network,
    texts_operations,
    texts_places,
)
from gigacity_dashboards.catalogue import Board, boards
from gigacity_dashboards.city_names import CityNames, read_city_names
from gigacity_dashboards.panel_targets import duration_ms
from tests.support.boards import (
    CITY,
    GENERATED,
    REPOSITORY,
    all_boards,
    committed_city,
    panels,
)

BOARDS = all_boards()
PAIRS = list(zip(BOARDS[::2], BOARDS[1::2], strict=True))
"""Chinese and English of each board."""
every_pair = pytest.mark.parametrize(
    ("zh", "en"), PAIRS, ids=[zh.name.removesuffix("-zh") for zh, _ in PAIRS]
)
every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)


def test_the_committed_boards_are_current() -> None:
    """Mend with: gigacity dashboards generate --city deploy/city/binzhou."""
    assert generate.outdated(BOARDS, GENERATED) == []


def test_the_demo_city_has_the_same_boards() -> None:
    """So that the committed boards serve the demo as they serve the city."""
    demo = boards(read_city_names(REPOSITORY / "deploy/city/binzhou-demo"))
    assert [board.text() for board in demo] == [board.text() for board in BOARDS]


@every_board
def test_the_json_is_sorted_and_ends_with_a_line_break(board: Board) -> None:
    text = board.text()
    assert text.endswith("}\n")
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


@every_board
def test_ids_are_set_and_unique(board: Board) -> None:
    rows = [panel for panel in board.content["panels"] if panel["type"] == "row"]
    ids = [panel["id"] for panel in (*rows, *panels(board))]
    assert all(ids)
    assert len(ids) == len(set(ids))
    assert board.event_panels <= set(ids)


def _overlap(a: dict[str, int], b: dict[str, int]) -> bool:
    apart_x = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
    apart_y = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
    return not (apart_x or apart_y)


@every_board
def test_panels_stand_side_by_side_on_24_columns(board: Board) -> None:
    top = board.content["panels"]
    groups = [top, *(panel["panels"] for panel in top if panel["type"] == "row")]
    for group in groups:
        places = [panel["gridPos"] for panel in group]
        assert all(p["x"] >= 0 and p["x"] + p["w"] <= 24 and p["h"] > 0 for p in places)
        pairs = itertools.combinations(group, 2)
        overlaps = [(a["id"], b["id"]) for a, b in pairs if _overlap(a["gridPos"], b["gridPos"])]
        assert overlaps == []


@every_board
def test_panels_of_a_closed_row_stand_below_it_and_open_rows_hold_none(board: Board) -> None:
    rows = [panel for panel in board.content["panels"] if panel["type"] == "row"]
    for row in rows:
        assert bool(row["panels"]) == row["collapsed"]
        assert all(p["gridPos"]["y"] > row["gridPos"]["y"] for p in row["panels"])


@every_board
def test_missing_data_never_looks_well(board: Board) -> None:
    for panel in panels(board):
        defaults = panel["fieldConfig"]["defaults"]
        assert defaults["noValue"]
        assert defaults["thresholds"]["steps"] == [{"color": "text", "value": None}]


@every_board
def test_every_panel_explains_itself_and_names_its_data_source(board: Board) -> None:
    for panel in panels(board):
        assert panel["title"]
        assert panel["description"]
        assert panel["targets"]
        for place in (panel, *panel["targets"]):
            assert place["datasource"] == {"type": "influxdb", "uid": "gigacity"}


@every_board
def test_lines_have_an_interval_and_the_latest_state_a_short_range(board: Board) -> None:
    for panel in panels(board):
        if any("GROUP BY time(" in target["query"] for target in panel["targets"]):
            assert panel["interval"] in {"30s", "1m"}
            assert "timeFrom" not in panel
        elif panel["title"] not in {texts.AS_OF.zh, texts.AS_OF.en}:
            look_back = duration_ms(panel["timeFrom"])
            assert look_back >= 600_000
            is_long = look_back > 1_800_000
            # Long ranges: roll-ups, sessions, and devices that report once a day.
            long = ('"r1d".', '"forever"."', '"raw"."device_')
            assert not is_long or any(
                place in t["query"] for t in panel["targets"] for place in long
            )


@every_board
def test_numbers_have_units(board: Board) -> None:
    """A ratio reads as per cent, a count as a whole number; states and texts need neither."""
    for panel in panels(board):
        is_text = all(
            re.match(r'SELECT (?:"code", "indicator", )?"display_text" FROM', t["query"])
            for t in panel["targets"]
        )
        if panel["type"] not in {"state-timeline", "canvas"} and not is_text:
            assert '"unit"' in json.dumps(panel["fieldConfig"]), panel["title"]


@every_board
def test_the_frame_of_the_board(board: Board) -> None:
    content = board.content
    assert content["timezone"] == "Asia/Shanghai"
    assert content["schemaVersion"] == 42
    assert content["editable"] is False
    assert "id" not in content
    assert 8 <= len(board.uid) <= 40


@every_pair
def test_the_languages_differ_in_words_alone(zh: Board, en: Board) -> None:
    def bones(board: Board) -> list[tuple[object, ...]]:
        return [
            (
                panel["id"],
                panel["type"],
                panel["gridPos"],
                [re.sub("text_(zh|en)", "text", t["query"]) for t in panel["targets"]],
                [len(o["properties"]) for o in panel["fieldConfig"]["overrides"]],
            )
            for panel in panels(board)
        ]

    assert bones(zh) == bones(en)
    assert zh.content["time"] == en.content["time"]
    assert zh.content["tags"] == ["gigacity", "zh"]
    assert zh.uid.removesuffix("-zh") == en.uid.removesuffix("-en")


@every_pair
def test_the_english_board_holds_no_chinese(zh: Board, en: Board) -> None:
    assert re.findall(r"[\u4e00-\u9fff]+", en.text()) == []
    assert re.findall(r"[\u4e00-\u9fff]+", zh.text())


def test_every_text_is_there_in_both_languages() -> None:
    modules = (
        texts, texts_alarm_list, texts_alerts, texts_maps, texts_network, texts_operations,
        texts_places,
    )  # fmt: skip
    names = [v for module in modules for v in vars(module).values() if isinstance(v, Name)]
    assert len(names) > 150
    assert all(name.zh and name.en for name in names)


def test_the_area_variable_offers_every_area_and_begins_with_all() -> None:
    variable, _ = BOARDS[0].content["templating"]["list"]
    values = [option["value"] for option in variable["options"]]
    assert variable["current"]["value"] == "$__all"
    assert variable["allValue"] == ".*"
    assert values[:2] == ["$__all", "371602"]
    assert len(values) == 11
    assert "滨城区 : 371602" in variable["query"]


def test_a_comma_in_a_name_does_not_split_a_choice() -> None:
    name = Name("甲", "A, the first")
    board = boards(CityNames(name, (("371602", name),)))[1]
    assert board.name == "scorecard-en"
    assert board.content["templating"]["list"][0]["query"] == r"A\, the first : 371602"


LABELS = {
    label.id: label for label in (*indicators.ALL, *indicators.NETWORK, *indicators.OF_COMMUNITY)
}
DRILL = re.compile(r"/d/([a-z-]+)\?var-(\w+)=")


@every_board
def test_links_lead_to_boards_that_are_there_and_to_their_variables(board: Board) -> None:
    by_uid = {other.uid: other for other in BOARDS}
    found = DRILL.findall(board.text())
    for uid, variable in found:
        names = {v["name"] for v in by_uid[uid].content["templating"]["list"]}
        assert variable in names
        assert uid.endswith(board.name[-3:])


def test_every_board_but_the_scorecard_leads_on_or_is_led_to() -> None:
    leads = {board.name[:-3]: set(DRILL.findall(board.text())) for board in BOARDS[::2]}
    assert {uid for found in leads.values() for uid, _ in found} == {
        *(f"gigacity-{slug}-zh" for slug in ("network", "olt", "communities", "community")),
        "gigacity-devices-zh",
    }
    assert all(leads[name] for name in ("operations", "network", "communities", "devices"))


@every_board
def test_figures_lead_to_the_page_that_says_where_they_come_from(board: Board) -> None:
    """At the address that the evaluating API wrote, which no link of others can set."""
    *_, page = board.content["templating"]["list"]
    assert (page["name"], page["hide"], page["skipUrlSync"]) == ("page", 2, True)
    links = [link for panel in panels(board) for link in panel.get("links", ())]
    language = board.name[-2:]
    for link in links:
        figure = link["url"].removeprefix(f"${{page}}/{language}/figures/")
        assert figure in REGISTRY
        assert link["targetBlank"]
    assert links or board.name[:-3] not in {"scorecard", "network", "communities", "devices"}


@every_board
def test_tiles_show_every_area_in_its_place_without_a_boundary(board: Board) -> None:
    drawn = [panel for panel in panels(board) if panel["type"] == "canvas"]
    assert len(drawn) == {"scorecard": 3, "operations": 1}.get(board.name[:-3], 0)
    assert not [panel for panel in panels(board) if panel["type"] == "geomap"]
    for panel in drawn:
        elements = panel["options"]["root"]["elements"]
        places = [
            (e["placement"]["left"], e["placement"]["top"]) for e in elements if "name" in e["name"]
        ]
        assert len(places) == len(set(places)) == 10
        assert all(e["placement"]["right"] >= 0 <= e["placement"]["bottom"] for e in elements)
        assert all(e["links"][0]["oneClick"] for e in elements)
        verdict = next(e for e in elements if e["name"] == "371602 verdict")
        assert verdict["background"]["color"]["field"] == "371602 verdict"


SQUARE = ((117.0, 37.0), (118.0, 37.0), (118.0, 38.0), (117.0, 37.0))
OWN_MAP = CityMap("S(2026)1", "the office", "CGCS2000", (AreaShape("371602", ((SQUARE,),)),))


def test_a_city_with_a_reviewed_map_sees_it_with_its_number_and_asks_nobody_outside() -> None:
    board = boards(dataclasses.replace(committed_city(), map=OWN_MAP))[1]
    rows = [panel["title"] for panel in board.content["panels"] if panel["type"] == "row"]
    assert rows[0] == "Map · map review S(2026)1, source: the office"
    maps = [panel for panel in panels(board) if panel["type"] == "geomap"]
    assert len(maps) == len(indicators.HEADLINES)
    for panel, indicator in zip(maps, indicators.HEADLINES, strict=True):
        assert panel["title"] == f"map review S(2026)1 · {indicator.label.en}"
        assert panel["targets"]
        (layer,) = panel["options"]["layers"]
        assert layer["config"]["src"] == f"${{page}}/api/v1/map.geojson?indicator={indicator.id}"
        assert panel["options"]["basemap"]["config"]["url"].startswith("data:image/gif")
        rules = {r["check"]["value"]: r["style"] for r in layer["config"]["rules"]}
        assert set(rules) == {"met", "missed", "undetermined", "no_target", "late"}
        assert {style["text"]["field"] for style in rules.values()} == {"sign"}
        view = panel["options"]["view"]
        assert (view["lon"], view["lat"]) == (117.5, 37.5)
        assert 7 < view["zoom"] < 9.5


@pytest.mark.parametrize("missing", ["review_number", "source"])
def test_a_map_without_its_review_number_or_source_makes_no_board(
    tmp_path: Path, missing: str
) -> None:
    shutil.copy(CITY / "city.yaml", tmp_path)
    ring = {"type": "Polygon", "coordinates": [SQUARE]}
    given = {
        "type": "FeatureCollection", "review_number": "S(2026)1", "source": "x", "crs": "CGCS2000",
        "features": [{"type": "Feature", "properties": {"code": "371602"}, "geometry": ring}],
    }  # fmt: skip
    (tmp_path / "map.geojson").write_text(json.dumps(given), encoding="utf-8")
    assert read_city_names(tmp_path).map is not None
    (tmp_path / "map.geojson").write_text(json.dumps(given | {missing: ""}), encoding="utf-8")
    with pytest.raises(CityError, match=f"{missing}: is missing"):
        read_city_names(tmp_path)


@every_board
def test_marks_are_on_every_chart(board: Board) -> None:
    marks = board.content["annotations"]["list"]
    assert [mark["enable"] for mark in marks] == [True, True, True, False]
    for mark in marks:
        assert mark["target"]["query"].count("$timeFilter") == mark["target"]["query"].count(
            "SELECT "
        )


@pytest.mark.parametrize("indicator", LABELS.values(), ids=lambda indicator: indicator.id)
def test_indicators_are_those_that_the_evaluator_publishes(
    indicator: indicators.IndicatorLabel,
) -> None:
    definition = REGISTRY[indicator.id]
    levels = {str(level) for level in definition.levels}
    assert {"city", "area"} <= levels or indicator in indicators.OF_COMMUNITY
    assert "community" in levels or indicator not in indicators.OF_COMMUNITY
    assert indicator.name.zh == definition.name.zh
    assert indicator.name.en.lower() == definition.name.en.lower()
    assert (indicator.unit == "ratio") == (definition.unit == "ratio")


def test_figures_by_device_kind_are_all_named() -> None:
    published = {i for i in REGISTRY if i.startswith(indicators.KIND_PREFIX)}
    assert set(indicators.KIND_NAMES) == published


def test_reasons_of_dead_letters_need_no_quoting_in_a_legend() -> None:
    assert all(re.fullmatch(r"[a-z0-9_]+", reason) for reason in RejectionReason)


def test_writing_twice_changes_nothing_and_removes_boards_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "gone.json").write_text("{}", encoding="utf-8")
    written = {path.name for path in generate.write(BOARDS, tmp_path)}
    assert written == {"gone.json", *(f"{board.name}.json" for board in BOARDS)}
    assert generate.write(BOARDS, tmp_path) == []
    assert generate.outdated(BOARDS, tmp_path) == []


def test_what_is_not_current_is_named(tmp_path: Path) -> None:
    generate.write(BOARDS, tmp_path)
    (tmp_path / "scorecard-zh.json").write_text("{}", encoding="utf-8")
    (tmp_path / "scorecard-en.json").unlink()
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    faults = generate.outdated(BOARDS, tmp_path)
    assert [fault.rpartition("/")[2] for fault in faults] == [
        "other.json: no board is of this name",
        "scorecard-en.json: is missing",
        "scorecard-zh.json: differs from what the code generates",
    ]
