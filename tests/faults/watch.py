"""Looks at the worker's ledgers all the time: they must balance at every moment."""

from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.rig import Rig

EVERY_S = 0.25
_MAX_KEPT = 10


class LedgerWatch:
    """Polls ``/ledger`` and the worker's memory in a thread."""

    def __init__(self, rig: "Rig") -> None:
        self.looks = 0
        self.unbalanced: list[dict[str, Any]] = []
        self.peak_rss_kb = 0
        self.peak_spooled = 0
        self.last: dict[str, Any] = {}
        self._rig = rig
        self._stop = Event()
        self._thread = Thread(target=self._run, name="ledger-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(EVERY_S):
            ledger = self._rig.ledger()
            if ledger:
                self._note(ledger)

    def _note(self, ledger: dict[str, Any]) -> None:
        self.looks += 1
        self.last = ledger
        self.peak_spooled = max(self.peak_spooled, ledger["points"]["spooled"])
        if not ledger["balanced"] and len(self.unbalanced) < _MAX_KEPT:
            self.unbalanced.append(ledger)
        self.peak_rss_kb = max(self.peak_rss_kb, _resident_kb(self._rig.worker.pid))


def _resident_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")]
    return int(found[0]) if found else 0
