"""Changes what a session is subscribed to, while its worker is away: one short visit each.

Messages that come meanwhile are not acknowledged, so the broker sends them to the worker again.
"""

from collections.abc import Callable, Mapping
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gigacity_contract.clock import Clock
from gigacity_contract.errors import GigacityError
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint, build_session_client
from gigacity_ingest.adapters.subscription_results import (
    FIRST_FAILURE_CODE,
    explain_refused,
    refused_filters,
)
from gigacity_ingest.supervisor.steps import Step

SILENCE_S = 10.0
"""Without any packet for so long, the visit is given up."""
_LEAVE_S = 2.0
_LOOP_S = 0.1


class EditError(GigacityError):
    """The broker could not be reached, refused, or did not answer; try again."""


class FiltersRefusedError(EditError):
    """The broker granted what was to be subscribed, but for ``filters``."""

    def __init__(self, refused: Mapping[str, str]) -> None:
        self.filters = frozenset(refused)
        super().__init__(explain_refused(refused))


class _Visit:
    """One connection as the session's client."""

    def __init__(self, endpoint: MQTTEndpoint, step: Step, *, expects_session: bool) -> None:
        self.client = build_session_client(endpoint, self._on_message)
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = self._on_subscribe
        self.client.on_unsubscribe = self._on_unsubscribe
        self._step = step
        self._expects_session = expects_session
        self.packets = 0
        self.refusal = ""
        self.refused: dict[str, str] = {}
        """Filters that were not granted, with the broker's word for it."""
        self.is_lost = False
        self.is_done = False

    def _on_message(self, *_: object) -> None:
        self.packets += 1

    def _on_connect(
        self, client: paho.Client, _data: Any, flags: Any, code: ReasonCode, _properties: Any
    ) -> None:
        self.packets += 1
        if code.is_failure:
            self.refusal = f"the connection is refused: {code}"
        elif self._expects_session and not flags.session_present:
            self.is_lost = self.is_done = True
        elif self._step.subscribe:
            options = SubscribeOptions(qos=1, retainHandling=1)
            client.subscribe([(name, options) for name in sorted(self._step.subscribe)])
        elif self._step.unsubscribe:
            client.unsubscribe(sorted(self._step.unsubscribe))
        else:
            self.is_done = True

    def _on_subscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        asked = sorted(self._step.subscribe)
        self.refused = refused_filters(asked, codes)
        self.refused |= dict.fromkeys(asked[len(codes) :], "no answer")
        self.is_done = True

    def _on_unsubscribe(
        self, _client: Any, _data: Any, _mid: int, codes: list[ReasonCode], _properties: Any
    ) -> None:
        refused = [str(code) for code in codes if code.value >= FIRST_FAILURE_CODE]
        if refused:
            self.refusal = f"end of a subscription refused: {', '.join(refused)}"
        self.is_done = True


class SessionEditor:
    """Visits sessions of one broker.

    Args:
        endpoint: with any client id; each visit takes its own.
        clock: for giving up.
        should_stop: asked in between, since a visit may take seconds.
    """

    def __init__(
        self,
        endpoint: Callable[[str], MQTTEndpoint],
        *,
        clock: Clock,
        should_stop: Callable[[], bool],
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._should_stop = should_stop

    def apply(self, step: Step, *, expects_session: bool) -> bool:
        """Subscribe or unsubscribe as the session of the step; blocks until that is granted.

        Args:
            step: what to do.
            expects_session: the session should exist; if it does not, nothing is done.

        Returns:
            Whether it was done; False: the broker does not know the session any more.

        Raises:
            FiltersRefusedError: some filters were not granted, the others were.
            EditError: it could not be done, and may be half done.
        """
        endpoint = self._endpoint(step.client_id)
        visit = _Visit(endpoint, step, expects_session=expects_session)
        try:
            visit.client.reconnect()
            self._await(visit)
        except (OSError, ValueError) as error:
            raise EditError(f"no connection to {endpoint.address}: {error}") from error
        finally:
            self._leave(visit)
        if visit.refused:
            raise FiltersRefusedError(visit.refused)
        return not visit.is_lost

    def _await(self, visit: _Visit) -> None:
        seen, give_up_s = 0, self._clock.monotonic_s() + SILENCE_S
        while not visit.is_done and not visit.refusal:
            if visit.client.loop(_LOOP_S) and not visit.is_done:
                raise EditError(visit.refusal or "the broker ended the connection")
            now_s = self._clock.monotonic_s()
            if visit.packets != seen:
                seen, give_up_s = visit.packets, now_s + SILENCE_S
            if now_s > give_up_s:
                raise EditError(f"the broker did not answer within {SILENCE_S:g} s")
            if self._should_stop():
                raise EditError("stopped")
        if visit.refusal:
            raise EditError(visit.refusal)

    def _leave(self, visit: _Visit) -> None:
        """End the connection in order; the session stays."""
        visit.client.disconnect()
        until_s = self._clock.monotonic_s() + _LEAVE_S
        while visit.client.socket() is not None and self._clock.monotonic_s() < until_s:
            if visit.client.loop(_LOOP_S):
                break
