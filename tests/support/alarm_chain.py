"""From reports in a database to messages to people, in one process, by a clock that is moved.

Evaluator, alarms, the HTTP's words and the notifier are the product's; database, channel and the
HTTP between them are doubles. Ten seconds are one step; a scene of an hour takes about a second.
"""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec

from gigacity_api.alarms.model import Alarm
from gigacity_api.errors import StoreError, StoreUnavailableError
from gigacity_api.evaluator.alarm_service import AlarmService
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.http.presenters.alarms import alarm_out
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.local_time import ZONE
from gigacity_notify.calls import DELIVERED, Judgement
from gigacity_notify.configuration import Channel, read_configuration
from gigacity_notify.courier import Courier
from gigacity_notify.listing import ListingError
from gigacity_notify.notice import AlarmNotice
from gigacity_notify.notifier import Notifier
from gigacity_notify.queue import NoticeQueue
from gigacity_notify.reconciling import ListedAlarm
from tests.support.alarm_city import MINUTE_MS, START_MS, Fault
from tests.support.alarm_town import Town
from tests.unit.api.doubles import FakeCities, FakeStore

STEP_S = 10
TICKS = EvaluationSettings(60, 30)
KEPT_MS = 3_600_000
PLAIN = """
version: 1
channels: [{name: duty, kind: mqtt}]
routes: [{to: [duty], repeat_s: 0}]
"""
_FIRST_FIELD = {
    "camera": {"intact": True}, "street_light": {"lamp_on": True},
    "smoke_detector": {"alarm": False}, "water_meter": {"valve_open": True},
}  # fmt: skip
_PORT_FIELDS = ("admin", "oper", "onu_total", "onu_online", "onu_rx_min_dbm", "tx_dbm", "temp_c")


class SnapshotSource:
    """The API's list as the notifier reads it, over the same JSON."""

    alarms: AlarmService

    def __init__(self, city: City) -> None:
        self.city = city
        self.is_whole = True
        self._edition = (False, -1)

    def _listed(self, alarm: Alarm) -> ListedAlarm:
        text = alarm_out(alarm, self.city).model_dump_json(by_alias=True)
        return msgspec.json.decode(text, type=ListedAlarm)

    def open_alarms(self) -> list[ListedAlarm] | None:
        """As ``GET /alarms?state=open&partial=true`` with its ETag."""
        snapshot, is_whole = self.alarms.snapshot, self.alarms.is_restored
        if (is_whole, snapshot.edition) == self._edition:
            return None
        self._edition, self.is_whole = (is_whole, snapshot.edition), is_whole
        return [self._listed(alarm) for alarm in snapshot.alarms if alarm.is_open]

    def is_over(self, alarm: str) -> bool | None:
        """As ``GET /alarms/{alarm}``."""
        if not self.alarms.is_restored:
            raise ListingError("the API answers 503")
        found = [a for a in self.alarms.snapshot.alarms if a.id == alarm]
        return self._listed(found[0]).state == "cleared" if found else None

    def forget(self) -> None:
        """The list is read again."""
        self._edition = (False, -1)


