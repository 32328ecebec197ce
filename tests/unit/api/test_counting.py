"""Growth of totals that restart with their process."""

import pytest

from gigacity_api.evaluator.counting import growth


@pytest.mark.parametrize(
    ("samples", "known", "added", "last"),
    [
        ([], False, 0, None),
        ([(5, 3), (15, 3)], False, 0, None),
        ([(5, 3), (15, 4), (25, 9), (35, 9)], False, 6, 25),
        ([(15, 4), (25, 9)], False, 9, 25),
        ([(15, 4), (25, 9)], True, 5, 25),
        ([(5, 100), (15, 2), (25, 3)], False, 3, 25),
        ([(5, 100), (10, 120), (15, 121)], False, 1, 15),
    ],
    ids=["none", "still", "grows", "appears", "known", "restart", "newest-before"],
)
def test_the_steps_up_after_a_moment_add_up(
    samples: list[tuple[int, int]], known: bool, added: int, last: int | None
) -> None:
    assert growth(samples, 10, known=known) == (added, last)
