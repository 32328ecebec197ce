"""What is broken now, whether the platform is why, and whether its figures can be trusted."""

from gigacity_dashboards import (
    indicators,
    sdk,
    texts,
    texts_alarm_list,
    texts_operations,
    variables,
)
from gigacity_dashboards.boards.frame import BoardFrame, framed
from gigacity_dashboards.boards.places import SAFETY_PANEL
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.layout import Layout
from gigacity_dashboards.panels import (
    alarm_list,
    area_map,
    figures,
    olts,
    operations,
    places,
    ports,
    quality,
    worker,
)
from gigacity_dashboards.texts import Language

NOW = BoardFrame("operations", texts_operations.OPERATIONS, texts_operations.OPERATIONS_ABOUT)
PLATFORM = BoardFrame("platform", texts_operations.PLATFORM, texts_operations.PLATFORM_ABOUT)
QUALITY = BoardFrame("quality", texts_operations.DATA_QUALITY, texts_operations.DATA_QUALITY_ABOUT)

OPEN_ALARMS_PANEL, NEW_ALARMS_PANEL, FREQUENT_PANEL = 9, 41, 44
NOW_EVENT_PANELS = frozenset({SAFETY_PANEL, OPEN_ALARMS_PANEL, NEW_ALARMS_PANEL, FREQUENT_PANEL})
DEAD_LETTERS_PANEL, TURNED_AWAY_PANEL, LATE_PANEL = 28, 34, 41
PLATFORM_EVENT_PANELS = frozenset({DEAD_LETTERS_PANEL, TURNED_AWAY_PANEL})
QUALITY_EVENT_PANELS = frozenset({LATE_PANEL})


def build_now(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """What is broken now."""
    words, layout = BoardWords(language), Layout()
    for number, amount in enumerate(operations.AMOUNTS[:2], start=1):
        layout.place(operations.amount(number, amount, words), width=6, height=5)
    for number, amount in enumerate(operations.AMOUNTS[2:], start=3):
        layout.place(operations.amount(number, amount, words), width=4, height=5)
    layout.place(alarm_list.open_alarms(OPEN_ALARMS_PANEL, words), width=24, height=8)
    layout.place(area_map.tiles(13, indicators.GIGABIT_ACCESS, city, words), width=8, height=12)
    layout.place(operations.without_gigabit_by_area(10, city, words), width=8, height=12)
    layout.place(olts.availability(11, words), width=8, height=12)
    layout.place(places.safety_events(SAFETY_PANEL, words), width=8, height=10)
    layout.place(places.worst(12, places.MOST_SILENT, words), width=8, height=10)
    layout.place(ports.worst(21, ports.WEAKEST, words), width=8, height=10)
    layout.place(worker.workers_now(22, words), width=24, height=5)
    layout.row(30, words(texts.VERDICTS_OVER_TIME), collapsed=True)
    timeline = figures.verdicts_over_time(31, indicators.ALL, words)
    layout.place(timeline, width=24, height=7)
    layout.row(40, words(texts_alarm_list.QUALITY), collapsed=True)
    layout.place(alarm_list.quality_now(42, words), width=24, height=4)
    layout.place(alarm_list.over_time(NEW_ALARMS_PANEL, words), width=12, height=9)
    layout.place(alarm_list.quality_over_time(43, words), width=12, height=9)
    layout.place(alarm_list.most_frequent(FREQUENT_PANEL, words), width=24, height=10)
    return framed(NOW, layout, [variables.area(city, words)], city, words)


def build_platform(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """The platform itself."""
    words, layout = BoardWords(language), Layout()
    layout.place(worker.workers_now(21, words), width=24, height=6)
    layout.place(figures.as_of(10, indicators.PORTS_10G, words), width=6, height=5)
    layout.place(worker.ledger(22, words), width=18, height=5)
    layout.place(worker.messages_per_s(23, words), width=8, height=8)
    layout.place(worker.points_per_s(24, words), width=8, height=8)
    layout.place(worker.backlog(25, words), width=8, height=8)
    layout.place(worker.trouble(26, words), width=8, height=8)
    layout.place(worker.intake(27, words), width=8, height=8)
    layout.place(worker.dead_letters(DEAD_LETTERS_PANEL, words), width=8, height=8)
    layout.row(30, words(texts_operations.DISKS), collapsed=True)
    layout.place(operations.free_disk(35, words), width=8, height=8)
    layout.place(operations.dead_letter_disk(31, words), width=8, height=8)
    layout.place(operations.time_left(32, words), width=8, height=8)
    layout.row(33, words(texts.TURNED_AWAY), collapsed=True)
    layout.place(worker.turned_away(TURNED_AWAY_PANEL, words), width=24, height=9)
    return framed(PLATFORM, layout, [], city, words)


def build_quality(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """What the figures rest on."""
    words, layout = BoardWords(language), Layout()
    layout.place(quality.quality_table(10, indicators.ALL, words), width=24, height=8)
    fresh = quality.fresh_share(20, indicators.ALL, words)
    layout.place(fresh, width=12, height=9)
    unknown = quality.unknown(21, indicators.ALL, words)
    layout.place(unknown, width=12, height=9)
    layout.row(40, words(texts_operations.LATE_POINTS), collapsed=True)
    layout.place(operations.late_points(LATE_PANEL, words), width=12, height=8)
    layout.place(quality.revisions_waiting(42, words), width=12, height=8)
    return framed(QUALITY, layout, [], city, words)
