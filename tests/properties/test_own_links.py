"""Devices that connect by themselves and whose own link holds reports back, while others arrive.

What is measured: of the bounds of online figures at the instant at which they are published, how
many do not hold what is true; and how many of the registered devices are unknown.
``python -m tests.properties.test_own_links`` prints both for links that fail in several ways.
"""

import random
from typing import NamedTuple

from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.evaluation import Evaluation, Evaluator
from gigacity_api.indicators.inventory import DIRECT, Inventory
from gigacity_api.indicators.subjects.device.online import devices_online
from gigacity_api.indicators.verdicts import OUT, UNKNOWN
from tests.support.random_city import random_city
from tests.support.random_lives import INSTANTS, SETTLE_MS, OwnLinks, World, random_world
from tests.support.random_rows import offer, rows_of
from tests.support.random_truth import truth_at

ONLINE = ("device.online", "community.camera_online")


class Measured(NamedTuple):
    """Over all instants of some cities."""

    bounds: int
    outside: int
    """Bounds that do not hold the truth."""
    devices: int
    """Devices that connect by themselves, at each instant."""
    unknown: int
    out: int

    def __str__(self) -> str:
        return (
            f"{self.outside / self.bounds:8.3%} of {self.bounds} bounds outside;"
            f" of {self.devices} devices of their own {self.unknown / self.devices:7.2%} unknown,"
            f" {self.out / self.devices:7.2%} out"
        )


def measure(links: OwnLinks, seeds: range) -> Measured:
    """Evaluate random cities with such links, at every instant with what has arrived by then."""
    sums = [0] * 5
    for seed in seeds:
        dice = random.Random(seed)  # noqa: S311 - a city, not a secret
        world = random_world(dice, random_city(dice), own_links=links)
        evaluator = Evaluator(Inventory(world.city))
        for instant in INSTANTS:
            found = _live(evaluator, world, instant)
            for part, count in enumerate(_count(found, world)):
                sums[part] += count
    return Measured(*sums)


def _live(evaluator: Evaluator, world: World, at_ms: int) -> Evaluation:
    inventory = evaluator.inventory
    rows = rows_of(world, at_ms + SETTLE_MS)
    return evaluator.evaluate(offer(CityState.empty(inventory), inventory, rows, at_ms), at_ms)


def _count(found: Evaluation, world: World) -> Measured:
    bounds = outside = 0
    for place, parts in truth_at(world, found.as_of_ms).figures.items():
        if not place[0].startswith(ONLINE) or not parts.whole:
            continue
        figure = found.by_key[place]
        assert figure.lower is not None
        assert figure.upper is not None
        share = parts.inside / parts.whole
        bounds += 1
        outside += not figure.lower - 1e-12 <= share <= figure.upper + 1e-12
    verdicts = devices_online(found.instant).verdicts
    own = verdicts[found.inventory.device_gateway == DIRECT]
    return Measured(bounds, outside, len(own), int((own == UNKNOWN).sum()), int((own == OUT).sum()))


def test_a_link_of_its_own_hardly_moves_the_truth_out_of_the_bounds() -> None:
    """Links that fail for less than the patience, or little longer; few devices become unknown."""
    found = measure(OwnLinks(0.3, 300), range(12))
    assert found.bounds > 1000
    assert found.outside == 0
    assert found.unknown / found.devices < 0.03
    longer = measure(OwnLinks(0.3, 600), range(12))
    assert longer.outside / longer.bounds < 0.002


def main() -> None:
    """Print what is measured."""
    for share, longest_s, will_after_s in (
        (0.0, 60, None),
        (0.1, 300, None), (0.1, 600, None), (0.1, 1200, None), (0.3, 600, None),
        (0.1, 600, 90), (0.1, 600, 300),
    ):  # fmt: skip
        links = OwnLinks(share, longest_s, will_after_s)
        print(f"{links}\n  {measure(links, range(150))}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
