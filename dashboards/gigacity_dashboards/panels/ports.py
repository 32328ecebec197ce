"""Panels of PON ports: the worst of the whole network, and everything of one OLT.

What concerns every port is read from rows that the evaluator makes; raw rows only of one OLT.
"""

from itertools import pairwise
from typing import NamedTuple

from gigacity_city.model import Name
from gigacity_contract.measurements import PON_PORT, PORT_POWER, PRESENCE, WORST_PORT
from gigacity_dashboards import fields, house, influxql, sdk, texts
from gigacity_dashboards import texts_network as words_of
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.fields import COUNT, PanelField, unit, width
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.influxql import Aggregate
from gigacity_dashboards.variables import AREA, OLT, PORT, SLOT

_WORST = 20

DBM, CELSIUS = unit("dBm", decimals=2), unit("celsius", decimals=0)
MILLIAMPERE, BITS_PER_S = unit("mamp", decimals=1), unit("bps", decimals=2)


class WorstPorts(NamedTuple):
    """A list of the worst ports of the chosen areas, as the evaluator ranks them."""

    title: Name
    about: Name
    by: str
    """Tag of its rows."""
    name: Name
    unit: house.Properties
    is_lowest: bool = False
    none: Name = texts.NO_DATA


WEAKEST = WorstPorts(
    words_of.WEAKEST_PORTS, words_of.WEAKEST_PORTS_ABOUT, "weakest", words_of.WEAKEST_ONU, DBM,
    is_lowest=True,
)  # fmt: skip
BUSIEST = WorstPorts(
    words_of.BUSIEST_PORTS, words_of.BUSIEST_PORTS_ABOUT, "busiest", words_of.DOWNSTREAM, BITS_PER_S
)
HOTTEST = WorstPorts(
    words_of.HOTTEST_PORTS, words_of.HOTTEST_PORTS_ABOUT, "hottest", words_of.TEMPERATURE, CELSIUS
)
FAULTY = WorstPorts(
    words_of.FAULTY_PORTS, words_of.FAULTY_PORTS_ABOUT, "faulty", words_of.UNCORRECTABLE, COUNT,
    none=texts.NONE_IF_KNOWN,
)  # fmt: skip
DRIFTING = WorstPorts(
    words_of.DRIFTING_PORTS, words_of.DRIFTING_PORTS_ABOUT, "drifting", words_of.DRIFT,
    unit("dB", decimals=2),
)  # fmt: skip


def worst(panel_id: int, what: WorstPorts, words: BoardWords) -> sdk.table.Panel:
    """The worst ports of the last ten minutes, each with a link to its OLT."""
    query = influxql.rows(
        WORST_PORT,
        fields=["olt", "slot", "port", "value"],
        where=[
            influxql.equals(WORST_PORT, "by", what.by),
            influxql.matches_variable(WORST_PORT, "area", AREA),
        ],
    )
    panel = house.table(panel_id, words(what.title), what.about, words, no_value=what.none)
    olt, slot = (f"${{__data.fields.{words(name)}}}" for name in (words_of.OLT, words_of.SLOT))
    one = {OLT: olt, SLOT: slot, PORT: fields.CELL}
    keys = [
        PanelField("olt", words_of.OLT, [fields.link_to("olt", {OLT: olt}, words)]),
        PanelField("slot", words_of.SLOT, width(50)),
        PanelField("port", words_of.PORT, [*width(50), fields.link_to("olt", one, words)]),
    ]
    column = PanelField("value", what.name, [*what.unit, *width(145)])
    panel = fields.as_columns(panel.with_target(table_of(query)), keys, [column], words)
    panel = fields.sorted_by(panel, words(what.name), descending=not what.is_lowest)
    return fields.first_rows(panel, _WORST)


