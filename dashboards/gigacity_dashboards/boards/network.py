"""The optical network: which ports are broken, weak or full, of the whole city and of one OLT."""

from gigacity_dashboards import indicators, sdk, texts_network, variables
from gigacity_dashboards.boards.frame import BoardFrame, framed
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.layout import Layout
from gigacity_dashboards.panels import figures, olts, ports
from gigacity_dashboards.texts import Language

NETWORK = BoardFrame("network", texts_network.NETWORK, texts_network.NETWORK_ABOUT)
ONE_OLT = BoardFrame("olt", texts_network.ONE_OLT, texts_network.ONE_OLT_ABOUT)

NETWORK_EVENT_PANELS = frozenset({63, 65})
"""Errors, and what drifted: a new system has no roll-ups yet."""
OLT_EVENT_PANELS = frozenset({42})
"""Code words that could not be corrected."""


def build_network(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """The whole network."""
    words, layout = BoardWords(language), Layout()
    for number, indicator in enumerate(indicators.NETWORK, start=1):
        card = figures.value(10 * number, indicator, words, is_narrow=True)
        layout.place(card, width=6, height=4)
    for number, indicator in enumerate(indicators.NETWORK, start=1):
        layout.place(figures.bounds(10 * number + 1, indicator, words), width=6, height=4)
    layout.place(ports.worst(60, ports.WEAKEST, words), width=8, height=11)
    layout.place(ports.power_bands(61, words), width=8, height=11)
    layout.place(olts.availability(62, words), width=8, height=11)
    layout.place(ports.worst(63, ports.FAULTY, words), width=8, height=11)
    layout.place(ports.worst(64, ports.BUSIEST, words), width=8, height=11)
    layout.place(ports.worst(65, ports.DRIFTING, words), width=8, height=11)
    layout.row(100, words(texts_network.IN_AREAS), collapsed=True)
    for number, indicator in enumerate(indicators.NETWORK, start=1):
        chart = figures.by_area_over_time(100 + number, indicator, city, words)
        layout.place(chart, width=12, height=9)
    layout.place(ports.worst(110, ports.HOTTEST, words), width=12, height=11)
    return framed(NETWORK, layout, [variables.area(city, words)], city, words)


def build_olt(language: Language, city: CityNames) -> sdk.models.Dashboard:
    """One OLT."""
    words, layout = BoardWords(language), Layout()
    layout.place(olts.figures_of_one(10, words), width=14, height=7)
    layout.place(ports.sessions(11, words), width=10, height=7)
    layout.place(ports.states(20, words), width=24, height=10)
    layout.place(ports.now(21, words), width=24, height=11)
    layout.place(ports.course(30, ports.POWER_COURSE, words), width=12, height=9)
    layout.place(ports.course(31, ports.ONU_COURSE, words), width=12, height=9)
    layout.row(40, words(texts_network.ERRORS_AND_OPTICS), collapsed=True)
    layout.place(ports.course(41, ports.TRAFFIC_COURSE, words), width=12, height=9)
    layout.place(ports.errors(42, words), width=12, height=9)
    layout.place(ports.course(43, ports.LASER_COURSE, words), width=12, height=9)
    layout.place(ports.course(44, ports.TEMPERATURE_COURSE, words), width=12, height=9)
    olt = variables.place(variables.OLT, texts_network.OLT, indicators.PORT_AVAILABILITY.id, words)
    slot = variables.of_port(variables.SLOT, texts_network.SLOT, words)
    port = variables.of_port(variables.PORT, texts_network.PORT, words)
    return framed(ONE_OLT, layout, [olt, slot, port], city, words)
