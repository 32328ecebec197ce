"""Which worker should own which areas: a plan from the city file and the settings. Pure."""

from collections.abc import Collection, Iterable

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_ingest.ownership.subscriptions import are_covered, area_filters, shared_filters
from gigacity_ingest.supervisor.division import divide, expected_load, hand_over
from gigacity_ingest.supervisor.record import Member, Record

EVERYTHING = "*"
"""Stands for all areas and for topics of areas that the city file does not know."""


class Planner:
    """Makes plans for one city.

    Args:
        city: in force.
        client_id: of the workers, without their numbers.
        areas: to divide; empty: all of the city.
        group: of a shared subscription; every member then has the same areas. Empty: none.
    """

    def __init__(self, city: City, *, client_id: str, areas: tuple[str, ...], group: str) -> None:
        self._areas = {area.code: area for area in city.areas}
        self._load = expected_load(city)
        self._client_id = client_id
        self._selected = areas
        self._group = group

    def plan(self, workers: int) -> list[Member]:
        """Members for so many workers.

        Raises:
            ConfigError: there are fewer areas than workers.
        """
        areas = self._selected or tuple(self._areas)
        if self._group or workers == 1:
            whole = self._selected or (EVERYTHING,)
            return [self._member(i, whole) for i in range(workers)]
        if workers > len(areas):
            raise ConfigError(
                f"--workers {workers}: there are only {len(areas)} areas to divide; lower it, or"
                " let several workers share a hot area with GIGACITY_MQTT_SHARED_GROUP"
            )
        return [
            self._member(i, owned) for i, owned in enumerate(divide(areas, self._load, workers))
        ]

    def _member(self, number: int, areas: tuple[str, ...]) -> Member:
        return Member(
            f"{self._client_id}-{number}", f"worker-{number}", tuple(areas), self._filters(areas)
        )

    def _filters(self, areas: tuple[str, ...]) -> frozenset[str]:
        named = None if EVERYTHING in areas else [self._areas[code] for code in areas]
        plain = area_filters(named)
        return frozenset(shared_filters(plain, self._group) if self._group else plain)

    def without(self, record: Record, leaving: Collection[str]) -> list[Member]:
        """The recorded plan with the areas of these sessions handed over to those that stay.

        Raises:
            ConfigError: nobody would stay.
        """
        staying = [s for s in record.sessions if s.wanted and s.client_id not in leaving]
        if not staying:
            raise ConfigError(
                "no worker would stay to take the areas over; --all ends every session, and then"
                " nobody keeps what is published"
            )
        given = [
            code
            for s in record.sessions
            if s.client_id in leaving
            for code in s.areas
            if code in self._areas
        ]
        owned = [self._existing(s.areas) for s in staying]
        if not self._group and not any(EVERYTHING in areas for areas in owned):
            owned = list(hand_over(given, self._load, owned))
        return [
            Member(s.client_id, s.folder, areas, self._filters(areas))
            for s, areas in zip(staying, owned, strict=True)
        ]

    def follow(self, record: Record) -> list[Member]:
        """The recorded plan for this version of the city.

        Everybody keeps those of its areas that the city still has; areas that are new go to those
        who have least. Who has no area left leaves.

        Raises:
            ConfigError: the city lacks an area that was named for this supervisor.
        """
        gone = sorted(set(self._selected) - self._areas.keys())
        if gone:
            raise ConfigError(f"GIGACITY_MQTT_AREAS: the city file no longer has {gone[0]}")
        members = [s for s in record.sessions if s.wanted]
        owned = [self._existing(s.areas) for s in members]
        if not self._group and not any(EVERYTHING in areas for areas in owned):
            kept = {code for areas in owned for code in areas}
            new = set(self._selected or self._areas) - kept
            owned = list(hand_over(new, self._load, owned)) if owned else []
        return [
            Member(s.client_id, s.folder, areas, self._filters(areas))
            for s, areas in zip(members, owned, strict=True)
            if areas
        ]

    def _existing(self, areas: Iterable[str]) -> tuple[str, ...]:
        return tuple(code for code in areas if code == EVERYTHING or code in self._areas)

    def unowned(self, record: Record) -> list[str]:
        """Areas of the city file for which no session is certain to be subscribed."""
        return self.uncovered([name for s in record.sessions for name in s.held])

    def uncovered(self, filters: Iterable[str]) -> list[str]:
        """Areas of the city file that these filters leave out."""
        held = list(filters)
        return [
            code
            for code, area in self._areas.items()
            if not are_covered(area_filters([area]), held)
        ]
