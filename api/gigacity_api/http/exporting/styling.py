"""How a sheet looks: a header that stays, columns as wide as they need, numbers in groups.

The sheet is written row by row and never held: what is known of its columns is their header.
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from gigacity_api.http.exporting.cells import Cell

WHOLE = "#,##0"
_BOLD = Font(bold=True)
_LEAST, _MOST = 12, 48
"""Characters that a column is wide."""


def width_of(title: Cell) -> int:
    """Of a column with this header; a Chinese character is as wide as two others."""
    text = str(title or "")
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return max(_LEAST, min(_MOST, len(text) + wide + 2))


class Sheet:
    """A sheet that takes rows of safe cells one by one; the first one is its header."""

    def __init__(self, book: Any, title: str) -> None:
        self.title = title
        self._sheet = book.create_sheet(title)
        self._has_header = False

    def append(self, row: Sequence[Cell]) -> None:
        """Write a row; widths must be set before the first one."""
        sheet = self._sheet
        if self._has_header:
            sheet.append([_formatted(sheet, cell) for cell in row])
            return
        self._has_header = True
        sheet.freeze_panes = "A2"
        for column, title in enumerate(row, start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width_of(title)
        sheet.append([_cell(sheet, title, font=_BOLD) for title in row])


def _formatted(sheet: Any, cell: Cell) -> Any:
    """A whole number in groups of three; everything else as it is."""
    if isinstance(cell, bool) or not isinstance(cell, int | float) or cell != int(cell):
        return cell
    return _cell(sheet, cell, number_format=WHOLE) if abs(cell) >= 1000 else cell


def _cell(sheet: Any, value: Cell, **style: Any) -> Any:
    cell = WriteOnlyCell(sheet, value)
    for name, wanted in style.items():
        setattr(cell, name, wanted)
    return cell
