"""What one session asks of the broker: subscriptions, their change, and a sign that it answers."""

from collections.abc import Sequence

from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from gigacity_contract.topics import PREFIX
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.subscription_results import SubscriptionResults
from gigacity_ingest.fast_path.publish_scanner import StockClient

_NOBODYS_FILTER = f"{PREFIX}/nobody"
"""No area has this code, so nobody subscribes it: unsubscribing it asks and changes nothing."""


class SessionRequests:
    """Keeps a session's filters. Network thread only.

    Args:
        client: of the session.
        endpoint: its filters, and those that an earlier process left.
        health: says whether every filter is subscribed.
    """

    def __init__(self, client: StockClient, endpoint: MQTTEndpoint, health: HealthState) -> None:
        self._client = client
        self._filters = endpoint.filters
        self._former = endpoint.former_filters
        self._results = SubscriptionResults(health)
        self._asked_mid: int | None = None
        self.answers = 0
        """Requests of ``ask`` that the broker answered, ever."""

    @property
    def granted(self) -> frozenset[str]:
        """Filters that the broker's last answer on this connection granted."""
        return self._results.granted

    def begin(self) -> None:
        """A connection begins: subscribe, and give up what an earlier process had."""
        self._exchange(self._former)

    def end(self) -> None:
        """The connection ended."""
        self._results.end()

    def change(self, filters: tuple[str, ...], *, has_session: bool) -> None:
        """Have these from now on; nothing changes for those among them that there are already."""
        gone = [name for name in self._filters if name not in filters]
        self._former = tuple(name for name in (*self._former, *gone) if name not in filters)
        self._filters = filters
        if has_session:
            self._exchange(gone)

    def _exchange(self, gone: Sequence[str]) -> None:
        """Subscribe first: what both filters match must not come between the two and be missed."""
        if self._filters:
            self.subscribe()
        if gone:
            self._client.unsubscribe(list(gone))
        if not self._filters:
            # The answer tells that nothing comes any more, so this is asked last.
            self.ask()

    def subscribe(self) -> None:
        """Subscribe every filter, again or for the first time; without one only ``ask``."""
        if not self._filters:
            self.ask()
            return
        # Retained messages come only for a subscription that is new to the session, and only they
        # carry the retain flag: a live will must be told from the copy of an old one.
        options = SubscribeOptions(
            qos=1, retainAsPublished=False, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
        )
        self._client.subscribe([(name, options) for name in self._filters])

    def subscribe_if_due(self, now_s: float) -> None:
        """Ask again for what was refused, from time to time."""
        if self._results.is_due(now_s):
            self.subscribe()

    def subscribed(self, codes: Sequence[ReasonCode], now_s: float) -> str:
        """The broker's answer; why the session cannot go on, empty if it can."""
        return self._results.judge(self._filters, codes, now_s)

    def ask(self) -> None:
        """Ask something that changes nothing; ``answers`` counts the answer."""
        _, self._asked_mid = self._client.unsubscribe(_NOBODYS_FILTER)

    def unsubscribed(self, mid: int) -> bool:
        """The broker answered this request; whether it was that of ``ask``."""
        if mid != self._asked_mid:
            return False
        self.answers += 1
        return True
