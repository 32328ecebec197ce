"""The broker's side: events of life and safety in, retained alarms out.

Events come in paho's thread and are taken on in one of their own, as many at once as have come, and
acknowledged after that: a burst waits for the disk a few times, not once for each.
"""

import queue
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.safety import SAFETY_ROOT, SafetyEvent
from gigacity_notify.calls import DELIVERED, Judgement, Verdict
from gigacity_notify.health import BrokerStanding
from gigacity_notify.safety import SafetyEventError, read_event

SESSION_EXPIRY_S = 3_600
"""Events that came while the notifier was restarted wait in its session so long."""
_PUBLISH_TIMEOUT_S = 5.0
_EVENTS = f"{SAFETY_ROOT}/#"
_FIRST_FAILURE_CODE = 128
"""Of a broker's answer; what is less grants."""
_FINAL_CODES = frozenset({0x87, 0x90, 0x99})
"""Not authorized, topic name invalid, payload format invalid: the same message is never taken."""
MAX_TAKEN_AT_ONCE = 200
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
"""Between attempts to keep events in a file that cannot be written."""
LOG = structlog.get_logger()


class _Arrived(NamedTuple):
    """An event that the broker still keeps."""

    mid: int
    qos: int
    event: SafetyEvent


class BrokerLink:
    """One session at the broker.

    What the broker refuses is said once in the log, and stands in ``standing`` until it is over.
    """

    def __init__(
        self,
        address: Address,
        take: Callable[[list[SafetyEvent]], None] | None,
        *,
        client_id: str,
        username: str,
        password: Secret,
        ca_file: str = "",
    ) -> None:
        """Make it; it is not connected yet.

        Args:
            address: of the broker.
            take: takes events on, all or none; raises sqlite3.Error if they cannot be kept, and is
                asked again. None: nothing is subscribed, and the session ends with the connection.
            client_id: of the session.
            username: of the account.
            password: of the account.
            ca_file: whom to trust.

        Raises:
            ConfigError: there is no such file.
        """
        self._take = take
        self._arrived: queue.SimpleQueue[_Arrived | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._taker = threading.Thread(target=self._take_on, name="events", daemon=True)
        self._address, self._client_id = address, client_id
        self._problem = ""
        self._has_answer = threading.Event()
        """Of the broker, about the session."""
        self._is_explained = False
        self._is_subscription_refused = False
        self._bad_events = 0
        self._refused: dict[int, ReasonCode] = {}
        """Messages that the broker did not take, by packet id: 65,535 at most."""
        self._password, self._username = password, username
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5,
            manual_ack=True,
        )  # fmt: skip
        self._client.on_pre_connect = self._on_pre_connect
        self._client.on_connect = self._on_connect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        if address.is_tls:
            if ca_file and not Path(ca_file).is_file():
                raise ConfigError(f"GIGACITY_MQTT_CA={ca_file}: no such file")
            self._client.tls_set(ca_certs=ca_file or None)
        self._client.reconnect_delay_set(1, 30)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's gap
        properties.SessionExpiryInterval = SESSION_EXPIRY_S if take else 0
        self._client.connect_async(
            address.host, address.port, keepalive=30, clean_start=False, properties=properties
        )

    @property
    def is_connected(self) -> bool:
        """Whether a session is held."""
        return bool(self._client.is_connected())

    @property
    def standing(self) -> BrokerStanding:
        """What is wrong now, and what came that could not be read."""
        silent = "" if self.is_connected else f"there is no session at {self._address}"
        return BrokerStanding(self._problem or silent, self._bad_events)

    def start(self) -> None:
        """Connect, and stay connected."""
        self._taker.start()
        self._client.loop_start()

    def await_session(self, within_s: float) -> None:
        """Wait until there is a session, or the broker refused one, or so long."""
        self._has_answer.wait(within_s)

    def stop(self) -> None:
        """Disconnect; the session waits."""
        self._is_explained = True
        self._stopping.set()
        self._client.disconnect()
        self._client.loop_stop()
        self._arrived.put(None)
        if self._taker.is_alive():
            self._taker.join()

    def publish(
        self, topic: str, payload: bytes, within_s: float = _PUBLISH_TIMEOUT_S
    ) -> Judgement:
        """Publish a retained message, and wait so long for the broker's acknowledgement."""
        if not self.is_connected:
            return Judgement(Verdict.AGAIN, self.standing.problem)
        info = self._client.publish(topic, payload, qos=1, retain=True)
        try:
            info.wait_for_publish(within_s)
        except (RuntimeError, ValueError) as error:
            return Judgement(Verdict.AGAIN, f"not published: {error}")
        if not info.is_published():
            return Judgement(Verdict.AGAIN, "the broker does not acknowledge")
        refusal = self._refused.pop(info.mid, None)
        return DELIVERED if refusal is None else _judge_refusal(topic, refusal)

    def ask_again(self) -> None:
        """Subscribe again if that was refused: the access list may have been mended."""
        if self._is_subscription_refused and self.is_connected:
            self._client.subscribe(_EVENTS, qos=1)

    def _say(self, problem: str) -> None:
        if problem == self._problem:
            return
        self._problem = problem
        (LOG.warning if problem else LOG.info)("notify.broker", problem=problem)

    def _on_pre_connect(self, client: paho.Client, _data: object) -> None:
        if self._username:
            client.username_pw_set(self._username, self._password.latest().reveal() or None)

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode,
        _properties: object,
    ) -> None:  # fmt: skip
        self._is_explained = reason.is_failure
        if reason.is_failure:
            self._say(
                f"{self._address} refuses the session: {reason}; check GIGACITY_MQTT_USERNAME and"
                f" {self._password.origin or 'GIGACITY_MQTT_PASSWORD'}"
            )
            self._has_answer.set()
            return
        self._has_answer.set()
        if self._take is None:
            self._say("")
        else:
            client.subscribe(_EVENTS, qos=1)

    def _on_connect_fail(self, _client: paho.Client, _data: object) -> None:
        # paho calls this while it handles the error, and does not pass it on.
        error = sys.exc_info()[1]
        self._say(f"no connection to {self._address}: {error}; check GIGACITY_MQTT_URL")
        self._has_answer.set()

    def _on_disconnect(
        self, _client: paho.Client, _data: object, _flags: object, reason: ReasonCode,
        _properties: object,
    ) -> None:  # fmt: skip
        # Of a session that was refused, or whose end was told, there is nothing new to say.
        if not self._is_explained:
            # Mosquitto 2.0 ends a session that another client takes without a word.
            self._say(
                f"the session at {self._address} ended: {reason}; the broker ended, or another"
                f" client uses the id {self._client_id}"
            )
        self._is_explained = True

    def _on_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, reasons: Sequence[ReasonCode],
        _properties: object,
    ) -> None:  # fmt: skip
        refusals = [reason for reason in reasons if reason.value >= _FIRST_FAILURE_CODE]
        self._is_subscription_refused = bool(refusals)
        self._say(
            f"{self._address} refuses the subscription of {_EVENTS}: {refusals[0]}; nobody is told"
            " of calls of life and safety at once: let this account read it"
            if refusals else ""
        )  # fmt: skip

    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, reason: ReasonCode,
        _properties: object,
    ) -> None:  # fmt: skip
        # paho calls this before the message counts as published. Ids are used again, so that a
        # refusal that nobody fetched must not outlive the next message of its id.
        self._refused.pop(mid, None)
        if reason.value >= _FIRST_FAILURE_CODE:
            self._refused[mid] = reason

    def _on_message(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        try:
            event = read_event(bytes(message.payload))
        except SafetyEventError as error:
            self._bad_events += 1
            # Each time their number has doubled: they may be many.
            if not self._bad_events & (self._bad_events - 1):
                LOG.warning("notify.event_not_read", topic=message.topic, error=str(error),
                            number=self._bad_events)  # fmt: skip
            client.ack(message.mid, message.qos)
        else:
            self._arrived.put(_Arrived(message.mid, message.qos, event))

    def _take_on(self) -> None:
        while (first := self._arrived.get()) is not None:
            found = [first]
            is_last = False
            while len(found) < MAX_TAKEN_AT_ONCE and not self._arrived.empty():
                more = self._arrived.get()
                if more is None:
                    is_last = True
                    break
                found.append(more)
            if not self._take_together([arrived.event for arrived in found]):
                return
            for arrived in found:
                self._client.ack(arrived.mid, arrived.qos)
            if is_last:
                return

    def _take_together(self, events: list[SafetyEvent]) -> bool:
        """Take them on; False: the process ends, and the broker keeps them."""
        if self._take is None:
            return True
        try:
            return self._keep(self._take, events)
        except Exception:
            if len(events) == 1:
                LOG.exception("notify.event_not_taken")
                return True
            # Only the one that is to blame is left.
            return all(self._take_together([event]) for event in events)

    def _keep(self, take: Callable[[list[SafetyEvent]], None], events: list[SafetyEvent]) -> bool:
        """Try until they are kept: one that is acknowledged before is lost."""
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            try:
                take(events)
            except sqlite3.Error as error:
                if not pause_s:
                    LOG.warning("notify.events_not_kept", number=len(events), error=str(error))
                pause_s = min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            else:
                if pause_s:
                    LOG.info("notify.events_kept", number=len(events))
                return True
        return False


def _judge_refusal(topic: str, reason: ReasonCode) -> Judgement:
    why = f"the broker refuses {topic}: {reason}"
    if reason.value in _FINAL_CODES:
        return Judgement(Verdict.REFUSED, f"{why}; let the notifier's account write it")
    return Judgement(Verdict.AGAIN, why)
