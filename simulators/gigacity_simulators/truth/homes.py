"""Truth of ``home.gigabit_access``: urban households with a working 10G path, by the building."""

from collections import Counter
from collections.abc import Iterator

from gigacity_city.model import City
from gigacity_simulators.truth.figures import SumsByCode, TruthFigure


class HomeFigures:
    """A building is served while at least one port that passes it is in service."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._passes = [(building, port) for building, port in city.coverage]
        self._of_building = [(b.community, b.households) for b in city.buildings]
        self.households: Counter[str] = Counter()
        """All households by community."""
        for building in city.buildings:
            self.households[building.community] += building.households
        self._urban = [c for c in city.communities if city.urban.is_urban(c)]

    def served(self, in_service: bytearray) -> Counter[str]:
        """Households of served buildings by community; each home once, however many ports pass."""
        is_served = bytearray(len(self._of_building))
        for building, port in self._passes:
            if in_service[port]:
                is_served[building] = 1
        households: Counter[str] = Counter()
        for is_in, (community, count) in zip(is_served, self._of_building, strict=True):
            if is_in:
                households[community] += count
        return households

    def figures(self, served: Counter[str]) -> Iterator[TruthFigure]:
        """The indicator at city, area and community."""
        communities, areas, city = SumsByCode(), SumsByCode(), SumsByCode()
        for community in self._urban:
            parts = served[community.code], self.households[community.code]
            communities.add(community.code, *parts)
            areas.add(community.area, *parts)
            city.add(self._city.code, *parts)
        yield from city.rows("home.gigabit_access", "city")
        yield from areas.rows("home.gigabit_access", "area")
        yield from communities.rows("home.gigabit_access", "community")
