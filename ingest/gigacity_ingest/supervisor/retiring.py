"""A worker that leaves for good: takes nothing new, drains its session, and ends it.

Its session loses its subscriptions first; those who take its areas over must have theirs by then.
The session is ended only when the broker has nothing more for it and nothing waits in this worker;
stopped before, it stays and can be drained by the next start.
"""

import dataclasses
from typing import Any

import structlog
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gigacity_city.model import City
from gigacity_contract.clock import Clock
from gigacity_contract.topics import PREFIX
from gigacity_ingest.adapters.city_watch import CitySource
from gigacity_ingest.adapters.mqtt import MQTTLink
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.protocols import Receiver
from gigacity_ingest.settings import IngestSettings
from gigacity_ingest.supervisor.retirement import Next, Retirement, Seen
from gigacity_ingest.worker import Worker

_NOBODYS_FILTER = f"{PREFIX}/nobody"
"""No area has this code, so nobody subscribes it: unsubscribing it asks and changes nothing."""
log = structlog.get_logger("worker")


class RetiringLink(MQTTLink):
    """A session without subscriptions, which it may end."""

    may_end = False
    """Set when it is empty: leaving then ends the session."""
    has_ended = False
    answers = 0
    _asked_mid: int | None = None

    def __init__(self, endpoint: MQTTEndpoint, receiver: Receiver, **options: Any) -> None:
        super().__init__(endpoint, receiver, **options)
        self._client.on_unsubscribe = self._on_answer

    @property
    def delivered(self) -> int:
        """Messages that came, ever."""
        return self._delivered

    def ask(self) -> None:
        """Ask something that changes nothing; ``answers`` counts the answer."""
        _, self._asked_mid = self._client.unsubscribe(_NOBODYS_FILTER)

    def _subscribe(self) -> None:
        self.ask()

    def _on_answer(
        self, _client: Any, _data: Any, mid: int, _codes: list[ReasonCode], _properties: Any
    ) -> None:
        if mid != self._asked_mid:
            return
        self._handshake_until_s = None
        self.answers += 1
        self._health.ok(broker=str(self._endpoint.address))
        if not self._is_leaving:
            return
        properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call] # paho's gap
        if self.may_end:
            properties.SessionExpiryInterval = 0
            self.has_ended = True
        self._client.disconnect(properties=properties)


class RetiringWorker(Worker):
    """Drains its session and ends it; ``has_ended`` says whether it came so far."""

    _leaving: RetiringLink

    def __init__(
        self,
        settings: IngestSettings,
        city: City,
        *,
        clock: Clock,
        state: StateFolder,
        source: CitySource | None = None,
    ) -> None:
        self._retirement = Retirement()
        self._unwanted = settings.mqtt.filters
        settings = dataclasses.replace(
            settings, mqtt=dataclasses.replace(settings.mqtt, filters=())
        )
        if source is not None:
            # Whatever areas a new city has, none of them is this worker's.
            source = dataclasses.replace(source, filters_of=lambda _: ())
        super().__init__(settings, city, clock=clock, state=state, source=source)

    @property
    def has_ended(self) -> bool:
        """Whether the session was told to end."""
        return self._leaving.has_ended

    def _build_link(self) -> MQTTLink:
        # Whatever the session may be subscribed to is unsubscribed, even if a supervisor did so.
        former = tuple(dict.fromkeys((*self._state.former_filters(()), *self._unwanted)))
        self._leaving = RetiringLink(
            dataclasses.replace(self._settings.mqtt, former_filters=former),
            self._session_handler,
            waker=self._waker,
            health=self._status.session,
            subscriptions=self._status.subscriptions,
            clock=self._clock,
        )
        return self._leaving

    def _turn(self, timeout_s: float) -> None:
        super()._turn(timeout_s)
        if self.is_stopping:
            return
        link, now = self._leaving, self._ingestor.snapshot()
        waiting = now.messages.unacknowledged + now.points.in_flight + now.points.spooled
        seen = Seen(link.is_connected, link.delivered, link.answers, waiting)
        step = self._retirement.observe(self._clock.monotonic_s(), seen)
        if step is Next.ASK:
            link.ask()
        elif step is Next.END:
            log.info("session_is_empty", worker=self._status.worker)
            link.may_end = True
            self.request_stop()
