"""The last few publications, shared between the thread that makes them and the requests."""

import threading
from collections import OrderedDict

from gigacity_api.evaluator.publication import Publication
from gigacity_api.indicators.inventory import Inventory

KEPT = 5
"""Publications that evidence and cursors can still refer to."""


class PublicationCache:
    """Publications by instant; the newest instant is what requests are answered from."""

    def __init__(self, inventory: Inventory) -> None:
        self._lock = threading.Lock()
        self._inventory = inventory
        self._kept: OrderedDict[int, Publication] = OrderedDict()
        self._trouble = "no evaluation yet"

    @property
    def inventory(self) -> Inventory:
        """The registered objects of the city version in use."""
        with self._lock:
            return self._inventory

    def use(self, inventory: Inventory) -> None:
        """Another city version is in use from now on."""
        with self._lock:
            self._inventory = inventory

    def put(self, publication: Publication) -> None:
        """Serve it, if it is newer than what is served; it clears any trouble."""
        with self._lock:
            self._kept[publication.as_of_ms] = publication
            self._kept = OrderedDict(sorted(self._kept.items())[-KEPT:])
            self._trouble = ""

    def replace(self, publication: Publication) -> None:
        """Serve a revision of an instant that is kept; of any other instant, nothing changes."""
        with self._lock:
            if publication.as_of_ms in self._kept:
                self._kept[publication.as_of_ms] = publication

    def set_trouble(self, text: str) -> None:
        """Say why no newer publication comes."""
        with self._lock:
            self._trouble = text

    @property
    def trouble(self) -> str:
        """Why no newer publication comes; empty while all is well."""
        with self._lock:
            return self._trouble

    def newest(self) -> Publication | None:
        """The newest publication."""
        with self._lock:
            return next(reversed(self._kept.values()), None)

    def oldest(self) -> Publication | None:
        """The oldest publication that is kept."""
        with self._lock:
            return next(iter(self._kept.values()), None)

    def at(self, as_of_ms: int) -> Publication | None:
        """The publication of an instant, while it is kept."""
        with self._lock:
            return self._kept.get(as_of_ms)
