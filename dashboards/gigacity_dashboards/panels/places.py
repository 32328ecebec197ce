"""Panels of communities and their devices."""

from typing import NamedTuple

from gigacity_city.model import Name
from gigacity_contract.fields import KIND_FIELDS, FieldType
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.measurements import (
    ALARM,
    DEVICE_MEASUREMENTS,
    INDICATOR,
    LOW_BATTERY,
    PRESENCE,
)
from gigacity_dashboards import (
    fields,
    house,
    indicators,
    influxql,
    influxql_compared,
    sdk,
    texts,
    texts_maps,
)
from gigacity_dashboards import texts_places as words_of
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.fields import COUNT, RATIO, PanelField, unit, width
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.indicators import IndicatorLabel
from gigacity_dashboards.influxql import Aggregate
from gigacity_dashboards.variables import AREA, COMMUNITY

_PLACE_WINDOW = "30m"
_HOUR_S = 3_600
_PLACE_GAP_MS = 16 * 60_000
"""Figures of communities are written at least every quarter of an hour."""
_WORST, _LOWEST = 20, 10
_LONGEST_CELL = 28
"""Letters of an area's name beside its items on a screen of 1,280 pixels."""
_UNITS = {
    "%": "percent", "°C": "celsius", "dBm": "dBm", "kbit/s": "Kbits", "W": "watt", "kW": "kwatt",
    "V": "volt", "A": "amp", "kWh": "kwatth", "m³": "m3", "°": "degree", "cm": "lengthcm",
    "dB(A)": "dB", "ppm": "ppm", "mA": "mamp", "µg/m³": "conμgm3",
}  # fmt: skip
"""Grafana's names of the contract's units; others are shown as numbers."""


def items_by_area(panel_id: int, city: CityNames, words: BoardWords) -> sdk.table.Panel:
    """A matrix: one row an area, one column an item."""
    query = influxql.rows(
        INDICATOR,
        tags=["code", "indicator"],
        fields=["display_text"],
        where=[
            influxql.equals(INDICATOR, "scope", "area"),
            influxql.equals(INDICATOR, "indicator", *(i.id for i in indicators.COMMUNITIES)),
            influxql.matches_variable(INDICATOR, "code", AREA),
        ],
    )
    title = words(words_of.ITEMS_BY_AREA)
    panel = house.table(panel_id, title, words_of.ITEMS_BY_AREA_ABOUT, words)
    names = {indicator.id: words(indicator.label) for indicator in indicators.COMMUNITIES}
    panel = fields.as_matrix(
        panel.with_target(table_of(query)),
        row=PanelField("code", texts.AREA),
        column="indicator",
        value="display_text",
        names=names,
        words=words,
    )
    named = fields.short_names(dict(city.areas), words, _LONGEST_CELL)
    areas = [*named, fields.area_links(words), *width(230)]
    return panel.override_by_name(words(texts.AREA), areas)


class WorstPlaces(NamedTuple):
    """A list of the worst communities by one figure."""

    title: Name
    about: Name
    indicator: IndicatorLabel
    field: str
    name: Name
    is_lowest: bool


MOST_SILENT = WorstPlaces(
    words_of.MOST_SILENT, words_of.MOST_SILENT_ABOUT, indicators.DEVICE_ONLINE,
    "known_out", words_of.SILENT, is_lowest=False,
)  # fmt: skip
LEAST_GIGABIT = WorstPlaces(
    words_of.LEAST_GIGABIT, words_of.LEAST_GIGABIT_ABOUT, indicators.GIGABIT_HOMES,
    "display_value", texts.VALUE, is_lowest=True,
)  # fmt: skip
FEWEST_CAMERAS = WorstPlaces(
    words_of.FEWEST_CAMERAS, words_of.FEWEST_CAMERAS_ABOUT, indicators.CAMERA_ONLINE,
    "display_value", texts.VALUE, is_lowest=True,
)  # fmt: skip


def worst(panel_id: int, what: WorstPlaces, words: BoardWords) -> sdk.table.Panel:
    """The worst communities of half an hour, each with a link to its board."""
    query = influxql_compared.extreme(
        INDICATOR,
        "bottom" if what.is_lowest else "top",
        what.field,
        of=["code"],
        count=_WORST,
        where=[
            influxql.equals(INDICATOR, "indicator", what.indicator.id),
            influxql.equals(INDICATOR, "scope", "community"),
        ],
    )
    none = texts.NO_DATA if what.is_lowest else texts.NONE_IF_KNOWN
    title = words(what.title)
    panel = house.table(panel_id, title, what.about, words, window=_PLACE_WINDOW, no_value=none)
    panel = panel.with_target(table_of(query))
    if not what.is_lowest:
        # Where nothing is known to be out, no community is the worst.
        panel = fields.above_zero(panel, what.field)
    shown = {"code": words(words_of.COMMUNITY), what.field: words(what.name)}
    panel = fields.only(panel, shown)
    panel = fields.sorted_by(panel, words(what.name), descending=not what.is_lowest)
    panel = panel.override_by_name(words(what.name), list(RATIO if what.is_lowest else COUNT))
    cell = f"${{__data.fields.{words(words_of.COMMUNITY)}}}"
    link = fields.link_to("community", {COMMUNITY: cell}, words)
    return panel.override_by_name(words(words_of.COMMUNITY), [link, *width(150)])


