"""What a board needs to know of the city: its name, and the names of its areas."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_city.files import OUTLINE
from gigacity_city.model import Name
from gigacity_city.outline import read_outline
from gigacity_city.problems import Problems


@dataclass(frozen=True, slots=True)
class CityNames:
    """A city's name and its areas in the order of the city file."""

    name: Name
    areas: tuple[tuple[str, Name], ...]
    """(code, name)"""


def read_city_names(folder: Path) -> CityNames:
    """Read the names from a city folder's outline; the tables are not looked at.

    Raises:
        CityError: the outline is missing or wrong.
    """
    problems = Problems()
    try:
        text = (folder / OUTLINE).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.add(str(folder / OUTLINE), 0, "", f"cannot be read: {error}")
        problems.raise_if_any()
        raise
    outline = read_outline(text, problems)
    problems.raise_if_any()
    return CityNames(outline.name, tuple((area.code, area.name) for area in outline.areas))
