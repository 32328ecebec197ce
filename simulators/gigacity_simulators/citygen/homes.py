"""Communities and buildings of the synthetic city: how many, how large, how classed."""

from dataclasses import dataclass

from gigacity_simulators.citygen.dice import Dice, apportion
from gigacity_simulators.citygen.profile import Profile
from gigacity_simulators.citygen.townships import UNITS, Unit

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
class Place:
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


def build_places(profile: Profile, seed: int) -> list[Place]:
    """Every community, by unit: first the urban, then the rural ones."""
    dice = Dice(seed, "homes")
    urban = [unit.population * unit.urban_share for unit in UNITS]
    rural = [unit.population * (1 - unit.urban_share) for unit in UNITS]
    urban_counts = apportion(profile.urban_communities, urban, at_least=1)
    rural_counts = apportion(profile.rural_communities, rural, at_least=1)
    per_weight = profile.households / sum(unit.population for unit in UNITS)
    places: list[Place] = []
    for unit, in_town, in_village, n_town, n_village in zip(
        UNITS, urban, rural, urban_counts, rural_counts, strict=True
    ):
        if n_town:
            size = in_town * per_weight / n_town
            places.extend(_urban_places(unit, n_town, size, dice))
        size = in_village * per_weight / n_village
        places.extend(_rural_places(unit, n_village, size, dice))
    return places


def _urban_places(unit: Unit, count: int, mean: float, dice: Dice) -> list[Place]:
    places: list[Place] = []
    streets = unit.streets()
    for street, number in zip(streets, apportion(count, [1.0] * len(streets)), strict=True):
        for serial in range(1, number + 1):
            is_core, code = dice.chance(0.75), f"{street}{serial:03d}"
            urban_class = (111 if is_core else 112) if unit.is_city else (121 if is_core else 122)
            place = _place(
                _urban_homes(code, _vary(mean, dice), dice),
                dice,
                code=code,
                name=f"{unit.townships[street]}示例社区{serial:02d}",
                area=unit.code,
                urban_class=urban_class,
                is_urban=True,
            )
            places.append(place)
    return places


def _rural_places(unit: Unit, count: int, mean: float, dice: Dice) -> list[Place]:
    places: list[Place] = []
    towns = unit.towns()
    for town, number in zip(towns, apportion(count, [1.0] * len(towns)), strict=True):
        for index in range(number):
            code = f"{town}{_FIRST_VILLAGE + index:03d}"
            place = _place(
                _village_homes(code, _vary(mean, dice), dice),
                dice,
                code=code,
                name=f"{unit.townships[town]}示例村{index + 1:02d}",
                area=unit.code,
                urban_class=_village_class(town, dice),
                is_urban=False,
            )
            places.append(place)
    return places


def _village_class(town: str, dice: Dice) -> int:
    """Mostly a village; at times the centre (121, 210) or fringe (122) of its town."""
    options = {
        "0": ((220, 1.0),),
        "1": ((220, 0.75), (121, 0.15), (122, 0.1)),
    }
    return dice.weighted(options.get(town[6], ((220, 0.85), (210, 0.15))))


def _vary(mean: float, dice: Dice) -> int:
    return round(mean * dice.between(0.6, 1.4))


def _urban_homes(code: str, households: int, dice: Dice) -> list[Home]:
    """Walk-ups of six storeys and high-rises, four to eight homes a storey between them."""
    sizes: list[int] = []
    while sum(sizes) < households:
        is_high = dice.chance(0.45)
        sizes.append(4 * dice.whole(17, 34) if is_high else 12 * dice.whole(2, 5))
    return _homes(code, sizes)


def _village_homes(code: str, households: int, dice: Dice) -> list[Home]:
    """Groups of homes behind splitter boxes of 1:16 and 1:32, not all of their legs in use."""
    sizes: list[int] = []
    while sum(sizes) < households:
        legs = 32 if dice.chance(0.6) else 16
        sizes.append(dice.whole(legs * 3 // 4, legs))
    return _homes(code, sizes)


def _homes(code: str, sizes: list[int]) -> list[Home]:
    return [Home(f"{code}-{number}", size) for number, size in enumerate(sizes, start=1)]


def _place(
    homes: list[Home],
    dice: Dice,
    *,
    code: str,
    name: str,
    area: str,
    urban_class: int,
    is_urban: bool,
) -> Place:
    households = sum(home.households for home in homes)
    # Sparse villages spread their homes over far more ground than blocks of flats.
    surface_m2 = 1000 * round(households * dice.between(0.12, 0.26) * (1 if is_urban else 5))
    return Place(
        code=code,
        name=name,
        area=area,
        urban_class=urban_class,
        is_urban=is_urban,
        surface_m2=surface_m2,
        area_5g_m2=_reported(surface_m2, 0.98 if is_urban else 0.96, 0.80, dice),
        tv_households=_reported(households, 0.98, 0.70, dice),
        homes=homes,
    )


def _reported(whole: float, passing: float, threshold: float, dice: Dice) -> int | None:
    """A reported part of the whole: mostly above the threshold, at times below it or missing."""
    passes, share = dice.chance(passing), dice.between(0, 1)
    low, high = (threshold + 0.03, 0.995) if passes else (threshold - 0.25, threshold - 0.01)
    value = int(whole * (low + share * (high - low)))
    return None if dice.chance(_MISSING_SHARE) else value
