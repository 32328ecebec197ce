"""Field overrides and transformations: how columns are named, measured and coloured. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, Self, TypeVar

from gigacity_city.model import Name
from gigacity_dashboards import house, sdk, texts, texts_maps, texts_network, texts_places
from gigacity_dashboards.addresses import page_of, uid_of
from gigacity_dashboards.house import BoardWords, Properties


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


NOTHING_TO_SHOW = "–"


def or_dash(properties: Sequence[sdk.models.DynamicConfigValue]) -> Properties:
    """Properties of a column whose absence means that there is none, and not that it is unknown."""
    return [*properties, prop("noValue", NOTHING_TO_SHOW)]


def width(pixels: int) -> Properties:
    """Properties that set a table column's width."""
    return [prop("custom.width", pixels)]


def at_least(pixels: int) -> Properties:
    """Properties of a column that takes what the others leave, and no less than this."""
    return [prop("custom.minWidth", pixels)]


def mapping(labels: Mapping[str, tuple[str, str | None]]) -> list[sdk.models.ValueMap]:
    """Value mappings from value to (text, colour)."""
    options = {
        value: sdk.models.ValueMappingResult(text=text, color=colour, index=index)
        for index, (value, (text, colour)) in enumerate(labels.items())
    }
    return [sdk.models.ValueMap(options=options)]


def names(labels: Mapping[str, Name], words: BoardWords) -> Properties:
    """Properties that show codes by their names."""
    return [prop("mappings", mapping({code: (words(name), None) for code, name in labels.items()}))]


def short_names(labels: Mapping[str, Name], words: BoardWords, letters: int) -> Properties:
    """The same where there is room for so many letters: a cut name ends with an ellipsis."""
    return names({code: Name(n.zh, _shortened(n.en, letters)) for code, n in labels.items()}, words)


def _shortened(name: str, letters: int) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"


def verdict(words: BoardWords) -> Properties:
    """Properties that name and colour a verdict."""
    return [prop("mappings", verdict_mapping(words))]


def verdict_mapping(words: BoardWords) -> list[sdk.models.ValueMap]:
    """The mapping of verdicts to words and colours."""
    return mapping(
        {
            slug: (words(name), house.VERDICT_COLOURS[slug])
            for slug, name in texts.VERDICT_OF.items()
        }
    )


def yes_no_mapping(words: BoardWords) -> list[sdk.models.ValueMap]:
    """The mapping of a boolean of which true is good."""
    return mapping(
        {
            "true": (words(texts.YES), house.GOOD),
            "false": (words(texts.NO), house.BAD),
        }
    )


def up_down_mapping(words: BoardWords) -> list[sdk.models.ValueMap]:
    """The mapping of a port's states."""
    return mapping(
        {
            "up": (words(texts_network.UP), house.GOOD),
            "down": (words(texts_network.DOWN), house.BAD),
        }
    )


CELL = "${__value.raw}"
"""In a link: the clicked cell, as it was read and not as it is shown."""

CellLink = dict[str, object]


def link_to(
    board: str, values: Mapping[str, str], words: BoardWords
) -> sdk.models.DynamicConfigValue:
    """A link from a cell to another board, which takes the time range along.

    Args:
        board: its slug.
        values: what its variables become; ``${__data.fields.<column>}`` is the row's cell.
        words: the board's language: the link stays in it.
    """
    return prop("links", [board_link(board, texts.OPEN_BOARD, values, words)])


def board_link(board: str, title: Name, values: Mapping[str, str], words: BoardWords) -> CellLink:
    """One of several links of a cell, under a title of its own."""
    chosen = "&".join(f"var-{name}={value}" for name, value in values.items())
    url = f"/d/{uid_of(board, words.language)}?{chosen}&${{__url_time_range}}"
    return {"title": words(title), "url": url}


def area_links(words: BoardWords) -> sdk.models.DynamicConfigValue:
    """From the cell of an area to its network, its communities, its devices and its page."""
    boards = {
        "network": texts_network.NETWORK, "communities": texts_places.COMMUNITIES,
        "devices": texts_places.DEVICES,
    }  # fmt: skip
    found = [board_link(slug, name, {"area": CELL}, words) for slug, name in boards.items()]
    return prop("links", [*found, _page(f"areas/{CELL}", texts_maps.PAGE_OF_AREA, words)])


