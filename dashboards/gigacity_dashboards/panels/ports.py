"""Panels of PON ports: the worst of the whole network, and everything of one OLT."""

from typing import Literal, NamedTuple

from gigacity_city.model import Name
from gigacity_contract.measurements import PON_PORT, PRESENCE
from gigacity_contract.rollup_measurements import ROLLUPS
from gigacity_dashboards import fields, house, influxql, influxql_compared, sdk, texts
from gigacity_dashboards import texts_network as words_of
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.fields import COUNT, PanelField, unit, width
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.influxql import Aggregate
from gigacity_dashboards.variables import AREA, OLT, PORT, SLOT

_OF_PORT = ("olt", "slot", "port")
_WORST = 20
_WEEK = "8d"
"""Seven days and the one that is not over: its roll-up comes with the next."""

DBM, CELSIUS = unit("dBm", decimals=2), unit("celsius", decimals=0)
MILLIAMPERE, BITS_PER_S = unit("mamp", decimals=1), unit("bps", decimals=2)


class PortColumn(NamedTuple):
    """What a panel shows of a port."""

    field: str
    name: Name
    unit: house.Properties


WEAKEST_ONU = PortColumn("onu_rx_min_dbm", words_of.WEAKEST_ONU, DBM)
DOWNSTREAM = PortColumn("down_bps", words_of.DOWNSTREAM, BITS_PER_S)
TEMPERATURE = PortColumn("temp_c", words_of.TEMPERATURE, CELSIUS)
UNCORRECTABLE = PortColumn("fec_uncorrectable", words_of.UNCORRECTABLE, COUNT)


class WorstPorts(NamedTuple):
    """A list of the worst ports of the chosen areas."""

    title: Name
    about: Name
    column: PortColumn
    by: Literal["top", "bottom", "spread"]


WEAKEST = WorstPorts(words_of.WEAKEST_PORTS, words_of.WEAKEST_PORTS_ABOUT, WEAKEST_ONU, "bottom")
BUSIEST = WorstPorts(words_of.BUSIEST_PORTS, words_of.BUSIEST_PORTS_ABOUT, DOWNSTREAM, "top")
HOTTEST = WorstPorts(words_of.HOTTEST_PORTS, words_of.HOTTEST_PORTS_ABOUT, TEMPERATURE, "top")
FAULTY = WorstPorts(words_of.FAULTY_PORTS, words_of.FAULTY_PORTS_ABOUT, UNCORRECTABLE, "spread")


def worst(panel_id: int, what: WorstPorts, words: BoardWords) -> sdk.table.Panel:
    """The worst ports of the last ten minutes, each with a link to its OLT."""
    column = what.column
    where = [influxql.matches_variable(PON_PORT, "area", AREA)]
    if what.by == "spread":
        query = influxql_compared.most_spread(
            PON_PORT, column.field, of=_OF_PORT, count=_WORST, where=where
        )
    else:
        query = influxql_compared.extreme(
            PON_PORT, what.by, column.field, of=_OF_PORT, count=_WORST, where=where
        )
    none = texts.NOTHING_HAPPENED if what.by == "spread" else texts.NO_DATA
    panel = house.table(panel_id, words(what.title), what.about, words, no_value=none)
    return _ports_table(panel.with_target(table_of(query)), column, words, what.by == "bottom")


