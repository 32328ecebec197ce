"""Addresses of boards in Grafana: links, alerts and the demo point at them, so they stay."""

from gigacity_dashboards.texts import Language

UID_PREFIX = "gigacity-"


def uid_of(board: str, language: Language) -> str:
    """The uid of a board, by its slug, in one language."""
    return f"{UID_PREFIX}{board}-{language}"
