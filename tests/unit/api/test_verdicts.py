"""Three-valued verdicts in columns, and how they combine."""

import numpy as np

from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN, all_of, any_of, at_least, tally


def column(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return np.array(values, dtype=np.int8)


def groups(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(values, dtype=np.int32)


def test_any_of_is_in_by_one_and_out_only_by_all() -> None:
    members = column(IN, UNKNOWN, OUT, UNKNOWN, OUT, OUT)
    result = any_of(members, groups(0, 0, 1, 1, 2, 2), 4)
    assert result.tolist() == [IN, UNKNOWN, OUT, OUT]


def test_all_of_is_out_by_one_and_in_only_by_all() -> None:
    first, second = column(IN, IN, OUT, UNKNOWN), column(IN, UNKNOWN, UNKNOWN, UNKNOWN)
    assert all_of([first, second], 4).tolist() == [IN, UNKNOWN, OUT, UNKNOWN]


def test_nothing_to_judge_by_is_unknown() -> None:
    assert all_of([], 2).tolist() == [UNKNOWN, UNKNOWN]


def test_at_least_includes_the_threshold_and_leaves_nan_unknown() -> None:
    lower = np.array([0.7, 0.69, 0.1, np.nan])
    upper = np.array([0.7, 0.9, 0.69, np.nan])
    assert at_least(lower, upper, 0.7).tolist() == [IN, UNKNOWN, OUT, UNKNOWN]


def test_a_tally_weighs_each_verdict_by_group() -> None:
    counted = tally(
        column(IN, OUT, UNKNOWN, IN), groups(0, 0, 0, 1), 2, np.array([5, 3, 2, 7], dtype=np.int64)
    )
    assert (
        counted.known_in.tolist(), counted.known_out.tolist(), counted.unknown.tolist(),
    ) == ([5, 7], [3, 0], [2, 0])  # fmt: skip
    assert counted.total.tolist() == [10, 7]
