"""Every board as data: the one list that generating, verifying and testing go through. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from gigacity_dashboards import sdk
from gigacity_dashboards.boards import scorecard
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.texts import LANGUAGES


@dataclass(frozen=True, slots=True)
class Board:
    """One generated board."""

    name: str
    """Of its file, without ``.json``."""
    content: dict[str, Any]
    """What Grafana loads."""
    event_panels: frozenset[int]
    """Ids of panels that are empty when all is well."""

    @property
    def uid(self) -> str:
        """Its address in Grafana."""
        return str(self.content["uid"])

    def text(self) -> str:
        """The file: keys sorted, so that a change shows as what it is."""
        return json.dumps(self.content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def boards(city: CityNames) -> tuple[Board, ...]:
    """Every board, for one city."""
    return tuple(
        Board(
            f"scorecard-{language}",
            _plain(scorecard.build(language, city)),
            scorecard.EVENT_PANELS,
        )
        for language in LANGUAGES
    )


def _plain(board: sdk.models.Dashboard) -> dict[str, Any]:
    """The SDK's objects as plain JSON values."""
    plain: dict[str, Any] = json.loads(json.dumps(board, cls=sdk.JSONEncoder))
    return plain
