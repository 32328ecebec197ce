"""Three-valued verdicts, and the codes that values are packed into."""

import numpy as np
import pytest

from gigacity_api.indicators import codes
from gigacity_api.indicators.latest_state import NEVER, LatestState
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


@pytest.mark.parametrize(
    ("tech", "admin", "oper", "verdict"),
    [
        ("xgs-pon", "up", "up", IN),
        ("gpon+xgs-pon", "up", "up", IN),
        ("10g-epon", "up", "up", IN),
        ("50g-pon", "up", "up", IN),
        ("gpon", "up", "up", OUT),
        ("xgs-pon", "down", "up", OUT),
        ("xgs-pon", "up", "down", OUT),
        ("xgs-pon", None, "up", UNKNOWN),
        ("xgs-pon", "up", None, UNKNOWN),
        ("carrier-pigeon", "up", "up", UNKNOWN),
        (None, "up", "up", UNKNOWN),
        (None, "down", "up", OUT),
    ],
)
def test_a_port_counts_by_technology_and_both_states(
    tech: str | None, admin: str | None, oper: str | None, verdict: int
) -> None:
    packed = np.array([codes.pack_port(tech, admin, oper)], dtype=np.int64)
    assert [verdict] == codes.port_in_service_10g(packed).tolist()


@pytest.mark.parametrize("tech", ["gpon", "gpon+xgs-pon", "50g-pon+gpon+xgs-pon"])
def test_port_values_survive_packing(tech: str) -> None:
    assert (tech, "up", "down") == codes.unpack_port(codes.pack_port(tech, "up", "down"))


@pytest.mark.parametrize("intact", [None, True, False])
@pytest.mark.parametrize("picture", [None, True, False])
def test_camera_values_survive_packing(intact: bool | None, picture: bool | None) -> None:
    code = codes.pack_camera(intact, picture)
    as_verdict = {None: UNKNOWN, True: IN, False: OUT}
    column_ = np.array([code], dtype=np.int64)

    assert {"intact": intact, "picture": picture} == codes.unpack_camera(code)
    assert [as_verdict[intact]] == codes.camera_intact(column_).tolist()
    assert [as_verdict[picture]] == codes.camera_picture(column_).tolist()


def offer(newest: LatestState, *rows: tuple[int, int, int]) -> None:
    index, ts, code = np.array(rows, dtype=np.int64).T
    newest.offer(index, ts, code)


def test_the_newest_row_wins_and_of_one_time_the_greater_code() -> None:
    newest = LatestState.empty(3)
    offer(newest, (0, 10, 5), (0, 30, 1), (0, 20, 9), (2, 7, 1), (2, 7, 4))
    offer(newest, (0, 30, 2), (2, 6, 9))

    assert newest.ts.tolist() == [30, NEVER, 7]
    assert newest.code.tolist() == [2, 0, 4]


def test_a_copy_is_not_changed_by_later_rows() -> None:
    newest = LatestState.empty(1)
    before = newest.copy()
    offer(newest, (0, 1, 1))
    assert before.ts.tolist() == [NEVER]
