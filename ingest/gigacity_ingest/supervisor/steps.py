"""What to do next, so that the sessions at the broker become those of the plan. Pure.

The order is the promise: every gain is granted before any loss begins, so that each area has an
owner at every moment, and two of them only while it moves.
"""

from dataclasses import dataclass

from gigacity_ingest.supervisor.record import Record, Session


@dataclass(frozen=True, slots=True)
class Step:
    """One visit to a session, whose worker must not be connected meanwhile."""

    client_id: str
    subscribe: frozenset[str] = frozenset()
    unsubscribe: frozenset[str] = frozenset()


def next_steps(record: Record) -> list[Step]:
    """Steps that may be done now, in any order; done again after each other they come to an end."""
    gains = [Step(s.client_id, subscribe=s.missing) for s in record.sessions if s.missing]
    if gains:
        return gains
    return [Step(s.client_id, unsubscribe=s.surplus) for s in record.sessions if s.surplus]


def runnable(record: Record) -> list[Session]:
    """Sessions whose worker may run: nothing about their subscriptions is open."""
    return [s for s in record.sessions if s.is_settled and not s.is_leaving]


def retirable(record: Record) -> list[Session]:
    """Sessions that may be drained and ended: nothing comes to them any more."""
    return [s for s in record.sessions if s.is_settled and s.is_leaving]


def is_done(record: Record) -> bool:
    """Whether the sessions at the broker are exactly those of the plan."""
    return all(s.is_settled and not s.is_leaving for s in record.sessions)
