"""Communities and buildings of the synthetic city: how many, how large, how classed."""

from dataclasses import dataclass

from gigacity_simulators.citygen.profile import CityProfile
from gigacity_simulators.citygen.seeded_random import SeededRandom, apportion
from gigacity_simulators.citygen.townships import AREAS, AreaFacts

_FIRST_VILLAGE = 201
"""Serials of a township: residents' committees from 001, village committees from 200."""

_MISSING_SHARE = 0.03
"""Share of the values that offices report and that nobody has reported yet."""


@dataclass
class Home:
    """A building, or the homes behind one splitter box of a village."""

    id: str
    households: int


@dataclass
class GeneratedCommunity:
    """A community with its buildings."""

    code: str
    name: str
    area: str
    urban_class: int
    is_urban: bool
    surface_m2: int
    area_5g_m2: int | None
    tv_households: int | None
    homes: list[Home]

    @property
    def households(self) -> int:
        """All households of its buildings."""
        return sum(home.households for home in self.homes)


def build_communities(profile: CityProfile, seed: int) -> list[GeneratedCommunity]:
    """Every community, by area: first the urban, then the rural ones."""
    rng = SeededRandom(seed, "homes")
    urban = [area.population * area.urban_share for area in AREAS]
    rural = [area.population * (1 - area.urban_share) for area in AREAS]
    urban_counts = apportion(profile.urban_communities, urban, at_least=1)
    rural_counts = apportion(profile.rural_communities, rural, at_least=1)
    per_weight = profile.households / sum(area.population for area in AREAS)
    communities: list[GeneratedCommunity] = []
    for area, in_town, in_village, n_town, n_village in zip(
        AREAS, urban, rural, urban_counts, rural_counts, strict=True
    ):
        if n_town:
            size = in_town * per_weight / n_town
            communities.extend(_urban_communities(area, n_town, size, rng))
        size = in_village * per_weight / n_village
        communities.extend(_rural_communities(area, n_village, size, rng))
    return communities


def _urban_communities(
    area: AreaFacts, count: int, mean: float, rng: SeededRandom
) -> list[GeneratedCommunity]:
    communities: list[GeneratedCommunity] = []
    streets = area.streets()
    for street, number in zip(streets, apportion(count, [1.0] * len(streets)), strict=True):
        for serial in range(1, number + 1):
            is_core, code = rng.chance(0.75), f"{street}{serial:03d}"
            urban_class = (111 if is_core else 112) if area.is_city else (121 if is_core else 122)
            community = _community(
                _urban_homes(code, _vary(mean, rng), rng),
                rng,
                code=code,
                name=f"{area.townships[street]}示例社区{serial:02d}",
                area=area.code,
                urban_class=urban_class,
                is_urban=True,
            )
            communities.append(community)
    return communities


def _rural_communities(
    area: AreaFacts, count: int, mean: float, rng: SeededRandom
) -> list[GeneratedCommunity]:
    communities: list[GeneratedCommunity] = []
    towns = area.towns()
    for town, number in zip(towns, apportion(count, [1.0] * len(towns)), strict=True):
        for index in range(number):
            code = f"{town}{_FIRST_VILLAGE + index:03d}"
            community = _community(
                _village_homes(code, _vary(mean, rng), rng),
                rng,
                code=code,
                name=f"{area.townships[town]}示例村{index + 1:02d}",
                area=area.code,
                urban_class=_village_class(town, rng),
                is_urban=False,
            )
            communities.append(community)
    return communities


def _village_class(town: str, rng: SeededRandom) -> int:
    """Mostly a village; at times the centre (121, 210) or fringe (122) of its town."""
    options = {
        "0": ((220, 1.0),),
        "1": ((220, 0.75), (121, 0.15), (122, 0.1)),
    }
    return rng.weighted(options.get(town[6], ((220, 0.85), (210, 0.15))))


def _vary(mean: float, rng: SeededRandom) -> int:
    return round(mean * rng.between(0.6, 1.4))


def _urban_homes(code: str, households: int, rng: SeededRandom) -> list[Home]:
    """Walk-ups of six storeys and high-rises, four to eight homes a storey between them."""
    sizes: list[int] = []
    while sum(sizes) < households:
        is_high = rng.chance(0.45)
        sizes.append(4 * rng.whole(17, 34) if is_high else 12 * rng.whole(2, 5))
    return _homes(code, sizes)


def _village_homes(code: str, households: int, rng: SeededRandom) -> list[Home]:
    """Groups of homes behind splitter boxes of 1:16 and 1:32, not all of their legs in use."""
    sizes: list[int] = []
    while sum(sizes) < households:
        legs = 32 if rng.chance(0.6) else 16
        sizes.append(rng.whole(legs * 3 // 4, legs))
    return _homes(code, sizes)


def _homes(code: str, sizes: list[int]) -> list[Home]:
    return [Home(f"{code}-{number}", size) for number, size in enumerate(sizes, start=1)]


def _community(
    homes: list[Home],
    rng: SeededRandom,
    *,
    code: str,
    name: str,
    area: str,
    urban_class: int,
    is_urban: bool,
) -> GeneratedCommunity:
    households = sum(home.households for home in homes)
    # Sparse villages spread their homes over far more ground than blocks of flats.
    surface_m2 = 1000 * round(households * rng.between(0.12, 0.26) * (1 if is_urban else 5))
    return GeneratedCommunity(
        code=code,
        name=name,
        area=area,
        urban_class=urban_class,
        is_urban=is_urban,
        surface_m2=surface_m2,
        area_5g_m2=_reported(surface_m2, 0.98 if is_urban else 0.96, 0.80, rng),
        tv_households=_reported(households, 0.98, 0.70, rng),
        homes=homes,
    )


def _reported(whole: float, passing: float, threshold: float, rng: SeededRandom) -> int | None:
    """A reported part of the whole: mostly above the threshold, at times below it or missing."""
    passes, share = rng.chance(passing), rng.between(0, 1)
    low, high = (threshold + 0.03, 0.995) if passes else (threshold - 0.25, threshold - 0.01)
    value = int(whole * (low + share * (high - low)))
    return None if rng.chance(_MISSING_SHARE) else value