def drifting(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """The ports whose weakest ONU's power moved most in seven days, from the daily roll-ups."""
    daily = ROLLUPS[PON_PORT.name]
    field = f"{WEAKEST_ONU.field}_mean"
    where = [influxql.matches_variable(daily, "area", AREA)]
    query = influxql_compared.most_spread(daily, field, of=_OF_PORT, count=_WORST, where=where)
    title = words(words_of.DRIFTING_PORTS)
    panel = house.table(
        panel_id, title, words_of.DRIFTING_PORTS_ABOUT, words, window=_WEEK
    ).with_target(table_of(query))
    column = PortColumn(field, words_of.DRIFT, unit("dB", decimals=2))
    return _ports_table(panel, column, words, ascending=False)


def _ports_table(
    panel: sdk.table.Panel, column: PortColumn, words: BoardWords, ascending: bool
) -> sdk.table.Panel:
    shown = {
        "olt": words(words_of.OLT),
        "slot": words(words_of.SLOT),
        "port": words(words_of.PORT),
        column.field: words(column.name),
    }
    panel = fields.only(panel, shown)
    panel = fields.sorted_by(panel, words(column.name), descending=not ascending)
    panel = panel.override_by_name(words(column.name), [*column.unit, *width(145)])
    for name in (words_of.SLOT, words_of.PORT):
        panel = panel.override_by_name(words(name), width(50))
    olt, slot = (f"${{__data.fields.{words(name)}}}" for name in (words_of.OLT, words_of.SLOT))
    panel = panel.override_by_name(words(words_of.OLT), [fields.link_to("olt", {OLT: olt}, words)])
    one = {OLT: olt, SLOT: slot, PORT: fields.CELL}
    return panel.override_by_name(words(words_of.PORT), [fields.link_to("olt", one, words)])


def power_bands(panel_id: int, words: BoardWords) -> sdk.bargauge.Panel:
    """How many ports lie in each range of the weakest ONU's power."""
    bounds = (None, -28.0, -25.0, -22.0, -18.0, -8.0, None)
    title = words(words_of.POWER_BANDS)
    panel = house.bar_gauge(panel_id, title, words_of.POWER_BANDS_ABOUT, words)
    for ref, low, high in zip("ABCDEF", bounds, bounds[1:], strict=False):
        query = influxql_compared.number_of(
            PON_PORT,
            WEAKEST_ONU.field,
            of=_OF_PORT,
            where=[influxql.matches_variable(PON_PORT, "area", AREA)],
            between=(low, high),
        )
        panel = panel.with_target(series_of(query, ref_id=ref, alias=_band(low, high)))
    return panel.unit(house.UNIT_COUNT).decimals(0)


def _band(low: float | None, high: float | None) -> str:
    if low is None:
        return f"< {high:g} dBm"
    return f">= {low:g} dBm" if high is None else f"{low:g} .. {high:g} dBm"


_NOW = (
    PanelField("tech", words_of.TECH, width(135)),
    PanelField("admin", words_of.ADMIN, width(90)),
    PanelField("oper", words_of.OPER, width(85)),
    PanelField("onu_online", words_of.ONUS_ONLINE, [*COUNT, *width(95)]),
    PanelField("onu_total", words_of.ONUS, [*COUNT, *width(80)]),
    PanelField("onu_rx_min_dbm", words_of.WEAKEST_ONU, [*DBM, *width(150)]),
    PanelField("tx_dbm", words_of.TX, [*DBM, *width(140)]),
    PanelField("bias_ma", words_of.BIAS, [*MILLIAMPERE, *width(100)]),
    PanelField("temp_c", words_of.TEMPERATURE, [*CELSIUS, *width(100)]),
    PanelField("down_bps", words_of.DOWNSTREAM, [*BITS_PER_S, *width(110)]),
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
        fields=[column.field for column in columns if column.field != "tech"],
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
    query = influxql.increase(PON_PORT, UNCORRECTABLE.field, where=_chosen(), by=["slot", "port"])
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
    panel = fields.only(panel.with_target(table_of(query)), shown)
    panel = fields.sorted_by(panel, words(texts.BEGAN), descending=True)
    for name in (texts.BEGAN, texts.ENDED):
        when = fields.or_dash([*unit("dateTimeAsIso"), *width(160)])
        panel = panel.override_by_name(words(name), when)
    for name in (texts.END_SOURCE, texts.REASON):
        panel = panel.override_by_name(words(name), fields.or_dash(width(75)))
    return panel
