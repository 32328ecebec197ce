"""Seeded chance for the generator, and fair shares of whole numbers.

Everything rests on ``Random.random`` alone, the one method whose sequence Python promises to keep,
so that a committed city can be compared with a generated one under any version.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class SeededRandom:
    """Draws of one topic; topics do not disturb each other's sequence."""

    def __init__(self, seed: int, topic: str) -> None:
        # A city must come out the same each time; nothing secret is drawn here.
        self._random = random.Random(f"{seed}/{topic}")  # noqa: S311

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self._random.random() < probability

    def between(self, low: float, high: float) -> float:
        """A number from low to high."""
        return low + self._random.random() * (high - low)

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def weighted(self, options: Sequence[tuple[T, float]]) -> T:
        """One of the options, by weight."""
        left = self._random.random() * sum(weight for _, weight in options)
        for option, weight in options:
            left -= weight
            if left < 0:
                return option
        return options[-1][0]

    def shuffle(self, items: list[T]) -> None:
        """Put the items into a random order (Fisher-Yates)."""
        for last in range(len(items) - 1, 0, -1):
            other = self.whole(0, last)
            items[last], items[other] = items[other], items[last]


def apportion(total: int, weights: Sequence[float], *, at_least: int = 0) -> list[int]:
    """Divide ``total`` by weight (largest remainder); each with a weight gets ``at_least``.

    Raises:
        ValueError: the total does not suffice for the minimum, or nothing has a weight.
    """
    minimum = [at_least if weight > 0 else 0 for weight in weights]
    rest = total - sum(minimum)
    if rest < 0 or not any(weights):
        raise ValueError(f"{total} cannot be divided among {len(weights)} with {at_least} each")
    exact = [rest * weight / sum(weights) for weight in weights]
    shares = [low + int(share) for low, share in zip(minimum, exact, strict=True)]
    by_remainder = sorted(range(len(exact)), key=lambda n: (int(exact[n]) - exact[n], n))
    for n in by_remainder[: total - sum(shares)]:
        shares[n] += 1
    return shares
