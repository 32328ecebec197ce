"""A broker that refuses filters: the areas that it grants go on, and the others are asked again."""

import socket
from collections.abc import Iterator

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import ManualClock
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.adapters.mqtt import MQTTLink
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.subscription_results import RETRY_S
from gigacity_ingest.adapters.waker import Waker

START, LATER = "gigacity/v1/371602/#", "gigacity/v1/372399/#"
_CONNECT, _SUBSCRIBE, _UNSUBSCRIBE = 0x10, 0x82, 0xA2


class ScriptedBroker:
    """Takes one connection at a time and refuses the filters that it is told to."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connection: socket.socket | None = None
        self._unread = b""
        self.refuses: set[str] = set()
        self.asked: list[list[str]] = []
        self.kinds: list[int] = []
        self.connections = 0

    def serve(self) -> None:
        """Answer what has come."""
        try:
            if self._connection is None:
                self._connection = self._listener.accept()[0]
                self._connection.setblocking(False)
                self._unread, self.connections = b"", self.connections + 1
            data = self._connection.recv(65_536)
        except BlockingIOError:
            return
        if not data:
            self._connection.close()
            self._connection = None
        self._unread += data
        while len(self._unread) > 1 and len(self._unread) >= 2 + self._unread[1]:
            end = 2 + self._unread[1]
            packet, self._unread = self._unread[:end], self._unread[end:]
            self._answer(packet[0], packet[2:])

    def _answer(self, kind: int, body: bytes) -> None:
        assert self._connection is not None
        self.kinds.append(kind)
        if kind == _CONNECT:
            self._connection.sendall(b"\x20\x03\x00\x00\x00")
        elif kind == _SUBSCRIBE:
            filters, rest = [], body[3:]
            while rest:
                end = 2 + int.from_bytes(rest[:2])
                filters.append(rest[2:end].decode())
                rest = rest[end + 1 :]
            self.asked.append(filters)
            codes = bytes(0x87 if name in self.refuses else 1 for name in filters)
            self._connection.sendall(bytes([0x90, 3 + len(codes)]) + body[:2] + b"\x00" + codes)

    def drop(self) -> None:
        """End the connection."""
        assert self._connection is not None
        self._connection.close()
        self._connection = None

    def close(self) -> None:
        self._listener.close()
        if self._connection is not None:
            self._connection.close()


def _endpoint(broker: ScriptedBroker, *filters: str) -> MQTTEndpoint:
    return MQTTEndpoint(parse_url("URL", broker.url, ("mqtt",)), "w-1", filters, Secret(""))


class NoMessages:
    """A receiver to whom nothing is published."""

    def on_session(self, *, is_resumed: bool) -> None: ...

    def on_publish(self, *_: object) -> None: ...

    def on_packets(self, packets: object, start: int) -> None: ...

    def has_room(self) -> bool:
        return True

    def on_connection_end(self) -> None: ...


class Scene:
    """A link with its broker, turned by hand."""

    def __init__(self) -> None:
        self.broker, self.clock, self.waker = ScriptedBroker(), ManualClock(), Waker()
        self.session = HealthState("session")
        self.subscriptions = HealthState("subscriptions", problem="")
        self.link = MQTTLink(
            _endpoint(self.broker, START), NoMessages(), waker=self.waker, health=self.session,
            subscriptions=self.subscriptions, clock=self.clock,
        )  # fmt: skip

    def turn(self, after_s: float = 0.0) -> None:
        """Time passes, and both sides say what they have to say."""
        self.clock.advance_s(after_s)
        for _ in range(10):
            self.link.turn(0.005)
            self.broker.serve()

    def close(self) -> None:
        self.link.stop_taking()
        self.broker.close()
        for _ in range(10):
            self.link.turn(0.005)
        self.link.close()
        self.waker.close()


@pytest.fixture
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


def test_a_session_that_is_granted_nothing_ends_and_comes_again(scene: Scene) -> None:
    scene.broker.refuses = {START}
    scene.turn()

    assert f"subscription refused ({START}: Not authorized)" in scene.session.problem
    assert not scene.link.is_connected
    assert scene.subscriptions.is_ok
    scene.broker.refuses = set()
    scene.turn(after_s=10.0)
    assert scene.session.is_ok


def test_a_filter_that_came_later_may_be_refused_and_is_asked_for_again(scene: Scene) -> None:
    scene.turn()
    scene.broker.refuses = {LATER}
    scene.link.subscribe_to((START, LATER))
    scene.turn()

    assert (scene.session.is_ok, scene.link.is_connected) == (True, True)
    assert f"subscription refused ({LATER}: Not authorized)" in scene.subscriptions.problem
    assert START not in scene.subscriptions.problem
    scene.turn(after_s=RETRY_S / 2)
    assert len(scene.broker.asked) == 2
    scene.turn(after_s=RETRY_S / 2)
    assert scene.broker.asked[1:] == [[START, LATER]] * 2
    assert scene.subscriptions.failures == 2

    scene.broker.refuses = set()
    scene.turn(after_s=RETRY_S)
    assert scene.subscriptions.is_ok
    scene.turn(after_s=RETRY_S)
    assert (len(scene.broker.asked), scene.broker.connections) == (4, 1)


def test_a_refused_filter_keeps_no_other_one_down_not_even_at_the_start(scene: Scene) -> None:
    scene.turn()
    scene.link.subscribe_to((START, LATER))
    scene.turn()
    scene.broker.refuses = {START}
    scene.broker.drop()
    scene.turn()
    scene.turn(after_s=10.0)

    assert scene.session.is_ok
    assert scene.link.granted == {LATER}
    assert f"({START}: Not authorized)" in scene.subscriptions.problem
    scene.broker.refuses = set()
    scene.turn(after_s=RETRY_S)
    assert scene.subscriptions.is_ok
    assert scene.link.granted == {START, LATER}


def test_a_worker_that_leaves_does_not_ask_again(scene: Scene) -> None:
    scene.turn()
    scene.broker.refuses = {LATER}
    scene.link.subscribe_to((START, LATER))
    scene.turn()
    scene.link.stop_taking()
    scene.turn(after_s=RETRY_S)

    assert len(scene.broker.asked) == 2


def test_what_a_connection_was_granted_is_told_no_longer_than_it_lasts(scene: Scene) -> None:
    """The broker may have lost the session by the next one, and refuse then."""
    scene.turn()
    assert scene.link.granted == {START}
    scene.broker.drop()
    scene.turn()
    assert scene.link.granted == set()
    scene.turn(after_s=10.0)
    assert scene.link.granted == {START}


def test_a_topic_is_subscribed_before_the_one_that_it_replaces_is_given_up(scene: Scene) -> None:
    """Now, and at the next connection, which makes sure of both."""
    scene.turn()
    scene.link.subscribe_to((LATER,))
    scene.turn()
    assert scene.broker.kinds == [_CONNECT, _SUBSCRIBE, _SUBSCRIBE, _UNSUBSCRIBE]
    scene.broker.drop()
    scene.turn()
    scene.turn(after_s=10.0)
    assert scene.broker.kinds[4:] == [_CONNECT, _SUBSCRIBE, _UNSUBSCRIBE]


def test_a_session_that_is_left_asks_once_everything_is_given_up(scene: Scene) -> None:
    scene.turn()
    scene.link.subscribe_to(())
    scene.turn()
    assert scene.broker.kinds == [_CONNECT, _SUBSCRIBE, _UNSUBSCRIBE, _UNSUBSCRIBE]
