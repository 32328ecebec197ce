"""What a board needs to know of the city: names, where areas lie, and its own map if it has one."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_city.files import MAP, OUTLINE
from gigacity_city.map_file import read_map
from gigacity_city.model import CityMap, Name
from gigacity_city.outline import read_outline
from gigacity_city.problems import Problems


@dataclass(frozen=True, slots=True)
class CityNames:
    """A city's name and its areas in the order of the city file."""

    name: Name
    areas: tuple[tuple[str, Name], ...]
    """(code, name)"""
    tiles: tuple[tuple[int, ...] | None, ...] = ()
    """Column and row of each area in a map of tiles."""
    map: CityMap | None = None
    """Boundaries that the city supplies, with their review number."""


def read_city_names(folder: Path) -> CityNames:
    """Read the outline of a city folder, and its map if there is one; tables are not looked at.

    Raises:
        CityError: the outline is missing, or one of the two is wrong.
    """
    problems = Problems()
    outline = read_outline(_text(folder / OUTLINE, problems), problems)
    problems.raise_if_any()
    codes = [area.code for area in outline.areas]
    text = _text(folder / MAP, problems) if (folder / MAP).exists() else None
    found = read_map(text, codes, problems)
    problems.raise_if_any()
    return CityNames(
        outline.name,
        tuple((area.code, area.name) for area in outline.areas),
        tuple(area.tile for area in outline.areas),
        found,
    )


def _text(path: Path, problems: Problems) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.add(str(path), 0, "", f"cannot be read: {error}")
        problems.raise_if_any()
        raise
