"""Publishes messages evenly over time, each with the instant at which it is sent."""

import math
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tests.bench.ingest.shapes import Sample
from tests.bench.ingest.wire import Login, Wire, publish_packet

_ACK_BYTES = 4
_LONGEST_PAUSE_S = 0.05
_END_S = 10.0
"""For the last acknowledgements."""


class PacedMessages(NamedTuple):
    """Messages that repeat, and how often."""

    samples: Sequence[Sample]
    made_ms: int
    """The ``ts`` that stands in all of them; the instant of sending takes its place."""
    points_per_s: float
    lap_points_per_s: float = math.inf
    """Of the first lap, in which every publisher and device is met once."""


class Publisher:
    """One connection an area, one thread; not for anything that must survive a fault.

    Args:
        logins: of each area's publisher.
        paced: what, and how fast.
        now_ms: the wall clock.
    """

    def __init__(
        self, logins: dict[str, Login], paced: PacedMessages, now_ms: Callable[[], int]
    ) -> None:
        self._paced = paced
        self._now_ms = now_ms
        areas = dict.fromkeys(sample.area for sample in paced.samples)
        self._wires = {area: Wire(logins[area], f"pace-{area}") for area in areas}
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._is_over = threading.Event()
        self._published = 0
        self.failure: OSError | None = None
        self.points = 0
        """Published so far."""
        self.is_warm = threading.Event()
        """Set when the first lap is over, from when on the pace is kept."""
        self.late_s = 0.0
        """By how much the slowest message missed its instant: the pace was not held."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once everything is acknowledged by the broker.

        Raises:
            OSError: a connection ended before that.
        """
        self._is_over.set()
        if not self._thread.is_alive():
            return
        self._thread.join()
        for wire in self._wires.values():
            wire.__exit__()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            self._send_all()
        except OSError as error:
            self.failure = error

    def _send_all(self) -> None:
        sockets = {area: wire.socket for area, wire in self._wires.items()}
        due_s, number, acknowledged = time.monotonic(), 0, 0
        old, lap = str(self._paced.made_ms).encode(), len(self._paced.samples)
        rate = self._paced.lap_points_per_s
        while not self._is_over.is_set():
            if number == lap:
                rate = self._paced.points_per_s
                self.late_s = 0.0
                self.is_warm.set()
            sample = self._paced.samples[number % lap]
            while (wait_s := due_s - time.monotonic()) > 0:
                acknowledged += _read_acks(sockets.values(), min(wait_s, _LONGEST_PAUSE_S))
                if self._is_over.is_set():
                    break
            self.late_s = max(self.late_s, -wait_s)
            payload = sample.payload.replace(old, str(self._now_ms()).encode())
            packet = publish_packet(sample.topic, payload, number % 65_000 + 1)
            sockets[sample.area].sendall(packet)
            number += 1
            self.points += len(sample.lines)
            due_s += len(sample.lines) / rate
        give_up_s = time.monotonic() + _END_S
        while acknowledged < number * _ACK_BYTES and time.monotonic() < give_up_s:
            acknowledged += _read_acks(sockets.values(), _LONGEST_PAUSE_S)
        if acknowledged < number * _ACK_BYTES:
            raise OSError(f"{number - acknowledged // _ACK_BYTES} messages are not acknowledged")


def _read_acks(sockets: Iterable[socket.socket], wait_s: float) -> int:
    """Bytes of acknowledgements that came within the time."""
    readable, _, _ = select.select(list(sockets), [], [], wait_s)
    return sum(len(sock.recv(1 << 16)) for sock in readable)
