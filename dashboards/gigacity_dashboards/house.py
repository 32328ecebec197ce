"""House defaults: what every panel of every board has in common.

Missing must never look well: the base colour of every threshold is neutral, and what a panel
without data says is set. Colours mean something only where a verdict or a state stands behind them.
"""

from collections.abc import Mapping
from typing import Protocol, Self, TypeVar

from gigacity_city.model import Name
from gigacity_dashboards import sdk, texts, texts_maps
from gigacity_dashboards.addresses import page_of
from gigacity_dashboards.dataquery import data_source
from gigacity_dashboards.texts import Language, pick

TIME_RANGE = "now-6h"
REFRESH = "30s"
COLUMNS = 24

LATEST_WINDOW = "10m"
"""Panels of the latest state look no further back, so that a dead evaluator or worker shows as
"no data" and not as its last good figure. Ten evaluations at the default of one a minute."""

FIGURE_INTERVAL = "1m"
"""Of panels over time: a figure appears once a minute; finer buckets would draw loose dots."""
WORKER_INTERVAL = "30s"
"""The same for the worker's snapshots."""

NEUTRAL, GOOD, BAD, UNSURE, BLUE = "text", "green", "red", "orange", "blue"

UNIT_RATIO, UNIT_COUNT = "percentunit", "none"

VERDICT_COLOURS = {"met": GOOD, "missed": BAD, "undetermined": UNSURE, "no_target": NEUTRAL}

Properties = list[sdk.models.DynamicConfigValue]


class _AnyPanel(Protocol):
    """What the SDK's panel builders share."""

    def id(self, id_val: int) -> Self: ...
    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def datasource(self, datasource: sdk.common_models.DataSourceRef) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def thresholds(self, thresholds: sdk.Builder[sdk.models.ThresholdsConfig]) -> Self: ...
    def links(self, links: list[sdk.Builder[sdk.models.DashboardLink]]) -> Self: ...


P = TypeVar("P", bound=_AnyPanel)


class BoardWords:
    """The language of one board, with a short name for use in panel functions."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, name: Name) -> str:
        """The name in the board's language."""
        return pick(name, self.language)


def thresholds() -> sdk.dashboard.ThresholdsConfig:
    """A single, neutral step: colour comes from verdicts and states alone."""
    step = sdk.models.Threshold(value=None, color=NEUTRAL)
    mode = sdk.models.ThresholdsMode.ABSOLUTE
    return sdk.dashboard.ThresholdsConfig().mode(mode).steps([step])


def _dress(
    panel: P, panel_id: int, title: str, *, about: Name, words: BoardWords, no_value: Name
) -> P:
    return (
        panel.id(panel_id)
        .title(title)
        .description(words(about))
        .datasource(data_source())
        .no_value(words(no_value))
        .thresholds(thresholds())
    )


def with_evidence(panel: P, indicator: str, words: BoardWords) -> P:
    """The panel with a link to the public page of its figure: where it comes from, and why."""
    link = (
        sdk.dashboard.DashboardLink(words(texts_maps.EVIDENCE))
        .type(sdk.models.DashboardLinkType.LINK)
        .url(page_of(f"figures/{indicator}", words.language))
        .target_blank(True)
    )
    return panel.links([link])


def stat(
    panel_id: int, title: str, about: Name, words: BoardWords, *, latest: bool = True
) -> sdk.stat.Panel:
    """Big figures: the newest row, an absent value included, of every column but the time.

    Args:
        panel_id: unique on the board, and kept for ever: links and alerts point at it.
        title: in the board's language.
        about: what the reader should know.
        words: the board's language.
        latest: look no further back than ``LATEST_WINDOW``.
    """
    reduce = sdk.common.ReduceDataOptions().calcs(["last"]).fields("/^(?!Time$).+/").values(False)
    panel = _dress(
        sdk.stat.Panel(), panel_id, title, about=about, words=words, no_value=texts.NO_DATA
    )
    panel = (
        panel.reduce_options(reduce)
        .graph_mode(sdk.common_models.BigValueGraphMode.NONE)
        .color_mode(sdk.common_models.BigValueColorMode.VALUE)
        .justify_mode(sdk.common_models.BigValueJustifyMode.AUTO)
    )
    return panel.time_from(LATEST_WINDOW).hide_time_override(True) if latest else panel


def timeseries(
    panel_id: int, title: str, about: Name, words: BoardWords, *, no_value: Name = texts.NO_DATA
) -> sdk.timeseries.Panel:
    """Lines whose gaps are seen as gaps."""
    panel = _dress(
        sdk.timeseries.Panel(), panel_id, title, about=about, words=words, no_value=no_value
    )
    return (
        panel.line_width(2)
        .fill_opacity(0)
        .show_points(sdk.common_models.VisibilityMode.AUTO)
        .span_nulls(False)
        .legend(_legend())
        .tooltip(_tooltip())
    )


