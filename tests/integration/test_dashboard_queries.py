"""Every panel's InfluxQL against a real database that holds figures and ledgers."""

import time
from collections.abc import Iterator

import pytest

from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import INDICATOR
from gigacity_dashboards.catalogue import Board
from gigacity_dashboards.panel_targets import panels
from tests.support import figures
from tests.support.boards import all_boards, board_of, tile_panels
from tests.support.grafana_macros import TimeRange, expand, expanded_queries, series_name
from tests.support.grafana_reader import Series, ask, empty_queries, write_status
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration

BOARDS = all_boards()
MESSAGES_PANEL, TROUBLE_PANEL, DEAD_LETTERS_PANEL = 23, 26, 28
ACCESS_CARD, ACCESS_OVER_TIME, ACCESS_BARS, ACCESS_TABLE = 120, 1201, 1202, 1203


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _last_six_hours() -> TimeRange:
    now_ms = _now_ms()
    return TimeRange(now_ms - 6 * 3_600_000, now_ms)


@pytest.fixture(scope="module")
def filled(influx: InfluxServer) -> Iterator[InfluxServer]:
    """A bucket with the rows of the last eight minutes."""
    bucket = influx.fresh_bucket()
    last = _now_ms() // figures.GRID_MS * figures.GRID_MS
    instants = [last - step * figures.GRID_MS for step in range(7, -1, -1)]
    for lines, policy in (
        (figures.indicator_lines(instants), "figures"),
        (figures.worker_lines(instants), "ops"),
        (figures.worker_lines(instants, worker="gigacity-worker-1"), "ops"),
        (figures.dead_letter_lines(instants), "ops"),
        (figures.progress_lines(instants), "ops"),
        (figures.arrival_lines(instants), "ops"),
        (figures.turned_away_lines(instants), "ops"),
        (figures.evaluator_lines(instants), "ops"),
        (figures.worst_lines(instants), "ops"),
        (figures.port_lines(instants), "raw"),
        (figures.device_lines(instants), "raw"),
        (figures.daily_port_lines(instants), "r1d"),
        (figures.presence_lines(instants), "forever"),
    ):
        answer = bucket.write(b"\n".join(lines), rp=policy)
        assert answer.status == 204, answer.body
    alarms = b"\n".join(figures.alarm_lines(instants))
    assert bucket.write(alarms, rp="forever", precision="ns").status == 204
    yield bucket
    bucket.drop()


def _panel(
    server: InfluxServer, panel_id: int, ref_id: str = "A", *, board: str = "scorecard-zh"
) -> list[Series]:
    found = expanded_queries(board_of(board).content, _last_six_hours())
    (query,) = (q.query for q in found if (q.panel.id, q.ref_id) == (panel_id, ref_id))
    return ask(server, query)


def _worker_panel(server: InfluxServer, panel_id: int, ref_id: str = "A") -> list[Series]:
    return _panel(server, panel_id, ref_id, board="platform-zh")


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_every_query_gives_data(filled: InfluxServer, board: Board) -> None:
    """A query that fails, fails inside; one without a single value does here."""
    empty = empty_queries(filled, board, _last_six_hours())
    # What stands in the place of a number of which too little is known.
    assert empty == []


def test_links_to_pages_begin_with_what_the_evaluator_wrote(filled: InfluxServer) -> None:
    (page,) = (v for v in BOARDS[0].content["templating"]["list"] if v["name"] == "page")
    (series,) = ask(filled, page["query"]["query"])
    assert series.values("page_url") == ["http://pages"]


def test_the_ports_of_an_olt_can_be_chosen(filled: InfluxServer) -> None:
    variables = {v["name"]: v for v in board_of("olt-zh").content["templating"]["list"]}
    for name, choices in (("slot", {"1"}), ("port", set("012345"))):
        query = variables[name]["query"]["query"].replace("${olt:regex}", figures.OLT_CODE)
        (series,) = ask(filled, query)
        assert set(series.values(name)) == choices


def test_the_reader_of_the_boards_cannot_write(filled: InfluxServer) -> None:
    """Grafana passes on any statement of a viewer: its user must not be able to do harm."""
    lines = b"\n".join(figures.dead_letter_lines([_now_ms()]))
    assert write_status(filled, lines, "ops") in {401, 403, 404}


