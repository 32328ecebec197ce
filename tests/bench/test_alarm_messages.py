"""How many messages people get of a disaster of the whole city, and what making them costs.

``pytest -m bench -s tests/bench/test_alarm_messages.py``. The alarm engine over 41,000 ports, its
list as the API writes it, and the notifier with its queue on disk.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gigacity_api.alarms.book import AlarmBook
from gigacity_api.alarms.engine import AlarmEngine
from gigacity_api.alarms.model import Alarm
from gigacity_api.http.presenters.alarms import alarm_out
from gigacity_api.indicators.city_state import CityState
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.rules import CityInstant
from gigacity_city.load import load_city
from gigacity_contract.clock import ManualClock
from gigacity_contract.local_time import ZONE
from gigacity_notify.configuration import read_configuration
from gigacity_notify.notifier import Notifier
from gigacity_notify.queue import NoticeQueue
from gigacity_notify.reconciling import ListedAlarm
from tests.bench.test_alarm_scale import CITY, MINUTE, ROOT, T, report
from tests.support.alarm_chain import PLAIN

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

DISASTERS = ("every port dark", "an area silent", "every hundredth port down", "nobody is heard")


class BookSource:
    """The API's list over the engine's own book."""

    is_whole = True

    def __init__(self, book: AlarmBook, inventory: Inventory) -> None:
        self._book, self._city = book, inventory.city

    def _listed(self, alarm: Alarm) -> ListedAlarm:
        text = alarm_out(alarm, self._city).model_dump_json(by_alias=True)
        return msgspec.json.decode(text, type=ListedAlarm)

    def open_alarms(self) -> list[ListedAlarm]:
        """Every open one."""
        return [self._listed(a) for a in self._book.active.values() if a.is_open]

    def is_over(self, alarm: str) -> bool | None:
        """Whether it has cleared."""
        found = self._book.get(alarm)
        return None if found is None else found.is_cleared

    def forget(self) -> None:
        """Nothing is remembered."""


def strike(state: CityState, inventory: Inventory, at_ms: int, disaster: str) -> None:
    """The reports of a minute of a disaster."""
    ports, devices = state.ports, state.devices
    if disaster == "nobody is heard":
        return
    before = ports.ts.copy(), devices.ts.copy()
    report(state, at_ms, dark=disaster == "every port dark")
    if disaster == "an area silent":
        silent = inventory.port_area == 0
        ports.ts[silent] = before[0][silent]
        silent = inventory.device_area == 0
        devices.ts[silent] = before[1][silent]
    if disaster == "every hundredth port down":
        ports["oper"][::100] = 0


def measure(disaster: str) -> dict[str, Any]:
    """Ten minutes that are well, ten of the disaster, ten that are well."""
    inventory = Inventory(load_city(CITY))
    state, clock = CityState.empty(inventory), ManualClock(T)
    engine = AlarmEngine(AlarmBook(), inventory)
    source = BookSource(engine.book, inventory)
    messages: list[int] = []
    step_s: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        queue = NoticeQueue(Path(folder) / "queue.sqlite")
        notifier = Notifier(queue, read_configuration(PLAIN, "bench"), clock, ZONE)
        told_s = 0.0
        for number in range(30):
            at_ms = T + number * MINUTE
            strike(state, inventory, at_ms, disaster if 10 <= number < 20 else "none")
            instant = CityInstant(inventory, state.copy(), at_ms)
            clock.advance_s(60)
            started_s = time.thread_time()
            engine.step(instant, (), at_ms + 30_000)
            step_s.append(time.thread_time() - started_s)
            started_s = time.thread_time()
            for _ in range(2):
                notifier.look(source)
                clock.advance_s(30)
                notifier.make_messages()
                clock.advance_s(-30)
            told_s = max(told_s, time.thread_time() - started_s)
            if number in {9, 19, 29}:
                due = queue.due("duty", clock.now_ms() + MINUTE, limit=100_000)
                messages.append(len(due))
                for message in due:
                    queue.delivered(message)
                if number == 19:
                    alarms = sum(a.is_open for a in engine.book.active.values())
        queue.close()
    return {
        "disaster": disaster, "alarms": alarms, "messages": messages,
        "step_s": round(max(step_s), 3), "told_s": round(told_s, 3),
        "left": len(engine.book.active),
    }  # fmt: skip


@pytest.mark.parametrize("disaster", DISASTERS)
def test_a_disaster_is_a_handful_of_messages(disaster: str) -> None:
    """Prints one line: messages before it, of it, and of its end."""
    code = (
        "import json; from tests.bench.test_alarm_messages import measure;"
        f" print(json.dumps(measure({disaster!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"\n{json.dumps(found)}\n")
    assert found["messages"][0] == 0
    assert 1 <= found["messages"][1] <= 50
    assert found["messages"][2] <= 50
    assert (found["left"], found["step_s"] < 5.0) == (0, True)
