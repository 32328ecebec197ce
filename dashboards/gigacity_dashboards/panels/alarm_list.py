"""Panels of the engine's alarms: what is open, and how many come."""

from gigacity_city.model import Name
from gigacity_contract.measurements import ALARM, EVALUATOR, FREQUENT_ALARM
from gigacity_dashboards import fields, house, influxql, sdk, texts
from gigacity_dashboards import texts_alarm_list as words_of
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.fields import COUNT, PanelField, unit, width
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.influxql import Aggregate

_WINDOW = "25h"
"""What is active is written again each day."""
_COLOURS = {"critical": house.BAD, "major": house.UNSURE}
"""By severity; what needs nobody at once has no colour."""

RAISED = '"act" = \'raise\' AND "root" = true'
"""Rows of alarms that were raised and are no part of another."""

WITH_MANY_HOMES = f'{RAISED} AND "households_at_most" >= 100'
"""Of those what a chart marks: a mark for each call of a door would hide the curve."""


def open_alarms(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """Every open alarm, with whom it hits; its text names the cause."""
    text = f"text_{words.language}"
    severities = fields.mapping(
        {slug: (words(name), _COLOURS.get(slug)) for slug, name in words_of.SEVERITIES.items()}
    )
    shown = [fields.prop("mappings", severities), *fields.coloured_text(), *width(80)]
    sure = [*fields.names(words_of.CERTAINTIES, words), *width(80)]
    columns = [
        PanelField("severity", words_of.SEVERITY, shown),
        PanelField(text, words_of.ALARM, fields.wrapped()),
        PanelField("households", words_of.HOUSEHOLDS, [*COUNT, *width(95)]),
        PanelField("certainty", words_of.CERTAINTY, fields.or_dash(sure)),
        PanelField("resource", words_of.RESOURCE, width(245)),
        PanelField("raised_ms", words_of.SINCE, [*unit("dateTimeAsIso"), *width(165)]),
    ]
    flags = ("cleared", "root")
    query = influxql.rows(ALARM, fields=["id", *flags, *(column.field for column in columns)])
    title, about = words(words_of.OPEN_ALARMS), words_of.OPEN_ALARMS_ABOUT
    panel = house.table(
        panel_id, title, about, words, window=_WINDOW, no_value=texts.NONE_IF_KNOWN
    ).with_target(table_of(query))
    panel = fields.newest_where(panel, "id", columns, {"cleared": False, "root": True}, words)
    # Of as many households the gravest first: their slugs happen to be in alphabetical order.
    panel = fields.sorted_by(panel, words(words_of.SEVERITY), descending=False)
    return fields.sorted_by(panel, words(words_of.HOUSEHOLDS), descending=True)


def quality_now(panel_id: int, words: BoardWords) -> sdk.stat.Panel:
    """What the alarm system asks of its operators, by the measures of ISA-18.2."""
    flood = {"true": (words(texts.YES), house.BAD), "false": (words(texts.NO), house.GOOD)}
    shown: dict[str, tuple[Name, house.Properties]] = {
        "raised_last_hour": (words_of.LAST_HOUR, COUNT),
        "raised_per_hour": (words_of.PER_HOUR, unit(house.UNIT_COUNT, decimals=1)),
        "raised_last_ten_minutes": (words_of.LAST_TEN_MINUTES, COUNT),
        "is_flood": (words_of.IS_FLOOD, [fields.prop("mappings", fields.mapping(flood))]),
        "chattering": (words_of.CHATTERING, COUNT),
        "stale": (words_of.STALE, COUNT),
        "active": (words_of.ACTIVE, COUNT),
        "unacknowledged": (words_of.UNACKNOWLEDGED, COUNT),
        "acknowledge_median_s": (words_of.ACKNOWLEDGE_MEDIAN, fields.or_dash(unit("s"))),
        "acknowledge_p90_s": (words_of.ACKNOWLEDGE_P90, fields.or_dash(unit("s"))),
    }
    query = influxql.rows(EVALUATOR, fields=list(shown))
    panel = house.stat(panel_id, words(words_of.QUALITY_NOW), words_of.QUALITY_NOW_ABOUT, words)
    panel = (
        panel.with_target(table_of(query))
        .text_mode(sdk.common_models.BigValueTextMode.VALUE_AND_NAME)
        .orientation(sdk.common_models.VizOrientation.VERTICAL)
        .text(sdk.common.VizTextDisplayOptions().title_size(12).value_size(18))
    )
    for field, (name, properties) in shown.items():
        panel = panel.override_by_name(
            field, [fields.prop("displayName", words(name)), *properties]
        )
    return panel


def quality_over_time(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """The same over time; the highest of each interval."""
    lines = {
        "raised_last_hour": words_of.LAST_HOUR,
        "active": words_of.ACTIVE,
        "unacknowledged": words_of.UNACKNOWLEDGED,
        "stale": words_of.STALE,
    }
    query = influxql.over_time(EVALUATOR, [Aggregate("max", name) for name in lines])
    title, about = words(words_of.QUALITY_OVER_TIME), words_of.QUALITY_OVER_TIME_ABOUT
    panel = house.timeseries(panel_id, title, about, words)
    panel = panel.with_target(series_of(query, alias="$col")).interval(house.FIGURE_INTERVAL)
    for field, name in lines.items():
        panel = panel.override_by_name(field, [fields.prop("displayName", words(name))])
    return panel.unit(house.UNIT_COUNT).decimals(0).min(0)


def most_frequent(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """The ten alarms that were raised most often within a week."""
    text = f"text_{words.language}"
    columns = [
        PanelField(text, words_of.ALARM, width(260)),
        PanelField("resource", words_of.RESOURCE),
        PanelField("raised", words_of.RAISED, [*COUNT, *width(90)]),
        PanelField("share", words_of.SHARE, [*fields.RATIO, *width(110)]),
    ]
    query = influxql.rows(
        FREQUENT_ALARM, tags=["rank"], fields=[column.field for column in columns]
    )
    title, about = words(words_of.FREQUENT), words_of.FREQUENT_ABOUT
    panel = house.table(panel_id, title, about, words, no_value=texts.NONE_IF_KNOWN)
    rank = PanelField("rank", words_of.RANK, width(50))
    panel = fields.as_columns(panel.with_target(table_of(query)), rank, columns, words)
    return fields.sorted_by(panel, words(words_of.RANK), descending=False)


def over_time(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """How many alarms of each type were raised."""
    query = influxql.over_time(ALARM, [Aggregate("count", "id")], where=[RAISED], by=["type"])
    title, about = words(words_of.ALARMS_OVER_TIME), words_of.ALARMS_OVER_TIME_ABOUT
    panel = house.bars_over_time(panel_id, title, about, words, no_value=texts.NONE_IF_KNOWN)
    panel = panel.with_target(series_of(query, alias="$tag_type"))
    return panel.interval(house.FIGURE_INTERVAL)
