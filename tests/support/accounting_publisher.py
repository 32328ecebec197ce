"""A cheap asyncio MQTT 5 publisher that never gives a report up: thousands fit in one process.

It speaks just what it needs: CONNECT with a will, PUBLISH at QoS 1, PUBACK, DISCONNECT. Whatever
was not acknowledged on one connection is sent again on the next one.
"""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.support.accounting import Source
from tests.support.accounting_mqtt import Connection, packet, text

_WINDOW = 20
_CONNECT_TIMEOUT_S = 10.0
_NO_SUBSCRIBER = 0x10
_FAILURE = 0x80
_MAX_PACKET_ID = 65_535


@dataclass
class Tally:
    """What the broker said to all publishers."""

    acknowledged: int = 0
    unrouted: int = 0
    """Acknowledged without a subscriber: the worker's session is gone."""
    refused: list[str] = field(default_factory=list)
    connects: int = 0
    births: dict[str, list[int]] = field(default_factory=dict)
    """Sessions whose birth was acknowledged, by identity."""
    ends: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Session and ``ts`` of acknowledged orderly ends, by identity."""


class LostError(Exception):
    """The connection is gone, or was refused."""


def status(session_ms: int, state: str, ts_ms: int | None = None) -> bytes:
    """Payload of a birth, a will or an orderly end."""
    end = {} if ts_ms is None else {"ts": ts_ms, "reason": "test"}
    return json.dumps({"session": session_ms, "state": state} | end).encode()


class Publisher:
    """One identity; ``run`` is its life.

    Args:
        source: its reports.
        password: of the identity.
        port: of the broker, on loopback.
        tally: of all publishers.
        now_ms: wall clock.
        every_s: between two reports; 0: one a connection.
    """

    def __init__(
        self,
        source: Source,
        *,
        password: str,
        port: int,
        tally: Tally,
        now_ms: Callable[[], int],
        every_s: float,
    ) -> None:
        self.source = source
        self.is_up = asyncio.Event()
        self._password = password
        self._port = port
        self._tally = tally
        self._now_ms = now_ms
        self._every_s = every_s
        self._rng = Random(source.identity)  # noqa: S311 - repeatable
        self._owed: deque[int] = deque()
        """Numbers to send on this connection."""
        self._sent: dict[int, int | bytes] = {}
        """Packet id to number, or to the payload of a status."""
        self._packet_id = 0
        self._session_ms = 0
        self._is_finishing = False
        self._changed = asyncio.Event()
        self._connection: Connection | None = None

    @property
    def status_topic(self) -> str:
        """Where births and ends go."""
        return f"gigacity/v1/{self.source.identity}/status"

    async def run(self) -> None:
        """Publish until ``finish``, and then until every report has its PUBACK."""
        while True:
            try:
                await self._connect()
                await self._publish()
            except (TimeoutError, OSError, LostError):
                self._drop()
                await asyncio.sleep(self._rng.uniform(0.05, 0.6))
            else:
                return

    def finish(self) -> None:
        """Make no more reports; end in order when all are acknowledged."""
        self._is_finishing = True
        self._changed.set()

    def abort(self) -> None:
        """Drop the connection without a word; the will follows, and another connection."""
        if self._connection is not None and self._connection.transport is not None:
            self._connection.transport.abort()

    def _drop(self) -> None:
        self.abort()
        self._connection = None
        self.is_up.clear()
        numbers = sorted(n for n in self._sent.values() if isinstance(n, int))
        self._owed.extendleft(reversed(numbers))
        self._sent = {}

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, connection = await loop.create_connection(
                lambda: Connection(self._on_ack, self._changed.set), "127.0.0.1", self._port
            )
            self._connection = connection
            # No session twice: rows of presence are told apart by it.
            self._session_ms = max(self._now_ms(), self._session_ms + 1)
            self._write(self._hello())
            code = await connection.connected
        if code:
            raise LostError(f"refused: {code:#x}")
        self._tally.connects += 1
        self._send(self.status_topic, status(self._session_ms, "online"), retain=True)
        self.is_up.set()

    def _hello(self) -> bytes:
        will = status(self._session_ms, "offline")
        # Version 5; password, user name, will (QoS 1, retained), clean start; no keepalive.
        head = text("MQTT") + b"\x05\xee\x00\x00\x00"
        identity = text(self.source.identity)
        body = head + identity + b"\x00" + text(self.status_topic) + text(will)
        return packet(0x10, body + identity + text(self._password))

    async def _publish(self) -> None:
        loop = asyncio.get_running_loop()
        # Spread, so that the publishers of one interval do not all send in one instant.
        due_s = loop.time() + self._rng.random() * self._every_s
        has_reported = False
        while True:
            connection = self._connection
            if connection is None or connection.lost.is_set():
                raise LostError("the connection is gone")
            self._fill_window()
            if self._is_finishing and not self._owed and not self._sent:
                await self._end()
                return
            wait_s = None
            may_report = not self._is_finishing and not (has_reported and not self._every_s)
            if may_report:
                wait_s = due_s - loop.time()
                if wait_s <= 0:
                    self._owed.append(self.source.new(self._now_ms()))
                    due_s += self._every_s
                    has_reported = True
                    continue
            await self._wait(wait_s)

    async def _wait(self, timeout_s: float | None) -> None:
        """Until something happens or it is time; nothing can happen before the call."""
        self._changed.clear()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout_s)

    async def _end(self) -> None:
        ts_ms = max(self._now_ms(), self._session_ms)
        payload = status(self._session_ms, "offline", ts_ms)
        self._send(self.status_topic, payload, retain=True)
        while self._sent:
            if self._connection is None or self._connection.lost.is_set():
                raise LostError("the connection is gone")
            await self._wait(None)
        ends = self._tally.ends.setdefault(self.source.identity, [])
        ends.append((self._session_ms, ts_ms))
        self._write(b"\xe0\x00")
        if self._connection is not None and self._connection.transport is not None:
            self._connection.transport.close()

    def _fill_window(self) -> None:
        while self._owed and len(self._sent) < _WINDOW:
            number = self._owed.popleft()
            self._send(self.source.topic, self.source.payload(number), number=number)

    def _send(
        self, topic: str, payload: bytes, *, number: int | None = None, retain: bool = False
    ) -> None:
        while True:
            self._packet_id = self._packet_id % _MAX_PACKET_ID + 1
            if self._packet_id not in self._sent:
                break
        self._sent[self._packet_id] = payload if number is None else number
        body = text(topic) + self._packet_id.to_bytes(2, "big") + b"\x00" + payload
        self._write(packet(0x33 if retain else 0x32, body))

    def _write(self, data: bytes) -> None:
        if self._connection is not None and self._connection.transport is not None:
            self._connection.transport.write(data)

    def _on_ack(self, packet_id: int, code: int) -> None:
        sent = self._sent.pop(packet_id, None)
        tally = self._tally
        tally.acknowledged += 1
        tally.unrouted += code == _NO_SUBSCRIBER
        if code >= _FAILURE:
            tally.refused.append(f"{self.source.identity}: {code:#x}")
        if isinstance(sent, int):
            self.source.acknowledge(sent)
        elif sent is not None and b"online" in sent:
            tally.births.setdefault(self.source.identity, []).append(self._session_ms)
        self._changed.set()
