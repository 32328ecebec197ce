"""Panels of what the figures rest on: fresh reporters, unknown objects, grades and versions."""

from gigacity_contract.measurements import INDICATOR, PROGRESS
from gigacity_dashboards import fields, house, influxql, sdk, texts
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.fields import COUNT, RATIO, PanelField, width
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.indicators import IndicatorLabel
from gigacity_dashboards.influxql import Aggregate


def _city(indicators: tuple[IndicatorLabel, ...]) -> list[str]:
    return [
        influxql.equals(INDICATOR, "scope", "city"),
        influxql.equals(INDICATOR, "indicator", *(i.id for i in indicators)),
    ]


def _by_indicator(
    panel: sdk.timeseries.Panel,
    aggregate: Aggregate,
    indicators: tuple[IndicatorLabel, ...],
    words: BoardWords,
) -> sdk.timeseries.Panel:
    query = influxql.over_time(INDICATOR, [aggregate], where=_city(indicators), by=["indicator"])
    panel = panel.with_target(series_of(query, alias="$tag_indicator"))
    panel = panel.interval(house.FIGURE_INTERVAL)
    for indicator in indicators:
        shown = fields.prop("displayName", words(indicator.name))
        panel = panel.override_by_name(indicator.id, [shown])
    return panel


def fresh_share_now(
    panel_id: int, indicators: tuple[IndicatorLabel, ...], words: BoardWords
) -> sdk.stat.Panel:
    """Share of fresh reporters behind each figure of the latest evaluation."""
    query = influxql.rows(
        INDICATOR, fields=["fresh_share"], where=_city(indicators), by=["indicator"]
    )
    panel = house.stat(panel_id, words(texts.FRESH_SHARE), texts.FRESH_SHARE_ABOUT, words)
    panel = (
        panel.with_target(series_of(query, alias="$tag_indicator"))
        .text_mode(sdk.common_models.BigValueTextMode.VALUE_AND_NAME)
        .orientation(sdk.common_models.VizOrientation.VERTICAL)
        .text(sdk.common.VizTextDisplayOptions().title_size(12).value_size(18))
        .unit(house.UNIT_RATIO)
        .decimals(1)
    )
    for indicator in indicators:
        shown = fields.prop("displayName", words(indicator.name))
        panel = panel.override_by_name(indicator.id, [shown])
    return panel


def fresh_share(
    panel_id: int, indicators: tuple[IndicatorLabel, ...], words: BoardWords
) -> sdk.timeseries.Panel:
    """Share of fresh reporters behind every figure; the lowest of each interval."""
    title = words(texts.FRESH_SHARE_OVER_TIME)
    panel = house.timeseries(panel_id, title, texts.FRESH_SHARE_ABOUT, words)
    panel = panel.unit(house.UNIT_RATIO).min(0).max(1)
    return _by_indicator(panel, Aggregate("min", "fresh_share"), indicators, words)


def unknown(
    panel_id: int, indicators: tuple[IndicatorLabel, ...], words: BoardWords
) -> sdk.timeseries.Panel:
    """Unknown objects behind every figure; the highest of each interval."""
    title = words(texts.UNKNOWN_OVER_TIME)
    panel = house.timeseries(panel_id, title, texts.UNKNOWN_ABOUT, words)
    panel = panel.unit(house.UNIT_COUNT).decimals(0).min(0)
    return _by_indicator(panel, Aggregate("max", "unknown"), indicators, words)


def revisions_waiting(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """What late data touched and is not evaluated again yet; the highest of each interval."""
    title = words(texts.REVISIONS_WAITING)
    panel = house.timeseries(panel_id, title, texts.REVISIONS_WAITING_ABOUT, words)
    query = influxql.over_time(
        PROGRESS, [Aggregate("max", "waiting")],
        where=[influxql.equals(PROGRESS, "task", "revision")],
    )  # fmt: skip
    panel = panel.with_target(series_of(query, alias=title)).interval(house.FIGURE_INTERVAL)
    return panel.unit(house.UNIT_COUNT).decimals(0).min(0)


def quality_table(
    panel_id: int, indicators: tuple[IndicatorLabel, ...], words: BoardWords
) -> sdk.table.Panel:
    """What each of the city's figures rests on, with the versions it was made by."""
    columns = [
        PanelField("known_in", texts.KNOWN_IN, [*COUNT, *width(100)]),
        PanelField("known_out", texts.KNOWN_OUT, [*COUNT, *width(100)]),
        PanelField("unknown", texts.UNKNOWN, [*COUNT, *width(95)]),
        PanelField("fresh_share", texts.FRESH_SHARE, [*RATIO, *width(125)]),
        PanelField("grade", texts.GRADE, width(70)),
        PanelField("revision", texts.REVISION, [*COUNT, *width(85)]),
        PanelField("city_version", texts.CITY_VERSION, width(180)),
        PanelField("method_version", texts.METHOD_VERSION, [*COUNT, *width(125)]),
    ]
    query = influxql.rows(
        INDICATOR,
        tags=["indicator"],
        fields=[column.field for column in columns],
        where=_city(indicators),
    )
    title = words(texts.QUALITY_TABLE)
    panel = house.table(panel_id, title, texts.QUALITY_ABOUT, words).with_target(table_of(query))
    labels = {indicator.id: indicator.name for indicator in indicators}
    key = PanelField("indicator", texts.INDICATOR, [*fields.names(labels, words), *width(285)])
    return fields.as_columns(panel, key, columns, words)