def test_an_area_can_be_chosen(filled: InfluxServer) -> None:
    board = BOARDS[0].content
    (panel,) = (p for p in panels(board) if p.id == 1103)
    values = {"area": "(371602|371690)"}
    text = expand(panel.targets[0]["query"], panel, _last_six_hours(), values)
    (series,) = ask(filled, text)
    assert set(series.values("code")) == {"371602", "371690"}


def test_the_latest_window_does_not_show_older_figures(filled: InfluxServer) -> None:
    """When the evaluator stops, its last good figure disappears."""
    now = _last_six_hours()
    later = TimeRange(now.from_ms, now.to_ms + 30 * 60_000)
    latest = [q for q in expanded_queries(BOARDS[0].content, later) if q.panel.look_back_ms]
    assert latest
    assert [ask(filled, query.query) for query in latest] == [[]] * len(latest)


def test_at_the_start_of_a_city_the_bounds_stand_in_the_values_place(
    database: InfluxServer,
) -> None:
    """39 homes are known to be out of 1,000, and nothing else: that is no "0.00 %"."""
    instant = _now_ms() // figures.GRID_MS * figures.GRID_MS
    fields = figures.figure("home.gigabit_access", known_in=0, known_out=39, unknown=961)
    lines = [
        encode_point(
            INDICATOR, {"indicator": "home.gigabit_access", "scope": scope, "code": code},
            fields, instant,
        )
        for scope, code in (("city", "371600"), ("area", "371602"))
    ]  # fmt: skip
    assert database.write(b"\n".join(lines), rp="figures").status == 204

    (card,) = _panel(database, ACCESS_CARD)
    assert card.columns[1:] == ["display_text"]
    assert card.values("display_text") == ["0.00% .. 96.10%"]
    (table,) = _panel(database, ACCESS_TABLE)
    assert table.values("display_text") == ["0.00% .. 96.10%"]
    assert "value" not in table.columns
    (bars,) = _panel(database, ACCESS_BARS)
    assert (bars.values("display_value"), bars.values("verdict")) == ([], ["undetermined"])
    (line,) = _panel(database, ACCESS_OVER_TIME)
    assert (line.values("display_value"), line.values("upper")) == ([], [0.961])


AMOUNT_TILES = {
    1: "home.gigabit_access", 3: "pon.port_availability", 4: "onu.online", 5: "device.online",
}  # fmt: skip
WITHOUT_GIGABIT_LINES = 10


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        ((0, 0, 1_000), [[], [(0, 1_000)]]),
        ((0, 39, 961), [[], [(39, 1_000)]]),
        ((400, 100, 500), [[100], []]),
        ((0, 1_000, 0), [[1_000], []]),
    ],
    ids=["none", "few", "half", "all"],
)
def test_a_number_of_which_too_little_is_known_shows_its_bounds(
    database: InfluxServer, known: tuple[int, int, int], shown: list[list[object]]
) -> None:
    """Nothing is heard of a thousand: "0 are out" would say that all is well."""
    last = _now_ms() // figures.GRID_MS * figures.GRID_MS
    for instant, counts in ((last - figures.GRID_MS, (500, 500, 0)), (last, known)):
        fields = dict(zip(("known_in", "known_out", "unknown"), counts, strict=True))
        lines = [
            encode_point(
                INDICATOR, {"indicator": name, "scope": scope, "code": code},
                figures.figure(name, **fields), instant,
            )
            for name in AMOUNT_TILES.values()
            for scope, code in (("city", "371600"), ("area", "371602"))
        ]  # fmt: skip
        assert database.write(b"\n".join(lines), rp="figures").status == 204
    for panel_id in AMOUNT_TILES:
        values = _panel(database, panel_id, board="operations-zh")
        bounds = _panel(database, panel_id, "B", board="operations-en")
        told = [
            [value for series in values for value in series.values("known_out")],
            [
                pair
                for series in bounds
                for pair in zip(series.values("at_least"), series.values("at_most"), strict=True)
            ],
        ]
        assert told == shown, panel_id
    lines_shown = _panel(database, WITHOUT_GIGABIT_LINES, board="operations-zh")
    told_by_area = [value for series in lines_shown for value in series.values("known_out")]
    assert told_by_area == [500, *shown[0]]


