"""Seeded chance repeats itself, and shares add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_simulators.citygen.seeded_random import SeededRandom, apportion


def test_a_seed_always_gives_the_same_draws() -> None:
    """The committed cities rest on this sequence, whatever the version of Python."""
    rng = SeededRandom(371600, "test")
    draws = [rng.whole(0, 999) for _ in range(4)]
    again = SeededRandom(371600, "test")
    assert [again.whole(0, 999) for _ in range(4)] == draws == [761, 939, 810, 773]


def test_topics_do_not_share_a_sequence() -> None:
    assert SeededRandom(1, "homes").between(0, 1) != SeededRandom(1, "access").between(0, 1)


def test_a_shuffle_keeps_every_item() -> None:
    items = list(range(50))
    SeededRandom(1, "x").shuffle(items)
    assert sorted(items) == list(range(50)) != items


def test_an_option_without_weight_is_never_drawn() -> None:
    rng = SeededRandom(1, "x")
    assert {rng.weighted((("a", 1.0), ("b", 0.0))) for _ in range(200)} == {"a"}


@given(
    total=st.integers(0, 10_000),
    weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(any),
)
def test_shares_add_up_and_differ_from_the_exact_by_less_than_one(
    total: int, weights: list[float]
) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1 + 1e-6


def test_who_has_a_weight_gets_the_minimum_and_nobody_else() -> None:
    assert apportion(10, [1000, 1, 0], at_least=2) == [8, 2, 0]


def test_a_minimum_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be divided"):
        apportion(3, [1, 1], at_least=2)
