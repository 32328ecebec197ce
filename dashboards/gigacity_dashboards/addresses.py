"""Addresses of boards in Grafana: links, alerts and the demo point at them, so they stay."""

from gigacity_dashboards.texts import Language

UID_PREFIX = "gigacity-"


def uid_of(board: str, language: Language) -> str:
    """The uid of a board, by its slug, in one language."""
    return f"{UID_PREFIX}{board}-{language}"


PAGE_VARIABLE = "page"
"""The address of the public pages, which the evaluating API writes into the database."""


def page_of(path: str, language: Language) -> str:
    """A public page, such as that of ``figures/pon.ports_10g``."""
    return f"${{{PAGE_VARIABLE}}}/{language}/{path}"
