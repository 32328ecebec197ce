"""Something that must hold and does not."""

import re

_DETAIL = re.compile(r"'.*'|\".*\"|[^A-Za-z ]+")


class Finding(Exception):  # noqa: N818 - it is what fuzzing finds, not an error of fuzzing.
    """Something that must hold does not."""


def require(holds: bool, what: str) -> None:
    if not holds:
        raise Finding(what)


def kind_of(error: str) -> str:
    """An error text without what it quotes, so that alike errors are one."""
    return _DETAIL.sub("", error)[:60]
