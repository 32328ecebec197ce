"""The city's scorecard: figures against targets, by area and over time, and what they rest on.

One board a language, alike in everything but its words: the ids of panels are the same, and stay,
since links and alerts point at them.
"""

from gigacity_contract.local_time import TIME_ZONE
from gigacity_dashboards import house, indicators, sdk, texts
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.house import Words
from gigacity_dashboards.indicators import IndicatorLabel
from gigacity_dashboards.layout import Layout
from gigacity_dashboards.panels import figures, quality, worker
from gigacity_dashboards.texts import Language

TAG = "gigacity"
UID_PREFIX = "gigacity-scorecard"

QUALITY_ROW, WORKER_ROW = 2000, 3000
DEAD_LETTERS_PANEL = WORKER_ROW + 8

EVENT_PANELS = frozenset({DEAD_LETTERS_PANEL})
"""Panels that are empty when all is well: they show what should not happen."""


def build(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """The board in one language."""
    words = Words(language)
    layout = Layout()
    _cards(layout, words)
    for number, indicator in enumerate(indicators.ALL, start=1):
        _section(layout, 1000 + 100 * number, indicator, city, words)
    _quality(layout, words)
    _worker(layout, words)
    board = _frame(language, city, words).build()
    board.panels = layout.panels
    board.links = [_other_boards(words)]
    return board


def _frame(language: Language, city: CityNames, words: Words) -> sdk.dashboard.Dashboard:
    return (
        sdk.dashboard.Dashboard(f"{words(city.name)} {words(texts.BOARD)}")
        .uid(f"{UID_PREFIX}-{language}")
        .description(words(texts.BOARD_ABOUT))
        .tags([TAG, language])
        .readonly()
        .timezone(TIME_ZONE)
        .week_start("monday")
        .time(house.TIME_RANGE, "now")
        .refresh(house.REFRESH)
        .tooltip(sdk.models.DashboardCursorSync.CROSSHAIR)
        .with_variable(_area_variable(city, words))
    )


def _other_boards(words: Words) -> sdk.models.DashboardLink:
    """Links to every board of the project, in view rather than in the menu (the SDK's default)."""
    link = sdk.models.DashboardLink(
        title=words(texts.OTHER_BOARDS),
        type_val=sdk.models.DashboardLinkType.DASHBOARDS,
        tags=[TAG],
        keep_time=True,
        include_vars=True,
    )
    link.placement = ""
    return link


def _area_variable(city: CityNames, words: Words) -> sdk.dashboard.CustomVariable:
    """The areas of the city file; not asked of the database, which would know only the heard."""
    escaped_comma = r"\,"
    choices = [(words(name), code) for code, name in city.areas]
    all_of_them = sdk.models.VariableOption(selected=True, text="All", value="$__all")
    options = [
        sdk.models.VariableOption(selected=False, text=text, value=code) for text, code in choices
    ]
    return (
        sdk.dashboard.CustomVariable(figures.AREA_VARIABLE)
        .label(words(texts.AREA))
        .values(", ".join(f"{text.replace(',', escaped_comma)} : {code}" for text, code in choices))
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .options([all_of_them, *options])
        .current(all_of_them)
    )


def _cards(layout: Layout, words: Words) -> None:
    """Two rows of three cards, a value above its bounds; the last is the age of the figures."""
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


def _section(
    layout: Layout, first_id: int, indicator: IndicatorLabel, city: CityNames, words: Words
) -> None:
    """One figure in detail; those that are not the plan's open on demand."""
    is_closed = indicator not in indicators.HEADLINES
    layout.row(first_id, words(indicator.name), collapsed=is_closed)
    layout.place(figures.over_time(first_id + 1, indicator, words), width=12, height=9)
    bars = figures.by_area_bars(first_id + 2, indicator, city, words)
    layout.place(bars, width=12, height=9)
    detail = figures.by_area_table(first_id + 3, indicator, city, words)
    layout.place(detail, width=24, height=10)
    if indicator is indicators.DEVICE_ONLINE:
        layout.place(figures.by_kind_table(first_id + 4, words), width=24, height=12)


def _quality(layout: Layout, words: Words) -> None:
    layout.row(QUALITY_ROW, words(texts.QUALITY))
    fresh = quality.fresh_share(QUALITY_ROW + 1, indicators.ALL, words)
    layout.place(fresh, width=12, height=8)
    unknown = quality.unknown(QUALITY_ROW + 2, indicators.ALL, words)
    layout.place(unknown, width=12, height=8)
    table = quality.quality_table(QUALITY_ROW + 3, indicators.ALL, words)
    layout.place(table, width=24, height=7)
    layout.place(quality.revisions_waiting(QUALITY_ROW + 4, words), width=24, height=6)


def _worker(layout: Layout, words: Words) -> None:
    layout.row(WORKER_ROW, words(texts.WORKER_HEALTH))
    layout.place(worker.workers_now(WORKER_ROW + 1, words), width=24, height=6)
    layout.place(worker.ledger(WORKER_ROW + 2, words), width=24, height=5)
    layout.place(worker.messages_per_s(WORKER_ROW + 3, words), width=8, height=8)
    layout.place(worker.points_per_s(WORKER_ROW + 4, words), width=8, height=8)
    layout.place(worker.backlog(WORKER_ROW + 5, words), width=8, height=8)
    layout.place(worker.trouble(WORKER_ROW + 6, words), width=8, height=8)
    layout.place(worker.intake(WORKER_ROW + 7, words), width=8, height=8)
    layout.place(worker.dead_letters(DEAD_LETTERS_PANEL, words), width=8, height=8)
