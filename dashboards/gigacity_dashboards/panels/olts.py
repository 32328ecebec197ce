"""Panels of OLTs by their figures: all of them, and the chosen one."""

from gigacity_contract.measurements import INDICATOR
from gigacity_dashboards import fields, house, indicators, influxql, sdk, texts
from gigacity_dashboards import texts_network as words_of
from gigacity_dashboards.dataquery import table_of
from gigacity_dashboards.fields import COUNT, RATIO, PanelField, width
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.variables import OLT

_WINDOW = "30m"
"""Figures of OLTs are written at least every quarter of an hour, and when they change."""


def availability(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """Every OLT's ports: how many are out and unknown, most of both first."""
    columns = [
        PanelField("known_out", words_of.SHARE_OUT, [*COUNT, *width(70)]),
        PanelField("unknown", texts.UNKNOWN, [*COUNT, *width(85)]),
        PanelField("denominator", words_of.PORTS, [*COUNT, *width(65)]),
    ]
    query = influxql.rows(
        INDICATOR,
        tags=["code"],
        fields=[column.field for column in columns],
        where=[
            influxql.equals(INDICATOR, "indicator", indicators.PORT_AVAILABILITY.id),
            influxql.equals(INDICATOR, "scope", "olt"),
        ],
    )
    panel = house.table(panel_id, words(words_of.OLTS), words_of.OLTS_ABOUT, words, window=_WINDOW)
    link = fields.link_to("olt", {OLT: f"${{__data.fields.{words(words_of.OLT)}}}"}, words)
    key = PanelField("code", words_of.OLT, [link])
    panel = fields.as_columns(panel.with_target(table_of(query)), key, columns, words)
    # One that is silent as a whole is no better than one whose ports are out.
    return fields.sorted_by_sum(panel, [words(words_of.SHARE_OUT), words(texts.UNKNOWN)])


def figures_of_one(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """The figures of the chosen OLT."""
    columns = [
        PanelField("display_text", texts.VALUE, width(132)),
        PanelField("known_in", texts.KNOWN_IN, [*COUNT, *width(78)]),
        PanelField("known_out", texts.KNOWN_OUT, [*COUNT, *width(88)]),
        PanelField("unknown", texts.UNKNOWN, [*COUNT, *width(84)]),
        PanelField("fresh_share", texts.FRESH_SHARE, [*RATIO, *width(125)]),
    ]
    query = influxql.rows(
        INDICATOR,
        tags=["indicator"],
        fields=[column.field for column in columns],
        where=[
            influxql.equals(INDICATOR, "scope", "olt"),
            influxql.matches_variable(INDICATOR, "code", OLT),
        ],
    )
    title = words(words_of.FIGURES_OF_OLT)
    panel = house.table(panel_id, title, words_of.FIGURES_OF_OLT_ABOUT, words, window=_WINDOW)
    labels = {indicator.id: indicator.label for indicator in indicators.NETWORK_ALL}
    named = [*fields.names(labels, words), *fields.at_least(136), *fields.wrapped()]
    key = PanelField("indicator", texts.INDICATOR, named)
    return fields.as_columns(panel.with_target(table_of(query)), key, columns, words)