def test_a_tile_shows_what_its_area_says_and_of_a_silent_one_nothing(
    database: InfluxServer,
) -> None:
    """Well, mostly unknown, not heard of: by the names that the drawing looks for."""
    instant = _now_ms() // figures.GRID_MS * figures.GRID_MS
    said = {
        "371602": figures.figure("home.gigabit_access", known_in=100, known_out=0, unknown=0),
        "371603": figures.figure("home.gigabit_access", known_in=10, known_out=1, unknown=89),
    }
    lines = [
        encode_point(
            INDICATOR, {"indicator": "home.gigabit_access", "scope": "area", "code": code},
            fields | {"verdict": "met" if code == "371602" else "undetermined"}, instant,
        )
        for code, fields in said.items()
    ]  # fmt: skip
    assert database.write(b"\n".join(lines), rp="figures").status == 204

    (panel,) = tile_panels(board_of("operations-zh"))
    found = expanded_queries(board_of("operations-zh").content, _last_six_hours())
    (query,) = (q for q in found if q.panel.id == panel["id"])
    drawn = {
        series_name(query.alias, column=column, tags=series.tags): series.values(column)[-1]
        for series in ask(database, query.query)
        for column in series.columns[1:]
    }
    assert drawn == {
        "371602 display_text": "100.00%", "371602 verdict": "met",
        "371603 display_text": "10.00% .. 99.00%", "371603 verdict": "undetermined",
    }  # fmt: skip
    texts = [e["config"]["text"] for e in panel["options"]["root"]["elements"]]
    looked_for = {text["field"] for text in texts if text["mode"] == "field"}
    assert set(drawn) <= looked_for
    silent = [text["fixed"] for text in texts if text.get("field") == "371690 verdict"]
    assert silent == ["无数据"]


def test_the_interval_that_has_just_begun_is_no_collapse(database: InfluxServer) -> None:
    """Snapshots every 10 s, the last of them alone in its interval: the rate stays what it is."""
    last = _now_ms() // 30_000 * 30_000
    instants = [last - step * 10_000 for step in range(12, -1, -1)]
    lines = figures.worker_lines(instants, restarts=False)
    assert database.write(b"\n".join(lines), rp="ops").status == 204
    (series,) = _worker_panel(database, MESSAGES_PANEL)
    assert series.values("messages_received") == pytest.approx([10.0] * 5)


def test_growth_in_the_interval_of_a_restart_is_counted(filled: InfluxServer) -> None:
    """300 in each of two process lives."""
    found = _worker_panel(filled, TROUBLE_PANEL, "B")
    assert [sum(series.values("write_failures")) for series in found] == [600, 600]


def test_a_restart_is_a_gap_and_not_a_fall(filled: InfluxServer) -> None:
    """Eight snapshots a minute apart, of two process lives: six steps of growth, none below 0."""
    found = [one.values("messages_received") for one in _worker_panel(filled, MESSAGES_PANEL)]
    assert found == [pytest.approx([100 / 60] * 6)] * 2


def test_a_first_dead_letter_is_seen(filled: InfluxServer) -> None:
    totals = {
        s.tags["reason"]: max(s.values("count")) for s in _worker_panel(filled, DEAD_LETTERS_PANEL)
    }
    assert totals == {"not_json": 1, "bad_entry": 3}


@pytest.mark.parametrize("board", BOARDS[::2], ids=lambda board: board.name)
def test_the_series_of_a_panel_have_names_of_their_own(filled: InfluxServer, board: Board) -> None:
    names: dict[int, list[str]] = {}
    for query in expanded_queries(board.content, _last_six_hours()):
        if query.alias:
            names.setdefault(query.panel.id, []).extend(
                series_name(query.alias, column=column, tags=s.tags)
                for s in ask(filled, query.query)
                for column in s.columns[1:]
            )
    assert not [name for group in names.values() for name in group if "$" in name]
    assert {panel: sorted(group) for panel, group in names.items()} == {
        panel: sorted(set(group)) for panel, group in names.items()
    }
