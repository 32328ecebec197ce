"""Panels of one figure: its value, its bounds and verdict, its course, and its areas."""

from gigacity_contract.measurements import INDICATOR
from gigacity_dashboards import fields, house, influxql, sdk, texts
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.fields import COUNT, RATIO, PanelField, width
from gigacity_dashboards.house import BoardWords, Properties
from gigacity_dashboards.indicators import DEVICE_ONLINE, KIND_NAMES, KIND_PREFIX, IndicatorLabel
from gigacity_dashboards.influxql import Aggregate
from gigacity_dashboards.variables import AREA

_LONGEST_TICK = 24
"""Letters of an area's name beside its bar: the chart cuts longer ones where they begin."""
_LONGEST_CELL = 32
"""The same in a table on a screen of 1,280 pixels."""
_BAND = "rgba(110, 159, 255, 0.6)"


def _measure(indicator: IndicatorLabel) -> Properties:
    return RATIO if indicator.unit == "ratio" else COUNT


def _of_city(indicator: IndicatorLabel) -> list[str]:
    return [
        influxql.equals(INDICATOR, "indicator", indicator.id),
        influxql.equals(INDICATOR, "scope", "city"),
    ]


def _of_areas(indicator: IndicatorLabel) -> list[str]:
    return [
        influxql.equals(INDICATOR, "indicator", indicator.id),
        influxql.equals(INDICATOR, "scope", "area"),
        influxql.matches_variable(INDICATOR, "code", AREA),
    ]


def value(
    panel_id: int, indicator: IndicatorLabel, words: BoardWords, *, is_narrow: bool = False
) -> sdk.stat.Panel:
    """The city's current value, large; its bounds where too little is known for a value."""
    query = influxql.rows(INDICATOR, fields=["display_text"], where=_of_city(indicator))
    title = words(indicator.label if is_narrow else indicator.name)
    panel = house.stat(panel_id, title, texts.VALUE_ABOUT, words)
    panel = panel.with_target(table_of(query)).text_mode(sdk.common_models.BigValueTextMode.VALUE)
    return house.with_evidence(panel, indicator.id, words)


def bounds(panel_id: int, indicator: IndicatorLabel, words: BoardWords) -> sdk.stat.Panel:
    """Its bounds, target and verdict, side by side."""
    names = {"lower": texts.LOWER, "upper": texts.UPPER, "target": texts.TARGET}
    query = influxql.rows(INDICATOR, fields=[*names, "verdict"], where=_of_city(indicator))
    panel = house.stat(panel_id, words(texts.BOUNDS_AND_TARGET), texts.BOUNDS_ABOUT, words)
    panel = (
        panel.with_target(table_of(query))
        .text_mode(sdk.common_models.BigValueTextMode.VALUE_AND_NAME)
        .orientation(sdk.common_models.VizOrientation.VERTICAL)
        .text(sdk.common.VizTextDisplayOptions().title_size(12).value_size(15))
    )
    for field, name in names.items():
        shown = fields.prop("displayName", words(name))
        panel = panel.override_by_name(field, [shown, *fields.or_dash(_measure(indicator))])
    shown = fields.prop("displayName", words(texts.VERDICT))
    return panel.override_by_name("verdict", [shown, *fields.verdict(words)])


def as_of(panel_id: int, indicator: IndicatorLabel, words: BoardWords) -> sdk.stat.Panel:
    """The instant of the newest evaluation, over the board's whole range."""
    query = influxql.rows(INDICATOR, fields=["revision"], where=_of_city(indicator))
    newest = sdk.common.ReduceDataOptions().calcs(["last"]).fields("/^Time$/").values(False)
    panel = house.stat(panel_id, words(texts.AS_OF), texts.AS_OF_ABOUT, words, latest=False)
    return (
        panel.with_target(table_of(query))
        .reduce_options(newest)
        .unit("dateTimeAsIso")
        .text(sdk.common.VizTextDisplayOptions().value_size(28))
    )


def verdicts_over_time(
    panel_id: int, indicators: tuple[IndicatorLabel, ...], words: BoardWords
) -> sdk.statetimeline.Panel:
    """The city's verdicts as stretches of time."""
    query = influxql.over_time(
        INDICATOR,
        [Aggregate("last", "verdict")],
        where=[
            influxql.equals(INDICATOR, "scope", "city"),
            influxql.equals(INDICATOR, "indicator", *(i.id for i in indicators)),
        ],
        by=["indicator"],
    )
    panel = house.state_timeline(
        panel_id, words(texts.VERDICTS_OVER_TIME), texts.BOUNDS_ABOUT, words
    )
    panel = (
        panel.with_target(series_of(query, alias="$tag_indicator"))
        .interval(house.FIGURE_INTERVAL)
        .mappings(list(fields.verdict_mapping(words)))
    )
    for indicator in indicators:
        shown = fields.prop("displayName", words(indicator.name))
        panel = panel.override_by_name(indicator.id, [shown])
    return panel


