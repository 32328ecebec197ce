"""Single values of YAML as version 1.2 reads them (core schema), whatever the loader's own rules.

YAML 1.1 reads ``on``, ``off``, ``yes``, ``no`` as booleans, ``1:30`` as 90 and ``2026-01-01`` as a
date: words that devices send. Here they are texts. https://yaml.org/spec/1.2.2/#1032-tag-resolution
"""

import re
from collections.abc import Callable

Scalar = str | int | float | bool | None

_WORDS: dict[str, Scalar] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
}  # fmt: skip
_FORMS: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (re.compile(r"[-+]?[0-9]{1,300}"), int),
    (re.compile(r"0o[0-7]{1,300}"), lambda text: int(text, 0)),
    (re.compile(r"0x[0-9a-fA-F]{1,300}"), lambda text: int(text, 0)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float),
    (re.compile(r"[-+]?\.(inf|Inf|INF)"), lambda text: float(text.replace(".", ""))),
)


def scalar_of(text: str, *, is_plain: bool) -> Scalar:
    """The value of a scalar; one in quotes, or of a block, is a text."""
    if not is_plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    made = next((make for form, make in _FORMS if form.fullmatch(text)), None)
    return text if made is None else made(text)
