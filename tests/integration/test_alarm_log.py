"""The log of alarms on a real database: what is written comes back as it was."""

import pytest

from gigacity_api.alarms.book import AlarmBook
from gigacity_api.alarms.maintenance import MaintenanceWindow
from gigacity_api.alarms.model import (
    Act,
    Alarm,
    AlarmResource,
    AlarmText,
    ChildCondition,
    Impact,
    ResourceKind,
    RootCause,
    Severity,
    alarm_id,
)
from gigacity_api.storage.alarm_log import AlarmLog
from gigacity_api.storage.influx import InfluxStore
from tests.integration.test_api_evaluation import endpoint_of
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration

T = 1_800_000_000_000
CARD = AlarmResource(ResourceKind.CARD, "olt-1/2", "371602")


def test_alarms_and_windows_come_back_as_they_stood_last(database: InfluxServer) -> None:
    """Quotes, backslashes, line breaks and Chinese in what operators write, two acts at once."""
    with InfluxStore(endpoint_of(database, "api")) as store:
        log = AlarmLog(store)
        book = AlarmBook(log.add)
        port = AlarmResource(ResourceKind.PORT, "olt-1/2/3", "371602")
        book.raise_(
            Alarm(
                id=alarm_id("pon.card_down", CARD), type="pon.card_down", resource=CARD,
                severity=Severity.MAJOR, first_raised_ms=T, raised_ms=T, reported_ms=T + 120_000,
                changed_ms=T + 120_000, text=AlarmText("业务板中断", 'line card "2" down'),
                cause=RootCause("card", "confirmed", ("card",)),
                impact=Impact(households=120, households_at_most=120, ports=16),
                children=(ChildCondition("pon.port_down", port),),
                children_by_type={"pon.port_down": 16},
            )
        )  # fmt: skip
        (alarm,) = book.active.values()
        why = 'crew "A" is on\nits way \\ 班组'
        book.act(alarm.id, Act.ACKNOWLEDGE, T + 120_000, who="noc", why=why)
        window = MaintenanceWindow(
            id="mw-1", resource=CARD, starts_ms=T, ends_ms=T + 3_600_000, who="noc", why=why
        )
        log.add_window(window, T + 120_001)
        log.flush()
        found = log.read(T, T + 1_000_000)

    assert found.alarms == list(book.active.values())
    assert found.alarms[0].history[0].why == why
    assert found.windows == [window]