def page_link(path: str, title: Name, words: BoardWords) -> sdk.models.DynamicConfigValue:
    """A link from a cell to a public page."""
    return prop("links", [_page(path, title, words)])


def _page(path: str, title: Name, words: BoardWords) -> CellLink:
    return {"title": words(title), "url": page_of(path, words.language), "targetBlank": True}


def plain_yes_no_mapping(words: BoardWords) -> list[sdk.models.ValueMap]:
    """The mapping of a boolean that is neither good nor bad."""
    return mapping({"true": (words(texts.YES), None), "false": (words(texts.NO), None)})


def coloured_text() -> Properties:
    """Properties that colour a table cell's text."""
    return [prop("custom.cellOptions", {"type": "color-text"})]


def wrapped() -> Properties:
    """Properties of a table cell whose text takes as many lines as it needs."""
    return [prop("custom.wrapText", True)]


class _Transformed(Protocol):
    """Panels whose rows are transformed before they are shown."""

    def with_transformation(self, transformation: sdk.models.DataTransformerConfig) -> Self: ...
    def override_by_name(self, name: str, properties: Properties) -> Self: ...


T = TypeVar("T", bound=_Transformed)


def as_columns(
    panel: T,
    key: PanelField | Sequence[PanelField],
    columns: Sequence[PanelField],
    words: BoardWords,
) -> T:
    """Show the newest row of each object, absent values included, under the columns' names.

    Args:
        panel: its query gives raw rows in a table, oldest first.
        key: names the object of a row; more than one field where it takes more.
        columns: what is shown of it, in order.
        words: the board's language.
    """
    keys = [key] if isinstance(key, PanelField) else list(key)
    panel = panel.with_transformation(_newest_of_each(keys, columns))
    panel = panel.with_transformation(_renamed(keys, columns, words))
    for column in (*keys, *columns):
        if column.properties:
            panel = panel.override_by_name(words(column.name), list(column.properties))
    return panel


def _newest_of_each(
    keys: Sequence[PanelField], columns: Sequence[PanelField]
) -> sdk.models.DataTransformerConfig:
    grouped = {"aggregations": [], "operation": "groupby"}
    options: dict[str, object] = {key.field: grouped for key in keys}
    # "last", not "lastNotNull": a value that is no longer known must not show its last known one.
    newest = {"aggregations": ["last"], "operation": "aggregate"}
    options |= {column.field: newest for column in columns}
    return sdk.models.DataTransformerConfig(id_val="groupBy", options={"fields": options})


def _renamed(
    keys: Sequence[PanelField], columns: Sequence[PanelField], words: BoardWords
) -> sdk.models.DataTransformerConfig:
    shown = {key.field: words(key.name) for key in keys}
    shown |= {f"{column.field} (last)": words(column.name) for column in columns}
    return _organized(shown)


def only(panel: T, shown: Mapping[str, str], *, hidden: Sequence[str] = ("Time",)) -> T:
    """Show columns of a table under other names and in this order, and not the hidden ones."""
    return panel.with_transformation(
        _organized(shown, hidden=[name for name in hidden if name not in shown])
    )


def above_zero(panel: T, field: str) -> T:
    """Show only rows whose number is above zero."""
    return _only_where(panel, {field: {"id": "greater", "options": {"value": 0}}})


def _only_where(panel: T, configs: Mapping[str, Mapping[str, object]]) -> T:
    filters = [{"fieldName": name, "config": config} for name, config in configs.items()]
    options = {"type": "include", "match": "all", "filters": filters}
    return panel.with_transformation(
        sdk.models.DataTransformerConfig(id_val="filterByValue", options=options)
    )


