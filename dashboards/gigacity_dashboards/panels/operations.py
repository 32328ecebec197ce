"""Panels of what is broken now, and of how far the platform itself is behind."""

from typing import NamedTuple

from gigacity_city.model import Name
from gigacity_contract.measurements import ARRIVAL, GIGACITY_WORKER, INDICATOR, PROGRESS
from gigacity_dashboards import fields, house, indicators, influxql, sdk
from gigacity_dashboards import texts_operations as words_of
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.indicators import IndicatorLabel
from gigacity_dashboards.influxql import Aggregate
from gigacity_dashboards.variables import AREA


class Amount(NamedTuple):
    """A number of objects behind one of the city's figures."""

    title: Name
    about: Name
    indicator: IndicatorLabel
    field: str


AMOUNTS = (
    Amount(
        words_of.WITHOUT_GIGABIT, words_of.WITHOUT_GIGABIT_ABOUT, indicators.GIGABIT_ACCESS,
        "known_out",
    ),
    Amount(
        words_of.UNHEARD_HOMES, words_of.UNHEARD_HOMES_ABOUT, indicators.GIGABIT_ACCESS, "unknown"
    ),
    Amount(
        words_of.PORTS_OUT, words_of.PORTS_OUT_ABOUT, indicators.PORT_AVAILABILITY, "known_out"
    ),
    Amount(words_of.ONUS_OUT, words_of.ONUS_OUT_ABOUT, indicators.ONU_ONLINE, "known_out"),
    Amount(
        words_of.DEVICES_OUT, words_of.DEVICES_OUT_ABOUT, indicators.DEVICE_ONLINE, "known_out"
    ),
)  # fmt: skip


def amount(panel_id: int, what: Amount, words: BoardWords) -> sdk.stat.Panel:
    """The number now; what it is at least and at most, where less than half is known."""
    of_city = [
        influxql.equals(INDICATOR, "indicator", what.indicator.id),
        influxql.equals(INDICATOR, "scope", "city"),
    ]
    panel = house.stat(panel_id, words(what.title), what.about, words)
    panel = panel.unit("locale").decimals(0)
    if what.field == "unknown":
        return panel.with_target(table_of(influxql.rows(
            INDICATOR, fields=["unknown"], where=of_city
        )))  # fmt: skip
    value = influxql.newest_if(
        INDICATOR, influxql.MOSTLY_KNOWN, sums={what.field: [what.field]}, where=of_city
    )
    bounds = influxql.newest_if(
        INDICATOR,
        influxql.MOSTLY_UNKNOWN,
        sums={"at_least": [what.field], "at_most": [what.field, "unknown"]},
        where=of_city,
    )
    for field, name in (("at_least", words_of.AT_LEAST), ("at_most", words_of.AT_MOST)):
        panel = panel.override_by_name(field, [fields.prop("displayName", words(name))])
    # One value stands alone; two have their names.
    return (
        panel.with_target(table_of(value))
        .with_target(table_of(bounds, ref_id="B"))
        .text_mode(sdk.common_models.BigValueTextMode.AUTO)
        .orientation(sdk.common_models.VizOrientation.HORIZONTAL)
    )


def without_gigabit_by_area(
    panel_id: int, city: CityNames, words: BoardWords
) -> sdk.timeseries.Panel:
    """Households without gigabit in every area, over time; a gap where too little is known."""
    query = influxql.over_time_if(
        INDICATOR,
        influxql.MOSTLY_KNOWN,
        Aggregate("max", "known_out"),
        where=[
            influxql.equals(INDICATOR, "indicator", indicators.GIGABIT_ACCESS.id),
            influxql.equals(INDICATOR, "scope", "area"),
            influxql.matches_variable(INDICATOR, "code", AREA),
        ],
        by=["code"],
    )
    title = words(words_of.WITHOUT_GIGABIT_BY_AREA)
    panel = house.timeseries(panel_id, title, words_of.WITHOUT_GIGABIT_BY_AREA_ABOUT, words)
    panel = panel.with_target(series_of(query, alias="$tag_code")).interval(house.FIGURE_INTERVAL)
    for code, name in city.areas:
        panel = panel.override_by_name(code, [fields.prop("displayName", words(name))])
    return panel.unit("locale").decimals(0).min(0)


def late_points(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Late points by what they measure."""
    query = influxql.over_time(ARRIVAL, [Aggregate("sum", "points")], by=["measurement"])
    title = words(words_of.LATE_POINTS)
    panel = house.bars_over_time(panel_id, title, words_of.LATE_POINTS_ABOUT, words)
    panel = panel.with_target(series_of(query, alias="$tag_measurement"))
    return panel.interval(house.FIGURE_INTERVAL)


def dead_letter_disk(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Disk that each worker's dead letters take."""
    panel = house.timeseries(panel_id, words(words_of.DISK), words_of.DISK_ABOUT, words)
    return _bytes_of_workers(panel, Aggregate("max", "dead_letter_disk_bytes"))


def free_disk(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Room on the disk of each worker's state."""
    panel = house.timeseries(panel_id, words(words_of.FREE_DISK), words_of.FREE_DISK_ABOUT, words)
    return _bytes_of_workers(panel, Aggregate("min", "state_disk_free_bytes"))


def _bytes_of_workers(panel: sdk.timeseries.Panel, aggregate: Aggregate) -> sdk.timeseries.Panel:
    query = influxql.over_time(GIGACITY_WORKER, [aggregate], by=["worker"])
    panel = panel.with_target(series_of(query, alias="$tag_worker"))
    return panel.interval(house.WORKER_INTERVAL).unit("bytes").min(0)


def time_left(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """How long the waiting revisions take."""
    query = influxql.over_time(
        PROGRESS,
        [Aggregate("max", "left_s")],
        where=[influxql.equals(PROGRESS, "task", "revision")],
    )
    title = words(words_of.LEFT)
    panel = house.timeseries(panel_id, title, words_of.LEFT_ABOUT, words)
    panel = panel.with_target(series_of(query, alias=title)).interval(house.FIGURE_INTERVAL)
    return panel.unit("s").min(0)
