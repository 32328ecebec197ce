"""What the evaluating process says of itself, where boards read it."""

import pytest

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.self_report import EVERY_MS, SelfReport
from tests.unit.api.alarms import call_for_help
from tests.unit.api.conftest import Running


def report_of(running: Running, page_url: str = "") -> SelfReport:
    return SelfReport(
        running.store, running.alarms, running.clock, running.metrics, page_url=page_url
    )


def test_it_says_how_good_the_alarm_system_is_and_where_the_pages_are(evaluated: Running) -> None:
    call_for_help(evaluated)
    report_of(evaluated, "https://city.example/").refresh()

    (row,) = evaluated.store.found("evaluator")
    assert row.tags == {}
    assert row.fields["page_url"] == "https://city.example"
    assert (row.fields["raised_last_hour"], row.fields["active"]) == (1, 1)
    assert (row.fields["is_flood"], row.fields["unacknowledged"]) == (False, 1)
    assert "acknowledge_median_s" not in row.fields
    (source,) = evaluated.store.found("frequent_alarm")
    assert source.tags == {"rank": "01"}
    assert (source.fields["text_en"], source.fields["raised"]) == ("smoke", 1)
    assert b"gigacity_api_alarms_raised_last_hour 1.0" in evaluated.metrics.text()


def test_without_an_address_and_without_alarms_it_says_the_rest(evaluated: Running) -> None:
    evaluated.alarms.refresh()
    report_of(evaluated).refresh()

    (row,) = evaluated.store.found("evaluator")
    assert "page_url" not in row.fields
    assert row.fields["active"] == 0
    assert evaluated.store.found("frequent_alarm") == []


def test_before_the_log_was_read_it_says_nothing_and_then_twice_a_minute(
    evaluated: Running,
) -> None:
    """No alarm that is known yet is no alarm that is gone."""
    report = report_of(evaluated)
    report.refresh()
    assert evaluated.store.found("evaluator") == []
    evaluated.alarms.refresh()
    for _ in range(EVERY_MS // 1000 + 1):
        report.refresh()
        evaluated.clock.advance_s(1)
    assert len(evaluated.store.found("evaluator")) == 2


def test_a_row_that_cannot_be_written_is_not_made_up_for(evaluated: Running) -> None:
    evaluated.alarms.refresh()
    report = report_of(evaluated)
    evaluated.store.write_failure = StoreUnavailableError("down")
    with pytest.raises(StoreUnavailableError):
        report.refresh()
    evaluated.store.write_failure = None
    report.refresh()
    assert evaluated.store.found("evaluator") == []
