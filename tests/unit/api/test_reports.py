"""Declared figures, their log and the gap: nothing is overwritten, the last revision holds."""

import threading
from typing import Any

import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.feeding import Feed
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.quality import Quality
from gigacity_api.reports.checking import Draft
from gigacity_api.reports.declarations import Declarations, DeclaredFigure
from gigacity_api.reports.gaps import DeclarationGap, gap_of
from gigacity_api.reports.log import DeclarationLog
from gigacity_contract.clock import ManualClock
from tests.unit.api.doubles import FakeStore

DAY_1, DAY_2 = 1_790_000_000_000, 1_790_086_400_000


def draft(value: float, as_of_ms: int = DAY_1, **changes: Any) -> Draft:
    return Draft(
        "brain.scenarios", "city", "371600", as_of_ms, value, None, None, 'doc "1", a=b', "office"
    )._replace(**changes)


@pytest.fixture
def log(store: FakeStore, clock: ManualClock) -> DeclarationLog:
    return DeclarationLog(store, clock)


def standing(declared: Declarations) -> tuple[float, int] | None:
    report = declared.latest("brain.scenarios", "city", "371600")
    return None if report is None else (report.value, report.revision)


def test_a_correction_is_a_further_revision_and_stands(
    log: DeclarationLog, store: FakeStore
) -> None:
    log.add([draft(30)])
    log.add([draft(32)])
    assert standing(log.known) == (32, 1)
    assert [p.fields["value"] for p in store.found("report")] == [30, 32]
    assert [p.fields["revision"] for p in store.found("report")] == [0, 1]


def test_a_correction_of_an_older_day_does_not_stand_for_the_newer_one(log: DeclarationLog) -> None:
    log.add([draft(30), draft(33, DAY_2)])
    log.add([draft(31)])
    assert standing(log.known) == (33, 0)
    assert [r.value for r in log.known.series("brain.scenarios", "city", "371600")] == [31, 33]


def test_the_same_figure_twice_in_one_go_gets_two_revisions(log: DeclarationLog) -> None:
    entered = log.add([draft(30), draft(31), draft(9, DAY_2)])
    assert [e.report.revision for e in entered] == [0, 1, 0]


def test_entries_of_one_moment_are_different_rows(log: DeclarationLog, store: FakeStore) -> None:
    log.add([draft(float(i), DAY_1 + i) for i in range(50)])
    assert len(store.found("report")) == 50


def test_another_process_reads_the_same_book(
    log: DeclarationLog, store: FakeStore, clock: ManualClock
) -> None:
    log.add([draft(30), draft(0.5, indicator="city.four_star", numerator=5, denominator=10)])
    other = DeclarationLog(store, clock)
    assert len(other.known) == 0
    assert set(other.refresh().entries) == set(log.known.entries)
    assert other.known.entries[0].source == 'doc "1", a=b'


def test_what_another_process_entered_counts_for_the_revision(
    log: DeclarationLog, store: FakeStore, clock: ManualClock
) -> None:
    DeclarationLog(store, clock).add([draft(30)])
    clock.advance_s(1)
    assert log.add([draft(31)])[0].report.revision == 1


def test_the_same_again_is_no_revision(log: DeclarationLog, store: FakeStore) -> None:
    first = log.add([draft(30)])
    assert log.add([draft(30)]) == [first[0]._replace(is_new=False)]
    assert len(store.found("report")) == 1
    assert [e.is_new for e in log.add([draft(31), draft(31), draft(30)])] == [True, False, True]
    assert standing(log.known) == (30, 2)


@pytest.mark.parametrize(
    "change",
    [{"source": "another"}, {"reporter": "another"}, {"numerator": 3, "denominator": 4}],
)
def test_what_says_anything_else_is_a_revision(log: DeclarationLog, change: dict[str, Any]) -> None:
    log.add([draft(30)])
    (entered,) = log.add([draft(30, **change)])
    assert (entered.is_new, entered.report.revision) == (True, 1)


