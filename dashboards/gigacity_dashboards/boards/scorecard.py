"""The city's scorecard: figures against targets, by area and over time.

One board a language, alike in everything but its words: the ids of panels are the same, and stay,
since links and alerts point at them.
"""

from gigacity_dashboards import indicators, sdk, texts, variables
from gigacity_dashboards.boards.frame import BoardFrame, framed
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.indicators import IndicatorLabel
from gigacity_dashboards.layout import Layout
from gigacity_dashboards.panels import area_map, figures, quality
from gigacity_dashboards.texts import Language

SCORECARD = BoardFrame("scorecard", texts.BOARD, texts.BOARD_ABOUT)


def build(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """The board in one language."""
    words, layout = BoardWords(language), Layout()
    _cards(layout, words)
    _maps(layout, city, words)
    for number, indicator in enumerate(indicators.ALL, start=1):
        _section(layout, 1000 + 100 * number, indicator, city, words)
    return framed(SCORECARD, layout, [variables.area(city, words)], city, words)


def _cards(layout: Layout, words: BoardWords) -> None:
    """Two rows of three cards, a value above its bounds; the last is when the figures speak of."""
    first, second = indicators.HEADLINES, indicators.OPERATING
    for number, indicator in enumerate(first, start=1):
        layout.place(figures.value(100 + 10 * number, indicator, words), width=8, height=4)
    for number, indicator in enumerate(first, start=1):
        layout.place(figures.bounds(101 + 10 * number, indicator, words), width=8, height=3)
    for number, indicator in enumerate(second, start=len(first) + 1):
        layout.place(figures.value(100 + 10 * number, indicator, words), width=8, height=4)
    layout.place(figures.as_of(160, first[0], words), width=8, height=4)
    for number, indicator in enumerate(second, start=len(first) + 1):
        layout.place(figures.bounds(101 + 10 * number, indicator, words), width=8, height=3)
    layout.place(quality.fresh_share_now(161, first, words), width=8, height=3)
    timeline = figures.verdicts_over_time(170, indicators.ALL, words)
    layout.place(timeline, width=24, height=7)


def _maps(layout: Layout, city: CityNames, words: BoardWords) -> None:
    """Tiles of each figure of the plan; below them the city's own map, where it has one."""
    for number, indicator in enumerate(indicators.HEADLINES, start=1):
        tiles = area_map.tiles(180 + number, indicator, city, words)
        layout.place(tiles, width=8, height=12)
    if city.map is None:
        return
    layout.row(190, area_map.reviewed(city.map, words))
    for number, indicator in enumerate(indicators.HEADLINES, start=1):
        map_ = area_map.boundaries(190 + number, indicator, city.map, words)
        layout.place(map_, width=8, height=12)


def _section(
    layout: Layout, first_id: int, indicator: IndicatorLabel, city: CityNames, words: BoardWords
) -> None:
    """One figure in detail; those that are not the plan's open on demand."""
    is_closed = indicator not in indicators.HEADLINES
    layout.row(first_id, words(indicator.name), collapsed=is_closed)
    layout.place(figures.over_time(first_id + 1, indicator, words), width=12, height=10)
    bars = figures.by_area_bars(first_id + 2, indicator, city, words)
    layout.place(bars, width=12, height=10)
    detail = figures.by_area_table(first_id + 3, indicator, city, words)
    layout.place(detail, width=24, height=12)
    if indicator is indicators.DEVICE_ONLINE:
        layout.place(figures.by_kind_table(first_id + 4, words), width=24, height=14)
