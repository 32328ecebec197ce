"""What to do next, so that the sessions at the broker become those of the plan. Pure.

The order is the promise: every gain is granted before any loss begins, so that each area has an
owner at every moment, and two of them only while it moves. A gain that the broker refuses holds up
the loss of what it would take over, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gigacity_ingest.ownership.subscriptions import are_covered, overlap
from gigacity_ingest.supervisor.record import Record, Session

Refused = Mapping[str, frozenset[str]]
"""Missing filters by client id that the broker refuses; the session's worker asks for them."""
_NOTHING: Refused = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One visit to a session, whose worker must not be connected meanwhile."""

    client_id: str
    subscribe: frozenset[str] = frozenset()
    unsubscribe: frozenset[str] = frozenset()


def next_steps(record: Record, refused: Refused = _NOTHING) -> list[Step]:
    """Steps that may be done now, in any order; done again after each other they come to an end."""
    gains = [
        Step(s.client_id, subscribe=s.missing)
        for s in record.sessions
        if s.missing - refused.get(s.client_id, frozenset())
    ]
    if gains:
        return gains
    losses = [Step(s.client_id, unsubscribe=_spare(record, s)) for s in record.sessions]
    return [step for step in losses if step.unsubscribe]


def _spare(record: Record, session: Session) -> frozenset[str]:
    """What a session has beyond its plan and no filter of the plan depends on."""
    if not session.surplus:
        return frozenset()
    staying = [name for s in record.sessions for name in s.held & s.wanted]
    missing = {name for s in record.sessions for name in s.missing}
    orphans = [name for name in missing if not are_covered([name], staying)]
    return frozenset(
        name for name in session.surplus if not any(overlap(name, orphan) for orphan in orphans)
    )


def runnable(record: Record, refused: Refused = _NOTHING) -> list[Session]:
    """Sessions whose worker may run: nothing about their subscriptions is to be done soon."""
    pending = next_steps(record, refused)
    busy = {step.client_id for step in pending}
    losses_follow = any(step.subscribe for step in pending)
    return [
        s
        for s in record.sessions
        if (s.wanted or s.maybe) and s.client_id not in busy and not (losses_follow and s.surplus)
    ]


def retirable(record: Record) -> list[Session]:
    """Sessions that may be drained and ended: nothing comes to them any more."""
    return [s for s in record.sessions if s.is_settled and s.is_leaving]


def unowned(record: Record) -> list[str]:
    """Filters of the plan that no session is certain to have."""
    held = [name for s in record.sessions for name in s.held]
    missing = {name for s in record.sessions for name in s.missing}
    return sorted(name for name in missing if not are_covered([name], held))


def is_done(record: Record) -> bool:
    """Whether the sessions at the broker are exactly those of the plan."""
    return all(s.is_settled and not s.is_leaving for s in record.sessions)
