"""Drawings, as text: what they say, and that they say it without colour, too."""

import re
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from gigacity_api.forecasting.outlook import Day, Forecast
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.quality import Quality
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.site.area_map import short_text
from gigacity_api.site.boundary_map import boundary_map
from gigacity_api.site.bounds_bar import bounds_bar
from gigacity_api.site.svg import element
from gigacity_api.site.tile_map import Tile, tile_map
from gigacity_api.site.trend_chart import TrendSeries, sparkline, trend_chart
from gigacity_api.site.verdict_pattern import patterns
from gigacity_api.site.words import VERDICTS
from gigacity_city.model import Area, AreaShape, CityMap, Name
from gigacity_city.tiles import positions
from gigacity_contract.local_time import DAY_MS

NOON = 1_796_011_200_000
HALF = Figure(
    "pon.port_share_10g", "city", "371600", 0.5, 50, 100, 0.25, 0.75, 25, 25, 50, 0.6,
    "undetermined", Quality(1.0, 0, "A"),
)  # fmt: skip


def area(code: str, tile: tuple[int, ...] | None = None) -> Area:
    return Area(code, Name(f"区{code}", f"Area {code}"), "district", tile=tile)


def tile(code: str, verdict: str = "met", at: tuple[int, ...] | None = None) -> Tile:
    sign, word = VERDICTS[verdict]
    return Tile(area(code, at), f"Area {code}", verdict, sign, word.en, "90.00%", f"areas/{code}")


@pytest.mark.parametrize(
    ("known_in", "known_out", "unknown", "text"),
    [(40_112, 840, 0, "40,112"), (40_112, 840, 48, "≥40,112"), (0, 0, 48_000, "0–48,000")],
)
def test_a_tile_of_a_count_says_what_is_known(
    known_in: int, known_out: int, unknown: int, text: str
) -> None:
    """Nothing heard of a whole area is neither 0 nor "at least 0"."""
    figure = HALF._replace(
        indicator="pon.ports_10g", value=known_in, numerator=known_in, lower=known_in,
        upper=known_in + unknown, known_in=known_in, known_out=known_out, unknown=unknown,
    )  # fmt: skip
    assert short_text(REGISTRY["pon.ports_10g"], figure) == text


def test_text_of_a_city_file_cannot_leave_its_place() -> None:
    assert element("text", "<script>", x=1, class_='a"b') == (
        '<text x="1" class="a&#34;b">&lt;script&gt;</text>'
    )
    assert element("g", Markup("<b>"), element("path", d="M0 0")) == '<g><b><path d="M0 0"/></g>'
    assert element("rect", x=1.0, y=-0.001, width=2.345, rx=None) == (
        '<rect x="1" y="0" width="2.35"/>'
    )


def test_a_bar_has_what_is_known_what_may_be_and_the_target() -> None:
    """240 wide with a margin of 4: a quarter of 232 is 58, 60 % of it are 139.2."""
    assert bounds_bar(HALF, is_ratio=True, title="t") == (
        '<svg viewBox="0 0 240 22" role="img" aria-label="t" class="bar"><title>t</title>'
        '<rect x="4" y="7" width="232" height="10" class="track"/>'
        '<rect x="4" y="7" width="58" height="10" class="known undetermined"/>'
        '<rect x="62" y="7" width="116" height="10" class="may-be"/>'
        '<path d="M143.20 1V21" class="target"/></svg>'
    )


def test_a_bar_of_what_has_no_bounds_is_empty() -> None:
    assert bounds_bar(HALF._replace(lower=None), is_ratio=True, title="t") == ""


def test_a_bar_holds_a_ratio_beyond_the_whole() -> None:
    figure = HALF._replace(value=2.0, lower=2.0, upper=2.0, unknown=0, target=0.8)
    bar = bounds_bar(figure, is_ratio=True, title="t")
    assert 'width="232" height="10" class="known' in bar
    assert "may-be" not in bar


def test_areas_have_their_own_tiles_or_all_of_them_stand_in_order() -> None:
    assert positions([(2, 1), (0, 0)]) == [(2, 1), (0, 0)]
    assert positions([(2, 1), (0, 0), None]) == [(0, 0), (1, 0), (2, 0)]
    assert positions([(0, 0), (0, 0)]) == [(0, 0), (1, 0)]
    assert positions([None] * 6)[4:] == [(0, 1), (1, 1)]


