"""What a source's names stand for, remembered so that whoever invents names costs only himself."""

from collections import Counter
from typing import NamedTuple

from gigacity_contract.topics import Publisher
from gigacity_ingest.mapping.compiler import KindFunction
from gigacity_ingest.mapping.lookups import MAX_TEXT, LookupKey
from gigacity_ingest.mapping.port_indices import PortPlace
from gigacity_ingest.mapping.reports import MappingFault, ReportTarget

MAX_IDENTITIES = 200_000
"""Remembered of one source."""
MAX_DOUBTFUL = 10_000
"""Remembered apart: names of nobody who is registered, and those beyond an object's share."""
MAX_KEYS_OF_DEVICE = 32
"""More than a device has models, units and states that conditions of kinds ask for."""
MAX_KEYS_OF_OLT = 2_048
"""Its ports, which are told apart by names as well."""


class MappedRoute(NamedTuple):
    """What readings with the same names have in common."""

    target: ReportTarget
    apply: KindFunction
    is_port: bool
    place: PortPlace = (0, 0)
    tech: str = ""
    """Registered technology of the port; empty: none."""


class RouteMemory:
    """Of one source and one version of the city."""

    def __init__(self) -> None:
        self.routes: dict[LookupKey, MappedRoute] = {}
        """Of registered objects; the hot path looks here. Stays the same object."""
        self._doubtful: dict[LookupKey, MappedRoute | MappingFault] = {}
        self._keys_of: Counter[ReportTarget] = Counter()

    def clear(self) -> None:
        """Another version of the city is in force."""
        self.routes.clear()
        self._doubtful.clear()
        self._keys_of.clear()

    def doubtful(self, key: LookupKey) -> MappedRoute | MappingFault | None:
        """What was remembered apart; None: nothing."""
        return self._doubtful.get(key)

    def remember(
        self, key: LookupKey, found: MappedRoute | MappingFault, *, is_registered: bool
    ) -> None:
        """Keep what a key stands for, unless a text of it is longer than any name.

        Args:
            key: the names, and the values that conditions ask for.
            found: what they stand for.
            is_registered: the city file has the object.
        """
        if any(text is not None and len(text) > MAX_TEXT for text in key):
            return
        if is_registered and isinstance(found, MappedRoute) and self._has_share(found.target):
            if len(self.routes) >= MAX_IDENTITIES:
                self.routes.clear()
                self._keys_of.clear()
            self.routes[key] = found
            self._keys_of[found.target] += 1
            return
        if len(self._doubtful) >= MAX_DOUBTFUL:
            self._doubtful.clear()
        self._doubtful[key] = found

    def _has_share(self, target: ReportTarget) -> bool:
        is_olt = target.publisher is Publisher.OLT
        return self._keys_of[target] < (MAX_KEYS_OF_OLT if is_olt else MAX_KEYS_OF_DEVICE)
