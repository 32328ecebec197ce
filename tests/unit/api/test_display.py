"""What stands in the place of a figure's value: itself, or its bounds where too little is known."""

import csv
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gigacity_api.evaluator.lines import FigureLines, FigureRow, Stamp, display_of_row
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.display import display_of, percentage
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.quality import Quality
from gigacity_api.indicators.registry import REGISTRY
from gigacity_city.load import load_city
from tests.support.city import AREA_A
from tests.support.line_protocol import parse_line
from tests.unit.api.conftest import Running, T
from tests.unit.api.test_routes import get

DEMO = Path(__file__).parents[3] / "deploy/city/binzhou-demo"


def share(known_in: int, known_out: int, unknown: int) -> Figure:
    """A ratio of objects."""
    known, whole = known_in + known_out, known_in + known_out + unknown
    return Figure(
        "pon.port_share_10g", "city", "371600", known_in / known if known else None, known_in,
        whole, known_in / whole if whole else None,
        (known_in + unknown) / whole if whole else None, known_in, known_out, unknown, None,
        "no_target", Quality(None, None, "none"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("known_in", "known_out", "unknown", "display", "text", "value"),
    [
        (9, 1, 0, "value", "90.00%", 0.9),
        (4, 1, 5, "value", "80.00%", 0.8),
        (4, 1, 6, "bounds", "36.36% .. 90.91%", None),
        (0, 39, 961, "bounds", "0.00% .. 96.10%", None),
        (0, 0, 8, "bounds", "0.00% .. 100.00%", None),
        (0, 0, 0, "value", "-", None),
    ],
)
def test_a_ratio_of_which_less_than_half_is_known_shows_its_bounds(
    known_in: int, known_out: int, unknown: int, display: str, text: str, value: float | None
) -> None:
    found = display_of(share(known_in, known_out, unknown), is_ratio=True)
    assert tuple(found) == (display, text, value)


@pytest.mark.parametrize(
    ("known_in", "known_out", "unknown", "display", "text", "value"),
    [
        (40_112, 840, 48, "value", "40,112", 40_112),
        (0, 500, 500, "value", "0", 0),
        (0, 0, 48_000, "bounds", "0 .. 48,000", None),
        (40_112, 0, 90_000, "bounds", "40,112 .. 130,112", None),
        (0, 0, 0, "value", "0", 0),
    ],
)
def test_a_count_of_which_less_than_half_is_known_shows_its_bounds(
    known_in: int, known_out: int, unknown: int, display: str, text: str, value: float | None
) -> None:
    """None of a thousand of which nobody knows anything is no zero."""
    figure = share(known_in, known_out, unknown)._replace(
        indicator="pon.ports_10g", value=known_in, lower=known_in, upper=known_in + unknown
    )
    assert tuple(display_of(figure, is_ratio=False)) == (display, text, value)


def test_a_capacity_is_judged_by_its_ports_and_not_by_the_homes_below() -> None:
    """Two ports of 40 homes each are known, of 3: enough, though 1,000 homes are registered."""
    figure = share(80, 0, 40)._replace(denominator=1000, value=0.08, lower=0.08, upper=0.12)
    assert display_of(figure, is_ratio=True).display_text == "8.00%"


_counts = st.integers(0, 3_000_000)


@given(_counts, _counts, _counts)
def test_a_shown_value_is_never_further_from_a_bound_than_what_is_unknown_allows(
    known_in: int, known_out: int, unknown: int
) -> None:
    """Half is known: the truth lies within half of the range on either side of what is shown."""
    figure = share(known_in, known_out, unknown)
    found = display_of(figure, is_ratio=True)
    assert re.fullmatch(r"-|\d+\.\d\d%( \.\. \d+\.\d\d%)?", found.display_text)
    assert (" .. " in found.display_text) == (found.display == "bounds")
    if found.display_value is not None:
        assert figure.lower is not None
        assert figure.upper is not None
        assert figure.upper - figure.lower <= 0.5
        assert figure.lower <= found.display_value <= figure.upper


def test_at_the_start_of_a_demo_nothing_is_shown_as_zero_per_cent() -> None:
    """Homes that no port passes are known to be out, and nothing else is known."""
    inventory = Inventory(load_city(DEMO))
    figures = Evaluator(inventory).evaluate(CityState.empty(inventory), T).figures
    city = {f.indicator: f for f in figures if f.scope == "city"}
    homes = city["home.gigabit_access"]
    assert (homes.value, homes.known_in, homes.verdict) == (0.0, 0, "missed")
    assert 0 < homes.known_out < homes.unknown / 100

    shown = {name: display_of(f, is_ratio=REGISTRY[name].is_ratio) for name, f in city.items()}
    assert shown["home.gigabit_access"].display_text == f"0.00% .. {homes.upper:.2%}"
    ratios = {name: found for name, found in shown.items() if REGISTRY[name].is_ratio}
    assert len(ratios) > 10
    of_city_file = {"community.tv_households", "community.mobile_5g_area"}
    assert {n for n, found in ratios.items() if found.display == "value"} == of_city_file

    stored = parse_line(FigureLines().of(homes, Stamp(T, "v1", 0)).line()).fields
    assert stored["value"] == ("float", 0.0)
    assert stored["display_text"] == ("string", shown["home.gigabit_access"].display_text)
    assert "display_value" not in stored


SHARE = "indicator=pon.port_share_10g"
"""One GPON port of 24 has reported: 0 % of what is known, 0 to 96 % of what is registered."""
BOUNDS = "0.00% .. 95.83%"


@pytest.fixture
def started(running: Running) -> Running:
    tags = {"area": AREA_A, "olt": "olt-a", "slot": "2", "port": "0", "tech": "gpon"}
    running.store.put("pon_port", T - 1000, tags, admin="up", oper="up")
    assert running.core.step()
    return running


def test_every_answer_that_has_a_figure_says_what_to_show(started: Running) -> None:
    shown_at = quote("2027-01-15T09:00:00+00:00")
    card = get(started, "/api/v1/scorecard")["items"]
    answers = [
        *get(started, f"/api/v1/indicators?{SHARE}&scope=city")["items"],
        *(item["figure"] for item in card if item["figure"]["indicator"] == "pon.port_share_10g"),
        *get(started, f"/api/v1/as-of/published?{SHARE}&published_at={shown_at}")["items"],
        *(
            get(started, f"/api/v1/indicators/pon.port_share_10g/history?{rest}")["items"][0]
            for rest in ("series=current", "series=published", "every=1h")
        ),
    ]
    assert len(answers) == 6
    for figure in answers:
        assert figure["value"] == 0.0
        assert (figure["display"], figure["display_text"]) == ("bounds", BOUNDS)


def test_files_have_the_bounds_in_the_values_place(started: Running) -> None:
    text = started.get("/api/v1/scorecard/export").content.decode("utf-8-sig")
    book = openpyxl.load_workbook(
        io.BytesIO(started.get("/api/v1/scorecard/export?format=xlsx").content)
    )
    tables: list[list[Any]] = [
        list(csv.reader(io.StringIO(text))), list(book.worksheets[0].values)
    ]  # fmt: skip
    for header, *rows in tables:
        where = [str(name).rpartition(" ")[2] for name in header]
        (city,) = (
            dict(zip(where, row, strict=True))
            for row in rows
            if (row[0], row[3]) == ("pon.port_share_10g", "city")
        )
        assert city["value"] == BOUNDS
        assert (float(city["lower"]), float(city["upper"])) == (0.0, 23 / 24)


def test_a_stored_figure_of_another_release_shows_what_it_showed() -> None:
    row = FigureRow(
        T, "371600", "gone.indicator", "city", 0.0, 0, 10, 0.0, 0.9, None, "no_target", 0, 1, 9,
        1.0, "A", 0, "v1", 1, "0.00% .. 90.00%", None,
    )  # fmt: skip
    assert tuple(display_of_row(row)) == ("bounds", "0.00% .. 90.00%", None)


@pytest.mark.parametrize(
    ("value", "target", "text"),
    [
        (0.9996, 1.0, "99.96%"),
        (0.99996, 1.0, "99.99%"),
        (0.999999, None, "99.99%"),
        (1.0, 1.0, "100.00%"),
        (0.899999, 0.9, "89.99%"),
        (0.9, 0.9, "90.00%"),
        (0.900001, 0.9, "90.01%"),
        (0.000001, None, "0.01%"),
        (0.0, 0.9, "0.00%"),
        (1.07046, 0.8, "107.05%"),
        (1.000001, 0.8, "100.01%"),
        (0.123456, 0.9, "12.35%"),
    ],
)
def test_a_percentage_is_never_rounded_onto_a_limit(
    value: float, target: float | None, text: str
) -> None:
    assert percentage(value, target) == text


@example(1, 10_001, 1)
@given(st.integers(0, 3_000_000), st.integers(1, 3_000_000), st.integers(0, 20_000))
def test_what_is_printed_stands_to_its_target_as_the_share_does(
    part: int, whole: int, target_steps: int
) -> None:
    share, target = part / whole, target_steps / 10_000
    printed = round(float(percentage(share, target).removesuffix("%")) * 100)
    assert abs(printed / 10_000 - share) < 0.0001 + 1e-9
    if abs(share - target) > 1e-9:
        assert (printed < target_steps) == (share < target)
        assert (printed > target_steps) == (share > target)


def test_bounds_are_cut_as_values_are() -> None:
    figure = share(0, 0, 10)._replace(lower=0.00001, upper=0.999999, target=1.0)
    assert display_of(figure, is_ratio=True).display_text == "0.01% .. 99.99%"
