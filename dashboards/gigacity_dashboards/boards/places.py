"""Communities and devices: who fails which item, what went silent, what raised the alarm."""

from gigacity_city.model import Name
from gigacity_contract.kinds import CATALOGUE
from gigacity_dashboards import indicators, sdk, texts_places, variables
from gigacity_dashboards.boards.frame import BoardFrame, framed
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.layout import Layout
from gigacity_dashboards.panels import figures, places
from gigacity_dashboards.texts import Language

COMMUNITIES = BoardFrame("communities", texts_places.COMMUNITIES, texts_places.COMMUNITIES_ABOUT)
ONE_COMMUNITY = BoardFrame(
    "community", texts_places.ONE_COMMUNITY, texts_places.ONE_COMMUNITY_ABOUT
)
DEVICES = BoardFrame("devices", texts_places.DEVICES, texts_places.DEVICES_ABOUT)

SAFETY_PANEL = 20
DEVICES_EVENT_PANELS = frozenset({SAFETY_PANEL, 21, 22})


def build_communities(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """Every community."""
    words, layout = BoardWords(language), Layout()
    for number, indicator in enumerate(indicators.COMMUNITIES, start=1):
        card = figures.value(10 * number, indicator, words, is_narrow=True)
        layout.place(card, width=8, height=3)
    layout.place(places.items_by_area(80, city, words), width=24, height=12)
    layout.place(places.worst(81, places.MOST_SILENT, words), width=8, height=11)
    layout.place(places.worst(82, places.LEAST_GIGABIT, words), width=8, height=11)
    layout.place(places.worst(83, places.FEWEST_CAMERAS, words), width=8, height=11)
    for number, indicator in enumerate(indicators.COMMUNITIES, start=1):
        layout.row(100 * number, words(indicator.name), collapsed=True)
        chart = figures.by_area_over_time(100 * number + 1, indicator, city, words)
        layout.place(chart, width=24, height=9)
    return framed(COMMUNITIES, layout, [variables.area(city, words)], city, words)


def build_community(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """One community."""
    words, layout = BoardWords(language), Layout()
    layout.place(places.items(10, words), width=15, height=13)
    layout.place(places.items_over_time(11, words), width=9, height=13)
    for number, kind in enumerate(CATALOGUE.values(), start=1):
        layout.row(100 * number, words(Name(kind.zh, kind.en)), collapsed=True)
        layout.place(places.newest_reports(100 * number + 1, kind.name, words), width=24, height=12)
    community = variables.place(
        variables.COMMUNITY, texts_places.COMMUNITY, indicators.DEVICE_ONLINE.id, words
    )
    return framed(ONE_COMMUNITY, layout, [community], city, words)


def build_devices(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """Every device."""
    words, layout = BoardWords(language), Layout()
    layout.place(figures.value(10, indicators.DEVICE_ONLINE, words), width=8, height=4)
    layout.place(figures.bounds(11, indicators.DEVICE_ONLINE, words), width=16, height=4)
    layout.place(places.safety_events(SAFETY_PANEL, words), width=10, height=9)
    layout.place(places.ended_gateways(21, words), width=14, height=9)
    layout.place(figures.by_kind_table(30, words), width=24, height=13)
    chart = figures.by_area_over_time(31, indicators.DEVICE_ONLINE, city, words)
    layout.place(chart, width=16, height=9)
    layout.place(places.faulty_elevators(22, words), width=8, height=9)
    layout.row(40, words(texts_places.LOW_BATTERY), collapsed=True)
    for number, kind in enumerate(places.WITH_BATTERY, start=41):
        layout.place(places.low_battery(number, kind, words), width=8, height=9)
    return framed(DEVICES, layout, [variables.area(city, words)], city, words)
