"""What pages are made from: a publication, what offices declared, what is remembered. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gigacity_api.evaluator.lines import LogRow
from gigacity_api.evaluator.publication import Publication
from gigacity_api.forecasting.outlook import Day
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.reports.declarations import Declarations
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.site.times import Month
from gigacity_city.model import City


@dataclass(frozen=True, slots=True)
class RememberedFigure:
    """What is remembered of a figure of the city."""

    days: tuple[Day, ...] = ()
    """Its daily values, oldest first."""
    month_ends: Mapping[tuple[str, Month], Day] = field(default_factory=dict)
    """Its last daily value in each month that is over, by area."""
    area_days: Mapping[str, tuple[Day, ...]] = field(default_factory=dict)
    """Daily values of the last quarter of a year, by area, oldest first."""
    revised: tuple[LogRow, ...] = ()
    """The newest publications of instants that had been published before, newest first."""
    revised_instants: int = 0
    """How many instants that were, in the last 24 hours."""


@dataclass(frozen=True, slots=True)
class SiteSnapshot:
    """What the pages of one moment are made from."""

    publication: Publication
    declared: Declarations
    scope: PublicScope
    remembered: Mapping[str, RememberedFigure] = field(default_factory=dict)
    """By indicator, as far as the database could be read."""
    is_late: bool = False
    """No evaluation came when one was due."""
    tick_s: float = 60.0
    software: str = ""
    now_ms: int = 0

    @property
    def city(self) -> City:
        """The city, in the version of the publication."""
        return self.publication.inventory.city

    def figure(self, definition: Definition, level: Level, code: str) -> Figure | None:
        """A public figure, if there is one."""
        found = self.publication.by_key.get((definition.id, level, code))
        return found if found is not None and self.scope.shows(found) else None

    def of_city(self, definition: Definition) -> Figure | None:
        """The public figure of the city."""
        return self.figure(definition, Level.CITY, self.city.code)

    def has_page(self, indicator: str) -> bool:
        """Whether a figure has a page of its own: some are made of communities alone."""
        return self.of_city(REGISTRY[indicator]) is not None

    def areas(self, definition: Definition) -> list[Figure]:
        """The public figures of its areas, in the city's order."""
        found = (self.figure(definition, Level.AREA, area.code) for area in self.city.areas)
        return [figure for figure in found if figure is not None]