def test_the_same_again_is_known_after_a_restart(
    log: DeclarationLog, store: FakeStore, clock: ManualClock
) -> None:
    log.add([draft(30)])
    assert not DeclarationLog(store, clock).add([draft(30)])[0].is_new


def test_a_retry_after_a_write_of_unknown_end_finds_what_was_stored(
    log: DeclarationLog, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store.write

    def stored_but_not_answered(*call: Any) -> None:
        write(*call)
        raise StoreUnavailableError("timed out")

    monkeypatch.setattr(store, "write", stored_but_not_answered)
    with pytest.raises(StoreUnavailableError):
        log.add([draft(30)])
    monkeypatch.setattr(store, "write", write)
    assert not log.add([draft(30)])[0].is_new
    assert len(store.found("report")) == 1


def test_a_clock_that_steps_back_neither_overwrites_nor_reorders(
    store: FakeStore, clock: ManualClock
) -> None:
    """As after a restart: the log knows nothing of its own last moment."""
    DeclarationLog(store, clock).add([draft(30)])
    for step in (0, -1, -30_000):
        clock.wall_ms += step
        log = DeclarationLog(store, clock)
        log.add([draft(31.0 - step)])
    points = store.found("report")
    assert [p.fields["revision"] for p in points] == [0, 1, 2, 3]
    assert [r.revision for r in log.known.entries] == [0, 1, 2, 3]


def test_a_day_that_is_not_over_is_one_day(log: DeclarationLog, clock: ManualClock) -> None:
    """Its instant is the moment of entry, which a retry does not share."""

    def today(value: float) -> Draft:
        return draft(value, clock.now_ms(), is_until_now=True)

    first = log.add([today(30)])
    clock.advance_s(120)
    assert log.add([today(30)]) == [first[0]._replace(is_new=False)]
    assert log.add([today(31)])[0].is_new
    assert log.add([today(30)])[0].is_new
    clock.advance_s(86_400)
    assert log.add([today(30)])[0].is_new


def test_an_instant_given_as_such_is_not_taken_for_a_day(
    log: DeclarationLog, clock: ManualClock
) -> None:
    log.add([draft(30, clock.now_ms() - 3_600_000)])
    assert log.add([draft(30, clock.now_ms(), is_until_now=True)])[0].is_new


def test_refreshing_twice_adds_nothing(log: DeclarationLog) -> None:
    log.add([draft(30)])
    declared = log.known
    assert log.refresh() is declared


def test_a_database_that_is_away_stores_nothing_and_loses_nothing(
    log: DeclarationLog, store: FakeStore
) -> None:
    log.add([draft(30)])
    store.write_failure = StoreUnavailableError("away")
    with pytest.raises(StoreUnavailableError):
        log.add([draft(31)])
    assert standing(log.known) == (30, 0)


def test_the_feed_outlives_a_database_that_is_away(
    log: DeclarationLog, store: FakeStore, clock: ManualClock
) -> None:
    DeclarationLog(store, clock).add([draft(30)])
    feed = Feed("reports", log.refresh)
    store.failure = StoreUnavailableError("away")
    feed.tick()
    assert len(log.known) == 0
    store.failure = None
    feed.tick()
    assert standing(log.known) == (30, 0)


def test_the_feeds_thread_refreshes_and_ends(store: FakeStore, clock: ManualClock) -> None:
    read = threading.Event()

    class Watched(DeclarationLog):
        def refresh(self) -> Declarations:
            read.set()
            return super().refresh()

    feed = Feed("reports", Watched(store, clock).refresh)
    feed.start()
    assert read.wait(timeout=10)
    feed.stop()


# ---- gaps -------------------------------------------------------------------------------------


def figure(known_in: int, known_out: int, unknown: int, *, is_ratio: bool) -> Figure:
    total = known_in + known_out + unknown
    scale = total if is_ratio else 1
    value = known_in / (known_in + known_out) if is_ratio and known_in + known_out else known_in
    return Figure(
        "x", "city", "371600", value, known_in, total, known_in / scale,
        (known_in + unknown) / scale, known_in, known_out, unknown, None, "no_target",
        Quality(1.0, 0, "A"),
    )  # fmt: skip


def report(
    value: float, numerator: int | None = None, denominator: int | None = None
) -> DeclaredFigure:
    return DeclaredFigure(
        0, "x", "city", "371600", DAY_1, value, numerator, denominator, "office", "doc", 0
    )


def parts(gap: DeclarationGap) -> dict[str, int]:
    return {part.slug: part.objects for part in gap.parts}


@pytest.mark.parametrize(
    ("reported", "standing", "explained"),
    [
        (100, "equal", {}),
        (110, "within_bounds", {"reported_but_unknown": 10}),
        (120, "within_bounds", {"reported_but_unknown": 20}),
        (125, "above_bounds", {"reported_but_unknown": 20, "reported_but_out": 5}),
        (
            160,
            "above_bounds",
            {
                "reported_but_unknown": 20,
                "reported_but_out": 30,
                "reported_beyond_registered": 10,
            },
        ),
        (90, "below_bounds", {"measured_not_reported": 10}),
        (0, "below_bounds", {"measured_not_reported": 100}),
    ],
)
def test_the_gap_of_a_count_is_explained_by_counts(
    reported: float, standing: str, explained: dict[str, int]
) -> None:
    gap = gap_of(report(reported), figure(100, 30, 20, is_ratio=False), is_ratio=False)
    assert (gap.difference, gap.standing, parts(gap)) == (reported - 100, standing, explained)
    assert not gap.is_implied


def test_a_ratio_with_counts_shows_where_its_denominator_differs() -> None:
    gap = gap_of(report(0.95, 950, 1000), figure(700, 200, 100, is_ratio=True), is_ratio=True)
    assert gap.standing == "above_bounds"
    assert parts(gap) == {"reported_but_unknown": 100, "reported_but_out": 150}
    gap = gap_of(report(0.9, 900, 1000), figure(450, 50, 0, is_ratio=True), is_ratio=True)
    assert gap.standing == "equal"
    assert parts(gap)["denominator_differs"] == 500


def test_a_ratio_without_counts_implies_them() -> None:
    gap = gap_of(report(0.85), figure(700, 200, 100, is_ratio=True), is_ratio=True)
    assert (gap.reported_numerator, gap.is_implied) == (850, True)
    assert parts(gap) == {"reported_but_unknown": 100, "reported_but_out": 50}
    assert gap.difference == pytest.approx(0.85 - 700 / 900)


def test_nothing_known_is_not_compared() -> None:
    empty = figure(0, 0, 5, is_ratio=True)._replace(value=None)
    gap = gap_of(report(0.85), empty, is_ratio=True)
    assert (gap.standing, gap.difference, gap.parts) == ("not_comparable", None, ())


@pytest.mark.parametrize(
    ("reported", "standing"),
    [(0.0, "within_bounds"), (0.5, "within_bounds"), (0.99, "above_bounds")],
)
def test_where_less_than_half_is_known_a_report_is_compared_with_the_bounds_alone(
    reported: float, standing: str
) -> None:
    """39 of 1,000 homes are known to be out: 0 % is not "equal", and 50 % is not "more"."""
    gap = gap_of(report(reported), figure(0, 39, 961, is_ratio=True), is_ratio=True)
    assert (gap.standing, gap.difference) == (standing, None)


def test_the_parts_of_a_gap_always_add_up_to_it() -> None:
    measured = figure(40, 30, 30, is_ratio=False)
    for reported in range(0, 150, 7):
        found = parts(gap_of(report(reported), measured, is_ratio=False))
        signed = sum(n if slug != "measured_not_reported" else -n for slug, n in found.items())
        assert signed == reported - 40