class CapturingSender:
    """Takes every message."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, tuple[AlarmNotice, ...]]] = []

    def send(
        self, channel: Channel, notices: tuple[AlarmNotice, ...], message: str, now_ms: int
    ) -> Judgement:
        """Keep it."""
        self.sent.append((now_ms, notices))
        return DELIVERED


class Chain:
    """A town under watch."""

    def __init__(
        self, town: Town, folder: Path, *, configuration: str = PLAIN, first_minute: int = 0
    ) -> None:
        self.town, self.minute, self.began_ms = town, first_minute, 0
        self.store, self.cities = FakeStore(), FakeCities(town.city)
        now_ms = START_MS + first_minute * MINUTE_MS + 30_000
        self.clock, self.sender = ManualClock(now_ms), CapturingSender()
        self._announced = 0
        self.keeps_all = False
        """Rows of more than an hour ago stay."""
        self._metrics, self._read = ApiMetrics(), read_configuration(configuration, "scene")
        self._folder, self.source = folder, SnapshotSource(town.city)
        self.start_api()
        self.start_notifier()
        self.spooled: list[tuple[int, Fault | None]] = []
        self.alarms.refresh()
        self._session: dict[tuple[str, str], int] = {}
        self._sessions()

    def start_api(self) -> None:
        """A process of the API begins, over what the database has."""
        cache, settings = PublicationCache(Inventory(self.cities.current)), TICKS
        self.alarms = AlarmService(
            store=self.store, cache=cache, cities=self.cities, settings=settings,
            clock=self.clock, metrics=self._metrics, is_leading=True,
        )  # fmt: skip
        self.core = EvaluatorCore(
            store=self.store, cache=cache, cities=self.cities, settings=settings,
            clock=self.clock, metrics=self._metrics, evaluated=self.alarms.evaluated,
        )  # fmt: skip
        self.source.alarms = self.alarms

    def start_notifier(self) -> None:
        """A process of the notifier begins, over what its queue has."""
        self.queue = NoticeQueue(self._folder / "queue.sqlite")
        self.notifier = Notifier(self.queue, self._read, self.clock, ZONE)
        self._couriers = [
            Courier(self.queue, c, self.sender, self.clock) for c in self._read.channels
        ]
        self.source.forget()

    # What happens.

    def play(self, minutes: int, fault: Fault | None = None, *, is_looked_at: bool = True) -> None:
        """So many minutes pass; whoever the fault does not silence reports.

        Args:
            minutes: how many.
            fault: what is wrong in them.
            is_looked_at: the notifier runs.
        """
        self.began_ms = START_MS + self.minute * MINUTE_MS + 1_000
        for number in range(minutes):
            self.minute += 1
            if fault is not None and fault.ended is not None and number == 0:
                self.end(*fault.ended, self.began_ms)
            if self.store.failure is not None:
                self.spooled.append((self.minute, fault))
            else:
                self._report(self.minute, fault)
            self._forget()
            for _ in range(60 // STEP_S):
                self._step(is_looked_at=is_looked_at)

    def skip(self, days: int, fault: Fault | None = None) -> None:
        """So many days pass in which nobody looked; the last minutes are reported as always."""
        self.minute += days * 24 * 60
        self.clock.advance_s(days * 86_400)
        for minute in range(self.minute - 2, self.minute + 1):
            self._report(minute, fault)
        self.core.done_ms = START_MS + (self.minute - 1) * MINUTE_MS
        self.core.step()

    def return_of(self, fault: Fault) -> None:
        """Whoever had been cut off begins a new session."""
        assert fault.ended is not None
        self.begin(*fault.ended, START_MS + self.minute * MINUTE_MS + 1_000)

    def lose_database(self) -> None:
        """Neither read nor written from now on; workers spool."""
        self.store.failure = StoreUnavailableError("away")

    def find_database(self) -> None:
        """It is back, and workers write what they spooled."""
        self.store.failure = None
        for minute, fault in self.spooled:
            self._report(minute, fault, is_late=True)
        self.spooled.clear()

    def use(self, city: City) -> None:
        """Another city version comes into force now."""
        self.cities.older.append((self.clock.now_ms(), self.cities.current))
        self.cities.current = self.source.city = city

    def say(self, kind: str, device: str, community: str, at_ms: int, **fields: object) -> None:
        """One report of one device."""
        tags = {"area": community[:6], "community": community, "device": device}
        self.store.put(f"device_{kind}", at_ms, tags, **fields)

    def announce(self, from_ms: int, to_ms: int) -> None:
        """A batch that came late says which time it is about."""
        names = ("pon_port", *(f"device_{kind}" for kind in _FIRST_FIELD))
        for name in names:
            for area in self.town.city.areas:
                self._announced += 1
                tags = {"worker": "w-1", "measurement": name, "area": area.code}
                at_ms = self.clock.now_ms() + self._announced
                self.store.put("arrival", at_ms, tags, from_ms=from_ms, to_ms=to_ms, points=1)

    # What came of it.

    def told(self) -> list[str]:
        """Messages in their order, as ``act type resource [cause]``; more notices joined by +."""
        return [" + ".join(map(_said, notices)) for _, notices in self.sender.sent]

    def delays_s(self) -> list[int]:
        """From the beginning of the last ``play`` to each message."""
        return [round((at_ms - self.began_ms) / 1000) for at_ms, _ in self.sender.sent]

    def open(self) -> list[str]:
        """Open alarms."""
        return [f"{a.type} {a.resource.id}" for a in self.alarms.snapshot.alarms if a.is_open]

    # Inside.

    def _step(self, *, is_looked_at: bool) -> None:
        self.clock.advance_s(STEP_S)
        with suppress(StoreError):
            while self.core.step():
                pass
        with suppress(StoreError):
            self.alarms.trends.step()
        with suppress(StoreError):
            self.alarms.refresh()
        if not is_looked_at:
            return
        with suppress(ListingError):
            self.notifier.look(self.source)
        self.notifier.make_messages()
        self.notifier.remind()
        for courier in self._couriers:
            courier.deliver()

    def _report(self, minute: int, fault: Fault | None, *, is_late: bool = False) -> None:
        end_ms = START_MS + minute * MINUTE_MS
        for row in self.town.port_rows(minute, fault):
            tags = {
                "area": row.area or "", "olt": row.olt, "slot": row.slot, "port": row.port,
                "tech": row.tech or "",
            }  # fmt: skip
            fields = {name: getattr(row, name) for name in _PORT_FIELDS}
            self.store.put("pon_port", row.time, tags, **fields)
        for kind, rows in self.town.device_rows(minute, fault).items():
            for one in rows:
                self.say(kind, one.device, one.community, one.time, **_FIRST_FIELD[kind])
        if is_late:
            self.announce(end_ms - MINUTE_MS, end_ms)
        if fault is not None and fault.kind == "worker":
            return
        self.store.put(
            "gigacity_worker", end_ms, {"worker": "w-1"}, areas="*", connected=True,
            balanced=True, points_spooled=0, points_decoded=minute * 100, dead_letters=0,
        )  # fmt: skip

    def _tell(self, kind: str, name: str, at_ms: int, **fields: int) -> None:
        city = self.town.city
        areas = {o.id: o.area for o in city.olts} | {g.id: g.area for g in city.gateways}
        tags = {"area": areas[name], "object": kind, "community": "", "id": name}
        self.store.put("presence", at_ms, tags, **fields)

    def _sessions(self) -> None:
        """Everybody's, of an hour ago."""
        for row in self.town.presence(None, 0):
            self._tell(row.object, row.id, row.time, online_ms=row.time)
            self._session[row.object, row.id] = row.time

    def end(self, kind: str, name: str, at_ms: int) -> None:
        """The broker sees a connection go."""
        self._tell(kind, name, self._session[kind, name], ended_ms=at_ms)

    def begin(self, kind: str, name: str, at_ms: int) -> None:
        """A new session."""
        self._session[kind, name] = at_ms
        self._tell(kind, name, at_ms, online_ms=at_ms)

    def _forget(self) -> None:
        """Raw rows of the past: the double looks through all that it has."""
        if self.keeps_all:
            return
        before_ms = self.clock.now_ms() - KEPT_MS
        for name in ("pon_port", "gigacity_worker", *(f"device_{k}" for k in _FIRST_FIELD)):
            table = self.store.points.get(name, {})
            for key in [k for k, p in table.items() if p.time < before_ms]:
                del table[key]


def _said(notice: AlarmNotice) -> str:
    cause = notice.cause.partition(" / ")[2]
    sure = "?" if notice.is_suspected else ""
    more = f": {cause}{sure}" if cause and notice.act != "clear" else ""
    return f"{notice.act} {notice.type} {notice.resource}{more}"


def other_version(city: City, **changes: object) -> City:
    """The same city but for some changes."""
    return replace(city, version=f"{city.version}-next", **changes)  # type: ignore[arg-type]
