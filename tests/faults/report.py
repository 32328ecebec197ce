"""What a long run leaves: figures as JSON, and a page of text for people."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.scene import Scene
from tests.support.accounting_check import Account, PresenceAccount

MAX_RATIO = 2.0
"""Of the 99th percentiles from publishing to storing: beside hostile neighbours, and quiet."""


@dataclass
class Report:
    """The end of a run."""

    seed: int
    duration_s: float
    scene: Scene
    account: Account
    presence: PresenceAccount
    poison: list[str]
    replayed: Account
    """The account after the dead letters were replayed with the clock set right."""
    ledger: dict[str, Any]
    ages: dict[str, Any]
    """From publishing to storing, as ``Ages.as_json`` gives it."""

    def failures(self) -> list[str]:
        """Every promise that was broken; empty if the run passed."""
        watch = self.scene.rig.watch
        checks = {
            "points are missing, wrong, or nobody's": self.account.is_exact,
            "births or orderly ends are missing": not self.presence.missing,
            "poison met another fate": not self.poison,
            "a replay left dead letters of a wrong clock": not self.replayed.dead_lettered,
            "a replay changed the account": self.replayed.is_exact,
            "the ledgers did not balance at some moment": not watch.unbalanced,
            "the ledgers do not balance at the end": bool(self.ledger.get("balanced")),
            f"honest readings waited more than {MAX_RATIO:g} times as long beside a neighbour": (
                self.ages["ratio"].get("p99_ms", math.inf) <= MAX_RATIO
            ),
            "the API gave no answer beside slow readers": math.isfinite(self.worst_healthz_s()),
            "a process ended by itself": not self.scene.problems,
            "the broker refused messages": not self.refused(),
            "the broker had no session of the worker": not self.unrouted(),
        }
        return [what for what, is_well in checks.items() if not is_well]

    def worst_healthz_s(self) -> float:
        """The longest that the API's simplest page took beside slow readers; 0: nobody asked."""
        return max(self.scene.healthz_s, default=0.0)

    def refused(self) -> int:
        """Messages that the broker refused."""
        return sum(len(load.tally.refused) for load in self.scene.loads)

    def unrouted(self) -> int:
        """Messages that the broker had nobody for."""
        return sum(load.tally.unrouted for load in self.scene.loads)

    def as_json(self) -> dict[str, Any]:
        """Everything."""
        rig = self.scene.rig
        written = rig.gate.tally.points.get("raw", 0)
        poisoned = sum(p.stored for _, p in self.scene.poison.sent)
        distinct = self.replayed.stored + poisoned
        return {
            "passed": not self.failures(),
            "failures": self.failures(),
            "seed": self.seed,
            "duration_s": round(self.duration_s, 1),
            "faults": self.scene.counts,
            "skipped": self.scene.skipped,
            "problems": self.scene.problems,
            "account": asdict(self.account),
            "after_replay": asdict(self.replayed),
            "presence": asdict(self.presence),
            "poison": {"messages": len(self.scene.poison.sent), "problems": self.poison},
            "publish_to_stored": self.ages,
            "api_healthz_worst_ms": self._worst_ms(),
            "points_written": written,
            "points_distinct": distinct,
            "written_to_distinct": round(written / max(1, distinct), 4),
            "connects": sum(load.tally.connects for load in self.scene.loads),
            "refused": self.refused(),
            "unrouted": self.unrouted(),
            "ledger_looks": rig.watch.looks,
            "ledger_unbalanced": rig.watch.unbalanced,
            "ledger_at_the_end": self.ledger,
            "peak_points_spooled": rig.watch.peak_spooled,
            "worker_peak_rss_kb": rig.watch.peak_rss_kb,
        }

    def _worst_ms(self) -> int | None:
        worst_s = self.worst_healthz_s()
        return round(1000 * worst_s) if math.isfinite(worst_s) else None

    def _waits(self) -> list[str]:
        phases = {k: v for k, v in self.ages.items() if k in {"quiet", "neighbours"}}
        phases |= {f"  {name}": found for name, found in self.ages["by_neighbour"].items()}
        return [
            f"{name:<21}{found['readings']:>7,} readings stored after {found['p50_ms']:,} ms (p50),"
            f" {found['p99_ms']:,} (p99), {found['most_ms']:,} at most"
            for name, found in phases.items()
            if found["readings"]
        ] + [f"p99 ratio      {self.ages['ratio'].get('p99_ms', 0):>10}"]

    def as_text(self) -> str:
        """The figures that matter."""
        figures, account = self.as_json(), self.account
        faults = ", ".join(f"{n} {count}" for n, count in sorted(self.scene.counts.items()))
        lines = [
            f"seed {self.seed}, {self.duration_s:.0f} s; faults: {faults}",
            *(f"skipped {name}: {why}" for name, why in self.scene.skipped.items()),
            f"acknowledged   {account.messages:>10,} messages, {account.points:,} points",
            f"stored         {account.stored:>10,} points",
            f"dead letters   {account.dead_lettered:>10,} points; after the replay"
            f" {self.replayed.dead_lettered:,}",
            f"missing        {account.missing_points:>10,}   wrong {len(account.wrong)}"
            f"   nobody's {account.foreign}   unacknowledged {account.unacknowledged}",
            f"presence       {self.presence.births:>10,} births, {self.presence.ends:,} orderly"
            f" ends, {len(self.presence.missing)} missing",
            f"written        {figures['points_written']:>10,} points,"
            f" {figures['written_to_distinct']:.3f} of the distinct ones",
            f"ledgers        {figures['ledger_looks']:>10,} looks,"
            f" {len(figures['ledger_unbalanced'])} unbalanced",
            f"worker         {figures['worker_peak_rss_kb'] / 1024:>10.1f} MB at most,"
            f" {figures['peak_points_spooled']:,} points spooled at most",
            *self._waits(),
            *self.scene.problems,
            *(account.missing + account.wrong)[:10],
            "passed" if not self.failures() else "FAILED: " + "; ".join(self.failures()),
        ]
        return "\n".join(lines)
