"""What may be reported: figures that only offices know, and every measured one beside them. Pure.

Nothing here is computed from telemetry: a declared figure is kept as it was entered, with its
source.
"""

from dataclasses import dataclass
from types import MappingProxyType

from gigacity_api.indicators import registry
from gigacity_api.indicators.definitions import Indicator
from gigacity_api.indicators.levels import Level
from gigacity_city.model import City, Direction, Name, Target
from gigacity_city.vocabulary import TARGETABLE

RATIO = "ratio"

_RATES = frozenset({"mobile.stations_per_10k"})
"""Numbers that need not be whole."""


@dataclass(frozen=True, slots=True)
class DeclarableFigure:
    """A figure that an office may report."""

    id: str
    name: Name
    unit: str
    """``ratio``: a fraction; else what is counted."""
    meaning: Name
    levels: tuple[Level, ...]
    standard: Name
    is_share: bool
    """Never above 1."""
    is_whole: bool
    """A number of things, rather than a ratio or a rate."""
    is_measured: bool = False
    """Also computed from telemetry."""
    direction: Direction = "at_least"
    effective: str = ""

    def target(self, city: City, scope: str, code: str) -> Target | None:
        """The target that holds at a scope; the city's target of a share holds at each level."""
        mine = [t for t in city.targets if t.indicator == self.id]
        own = [t for t in mine if t.scope == scope and (scope == Level.CITY or t.code == code)]
        if own or not self.is_share:
            return own[0] if own else None
        return next((t for t in mine if t.scope == Level.CITY), None)


def _reportable(indicator: Indicator, levels: tuple[Level, ...]) -> DeclarableFigure:
    is_ratio = indicator.unit == RATIO
    is_measured = indicator.basis == "measured"
    return DeclarableFigure(
        indicator.id,
        indicator.name,
        indicator.unit,
        indicator.formula,
        levels,
        indicator.standard.name,
        is_share=is_ratio and TARGETABLE.get(indicator.id, "share") == "share",
        is_whole=not is_ratio and (is_measured or indicator.id not in _RATES),
        is_measured=is_measured,
        direction=indicator.direction,
        effective=indicator.effective,
    )


REPORTED: MappingProxyType[str, DeclarableFigure] = MappingProxyType(
    {known.id: _reportable(known, known.levels) for known in registry.REPORTED.values()}
)
"""Figures that only offices know, by id, in the order in which they are shown."""


def declarable(indicator: str) -> DeclarableFigure | None:
    """What may be reported under an id, or None."""
    definition = registry.REGISTRY.get(indicator)
    if definition is None:
        return REPORTED.get(indicator)
    levels = tuple(level for level in definition.levels if level is not Level.OLT)
    return _reportable(definition, levels)