def over_time(panel_id: int, indicator: IndicatorLabel, words: BoardWords) -> sdk.timeseries.Panel:
    """The city's value within the band of its bounds, and the target."""
    query = influxql.over_time(
        INDICATOR,
        [
            Aggregate("last", "display_value"),
            # Over a longer interval the band holds every instant of it.
            Aggregate("min", "lower"),
            Aggregate("max", "upper"),
            Aggregate("max", "target"),
        ],
        where=_of_city(indicator),
    )
    title = f"{words(indicator.name)} {words(texts.OVER_TIME)}"
    panel = house.timeseries(panel_id, title, texts.OVER_TIME_ABOUT, words)
    panel = house.with_evidence(panel, indicator.id, words)
    panel = panel.with_target(series_of(query, alias="$col")).interval(house.FIGURE_INTERVAL)
    lines: dict[str, tuple[str, Properties]] = {
        "display_value": (words(texts.VALUE), [_fixed(house.BLUE)]),
        "lower": (words(texts.LOWER), [_fixed(_BAND), fields.prop("custom.lineWidth", 1)]),
        "upper": (
            words(texts.UPPER),
            [
                _fixed(_BAND),
                fields.prop("custom.lineWidth", 1),
                fields.prop("custom.fillBelowTo", "lower"),
                fields.prop("custom.fillOpacity", 20),
            ],
        ),
        "target": (
            words(texts.TARGET),
            [
                _fixed(house.UNSURE),
                fields.prop("custom.lineStyle", {"fill": "dash", "dash": [10, 10]}),
                fields.prop("custom.lineWidth", 1),
            ],
        ),
    }
    for name, (shown, properties) in lines.items():
        everything = [fields.prop("displayName", shown), *_measure(indicator), *properties]
        panel = panel.override_by_name(name, everything)
    return panel


def _fixed(colour: str) -> sdk.models.DynamicConfigValue:
    return fields.prop("color", {"mode": "fixed", "fixedColor": colour})


def _columns(indicator: IndicatorLabel, words: BoardWords) -> list[PanelField]:
    """As wide as a screen of 1,280 pixels takes."""
    measure, verdict = _measure(indicator), [*fields.verdict(words), *fields.coloured_text()]
    return [
        PanelField("display_text", texts.VALUE, width(130)),
        PanelField("lower", texts.LOWER_SHORT, [*measure, *width(90)]),
        PanelField("upper", texts.UPPER_SHORT, [*measure, *width(90)]),
        PanelField("target", texts.TARGET, [*fields.or_dash(measure), *width(85)]),
        PanelField("verdict", texts.VERDICT, [*verdict, *width(120)]),
        PanelField("numerator", texts.NUMERATOR, [*COUNT, *width(95)]),
        PanelField("denominator", texts.DENOMINATOR, [*COUNT, *width(105)]),
        PanelField("unknown", texts.UNKNOWN, [*COUNT, *width(85)]),
        PanelField("fresh_share", texts.FRESH_SHARE, [*RATIO, *width(120)]),
        PanelField("grade", texts.GRADE, width(60)),
    ]


def _area_column(city: CityNames, words: BoardWords) -> PanelField:
    named = fields.short_names(dict(city.areas), words, _LONGEST_CELL)
    return PanelField("code", texts.AREA, [*named, fields.area_links(words)])


def by_area_table(
    panel_id: int, indicator: IndicatorLabel, city: CityNames, words: BoardWords
) -> sdk.table.Panel:
    """Every area's latest figure in full."""
    columns = _columns(indicator, words)
    query = influxql.rows(
        INDICATOR,
        tags=["code"],
        fields=[column.field for column in columns],
        where=_of_areas(indicator),
    )
    title = f"{words(indicator.name)} {words(texts.BY_AREA_DETAIL)}"
    panel = house.table(panel_id, title, texts.BY_AREA_ABOUT, words).with_target(table_of(query))
    panel = house.with_evidence(panel, indicator.id, words)
    return fields.as_columns(panel, _area_column(city, words), columns, words)


def by_area_bars(
    panel_id: int, indicator: IndicatorLabel, city: CityNames, words: BoardWords
) -> sdk.barchart.Panel:
    """Every area's latest value as a bar in the colour of its verdict."""
    columns = [
        PanelField("display_value", texts.VALUE, _measure(indicator)),
        PanelField("verdict", texts.VERDICT, fields.verdict(words)),
    ]
    query = influxql.rows(
        INDICATOR, tags=["code"], fields=["display_value", "verdict"], where=_of_areas(indicator)
    )
    title = f"{words(indicator.name)} {words(texts.BY_AREA)}"
    panel = house.bars(panel_id, title, texts.BARS_ABOUT, words).with_target(table_of(query))
    key = PanelField("code", texts.AREA, fields.short_names(dict(city.areas), words, _LONGEST_TICK))
    panel = fields.as_columns(panel, key, columns, words).x_field(words(key.name))
    return panel.color_by_field(words(texts.VERDICT))


def by_area_over_time(
    panel_id: int, indicator: IndicatorLabel, city: CityNames, words: BoardWords
) -> sdk.timeseries.Panel:
    """One line an area."""
    query = influxql.over_time(
        INDICATOR, [Aggregate("last", "display_value")], where=_of_areas(indicator), by=["code"]
    )
    title = f"{words(indicator.name)} {words(texts.BY_AREA)}"
    panel = house.timeseries(panel_id, title, texts.IN_AREAS_ABOUT, words)
    panel = panel.with_target(series_of(query, alias="$tag_code")).interval(house.FIGURE_INTERVAL)
    for code, name in city.areas:
        shown = fields.prop("displayName", words(name))
        panel = panel.override_by_name(code, [shown, *_measure(indicator)])
    return panel


def by_kind_table(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """The city's latest figure of every device kind."""
    columns = _columns(DEVICE_ONLINE, words)
    query = influxql.rows(
        INDICATOR,
        tags=["indicator"],
        fields=[column.field for column in columns],
        where=[
            influxql.begins_with(INDICATOR, "indicator", KIND_PREFIX),
            influxql.equals(INDICATOR, "scope", "city"),
        ],
    )
    title = f"{words(DEVICE_ONLINE.name)} {words(texts.BY_KIND)}"
    panel = house.table(panel_id, title, texts.BY_KIND_ABOUT, words).with_target(table_of(query))
    key = PanelField("indicator", texts.KIND, [*fields.names(KIND_NAMES, words), *width(150)])
    return fields.as_columns(panel, key, columns, words)
