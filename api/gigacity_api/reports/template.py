"""The table that offices fill in, and the catalogue of what may be in it. Pure."""

from typing import Literal

from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.catalogue import RATIO, REPORTED, DeclarableFigure, declarable
from gigacity_api.reports.checking import FIELDS
from gigacity_api.reports.tables import CHINESE

Language = Literal["zh", "en"]
Row = tuple[str | float, ...]

_CATALOGUE_HEADER = (
    "指标 indicator", "名称", "name", "单位 unit", "层级 scope", "数值示例 example", "含义",
    "meaning",
)  # fmt: skip


def form_rows(language: Language) -> list[Row]:
    """The header, and a row to fill in for each figure that only offices know.

    Nothing of it can be stored as it is: day, value and source are empty.
    """
    names = {field: chinese for chinese, field in CHINESE.items()}
    header = tuple(names[field] if language == "zh" else field for field in FIELDS)
    return [header, *(_to_fill_in(known) for known in REPORTED.values())]


def catalogue_rows() -> list[Row]:
    """Every figure that may be reported: those that only offices know first."""
    measured = (declarable(indicator) for indicator in REGISTRY)
    figures = [*REPORTED.values(), *(known for known in measured if known is not None)]
    return [_CATALOGUE_HEADER, *map(_catalogued, figures)]


def _to_fill_in(known: DeclarableFigure) -> Row:
    cells = {"indicator": known.id, "scope": str(known.levels[0]), "unit": known.unit}
    return tuple(cells.get(field, "") for field in FIELDS)


def _catalogued(known: DeclarableFigure) -> Row:
    levels = ", ".join(str(level) for level in known.levels)
    return (
        known.id, known.name.zh, known.name.en, known.unit, levels, _example(known),
        known.meaning.zh, known.meaning.en,
    )  # fmt: skip


def _example(known: DeclarableFigure) -> float:
    if known.unit == RATIO:
        return 0.98
    return 32 if known.is_whole else 15.9
