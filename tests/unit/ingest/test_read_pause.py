"""When messages are left to gather, and when not."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import ManualClock
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.adapters.mqtt import MQTTLink
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.read_pause import FEW_BYTES, PAUSE_S, ReadPause
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.waker import Waker


def test_what_comes_after_a_quiet_moment_is_read_at_once() -> None:
    assert ReadPause().left_s(100.0) == 0


def test_after_a_few_messages_the_next_ones_gather_for_a_moment() -> None:
    pause = ReadPause()
    pause.note(200, 100.0)
    assert pause.left_s(100.0) == pytest.approx(PAUSE_S)
    assert pause.left_s(100.0 + PAUSE_S / 2) == pytest.approx(PAUSE_S / 2)
    assert pause.left_s(100.0 + 2 * PAUSE_S) == 0


@pytest.mark.parametrize("read_bytes", [0, FEW_BYTES, 50 * FEW_BYTES])
def test_neither_a_drained_queue_nor_the_answer_to_a_ping_pauses(read_bytes: int) -> None:
    pause = ReadPause()
    pause.note(read_bytes, 100.0)
    assert pause.left_s(100.0) == 0


class _Anything:
    """Has room, and takes whatever comes."""

    def has_room(self) -> bool:
        return True

    def on_publish(self, *_: object) -> None:
        return None


def _link_that_reads(messages: int) -> MQTTLink:
    """As over TLS: one short message a receive, so many of them in all."""
    waker = Waker()
    link = MQTTLink(
        MQTTEndpoint(parse_url("U", "mqtt://127.0.0.1:1", ("mqtt",)), "w", (), Secret("")),
        cast("Any", _Anything()), waker=waker, health=HealthState("session"),
        subscriptions=HealthState("subscriptions"), clock=ManualClock(),
    )  # fmt: skip
    left = iter(range(messages))

    def receive() -> None:
        if next(left, None) is not None:
            link._on_message(1, b"t", b"1", 1, False, False)

    link._client = cast("Any", SimpleNamespace(loop_read=receive, has_more=True))
    link._socket = cast("Any", SimpleNamespace(is_open=True))
    link._read()
    waker.close()
    return link


def test_a_turn_that_left_messages_unread_is_followed_by_the_next_at_once() -> None:
    """Short messages over TLS once came at ten thousand a second at most."""
    assert _link_that_reads(3)._pause_s() > 0
    assert _link_that_reads(5_000)._pause_s() == 0