def power_bands(panel_id: int, words: BoardWords) -> sdk.bargauge.Panel:
    """How many ports lie in each range of the weakest ONU's power."""
    bounds = (None, -28.0, -25.0, -22.0, -18.0, -8.0, None)
    names = [field.name for field in PORT_POWER.fields]
    query = influxql.rows(
        PORT_POWER,
        tags=["area"],
        fields=names,
        where=[influxql.matches_variable(PORT_POWER, "area", AREA)],
    )
    bands = (_band(low, high) for low, high in pairwise(bounds))
    columns = [PanelField(name, Name(b, b)) for name, b in zip(names, bands, strict=True)]
    title = words(words_of.POWER_BANDS)
    panel = house.bar_gauge(panel_id, title, words_of.POWER_BANDS_ABOUT, words)
    area = PanelField("area", texts.AREA)
    panel = fields.as_columns(panel.with_target(table_of(query)), area, columns, words)
    return panel.unit(house.UNIT_COUNT).decimals(0)


def _band(low: float | None, high: float | None) -> str:
    if low is None:
        return f"< {high:g} dBm"
    return f">= {low:g} dBm" if high is None else f"{low:g} .. {high:g} dBm"


_NOW = (
    PanelField("Time", words_of.REPORTED, [*unit("time:HH:mm:ss"), *width(80)]),
    PanelField("tech", words_of.TECH, fields.at_least(132)),
    PanelField("admin", words_of.ADMIN, width(100)),
    PanelField("oper", words_of.OPER, width(90)),
    PanelField("onu_online", words_of.ONUS_ONLINE, [*COUNT, *width(105)]),
    PanelField("onu_total", words_of.ONUS, [*COUNT, *width(78)]),
    PanelField("onu_rx_min_dbm", words_of.WEAKEST_ONU, [*DBM, *width(150)]),
    PanelField("tx_dbm", words_of.TX, [*DBM, *width(100)]),
    PanelField("bias_ma", words_of.BIAS, [*MILLIAMPERE, *width(98)]),
    PanelField("temp_c", words_of.TEMPERATURE, [*CELSIUS, *width(104)]),
    PanelField("down_bps", words_of.DOWNSTREAM, [*BITS_PER_S, *width(100)]),
)
"""As wide as a screen of 1,280 pixels takes."""


def _chosen() -> list[str]:
    """Ports of the OLT: all, or those that were chosen."""
    return [influxql.matches_variable(PON_PORT, name, name) for name in (OLT, SLOT, PORT)]


def states(panel_id: int, words: BoardWords) -> sdk.statetimeline.Panel:
    """The oper state of every port of the OLT."""
    query = influxql.over_time(
        PON_PORT, [Aggregate("last", "oper")], where=_chosen(), by=["slot", "port"]
    )
    title = words(words_of.PORT_STATES)
    panel = house.state_timeline(panel_id, title, words_of.PORT_STATES_ABOUT, words)
    return (
        panel.with_target(series_of(query, alias="$tag_slot/$tag_port"))
        .interval(house.FIGURE_INTERVAL)
        .mappings(list(fields.up_down_mapping(words)))
        .show_value(sdk.common_models.VisibilityMode.NEVER)
    )