def bars_over_time(
    panel_id: int, title: str, about: Name, words: BoardWords, *, no_value: Name = texts.NO_DATA
) -> sdk.timeseries.Panel:
    """Counts of each interval, stacked."""
    panel = timeseries(panel_id, title, about, words, no_value=no_value)
    stacking = sdk.common.StackingConfig().mode(sdk.common_models.StackingMode.NORMAL).group("A")
    return (
        panel.draw_style(sdk.common_models.GraphDrawStyle.BARS)
        .line_width(1)
        .fill_opacity(70)
        .stacking(stacking)
        .unit(UNIT_COUNT)
        .min(0)
        .decimals(0)
    )


def table(
    panel_id: int,
    title: str,
    about: Name,
    words: BoardWords,
    *,
    window: str = LATEST_WINDOW,
    no_value: Name = texts.NO_DATA,
) -> sdk.table.Panel:
    """Rows of the latest state, or of another time before now."""
    panel = _dress(sdk.table.Panel(), panel_id, title, about=about, words=words, no_value=no_value)
    return (
        panel.time_from(window)
        .hide_time_override(True)
        .show_header(True)
        .cell_height(sdk.common_models.TableCellHeight.SM)
    )


def bars(panel_id: int, title: str, about: Name, words: BoardWords) -> sdk.barchart.Panel:
    """One bar an object, of the latest state."""
    panel = _dress(
        sdk.barchart.Panel(), panel_id, title, about=about, words=words, no_value=texts.NO_DATA
    )
    return (
        panel.time_from(LATEST_WINDOW)
        .hide_time_override(True)
        .orientation(sdk.common_models.VizOrientation.HORIZONTAL)
        .show_value(sdk.common_models.VisibilityMode.ALWAYS)
        .fill_opacity(80)
        .legend(_legend().show_legend(False))
        .tooltip(_tooltip())
        .min(0)
    )


def bar_gauge(panel_id: int, title: str, about: Name, words: BoardWords) -> sdk.bargauge.Panel:
    """One bar a number of a row, summed over the rows."""
    reduce = sdk.common.ReduceDataOptions().calcs(["sum"]).values(False)
    panel = _dress(
        sdk.bargauge.Panel(), panel_id, title, about=about, words=words, no_value=texts.NO_DATA
    )
    return (
        panel.time_from(LATEST_WINDOW)
        .hide_time_override(True)
        .reduce_options(reduce)
        .orientation(sdk.common_models.VizOrientation.HORIZONTAL)
        .display_mode(sdk.common_models.BarGaugeDisplayMode.BASIC)
        .show_unfilled(True)
        .text(sdk.common.VizTextDisplayOptions().title_size(13).value_size(16))
        .min(0)
    )


def canvas(panel_id: int, title: str, about: Name, words: BoardWords) -> sdk.canvas.Panel:
    """A drawing of the latest state; ``WithOptions`` says what is drawn."""
    panel = _dress(
        sdk.canvas.Panel(), panel_id, title, about=about, words=words, no_value=texts.NO_DATA
    )
    return panel.time_from(LATEST_WINDOW).hide_time_override(True)


def geomap(panel_id: int, title: str, about: Name, words: BoardWords) -> sdk.geomap.Panel:
    """A map; ``WithOptions`` says of what."""
    return _dress(
        sdk.geomap.Panel(), panel_id, title, about=about, words=words, no_value=texts.NO_DATA
    )


class WithOptions(sdk.Builder[sdk.models.Panel]):
    """A panel whose options are plain JSON: the SDK has no types for what is in them."""

    def __init__(self, panel: sdk.Builder[sdk.models.Panel], options: Mapping[str, object]) -> None:
        self._panel, self._options = panel, options

    def build(self) -> sdk.models.Panel:
        """The panel with these options."""
        built = self._panel.build()
        built.options = self._options
        return built


def state_timeline(
    panel_id: int, title: str, about: Name, words: BoardWords
) -> sdk.statetimeline.Panel:
    """States as coloured stretches of time."""
    panel = _dress(
        sdk.statetimeline.Panel(), panel_id, title, about=about, words=words, no_value=texts.NO_DATA
    )
    return (
        panel.show_value(sdk.common_models.VisibilityMode.AUTO)
        .merge_values(True)
        .line_width(0)
        .fill_opacity(70)
        .legend(_legend())
        .tooltip(_tooltip())
    )


def _legend() -> sdk.common.VizLegendOptions:
    return (
        sdk.common.VizLegendOptions()
        .show_legend(True)
        .display_mode(sdk.common_models.LegendDisplayMode.LIST)
        .placement(sdk.common_models.LegendPlacement.BOTTOM)
        .calcs([])
    )


def _tooltip() -> sdk.common.VizTooltipOptions:
    return (
        sdk.common.VizTooltipOptions()
        .mode(sdk.common_models.TooltipDisplayMode.MULTI)
        .sort(sdk.common_models.SortOrder.NONE)
    )