def _of_community() -> list[str]:
    return [
        influxql.equals(INDICATOR, "scope", "community"),
        influxql.matches_variable(INDICATOR, "code", COMMUNITY),
    ]


def items(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """Every figure of the chosen community."""
    verdict = [*fields.verdict(words), *fields.coloured_text()]
    columns = [
        PanelField("display_text", texts.VALUE, width(132)),
        PanelField("target", texts.TARGET, [*fields.or_dash(RATIO), *width(80)]),
        PanelField("verdict", texts.VERDICT, [*verdict, *width(100)]),
        PanelField("known_in", texts.KNOWN_IN, [*COUNT, *width(85)]),
        PanelField("known_out", texts.KNOWN_OUT, [*COUNT, *width(90)]),
        PanelField("unknown", texts.UNKNOWN, [*COUNT, *width(75)]),
    ]
    query = influxql.rows(
        INDICATOR,
        tags=["indicator"],
        fields=[column.field for column in columns],
        where=_of_community(),
    )
    title = words(words_of.ITEMS)
    panel = house.table(panel_id, title, words_of.ITEMS_ABOUT, words, window=_PLACE_WINDOW)
    labels = {indicator.id: indicator.label for indicator in indicators.OF_COMMUNITY}
    page = fields.page_link(f"communities/${{{COMMUNITY}}}", texts_maps.EVIDENCE, words)
    named = [*fields.names(labels, words), page, *width(195)]
    key = PanelField("indicator", texts.INDICATOR, named)
    return fields.as_columns(panel.with_target(table_of(query)), key, columns, words)


def items_over_time(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """One line a figure of the chosen community."""
    query = influxql.over_time(
        INDICATOR, [Aggregate("last", "display_value")], where=_of_community(), by=["indicator"]
    )
    title = words(words_of.ITEMS_OVER_TIME)
    panel = house.timeseries(panel_id, title, words_of.ITEMS_OVER_TIME_ABOUT, words)
    panel = panel.with_target(series_of(query, alias="$tag_indicator"))
    panel = panel.interval(house.FIGURE_INTERVAL).unit(house.UNIT_RATIO).decimals(1)
    panel = panel.span_nulls(_PLACE_GAP_MS)
    for indicator in indicators.OF_COMMUNITY:
        shown = fields.prop("displayName", words(indicator.label))
        panel = panel.override_by_name(indicator.id, [shown])
    return panel


def newest_reports(panel_id: int, kind: str, words: BoardWords) -> sdk.table.Panel:
    """The newest report of every device of a kind in the chosen community."""
    measurement = DEVICE_MEASUREMENTS[kind]
    columns = [PanelField("Time", words_of.REPORTED, [*unit("dateTimeAsIso"), *width(165)])]
    for field in KIND_FIELDS[kind]:
        properties = (
            [fields.prop("mappings", fields.plain_yes_no_mapping(words))]
            if field.type is FieldType.BOOLEAN
            else unit(_UNITS.get(field.unit, house.UNIT_COUNT))
        )
        # The names of the contract, which integrators know: a board has no others for them.
        columns.append(PanelField(field.name, Name(field.name, field.name), properties))
    query = influxql.rows(
        measurement,
        tags=["device"],
        fields=[field.name for field in KIND_FIELDS[kind]],
        where=[influxql.matches_variable(measurement, "community", COMMUNITY)],
    )
    row = CATALOGUE[kind]
    title = f"{words(Name(row.zh, row.en))} {words(words_of.NEWEST_REPORTS)}"
    window = "2d" if row.expected_interval_s > _HOUR_S else "6h"
    panel = house.table(panel_id, title, words_of.NEWEST_REPORTS_ABOUT, words, window=window)
    key = PanelField("device", words_of.DEVICE, width(150))
    return fields.as_columns(panel.with_target(table_of(query)), key, columns, words)


SAFETY_EVENTS = {
    "safety.smoke": words_of.SMOKE,
    "safety.gas": words_of.GAS,
    "safety.sos": words_of.HELP,
    "safety.door_forced": words_of.FORCED,
    "safety.manhole_displaced": words_of.DISPLACED,
}
"""Types of alarms of life and safety."""


def safety_events(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """How many alarms of each kind were raised in each interval."""
    query = influxql.over_time(
        ALARM,
        [Aggregate("count", "id")],
        where=[
            influxql.equals(ALARM, "type", *SAFETY_EVENTS),
            "\"act\" = 'raise'",
            influxql.matches_variable_as_field(ALARM, "area", AREA),
        ],
        by=["type"],
    )
    title = words(words_of.EVENTS)
    panel = house.bars_over_time(
        panel_id, title, words_of.EVENTS_ABOUT, words, no_value=texts.NONE_IF_KNOWN
    )
    panel = panel.with_target(series_of(query, alias="$tag_type"))
    for name, shown in SAFETY_EVENTS.items():
        panel = panel.override_by_name(name, [fields.prop("displayName", words(shown))])
    return panel.interval(house.FIGURE_INTERVAL)


def faulty_elevators(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """Elevators that reported a fault within ten minutes."""
    measurement = DEVICE_MEASUREMENTS["elevator"]
    query = influxql.rows(
        measurement,
        tags=["community", "device"],
        fields=["fault"],
        where=['"fault" = true', influxql.matches_variable(measurement, "area", AREA)],
    )
    title = words(words_of.ELEVATORS)
    panel = house.table(
        panel_id, title, words_of.ELEVATORS_ABOUT, words, no_value=texts.NONE_IF_KNOWN
    )
    cell = f"${{__data.fields.{words(words_of.COMMUNITY)}}}"
    keys = [
        PanelField(
            "community", words_of.COMMUNITY,
            [fields.link_to("community", {COMMUNITY: cell}, words), *width(150)],
        ),
        PanelField("device", words_of.DEVICE),
    ]  # fmt: skip
    when = [*unit("dateTimeAsIsoNoDateIfToday"), *width(100)]
    time = PanelField("Time", words_of.REPORTED, when)
    return fields.as_columns(panel.with_target(table_of(query)), keys, [time], words)


WITH_BATTERY = tuple(
    kind
    for kind, found in KIND_FIELDS.items()
    if any(field.name == "battery_pct" for field in found)
)


def low_battery(panel_id: int, kind: str, words: BoardWords) -> sdk.table.Panel:
    """The devices of a kind with the lowest charge, as the evaluator ranks them."""
    query = influxql.rows(
        LOW_BATTERY,
        fields=["community", "device", "battery_pct"],
        where=[
            influxql.equals(LOW_BATTERY, "kind", kind),
            influxql.matches_variable(LOW_BATTERY, "area", AREA),
        ],
    )
    row = CATALOGUE[kind]
    title = f"{words(Name(row.zh, row.en))} {words(words_of.LOW_BATTERY)}"
    panel = house.table(panel_id, title, words_of.LOW_BATTERY_ABOUT, words)
    cell = f"${{__data.fields.{words(words_of.COMMUNITY)}}}"
    link = fields.link_to("community", {COMMUNITY: cell}, words)
    keys = [
        PanelField("community", words_of.COMMUNITY, [link, *width(140)]),
        PanelField("device", words_of.DEVICE),
    ]
    column = PanelField("battery_pct", words_of.BATTERY, unit("percent", decimals=0))
    panel = fields.as_columns(panel.with_target(table_of(query)), keys, [column], words)
    panel = fields.sorted_by(panel, words(words_of.BATTERY), descending=False)
    return fields.first_rows(panel, _LOWEST)


def ended_gateways(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """Sessions of gateways that have ended."""
    query = influxql.rows(
        PRESENCE,
        tags=["area", "id"],
        fields=["ended_ms", "end_source", "reason"],
        where=[
            influxql.equals(PRESENCE, "object", "gateway"),
            influxql.matches_variable(PRESENCE, "area", AREA),
            '"ended_ms" > 0',
        ],
    )
    title = words(words_of.ENDED_GATEWAYS)
    panel = house.table(
        panel_id,
        title,
        words_of.ENDED_GATEWAYS_ABOUT,
        words,
        window="7d",
        no_value=texts.NOTHING_HAPPENED,
    )
    shown = {
        "id": words(words_of.GATEWAY),
        "area": words(texts.AREA),
        "Time": words(texts.BEGAN),
        "ended_ms": words(texts.ENDED),
        "end_source": words(texts.END_SOURCE),
        "reason": words(texts.REASON),
    }
    panel = fields.only(panel.with_target(table_of(query)), shown)
    panel = fields.sorted_by(panel, words(texts.ENDED), descending=True)
    for name in (texts.BEGAN, texts.ENDED):
        panel = panel.override_by_name(words(name), [*unit("dateTimeAsIso"), *width(160)])
    for name in (texts.END_SOURCE, texts.REASON):
        panel = panel.override_by_name(words(name), [*width(85), *fields.wrapped()])
    panel = panel.override_by_name(words(texts.AREA), width(105))
    return panel.override_by_name(words(words_of.GATEWAY), width(120))