def now(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """The newest report of every port of the OLT."""
    columns = [
        column
        if column.field not in {"admin", "oper"}
        else PanelField(
            column.field,
            column.name,
            [
                fields.prop("mappings", fields.up_down_mapping(words)),
                *fields.coloured_text(),
                *column.properties,
            ],
        )
        for column in _NOW
    ]
    query = influxql.rows(
        PON_PORT,
        tags=["slot", "port", "tech"],
        fields=[column.field for column in columns if column.field not in {"Time", "tech"}],
        where=_chosen(),
    )
    title = words(words_of.PORTS_NOW)
    panel = house.table(panel_id, title, words_of.PORTS_NOW_ABOUT, words)
    one = {OLT: f"${{{OLT}}}", PORT: fields.CELL}
    one[SLOT] = f"${{__data.fields.{words(words_of.SLOT)}}}"
    keys = [
        PanelField("slot", words_of.SLOT, width(50)),
        PanelField("port", words_of.PORT, [fields.link_to("olt", one, words), *width(50)]),
    ]
    panel = fields.as_columns(panel.with_target(table_of(query)), keys, columns, words)
    return fields.sorted_as_numbers(panel, [words(words_of.SLOT), words(words_of.PORT)])


class PortCourse(NamedTuple):
    """One quantity of every port of the OLT over time."""

    title: Name
    about: Name
    aggregate: Aggregate
    unit: str
    decimals: int


POWER_COURSE = PortCourse(
    words_of.ONU_POWER, words_of.ONU_POWER_ABOUT, Aggregate("min", "onu_rx_min_dbm"), "dBm", 2
)
ONU_COURSE = PortCourse(
    words_of.ONLINE_ONUS, words_of.ONLINE_ONUS_ABOUT, Aggregate("min", "onu_online"), "none", 0
)
TRAFFIC_COURSE = PortCourse(
    words_of.TRAFFIC, words_of.TRAFFIC_ABOUT, Aggregate("mean", "down_bps"), "bps", 2
)
TEMPERATURE_COURSE = PortCourse(
    words_of.MODULE_TEMPERATURE,
    words_of.MODULE_TEMPERATURE_ABOUT,
    Aggregate("max", "temp_c"),
    "celsius",
    0,
)
LASER_COURSE = PortCourse(
    words_of.LASER, words_of.LASER_ABOUT, Aggregate("mean", "bias_ma"), "mamp", 1
)


def course(panel_id: int, what: PortCourse, words: BoardWords) -> sdk.timeseries.Panel:
    """One line a port of the OLT."""
    query = influxql.over_time(PON_PORT, [what.aggregate], where=_chosen(), by=["slot", "port"])
    panel = house.timeseries(panel_id, words(what.title), what.about, words)
    panel = panel.with_target(series_of(query, alias="$tag_slot/$tag_port"))
    return panel.interval(house.FIGURE_INTERVAL).unit(what.unit).decimals(what.decimals)


def errors(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """New uncorrectable code words of each port."""
    query = influxql.increase(PON_PORT, "fec_uncorrectable", where=_chosen(), by=["slot", "port"])
    title = words(words_of.ERRORS)
    panel = house.bars_over_time(
        panel_id, title, words_of.ERRORS_ABOUT, words, no_value=texts.NOTHING_HAPPENED
    )
    panel = panel.with_target(series_of(query, alias="$tag_slot/$tag_port"))
    return panel.interval(house.FIGURE_INTERVAL)


def sessions(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """The OLT's MQTT sessions of the last thirty days."""
    names = {
        "ended_ms": texts.ENDED,
        "end_source": texts.END_SOURCE,
        "reason": texts.REASON,
    }
    query = influxql.rows(
        PRESENCE,
        fields=["online_ms", *names],
        where=[
            influxql.equals(PRESENCE, "object", "olt"),
            influxql.matches_variable(PRESENCE, "id", OLT),
        ],
    )
    title = words(words_of.SESSIONS)
    panel = house.table(panel_id, title, words_of.SESSIONS_ABOUT, words, window="30d")
    shown = {"Time": words(texts.BEGAN)} | {f: words(name) for f, name in names.items()}
    panel = fields.only(panel.with_target(table_of(query)), shown, hidden=["online_ms"])
    panel = fields.sorted_by(panel, words(texts.BEGAN), descending=True)
    for name in (texts.BEGAN, texts.ENDED):
        when = fields.or_dash([*unit("dateTimeAsIso"), *width(160)])
        panel = panel.override_by_name(words(name), when)
    for name in (texts.END_SOURCE, texts.REASON):
        panel = panel.override_by_name(words(name), fields.or_dash([*width(85), *fields.wrapped()]))
    return panel
