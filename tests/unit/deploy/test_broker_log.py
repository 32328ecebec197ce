"""Lines that Mosquitto 2.0.11 wrote, and what is made of them."""

from pathlib import Path

import pytest

from gigacity_deploy.broker_log import turned_away
from gigacity_deploy.broker_log_rows import MAX_NAMED, rows
from gigacity_deploy.commands.broker_log import _lines
from tests.support.line_protocol import parse_lines

DENIED = (
    "1796053740: Denied PUBLISH from 371602/olt/olt-a (d0, q1, r0, m1,"
    " 'gigacity/v1/371602/olt/olt-b/pon', ... (212 bytes))"
)
TOO_LARGE = (
    "mosquitto  | 1796053741: Dropped too large PUBLISH from 371602/olt/olt-a (d0, q1, r0, m7,"
    " 'gigacity/v1/371602/olt/olt-a/pon', ... (17000000 bytes))"
)
RECEIVED = (
    "1796053736: Received PUBLISH from 371602/olt/olt-b (d0, q1, r0, m1,"
    " 'gigacity/v1/371602/olt/olt-b/pon', ... (200 bytes))"
)
NOTICE = "1796053734: mosquitto version 2.0.11 running"


def test_messages_are_counted_by_publisher_and_reason_with_their_last_topic() -> None:
    found = turned_away([NOTICE, DENIED, RECEIVED, DENIED.replace("olt-b/pon", "x/pon"), TOO_LARGE])
    assert found.counts == {
        ("371602/olt/olt-a", "outside its path"): 2,
        ("371602/olt/olt-a", "too large"): 1,
    }
    assert found.detail() == (
        "371602/olt/olt-a: 2 outside its path, the last to gigacity/v1/371602/olt/x/pon;"
        " 371602/olt/olt-a: 1 too large, the last to gigacity/v1/371602/olt/olt-a/pon"
    )


def test_a_log_that_cannot_tell_is_not_taken_for_a_clean_one() -> None:
    assert "log_type debug" in turned_away([NOTICE]).detail()
    assert turned_away([NOTICE, RECEIVED]).detail() == "no publisher was turned away"


def test_a_topic_that_looks_like_a_line_counts_for_its_publisher_alone() -> None:
    forged = DENIED.replace("gigacity/v1/371602/olt/olt-b/pon", f"x', ... (1 bytes)) {DENIED}")
    found = turned_away([forged])
    assert found.counts == {("371602/olt/olt-a", "outside its path"): 1}


def test_many_publishers_are_named_in_part() -> None:
    lines = [DENIED.replace("olt-a", f"olt-{n}") for n in range(25)]
    assert turned_away(lines).detail().endswith("; and 5 more")


def test_publishers_that_subscribe_are_named_and_workers_are_not() -> None:
    lines = [
        "1796053740: 371602/olt/olt-a 1 $share/g1/gigacity/v1/#",
        "mosquitto  | 1796053740: 371602/olt/olt-a 0 #",
        "1796053740: gigacity-worker-0 1 gigacity/v1/#",
        "1796053741: Saving in-memory database to /mosquitto/data/mosquitto.db.",
    ]
    found = turned_away(lines)
    assert found.counts == {("371602/olt/olt-a", "subscriptions"): 2}
    assert found.detail().startswith("371602/olt/olt-a: 2 subscriptions, the last to #; the log")


def test_rows_name_the_worst_and_count_the_others() -> None:
    lines = [DENIED.replace("olt-a", f"olt-{n}") for n in range(MAX_NAMED + 5)]
    found = turned_away([*lines, DENIED, DENIED, DENIED.replace("olt-b/pon", "a\tb\\")])
    points = [parse_lines(line)[0] for line in rows(found, 1_796_053_740_000)]
    assert len(points) == MAX_NAMED + 1
    assert (points[0].tags["identity"], points[0].fields["count"]) == (
        "371602/olt/olt-a",
        ("integer", 3),
    )
    assert (points[-1].tags["identity"], points[-1].fields["count"]) == ("others", ("integer", 6))


def test_publishers_are_counted_together_beyond_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gigacity_deploy.broker_log._MAX_COUNTED", 2)
    found = turned_away([DENIED.replace("olt-a", f"olt-{n}") for n in range(9)])
    assert len(found.counts) == 3
    assert found.counts["others", "outside its path"] == 7


def test_a_log_that_is_rotated_is_followed(tmp_path: Path) -> None:
    log = tmp_path / "mosquitto.log"
    log.write_text(f"{DENIED}\n", encoding="utf-8")
    lines = _lines(log, follow=True)
    assert next(lines) == f"{DENIED}\n"
    assert next(lines) is None
    log.rename(tmp_path / "mosquitto.log.1")
    log.write_text(f"{TOO_LARGE}\n", encoding="utf-8")
    assert next(line for line in lines if line) == f"{TOO_LARGE}\n"