def newest_where(
    panel: T,
    key: str,
    columns: Sequence[PanelField],
    flags: Mapping[str, bool],
    words: BoardWords,
) -> T:
    """Show the newest row of each object whose flags are so; the key and the flags are hidden.

    Args:
        panel: its query gives raw rows in a table, oldest first.
        key: field that names the object of a row.
        columns: what is shown of it, in order.
        flags: fields of the newest row, and what they must be.
        words: the board's language.
    """
    kept = [PanelField(name, Name(name, name)) for name in flags]
    named = PanelField(key, Name(key, key))
    panel = panel.with_transformation(_newest_of_each([named], [*columns, *kept]))
    wanted = {
        f"{name} (last)": {"id": "equal", "options": {"value": value}}
        for name, value in flags.items()
    }
    panel = _only_where(panel, wanted)
    shown = {f"{column.field} (last)": words(column.name) for column in columns}
    hidden = [key, *(f"{name} (last)" for name in flags)]
    panel = panel.with_transformation(_organized(shown, hidden=hidden))
    for column in columns:
        if column.properties:
            panel = panel.override_by_name(words(column.name), list(column.properties))
    return panel


def as_matrix(
    panel: T,
    *,
    row: PanelField,
    column: str,
    value: str,
    names: Mapping[str, str],
    words: BoardWords,
) -> T:
    """Show one row an object and one column a value of ``column``, each with its newest value.

    Args:
        panel: its query gives raw rows in a table, oldest first.
        row: names the object of a row.
        column: whose values become columns.
        value: what stands in a cell.
        names: of the columns, in their order.
        words: the board's language.
    """
    grouped = {"aggregations": [], "operation": "groupby"}
    newest = {"aggregations": ["last"], "operation": "aggregate"}
    options = {"fields": {row.field: grouped, column: grouped, value: newest}}
    panel = panel.with_transformation(
        sdk.models.DataTransformerConfig(id_val="groupBy", options=options)
    )
    cells = {"columnField": column, "rowField": row.field, "valueField": f"{value} (last)"}
    panel = panel.with_transformation(
        sdk.models.DataTransformerConfig(id_val="groupingToMatrix", options=cells)
    )
    # The corner's own name, and the one that grouping left to be shown.
    corner = dict.fromkeys((row.field, f"{row.field}\\{column}"), words(row.name))
    return panel.with_transformation(_organized(corner | dict(names)))


_SUM = "sum"
"""A column that is sorted by and not shown."""


def sorted_by(panel: T, column: str, *, descending: bool) -> T:
    """Sort rows by a column as it is shown."""
    options = {"fields": {}, "sort": [{"field": column, "desc": descending}]}
    return panel.with_transformation(
        sdk.models.DataTransformerConfig(id_val="sortBy", options=options)
    )


def sorted_by_sum(panel: T, columns: Sequence[str]) -> T:
    """Sort rows by the sum of columns as they are shown, the greatest first."""
    of_row = {"reducer": "sum", "include": list(columns)}
    panel = panel.with_transformation(
        sdk.models.DataTransformerConfig(
            id_val="calculateField",
            options={"mode": "reduceRow", "reduce": of_row, "alias": _SUM},
        )
    )
    panel = sorted_by(panel, _SUM, descending=True)
    hidden = {"excludeByName": {_SUM: True}, "indexByName": {}, "renameByName": {}}
    return panel.with_transformation(
        sdk.models.DataTransformerConfig(id_val="organize", options=hidden)
    )


def first_rows(panel: T, count: int) -> T:
    """Show no more than so many rows, after they were sorted."""
    return panel.with_transformation(
        sdk.models.DataTransformerConfig(id_val="limit", options={"limitField": str(count)})
    )


def sorted_as_numbers(panel: T, columns: Sequence[str]) -> T:
    """Sort rows by columns whose texts are numbers, the first of them first."""
    conversions = [{"targetField": name, "destinationType": "number"} for name in columns]
    panel = panel.with_transformation(
        sdk.models.DataTransformerConfig(
            id_val="convertFieldType", options={"conversions": conversions}
        )
    )
    # Sorting is stable, so that the last column is sorted by first.
    for name in reversed(columns):
        panel = sorted_by(panel, name, descending=False)
    return panel


def _organized(
    shown: Mapping[str, str], *, hidden: Sequence[str] = ()
) -> sdk.models.DataTransformerConfig:
    return sdk.models.DataTransformerConfig(
        id_val="organize",
        options={
            "excludeByName": dict.fromkeys(hidden, True),
            "indexByName": {name: index for index, name in enumerate(shown)},
            "renameByName": dict(shown),
        },
    )
