"""What a table panel draws of an answer: the transformations that our boards use, as Grafana does.

Anything else is an error: a table that nobody can read here is read by nobody.
"""

import operator
from collections.abc import Mapping, Sequence
from typing import Any

from tests.support.grafana_reader import Series

Row = dict[str, Any]


def drawn(panel: Mapping[str, Any], answer: Sequence[Series]) -> list[Row]:
    """The rows of a table in the order in which they stand, by the names of its columns."""
    rows: list[Row] = []
    for series in answer:
        names = ["Time" if name == "time" else name for name in series.columns]
        rows += [dict(zip(names, row, strict=True)) for row in series.rows]
    for step in panel.get("transformations", ()):
        rows = _STEPS[step["id"]](rows, step["options"])
    return rows


def _group_by(rows: list[Row], options: Any) -> list[Row]:
    fields = options["fields"]
    keys = [name for name, how in fields.items() if how["operation"] == "groupby"]
    grouped: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        newest = {f"{name} (last)": row.get(name) for name in fields if name not in keys}
        grouped[tuple(row.get(key) for key in keys)] = {k: row.get(k) for k in keys} | newest
    return list(grouped.values())


def _organize(rows: list[Row], options: Any) -> list[Row]:
    order, names = options["indexByName"], options["renameByName"]
    hidden = {name for name, is_hidden in options["excludeByName"].items() if is_hidden}
    return [
        {
            names.get(name, name): row[name]
            for name in sorted(row, key=lambda name: order.get(name, len(order)))
            if name not in hidden
        }
        for row in rows
    ]


def _filter(rows: list[Row], options: Any) -> list[Row]:
    assert (options["type"], options["match"]) == ("include", "all")
    return [row for row in rows if all(_fits(row, f) for f in options["filters"])]


def _fits(row: Row, wanted: Any) -> bool:
    compare = {"equal": operator.eq, "greater": operator.gt}[wanted["config"]["id"]]
    return bool(compare(row[wanted["fieldName"]], wanted["config"]["options"]["value"]))


def _sort(rows: list[Row], options: Any) -> list[Row]:
    (by,) = options["sort"]
    return sorted(rows, key=lambda row: row[by["field"]], reverse=by["desc"])


def _calculate(rows: list[Row], options: Any) -> list[Row]:
    reduce = options["reduce"]
    assert (options["mode"], reduce["reducer"]) == ("reduceRow", "sum")
    names = reduce["include"]
    return [row | {options["alias"]: sum(row[name] or 0 for name in names)} for row in rows]


def _convert(rows: list[Row], options: Any) -> list[Row]:
    numbers = [c["targetField"] for c in options["conversions"]]
    return [row | {name: float(row[name]) for name in numbers} for row in rows]


_STEPS = {
    "groupBy": _group_by, "organize": _organize, "filterByValue": _filter, "sortBy": _sort,
    "calculateField": _calculate, "convertFieldType": _convert,
}  # fmt: skip
