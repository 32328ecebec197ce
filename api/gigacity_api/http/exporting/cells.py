"""What may stand in a cell of a file that an office program opens. Pure.

A text that such a program would take for a formula gets an apostrophe before it (OWASP, CSV
injection): ids and names come from devices and from people. Numbers stay numbers, negative ones
too.
"""

import re

Cell = str | int | float | bool | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_CELL = 32_767
"""Characters that a cell of XLSX holds."""


def safe(cell: Cell) -> Cell:
    """The cell as it may be written."""
    if not isinstance(cell, str):
        return cell
    text = _NO_XML.sub("\ufffd", cell)
    if text.lstrip(" ").startswith(_FORMULA):
        text = "'" + text
    return text[:MAX_CELL]
