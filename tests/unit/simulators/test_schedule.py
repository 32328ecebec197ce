"""Schedules, grid, changes and cuts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_contract.errors import ConfigError
from gigacity_simulators.models.noise import object_key
from gigacity_simulators.schedule.changes import ENDS, Action, Change, ChangePlan
from gigacity_simulators.schedule.cuts import Cut, CutPlan, plan_cut
from gigacity_simulators.schedule.grid import Grid
from gigacity_simulators.schedule.periodic import PeriodicSchedule, phase_ms

NOW_MS = 1_795_500_000_000
GRID = Grid(5000)


@given(
    st.integers(1, 1000),
    st.lists(st.integers(0, 10_000), max_size=8),
    st.integers(0, 5000),
    st.lists(st.integers(0, 700), max_size=6),
)
def test_a_rota_gives_each_due_instant_once_however_time_is_sliced(
    period_ms: int, phases: list[int], start_ms: int, steps: list[int]
) -> None:
    schedule = PeriodicSchedule(
        period_ms, [(phase % period_ms, n) for n, phase in enumerate(phases)]
    )
    at_ms, found = start_ms, []
    for step in steps:
        found += list(schedule.due(at_ms, at_ms + step))
        at_ms += step
    expected = [
        (t, n)
        for t in range(start_ms + 1, at_ms + 1)
        for n, phase in enumerate(phases)
        if t % period_ms == phase % period_ms
    ]
    assert sorted(found) == expected
    assert [t for t, _ in found] == sorted(t for t, _ in found)


@given(
    st.integers(0, 2**64 - 1),
    st.integers(1, 9000).map(lambda n: n * 100),
    st.integers(5, 300).map(lambda n: n * 200),
)
def test_no_report_is_due_when_figures_are_computed_or_things_change(
    key: int, period_ms: int, grid_ms: int
) -> None:
    phase = phase_ms(key, period_ms, grid_ms)
    assert 0 <= phase < period_ms
    assert all((phase + n * period_ms) % (grid_ms // 2) for n in range(600))


def test_phases_are_spread_over_the_period() -> None:
    phases = [phase_ms(object_key(1, str(n)), 60_000, 60_000) for n in range(6000)]
    by_second = [sum(s * 1000 <= p < s * 1000 + 1000 for p in phases) for s in range(60)]
    assert min(by_second) > 60
    assert max(by_second) < 150


def test_a_period_that_always_meets_the_grid_is_refused() -> None:
    with pytest.raises(ConfigError, match="4999 ms does not fit"):
        phase_ms(1, 4999, 5000)


@pytest.mark.parametrize("seconds", [0.9, 0, 1.1])
def test_a_grid_without_an_exact_middle_is_refused(seconds: float) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_EVALUATE_TICK_S"):
        Grid.of_seconds(seconds)


def test_grid_instants_and_middles_alternate() -> None:
    at_ms = NOW_MS + 1
    seen = []
    for _ in range(4):
        at_ms = GRID.next_half(at_ms)
        seen.append((at_ms - NOW_MS, GRID.is_instant(at_ms), GRID.is_middle(at_ms)))
    assert seen == [
        (2500, False, True),
        (5000, True, False),
        (7500, False, True),
        (10_000, True, False),
    ]
    assert [GRID.middle_from(NOW_MS + x) - NOW_MS for x in (0, 2500, 2501)] == [2500, 2500, 7500]


class _Candidates:
    """Twenty ports and thirty devices; odd ones are left alone."""

    port_count = 20
    device_count = 30

    def port_actions(self, port: int) -> tuple[Action, ...]:
        return () if port % 2 else (Action.PORT_LINK_LOST, Action.PORT_UPGRADED)

    def device_actions(self, device: int) -> tuple[Action, ...]:
        return () if device % 2 else (Action.DEVICE_DIES, Action.ALARM_RAISED)

    def silence_ms(self, device: int) -> int:
        return 30_000


def _changes(seed: int = 1, share: float = 0.9, middles: int = 200) -> list[Change]:
    plan = ChangePlan(_Candidates(), seed=seed, grid_ms=5000, share_per_minute=share)
    return [c for n in range(middles) for c in plan.at_middle(NOW_MS + 2500 + n * 5000)]


def test_the_same_seed_gives_the_same_changes_and_another_gives_others() -> None:
    assert _changes() == _changes()
    assert _changes() != _changes(seed=2)


def test_an_object_changes_once_a_middle_and_its_episodes_end() -> None:
    open_episodes: dict[tuple[bool, int], Change] = {}
    changes = _changes()
    instants = [(c.at_ms, c.action.name.startswith("PORT"), c.subject) for c in changes]
    assert len(set(instants)) == len(instants)
    assert all(c.subject % 2 == 0 for c in changes)
    for change in changes:
        key = change.action.name.startswith("PORT"), change.subject
        if change.action in ENDS:
            assert key not in open_episodes
            open_episodes[key] = change
        elif change.action is not Action.PORT_UPGRADED:
            begun = open_episodes.pop(key)
            assert ENDS[begun.action] is change.action
            silent = 30_000 if begun.action is Action.DEVICE_DIES else 0
            assert 10_000 <= change.at_ms - begun.at_ms - silent <= 50_000


def test_the_rate_is_the_share_of_objects_a_minute() -> None:
    """One in ten a minute of 50 objects, over 100 minutes: 500 throws, half of them at odd ones."""
    begun = [
        c
        for c in _changes(share=0.1, middles=1200)
        if c.action in ENDS.keys() | {Action.PORT_UPGRADED}
    ]
    assert 150 < len(begun) < 260
    assert _changes(share=0) == []


def test_a_cut_begins_and_ends_at_middles() -> None:
    cut = plan_cut([3, 4], GRID, start_ms=NOW_MS + 100, at_s=10, for_s=20)
    assert cut == Cut(NOW_MS + 12_500, NOW_MS + 32_500, (3, 4))
    plan = CutPlan([cut])
    assert plan.begun(cut.from_ms) == plan.ended(cut.until_ms) == [3, 4]
    assert plan.begun(cut.until_ms) == plan.ended(cut.from_ms) == []
    assert plan.holds(cut.from_ms) == plan.holds(cut.until_ms - 1) == [3, 4]
    assert plan.holds(cut.from_ms - 1) == plan.holds(cut.until_ms) == []
    assert plan.touches(cut.until_ms, cut.until_ms + 10_000)
    assert not plan.touches(cut.until_ms + 1, cut.until_ms + 10_000)
    assert not plan.touches(cut.from_ms - 10, cut.from_ms - 1)


@pytest.mark.parametrize(("publishers", "at_s", "for_s"), [([], 1, 1), ([1], -1, 1), ([1], 1, 0)])
def test_a_cut_of_nothing_is_refused(publishers: list[int], at_s: float, for_s: float) -> None:
    with pytest.raises(ConfigError, match="cut"):
        plan_cut(publishers, GRID, start_ms=NOW_MS, at_s=at_s, for_s=for_s)
