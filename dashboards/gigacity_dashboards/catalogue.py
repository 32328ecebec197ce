"""Every board as data: the one list that generating, verifying and testing go through. Pure."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from gigacity_dashboards import sdk
from gigacity_dashboards.boards import network, operations, places, scorecard
from gigacity_dashboards.boards.frame import BoardFrame
from gigacity_dashboards.city_names import CityNames
from gigacity_dashboards.texts import LANGUAGES, Language


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


_Build = Callable[[Language, CityNames], sdk.models.Dashboard]


class _BoardRow(NamedTuple):
    frame: BoardFrame
    build: _Build
    event_panels: frozenset[int] = frozenset()


_ROWS = (
    _BoardRow(scorecard.SCORECARD, scorecard.build),
    _BoardRow(operations.NOW, operations.build_now, operations.NOW_EVENT_PANELS),
    _BoardRow(network.NETWORK, network.build_network, network.NETWORK_EVENT_PANELS),
    _BoardRow(network.ONE_OLT, network.build_olt, network.OLT_EVENT_PANELS),
    _BoardRow(places.COMMUNITIES, places.build_communities),
    _BoardRow(places.ONE_COMMUNITY, places.build_community),
    _BoardRow(places.DEVICES, places.build_devices, places.DEVICES_EVENT_PANELS),
    _BoardRow(operations.PLATFORM, operations.build_platform, operations.PLATFORM_EVENT_PANELS),
    _BoardRow(operations.QUALITY, operations.build_quality, operations.QUALITY_EVENT_PANELS),
)
"""In the order in which they are listed."""


def boards(city: CityNames) -> tuple[Board, ...]:
    """Every board, for one city."""
    return tuple(
        Board(f"{row.frame.slug}-{language}", _plain(row.build(language, city)), row.event_panels)
        for row in _ROWS
        for language in LANGUAGES
    )


def _plain(board: sdk.models.Dashboard) -> dict[str, Any]:
    """The SDK's objects as plain JSON values."""
    plain: dict[str, Any] = json.loads(json.dumps(board, cls=sdk.JSONEncoder))
    return plain
