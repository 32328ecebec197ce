"""The robust trend: cases computed by hand, and what must hold for any series."""

import math
import random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.forecasting.trend import MAX_POINTS, fit, t_quantile, thinned

LINES = st.tuples(
    st.floats(-1000, 1000, allow_nan=False), st.floats(-50, 50, allow_nan=False),
    st.integers(3, 60),
)  # fmt: skip


def test_the_slope_is_the_median_of_all_pairs() -> None:
    # Slopes of the pairs: 2, 4, 8, 6, 11, 16: their median is (6 + 8) / 2 = 7.
    points = [(0.0, 0.0), (1.0, 2.0), (2.0, 8.0), (3.0, 24.0)]
    trend = fit(points)
    assert trend.slope == 7
    # y - 7 x is 0, -5, -6, 3: the median is -2.5.
    assert trend.level == -2.5
    assert trend.at(4) == 25.5
    # Residuals 2.5, -2.5, -3.5, 5.5: the median size is 3.
    assert trend.scale == pytest.approx(1.4826 * 3)


def test_the_interval_is_that_of_the_formula() -> None:
    # Residuals alternate, so that their autocorrelation is negative and all 8 values count.
    points = [(float(x), 10.0 * x + (1 if x % 2 else -1)) for x in range(8)]
    trend = fit(points)
    assert trend.effective == 8
    assert (trend.mean_x, trend.spread_x) == (3.5, 42.0)
    student = 1.9432  # t of 0.95 with 6 degrees of freedom, from a table
    expected = student * trend.scale * math.sqrt(1 + 1 / 8 + (20 - 3.5) ** 2 / 42)
    assert trend.half_width(20) == pytest.approx(expected, rel=1e-3)


def test_one_bad_day_does_not_move_the_line() -> None:
    points = [(float(x), 3.0 * x + 5) for x in range(20)]
    points[7] = (7.0, 1e6)
    trend = fit(points)
    assert trend.slope == pytest.approx(3)
    assert trend.at(30) == pytest.approx(95)


def test_a_series_that_hardly_ever_moves_still_has_a_width() -> None:
    points = [(float(x), 0.0) for x in range(10)]
    points[3] = (3.0, 8.0)
    trend = fit(points)
    assert trend.slope == 0
    assert trend.scale == pytest.approx(math.sqrt(math.pi / 2) * 8 / 10)


def test_values_that_lean_on_each_other_count_for_less() -> None:
    wave = [(float(x), 10 * math.sin(x / 6)) for x in range(60)]
    noise = [(float(x), 10.0 if x % 2 else -10.0) for x in range(60)]
    assert fit(wave).effective < 10
    assert fit(noise).effective == 60


@pytest.mark.parametrize(
    ("degrees", "expected"),
    [(3, 2.3534), (4, 2.1318), (5, 2.0150), (6, 1.9432), (10, 1.8125), (30, 1.6973), (120, 1.6577)],
)
def test_students_t_is_that_of_the_tables(degrees: int, expected: float) -> None:
    assert t_quantile(0.95, degrees) == pytest.approx(expected, abs=0.002)


def test_students_t_tends_to_the_normal() -> None:
    assert t_quantile(0.95, 1e9) == pytest.approx(NormalDist().inv_cdf(0.95))


@pytest.mark.parametrize("points", [[], [(0.0, 1.0)], [(0.0, 1.0), (1.0, 2.0), (1.0, 3.0)]])
def test_too_few_times_are_no_trend(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="three different times"):
        fit(points)


def test_a_long_series_is_thinned_evenly_and_keeps_its_ends() -> None:
    points = [(float(x), 2.0 * x) for x in range(5 * MAX_POINTS)]
    kept = thinned(points)
    assert len(kept) == MAX_POINTS
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert fit(points).slope == pytest.approx(2)


@given(LINES)
def test_an_exact_line_is_found_with_no_doubt(line: tuple[float, float, int]) -> None:
    level, slope, size = line
    trend = fit([(float(x), level + slope * x) for x in range(size)])
    far = 3.0 * size
    assert trend.at(far) == pytest.approx(level + slope * far, rel=1e-6, abs=1e-6)
    assert trend.half_width(far) < 1e-6 * (1 + abs(level) + abs(slope) * far)


@given(
    st.lists(st.floats(-1e3, 1e3, allow_nan=False), min_size=3, max_size=30),
    st.floats(-100, 100, allow_nan=False),
    st.floats(0.01, 100, allow_nan=False),
)
def test_another_zero_and_unit_change_only_the_scale(
    values: list[float], shift: float, factor: float
) -> None:
    plain = fit([(float(x), y) for x, y in enumerate(values)])
    moved = fit([(float(x), shift + factor * y) for x, y in enumerate(values)])
    assert moved.at(40) == pytest.approx(shift + factor * plain.at(40), rel=1e-6, abs=1e-3)
    assert moved.scale == pytest.approx(factor * plain.scale, rel=1e-5, abs=1e-3)


@given(st.lists(st.floats(-1e3, 1e3, allow_nan=False), min_size=3, max_size=30))
def test_the_interval_widens_with_the_distance(values: list[float]) -> None:
    trend = fit([(float(x), y) for x, y in enumerate(values)])
    widths = [trend.half_width(x) for x in (len(values), 2 * len(values), 9 * len(values))]
    assert widths == sorted(widths)
    assert all(math.isfinite(width) and width >= 0 for width in widths)


@given(st.permutations([(float(x), float(x * x % 7)) for x in range(9)]))
def test_the_order_of_the_points_does_not_matter(points: list[tuple[float, float]]) -> None:
    assert fit(points) == fit(sorted(points))


def test_the_interval_holds_about_nine_in_ten_true_values() -> None:
    chance = random.Random(5)  # noqa: S311 - no secret: the same series every time
    held = 0
    for _ in range(400):
        points = [(float(x), 2.0 * x + chance.gauss(0, 3)) for x in range(30)]
        trend = fit(points)
        truth = 2.0 * 45 + chance.gauss(0, 3)
        held += abs(truth - trend.at(45)) <= trend.half_width(45)
    assert 0.84 <= held / 400 <= 0.96
