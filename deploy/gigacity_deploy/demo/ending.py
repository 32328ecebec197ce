"""The end of a run: stop the simulated city, let the worker drain, count what is stored."""

import time
from dataclasses import dataclass
from typing import Any

from gigacity_contract.clock import Clock
from gigacity_deploy.demo.http import AskError, ask, count_points
from gigacity_deploy.demo.plan import ADMIN_USER, BUCKET, DemoPlan
from gigacity_deploy.demo.system import System
from gigacity_deploy.demo.verdict import COUNTED_FIELDS, Finding, judge_ledger, judge_loss
from gigacity_deploy.demo.watch import LOOK_EVERY_S, Watch
from gigacity_deploy.processes import ChildError

DRAIN_S = 120.0


@dataclass(frozen=True)
class Ending:
    """What the end of a run shows."""

    confirmed: int
    """Points whose message the broker has confirmed to the simulator."""
    stored: int
    """Points that the run has added to the database."""
    ledger: dict[str, Any]
    """The worker's; empty if it did not answer."""
    findings: list[Finding]


def count_stored(plan: DemoPlan) -> dict[str, int]:
    """Points in the database, by measurement.

    Raises:
        ChildError: the database does not answer.
    """
    try:
        return count_points(
            plan.ports.influx,
            bucket=BUCKET,
            user=ADMIN_USER,
            password=plan.secrets.value("influx_admin"),
            fields=COUNTED_FIELDS,
        )
    except AskError as error:
        raise ChildError(f"the stored points cannot be counted: {error}") from error


def end_run(system: System, watch: Watch, clock: Clock, before: dict[str, int]) -> Ending:
    """End a run, and judge whether anything is lost.

    Args:
        system: What runs.
        watch: Takes its last look when the worker has drained.
        clock: The present.
        before: Points that were stored before the run.

    Raises:
        ChildError: a process ended by itself, or the points cannot be counted.
    """
    code = system.stop_simulator()
    ledger = _drain(system, clock)
    confirmed: dict[str, int] = watch.look().stats.get("points_acked", {})
    after = count_stored(system.plan)
    findings = [
        Finding("the simulator ended normally", code == 0, f"exit code {code}"),
        judge_loss(confirmed, before, after),
        judge_ledger(ledger),
    ]
    stored = sum(after.values()) - sum(before.values())
    return Ending(sum(confirmed.values()), stored, ledger, findings)


def _drain(system: System, clock: Clock) -> dict[str, Any]:
    """Wait until the worker has nothing left on the way, or a deadline; its ledger then."""
    ledger: dict[str, Any] = {}
    give_up_s = clock.monotonic_s() + DRAIN_S
    while clock.monotonic_s() < give_up_s:
        system.check_alive()
        try:
            ledger = ask(system.plan.ports.worker, "/ledger")
        except AskError:
            time.sleep(LOOK_EVERY_S)
            continue
        points = ledger["points"]
        if not points["in_flight"] + points["spooled"] + ledger["messages"]["unacknowledged"]:
            break
        time.sleep(LOOK_EVERY_S)
    return ledger
