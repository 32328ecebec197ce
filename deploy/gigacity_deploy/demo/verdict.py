"""What a checked run has shown: findings, each held or not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS
from gigacity_deploy.demo.check import Comparison


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise and whether it held."""

    name: str
    held: bool
    detail: str


MIN_INSTANTS = 3
"""A check of fewer shows nothing."""

COUNTED_FIELDS: dict[str, str] = {
    "pon_port": PORT_FIELDS[0].name,
    **{f"device_{kind}": fields[0].name for kind, fields in KIND_FIELDS.items()},
}
"""By measurement the field that every simulated report carries."""


def judge_figures(found: Comparison, *, expects_cut: bool) -> list[Finding]:
    """Findings about published figures."""
    compared = f"{found.exact_instants} instants, {found.exact_figures:,} figures"
    findings = [
        Finding(
            "every figure equals the ground truth of its instant",
            not found.faults and found.exact_figures > 0,
            compared,
        ),
        Finding(
            f"at least {MIN_INSTANTS} instants compared",
            found.exact_instants >= MIN_INSTANTS,
            f"{found.exact_instants}; {found.not_judged} others were not judged",
        ),
    ]
    if expects_cut:
        held = found.bounded_instants > 0 and found.wider_figures > 0
        findings.append(
            Finding(
                "while an OLT is disconnected, bounds widen and contain the truth",
                held,
                f"{found.bounded_instants} instants, {found.wider_figures:,} figures with wider"
                " bounds",
            )
        )
    return findings


def judge_loss(
    acknowledged: Mapping[str, int], before: Mapping[str, int], after: Mapping[str, int]
) -> Finding:
    """Whether every point whose message the broker confirmed is in the database."""
    stored = {name: after.get(name, 0) - before.get(name, 0) for name in acknowledged}
    lost = {name: acked - stored[name] for name, acked in acknowledged.items()}
    missing = {name: count for name, count in lost.items() if count > 0}
    total = sum(acknowledged.values())
    detail = f"{total:,} points confirmed to the simulator, {sum(stored.values()):,} stored"
    if missing:
        detail += "; missing: " + ", ".join(f"{k} {v:,}" for k, v in sorted(missing.items()))
    return Finding("nothing is lost", not missing and total > 0, detail)


def judge_ledger(ledger: Mapping[str, Any]) -> Finding:
    """Whether the worker's two ledgers balance and nothing is left on the way."""
    if not ledger:
        return Finding("both ledgers balance", held=False, detail="the worker did not answer")
    points, messages = ledger["points"], ledger["messages"]
    left = points["in_flight"] + points["spooled"] + messages["unacknowledged"]
    detail = (
        f"{messages['received']:,} messages received, {messages['acknowledged']:,} acknowledged;"
        f" {points['decoded']:,} points decoded, {points['confirmed']:,} confirmed,"
        f" {points['dead_lettered']:,} dead letters; {left} still on the way"
    )
    return Finding("both ledgers balance", bool(ledger["balanced"]) and left == 0, detail)
