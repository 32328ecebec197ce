"""Field overrides and transformations: how columns are named, measured and coloured. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, Self, TypeVar

from gigacity_city.model import Name
from gigacity_dashboards import house, sdk, texts
from gigacity_dashboards.house import Properties, Words


class PanelField(NamedTuple):
    """One column of a table, or one line of a chart."""

    field: str
    """Its name in the query."""
    name: Name
    properties: Sequence[sdk.models.DynamicConfigValue] = ()


def prop(name: str, value: object) -> sdk.models.DynamicConfigValue:
    """One property of an override."""
    return sdk.models.DynamicConfigValue(id_val=name, value=value)


def unit(name: str, *, decimals: int | None = None) -> Properties:
    """Properties that set the unit."""
    digits = [] if decimals is None else [prop("decimals", decimals)]
    return [prop("unit", name), *digits]


RATIO = unit(house.UNIT_RATIO, decimals=1)
COUNT = unit(house.UNIT_COUNT, decimals=0)


def width(pixels: int) -> Properties:
    """Properties that set a table column's width."""
    return [prop("custom.width", pixels)]


def mapping(labels: Mapping[str, tuple[str, str | None]]) -> list[sdk.models.ValueMap]:
    """Value mappings from value to (text, colour)."""
    options = {
        value: sdk.models.ValueMappingResult(text=text, color=colour, index=index)
        for index, (value, (text, colour)) in enumerate(labels.items())
    }
    return [sdk.models.ValueMap(options=options)]


def names(labels: Mapping[str, Name], words: Words) -> Properties:
    """Properties that show codes by their names."""
    return [prop("mappings", mapping({code: (words(name), None) for code, name in labels.items()}))]


def verdict(words: Words) -> Properties:
    """Properties that name and colour a verdict."""
    return [prop("mappings", verdict_mapping(words))]


def verdict_mapping(words: Words) -> list[sdk.models.ValueMap]:
    """The mapping of verdicts to words and colours."""
    return mapping(
        {
            slug: (words(name), house.VERDICT_COLOURS[slug])
            for slug, name in texts.VERDICT_OF.items()
        }
    )


def yes_no_mapping(words: Words) -> list[sdk.models.ValueMap]:
    """The mapping of a boolean of which true is good."""
    return mapping(
        {
            "true": (words(texts.YES), house.GOOD),
            "false": (words(texts.NO), house.BAD),
        }
    )


def coloured_text() -> Properties:
    """Properties that colour a table cell's text."""
    return [prop("custom.cellOptions", {"type": "color-text"})]


class _Transformed(Protocol):
    """Panels whose rows are transformed before they are shown."""

    def with_transformation(self, transformation: sdk.models.DataTransformerConfig) -> Self: ...
    def override_by_name(self, name: str, properties: Properties) -> Self: ...


T = TypeVar("T", bound=_Transformed)


def as_columns(panel: T, key: PanelField, columns: Sequence[PanelField], words: Words) -> T:
    """Show the newest row of each object, absent values included, under the columns' names.

    Args:
        panel: its query gives raw rows in a table, oldest first.
        key: names the object of a row.
        columns: what is shown of it, in order.
        words: the board's language.
    """
    panel = panel.with_transformation(_newest_of_each(key, columns))
    panel = panel.with_transformation(_renamed(key, columns, words))
    for column in (key, *columns):
        if column.properties:
            panel = panel.override_by_name(words(column.name), list(column.properties))
    return panel


def _newest_of_each(
    key: PanelField, columns: Sequence[PanelField]
) -> sdk.models.DataTransformerConfig:
    options: dict[str, object] = {key.field: {"aggregations": [], "operation": "groupby"}}
    # "last", not "lastNotNull": a value that is no longer known must not show its last known one.
    newest = {"aggregations": ["last"], "operation": "aggregate"}
    options |= {column.field: newest for column in columns}
    return sdk.models.DataTransformerConfig(id_val="groupBy", options={"fields": options})


def _renamed(
    key: PanelField, columns: Sequence[PanelField], words: Words
) -> sdk.models.DataTransformerConfig:
    shown = {key.field: words(key.name)}
    shown |= {f"{column.field} (last)": words(column.name) for column in columns}
    order = {name: index for index, name in enumerate(shown)}
    return sdk.models.DataTransformerConfig(
        id_val="organize",
        options={"excludeByName": {}, "indexByName": order, "renameByName": shown},
    )
