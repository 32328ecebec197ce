"""Panels of the engine's alarms: what is open, and how many come."""

from gigacity_contract.measurements import ALARM
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
    """Every open alarm, with its cause and whom it hits."""
    text = f"text_{words.language}"
    severities = fields.mapping(
        {slug: (words(name), _COLOURS.get(slug)) for slug, name in words_of.SEVERITIES.items()}
    )
    shown = [fields.prop("mappings", severities), *fields.coloured_text(), *width(80)]
    sure = [*fields.names(words_of.CERTAINTIES, words), *width(80)]
    columns = [
        PanelField("severity", words_of.SEVERITY, shown),
        PanelField(text, words_of.ALARM),
        PanelField("households", words_of.HOUSEHOLDS, [*COUNT, *width(95)]),
        PanelField("cause", words_of.CAUSE, fields.or_dash(width(90))),
        PanelField("certainty", words_of.CERTAINTY, fields.or_dash(sure)),
        PanelField("resource", words_of.RESOURCE, width(230)),
        PanelField("raised_ms", words_of.SINCE, [*unit("dateTimeAsIso"), *width(165)]),
    ]
    flags = ("cleared", "root")
    query = influxql.rows(ALARM, fields=["id", *flags, *(column.field for column in columns)])
    title, about = words(words_of.OPEN_ALARMS), words_of.OPEN_ALARMS_ABOUT
    panel = house.table(
        panel_id, title, about, words, window=_WINDOW, no_value=texts.NOTHING_HAPPENED
    ).with_target(table_of(query))
    panel = fields.newest_where(panel, "id", columns, {"cleared": False, "root": True}, words)
    return fields.sorted_by(panel, words(words_of.HOUSEHOLDS), descending=True)


def over_time(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """How many alarms of each type were raised."""
    query = influxql.over_time(ALARM, [Aggregate("count", "id")], where=[RAISED], by=["type"])
    title, about = words(words_of.ALARMS_OVER_TIME), words_of.ALARMS_OVER_TIME_ABOUT
    panel = house.bars_over_time(panel_id, title, about, words, no_value=texts.NOTHING_HAPPENED)
    panel = panel.with_target(series_of(query, alias="$tag_type"))
    return panel.interval(house.FIGURE_INTERVAL)
