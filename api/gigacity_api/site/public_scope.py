"""What a city makes public: down to which level, and which figures. Pure.

Nothing of one device, port or building is ever public: their ids, their places and what they said
stay behind a key. A figure of a community that counts few objects speaks of single homes, and is
left out.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.entries import Subject
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.site.public_level import PublicLevel
from gigacity_contract.errors import ConfigError

_CONTACT = re.compile(r"[^\s@/:?&<>\"]+@[\w.-]+|https://[\w.-]+[^\s<>\"]*", re.ASCII)

LEAST_OBJECTS = 10
"""A community's figure over fewer households, ports or devices is not public."""


_SHOWN: Mapping[PublicLevel, frozenset[Level]] = {
    PublicLevel.NONE: frozenset(),
    PublicLevel.CITY: frozenset({Level.CITY}),
    PublicLevel.AREA: frozenset({Level.CITY, Level.AREA}),
    PublicLevel.COMMUNITY: frozenset({Level.CITY, Level.AREA, Level.COMMUNITY}),
}


@dataclass(frozen=True, slots=True)
class PublicScope:
    """What a city makes public."""

    level: PublicLevel = PublicLevel.NONE
    figures: frozenset[str] = field(default_factory=frozenset)
    """Ids of measured figures; empty: those of the scorecard."""
    licence: str = ""
    """Under which the data may be used; empty: none is stated."""
    contact: str = ""
    """Whom to ask about a figure: an e-mail address, or that of a form; empty: nobody is named."""
    page_url: str = ""
    """At which people reach the pages, without a last slash; empty: it is not known."""

    @classmethod
    def of(
        cls, level: PublicLevel, figures: str, licence: str, contact: str = "", page_url: str = ""
    ) -> Self:
        """What settings say.

        Raises:
            ConfigError: they name a figure that there is not, or nobody who can be asked.
        """
        if contact and not _CONTACT.fullmatch(contact):
            raise ConfigError(
                f"GIGACITY_PUBLIC_CONTACT={contact!r}: expected an e-mail address, or the https://"
                " address of a form, in which {link} becomes the figure's permalink"
            )
        names = frozenset(name.strip() for name in figures.split(",") if name.strip())
        for name in sorted(names - REGISTRY.keys()):
            raise ConfigError(
                f"GIGACITY_PUBLIC_FIGURES: there is no measured figure {name!r};"
                " docs/indicators.md lists them"
            )
        return cls(level, names, licence.strip(), contact, page_url.rstrip("/"))

    @property
    def is_open(self) -> bool:
        """Whether anything is public."""
        return self.level is not PublicLevel.NONE

    def shows_level(self, level: Level) -> bool:
        """Whether figures of a level are public."""
        return level in _SHOWN[self.level]

    def definitions(self) -> list[Definition]:
        """The public measured figures, in the order of the registry."""
        return [d for d in REGISTRY.values() if self.has(d.id)]

    def has(self, indicator: str) -> bool:
        """Whether a measured figure is public, at whatever level."""
        definition = REGISTRY.get(indicator)
        if definition is None or not self.is_open:
            return False
        if self.figures:
            return indicator in self.figures
        return definition.device_kind is None

    def shows(self, figure: Figure) -> bool:
        """Whether a figure is public."""
        level = Level(figure.scope)
        if not self.has(figure.indicator) or not self.shows_level(level):
            return False
        if level is not Level.COMMUNITY or REGISTRY[figure.indicator].subject is Subject.COMMUNITY:
            return True
        return figure.denominator >= LEAST_OBJECTS

    def shown(self, figures: Iterable[Figure]) -> list[Figure]:
        """Those of some figures that are public."""
        return [figure for figure in figures if self.shows(figure)]
