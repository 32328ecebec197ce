"""What only the worker's machine can tell: room on its disk, and certificates that run out."""

import os
from pathlib import Path

from gigacity_contract.clock import Clock
from gigacity_ingest.adapters.certificates import expires_ms, file_expires_ms
from gigacity_ingest.adapters.status import MachineState, WorkerStatus

EVERY_S = 10.0


class MachineWatch:
    """Looks now and then. Network thread only.

    Args:
        status: shows what was seen.
        folder: whose disk is looked at: the worker's state.
        certificate: file of the worker's own certificate; empty: it has none.
        clock: of the process.
    """

    def __init__(self, status: WorkerStatus, folder: Path, certificate: str, clock: Clock) -> None:
        self._status, self._folder, self._clock = status, folder, clock
        self._certificate = Path(certificate) if certificate else None
        self._next_s = 0.0

    def look_if_due(self, broker_certificate: bytes | None) -> None:
        """Look, if it is time.

        Args:
            broker_certificate: of the present connection (DER); None: there is none.
        """
        now_s = self._clock.monotonic_s()
        if now_s < self._next_s:
            return
        self._next_s = now_s + EVERY_S
        own = file_expires_ms(self._certificate) if self._certificate else None
        theirs = expires_ms(broker_certificate) if broker_certificate else None
        ends = [end for end in (own, theirs) if end is not None]
        try:
            disk = os.statvfs(self._folder)
        except OSError:
            self._status.machine = MachineState(None, None, min(ends, default=None))
            return
        self._status.machine = MachineState(
            disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize, min(ends, default=None)
        )