def test_a_tile_says_its_verdict_by_sign_pattern_and_word() -> None:
    drawn = tile_map([tile("1"), tile("2", "missed"), tile("3", "undetermined")], title="t")
    assert re.findall(r'class="sign">(.)<', drawn) == ["✓", "✕", "?"]
    assert re.findall(r'fill="url\(#tile-(\w+)\)"', drawn) == ["met", "missed", "undetermined"]
    assert re.findall(r"<title>(Area \d: .*?)</title>", drawn) == [
        "Area 1: 90.00%, met", "Area 2: 90.00%, missed", "Area 3: 90.00%, undetermined",
    ]  # fmt: skip
    assert re.findall(r'<a href="([^"]+)"', drawn) == ["areas/1", "areas/2", "areas/3"]
    assert "style=" not in drawn


def test_drawings_are_xml() -> None:
    for drawn in (tile_map([tile("1")], title="<t>"), bounds_bar(HALF, is_ratio=True, title="&")):
        assert ET.fromstring(drawn).tag == "svg"  # noqa: S314 - our own


def test_every_verdict_has_a_pattern_of_its_own() -> None:
    drawn = patterns("p")
    strokes = {name: re.search(rf'd="([^"]*)" class="strokes {name}"', drawn) for name in VERDICTS}
    assert strokes["met"] is None
    assert len({found and found[1] for found in strokes.values()}) == len(VERDICTS)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("滨城区", ["滨城区"]),
        ("滨州高新技术产业开发区", ["滨州高新技术产业", "开发区"]),
        ("滨州北海经济开发区", ["滨州北海经济", "开发区"]),
        (
            "Binzhou Beihai Economic Development Zone",
            ["Binzhou Beihai", "Economic", "Development Zone"],
        ),
    ],
)  # fmt: skip
def test_long_names_are_broken_where_people_would(name: str, lines: list[str]) -> None:
    drawn = tile_map([tile("1")._replace(name=name)], title="t")
    assert re.findall(r'class="name">([^<]+)<', drawn) == lines


def days(*values: float) -> list[Day]:
    return [Day(NOON + n * DAY_MS, v, v - 0.1, v + 0.1) for n, v in enumerate(values)]


def test_a_trend_has_band_line_target_and_forecast() -> None:
    series = TrendSeries(
        days(0.5, 0.6, 0.7), 0.9, Forecast(0.95, 0.9, 1.0), NOON + 10 * DAY_MS, is_ratio=True
    )
    drawn = trend_chart(series, title="t")
    for name in ("band", "value-line", "target", "cone", "ahead"):
        assert drawn.count(f'class="{name}"') == 1, name
    assert re.findall(r'class="tick end">([\d.]+%)<', drawn) == ["40%", "60%", "80%", "100%"]
    assert "2026-11-30" in drawn
    assert "2026-12-10" in drawn


def test_one_day_is_a_dot_and_none_is_nothing() -> None:
    assert "value-dot" in trend_chart(TrendSeries(days(0.5), None, None, None, True), title="t")
    assert trend_chart(TrendSeries([], 0.9, None, None, True), title="t") == ""
    assert sparkline(days(0.5), title="t") == ""
    assert "value-line" in sparkline(days(0.5, 0.5), title="t")


SQUARE = ((117.0, 37.0), (118.0, 37.0), (118.0, 38.0), (117.0, 38.0), (117.0, 37.0))


def test_boundaries_are_drawn_from_the_citys_own_map_alone() -> None:
    map_ = CityMap("审1", "局", "CGCS2000", (AreaShape("1", ((SQUARE,),)),))
    drawn = boundary_map(map_, {"1": tile("1", "missed")}, title="t")
    (path,) = re.findall(r'<path d="([^"]+)" fill="url\(#map-missed\)"', drawn)
    # North is up; a degree of longitude is narrower than one of latitude.
    assert path.startswith("M0 705.86L560 705.86")
    assert path.endswith("Z")
    assert boundary_map(map_, {}, title="t") == ""
