"""What two sides must agree on is written once: lateness, time zone, the earliest moment."""

import re
from pathlib import Path

import pytest

from gigacity_api.evaluator.reading import overlap_ms
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_contract.lateness import CLOCK_SLACK_MS, COMPLETE_AFTER_MS, LATE_AFTER_MS
from gigacity_contract.local_time import DAY_MS, day_start_ms
from gigacity_ingest.decode.late_markers import LateMarkers
from gigacity_ingest.decode.point_spans import PointSpan

ROOT = Path(__file__).parents[3]
PRODUCT = ("ingest", "api", "simulators", "dashboards", "deploy")
T = 1_800_000_000_000


@pytest.mark.parametrize(
    ("pattern", "home"),
    [
        (r"\b120_?000\b", "lateness.py"),
        (r"\bhours ?= ?8\b|\b8 \* 3_?600_?000\b|\b28_?800(_?000)?\b|-8h", "local_time.py"),
        (r'"Asia/Shanghai"', "local_time.py"),
        (r"datetime\(2000, 1, 1", "local_time.py"),
    ],
    ids=["lateness", "offset", "zone", "earliest"],
)
def test_it_stands_in_one_module(pattern: str, home: str) -> None:
    found = {
        path.relative_to(ROOT)
        for package in PRODUCT
        for path in (ROOT / package).rglob("*.py")
        if re.search(pattern, path.read_text(encoding="utf-8"))
    }
    assert found <= {Path("ingest/gigacity_contract", home)}


@pytest.mark.parametrize("age_ms", [0, LATE_AFTER_MS, LATE_AFTER_MS + 1])
@pytest.mark.parametrize("behind_ms", [-CLOCK_SLACK_MS, 0, CLOCK_SLACK_MS])
@pytest.mark.parametrize("lateness_s", [0.0, 2.0, 30.0, 600.0])
def test_what_the_worker_does_not_announce_the_evaluator_reads_again(
    age_ms: int, behind_ms: int, lateness_s: float
) -> None:
    """A point that is confirmed just after an instant was read, by a clock that differs."""
    settings = EvaluationSettings(60, lateness_s)
    read_ms = T + settings.allowed_lateness_ms
    confirmed_ms = read_ms + 1 - behind_ms
    ts = confirmed_ms - age_ms
    spans = {("pon_port", "371602"): (PointSpan(ts, ts, 1),)}
    is_announced = bool(LateMarkers("w").lines(spans, confirmed_ms))

    assert is_announced == (age_ms > LATE_AFTER_MS)
    assert is_announced or ts > T - overlap_ms(settings)
    # The roll-ups' day, read once it is complete by their own clock.
    assert is_announced or ts + COMPLETE_AFTER_MS >= read_ms


def test_days_begin_at_midnight_in_binzhou() -> None:
    midnight = 1_800_028_800_000
    found = [day_start_ms(midnight + more) for more in (-1, 0, DAY_MS - 1, DAY_MS)]
    assert found == [midnight - DAY_MS, midnight, midnight, midnight + DAY_MS]
