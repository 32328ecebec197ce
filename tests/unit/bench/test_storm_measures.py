"""Memory as time goes on, and the worker's histogram between two looks."""

import os

import pytest

from tests.bench.process_watch import Usage
from tests.bench.storm.latency import Histogram, parse_histogram
from tests.bench.storm.measures import Measures
from tests.bench.storm.memory import EVERY_S, MemoryTrack
from tests.bench.storm.usage import UsageLog

INF = float("inf")
PAGE = """\
# HELP gigacity_worker_end_to_end_latency_seconds From somewhere to somewhere
# TYPE gigacity_worker_end_to_end_latency_seconds histogram
gigacity_worker_end_to_end_latency_seconds_bucket{le="0.5",worker="w"} 90.0
gigacity_worker_end_to_end_latency_seconds_bucket{le="5.0",worker="w"} 1e+02
gigacity_worker_end_to_end_latency_seconds_bucket{le="+Inf",worker="w"} 100.0
gigacity_worker_end_to_end_latency_seconds_count{worker="w"} 100.0
"""


def test_the_histogram_is_read_from_the_page() -> None:
    assert parse_histogram(PAGE) == Histogram((0.5, 5.0, INF), (90, 100, 100))
    assert parse_histogram("gigacity_worker_connected 1.0\n") is None


def test_quantiles_and_the_bound_of_the_slowest() -> None:
    found = Histogram((0.5, 5.0, INF), (90, 100, 100))

    assert found.quantile_s(0.45) == 0.25
    assert found.quantile_s(0.99) == 4.55
    assert found.at_most_s == 5.0


@pytest.mark.parametrize(
    ("counts", "p99_s", "at_most_s"),
    [((0, 0, 0), None, None), ((0, 0, 7), 5.0, None), ((7, 7, 7), 0.495, 0.5)],
    ids=["no point", "all beyond the last bound", "all in the first bucket"],
)
def test_quantiles_at_the_edges(
    counts: tuple[float, ...], p99_s: float | None, at_most_s: float | None
) -> None:
    found = Histogram((0.5, 5.0, INF), counts)
    assert (found.quantile_s(0.99), found.at_most_s) == (p99_s, at_most_s)


def test_what_came_since_is_a_difference_unless_the_worker_was_started_anew() -> None:
    early, late = Histogram((1.0, INF), (3, 5)), Histogram((1.0, INF), (10, 12))

    assert late.since(early) == Histogram((1.0, INF), (7, 7))
    assert late.since(None) == late
    assert early.since(late) == early


def test_memory_is_sampled_every_few_seconds() -> None:
    track = MemoryTrack()
    for half_seconds in range(61):
        track.record(half_seconds / 2, 100.0, 120.0)

    assert [at_s for at_s, _ in track.samples] == [n * EVERY_S for n in range(7)]
    assert track.peak_mb == 120.0


def test_growth_is_judged_after_the_warm_up() -> None:
    track = MemoryTrack()
    for index in range(60):
        at_s = index * EVERY_S
        track.record(at_s, 50 + at_s if at_s < 90 else 140 + (at_s - 90) / 60, 0.0)

    assert track.slope_mb_per_min(90) == pytest.approx(1.0)
    assert track.slope_mb_per_min(0) > 5  # type: ignore[operator] # there are samples enough
    assert track.slope_mb_per_min(290) is None


def test_a_long_run_keeps_few_samples_of_all_of_it() -> None:
    track = MemoryTrack()
    for index in range(20_000):
        track.record(index * EVERY_S, 100.0, 100.0)

    assert 300 < len(track.samples) < 720
    assert track.samples[0][0] == 0
    assert track.samples[-1][0] > 19_000 * EVERY_S
    assert track.slope_mb_per_min(0) == 0


def test_cpu_of_a_process_that_was_started_again_adds_up() -> None:
    log = UsageLog()
    log.record("influxd", 10, Usage(5.0, 100.0, 110.0))
    log.record("influxd", 11, Usage(2.0, 50.0, 60.0))

    assert log.report()["influxd"] == {"cpu_s": 7.0, "rss_mb": 50.0, "peak_rss_mb": 60.0}


def test_a_report_speaks_of_the_time_after_the_warm_up() -> None:
    measures = Measures(30.0)
    assert measures.warm_up_s == 10.0
    for elapsed_s, counts in ((5.0, (0, 0, 50)), (10.0, (0, 0, 80)), (29.0, (100, 100, 180))):
        measures.record_usage({"self": os.getpid(), "gone": 0}, elapsed_s)
        measures.record_latency(Histogram((0.5, 5.0, INF), counts), elapsed_s)
    measures.record_latency(None, 29.5)
    measures.points = {"stored": 1234}

    report = measures.report()
    assert report["stored_after"]["whole_run"]["points"] == 180
    assert report["stored_after"]["after_warm_up"] == {
        "points": 100, "p50_s": 0.25, "p99_s": 0.495, "at_most_s": 0.5,
    }  # fmt: skip
    assert list(report["memory"]) == ["self"]
    assert report["memory"]["self"]["first_mb"] > 1
    shown = "\n".join(measures.lines())
    assert "p50 0.25 s, p99 0.49 s, at most 0.5 s (100 points)" in shown
    assert "1,234 stored" in shown


def test_a_run_without_a_point_has_lines_too() -> None:
    assert Measures(None).lines() == ["after the first 90 s:"]
