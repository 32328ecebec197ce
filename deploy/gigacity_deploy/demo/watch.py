"""Looks at the running system every half second: figures, truth, ledger, rates.

Judges each published instant as soon as it appears, so that a long run keeps nothing in memory.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gigacity_contract.clock import Clock
from gigacity_deploy.demo.check import Comparison, Key, Published, Truth, parse_truth
from gigacity_deploy.demo.http import AskError, Figures, ask
from gigacity_deploy.demo.plan import DemoPlan

LOOK_EVERY_S = 0.5
UNJUDGED_INSTANTS = 5
"""So long a published instant waits for its truth; those before the simulator's start have none."""


class TruthReader:
    """Follows the simulator's truth; remembers the latest instants only."""

    KEEP = 100

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._truths: dict[int, Truth] = {}

    def at(self, instant_ms: int) -> Truth | None:
        """The truth of an instant; None if the file has none (yet)."""
        if instant_ms not in self._truths:
            self._read()
        return self._truths.get(instant_ms)

    def _read(self) -> None:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                truth = parse_truth(line.decode())
                self._truths[truth.t_ms] = truth
        for old in sorted(self._truths)[: -self.KEEP]:
            del self._truths[old]


class OutageLog:
    """Which instants the database's outage may have touched."""

    def __init__(self, *, tick_ms: int) -> None:
        self._grid_ms = tick_ms
        self.began_ms: int | None = None
        self.ended_ms: int | None = None
        self._drained_ms: int | None = None

    def note_ledger(self, points: dict[str, Any], now_ms: int) -> None:
        """The worker's ledger after the outage: has it caught up?"""
        if self.ended_ms is not None and self._drained_ms is None and points["spooled"] == 0:
            self._drained_ms = now_ms

    def touches(self, instant_ms: int) -> bool:
        """Whether a figure that appears now may lack data because of the outage."""
        if self.began_ms is None:
            return False
        return self._drained_ms is None or instant_ms <= self._drained_ms + 2 * self._grid_ms


@dataclass
class DemoSnapshot:
    """What the scoreboard shows."""

    figures: list[dict[str, Any]] = field(default_factory=list)
    instant_ms: int | None = None
    ledger: dict[str, Any] = field(default_factory=dict)
    stats: dict[str, Any] = field(default_factory=dict)
    messages_per_s: float = 0.0
    points_per_s: float = 0.0
    comparison: Comparison | None = None
    api_trouble: str = ""
    worker_trouble: str = ""


class Watch:
    """Collects snapshots of one demo."""

    def __init__(self, plan: DemoPlan, clock: Clock, *, compare: bool) -> None:
        comparison = Comparison(round(plan.pon_window_s * 1000)) if compare else None
        self.snapshot = DemoSnapshot(comparison=comparison)
        self.outage = OutageLog(tick_ms=plan.profile.tick_s * 1000)
        self._plan = plan
        self._clock = clock
        self._started_s = clock.monotonic_s()
        self._figures = Figures(plan.ports.api, plan.secrets.api_key)
        self._truth = TruthReader(plan.truth_file)
        self._counted: tuple[float, int, int] | None = None
        self._unjudged: dict[int, tuple[dict[Key, Published], bool]] = {}

    @property
    def elapsed_s(self) -> float:
        """Seconds since the simulated city was started."""
        return self._clock.monotonic_s() - self._started_s

    def look(self) -> DemoSnapshot:
        """Ask everybody once."""
        self._look_at_worker()
        self._look_at_simulator()
        try:
            self._look_at_api()
            self.snapshot.api_trouble = ""
        except AskError as error:
            self.snapshot.api_trouble = str(error)
        self._judge()
        return self.snapshot

    def _judge(self) -> None:
        """Compare what has its truth by now; give the others up after some instants."""
        comparison = self.snapshot.comparison
        if comparison is None:
            return
        newest = max(self._unjudged, default=0)
        for instant, (published, is_disturbed) in list(self._unjudged.items()):
            truth = self._truth.at(instant)
            if truth is not None:
                comparison.add(truth, published, is_disturbed=is_disturbed)
                del self._unjudged[instant]
            elif newest - instant > UNJUDGED_INSTANTS * self._plan.profile.tick_s * 1000:
                del self._unjudged[instant]

    def _look_at_worker(self) -> None:
        try:
            ledger = ask(self._plan.ports.worker, "/ledger")
        except AskError as error:
            self.snapshot.worker_trouble = str(error)
            return
        self.snapshot.worker_trouble = ""
        self.snapshot.ledger = ledger
        self.outage.note_ledger(ledger["points"], self._clock.now_ms())
        now_s = self._clock.monotonic_s()
        messages, points = ledger["messages"]["received"], ledger["points"]["confirmed"]
        if self._counted is None:
            self._counted = (now_s, messages, points)
        elif now_s - self._counted[0] >= 2:
            seconds = now_s - self._counted[0]
            self.snapshot.messages_per_s = (messages - self._counted[1]) / seconds
            self.snapshot.points_per_s = (points - self._counted[2]) / seconds
            self._counted = (now_s, messages, points)

    def _look_at_simulator(self) -> None:
        try:
            self.snapshot.stats = json.loads(self._plan.stats_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return

    def _look_at_api(self) -> None:
        instant = self._figures.newest_instant_ms()
        if instant is None or instant == self.snapshot.instant_ms:
            return
        if self.snapshot.comparison is not None:
            published = self._figures.all_of(instant)
            if published is None:
                return  # A newer one came in between; the next look takes that.
            self._unjudged[instant] = (published, self.outage.touches(instant))
        self.snapshot.figures = self._figures.city_level()
        self.snapshot.instant_ms = instant
