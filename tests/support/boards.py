"""The boards of the committed city, and what tests read from them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gigacity_dashboards.catalogue import Board, boards
from gigacity_dashboards.city_names import CityNames, read_city_names

REPOSITORY = Path(__file__).parents[2]
CITY = REPOSITORY / "deploy/city/binzhou"
GENERATED = REPOSITORY / "dashboards/generated"


def committed_city() -> CityNames:
    """Names of the committed city."""
    return read_city_names(CITY)


def all_boards() -> tuple[Board, ...]:
    """Every board of the committed city."""
    return boards(committed_city())


def board_of(name: str) -> Board:
    """One of them, such as ``platform-zh``."""
    return next(board for board in all_boards() if board.name == name)


def panels(board: Board) -> Iterator[dict[str, Any]]:
    """Every panel, those of closed rows included; rows are not panels."""
    for panel in board.content["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def queries() -> Iterator[tuple[str, str]]:
    """(which, text) of every query of every board."""
    for board in all_boards():
        for panel in panels(board):
            for target in panel["targets"]:
                yield f"{board.name}/{panel['id']}/{target['refId']}", target["query"]


def tile_panels(board: Board) -> list[dict[str, Any]]:
    """Its maps of tiles."""
    return [panel for panel in panels(board) if panel["type"] == "canvas"]
