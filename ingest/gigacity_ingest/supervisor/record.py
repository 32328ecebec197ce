"""The record of all sessions that this supervisor has at the broker, and its transitions. Pure.

A session is in the record from before its first CONNECT until it was drained and ended; so none can
be forgotten, whenever the process dies. Of its subscriptions the record keeps what is certain and
what is possible: a request is noted before it is sent and again when it is answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from gigacity_ingest.ownership.subscriptions import are_covered, overlap


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One persistent session at the broker."""

    client_id: str
    folder: str
    """Of its worker, below the supervisor's state folder."""
    areas: tuple[str, ...] = ()
    """That it should own; for people."""
    wanted: frozenset[str] = frozenset()
    """Filters that it should have; none: it leaves, and is drained and ended."""
    held: frozenset[str] = frozenset()
    """Filters that it has for certain."""
    maybe: frozenset[str] = frozenset()
    """Filters that it may have; never less than ``held``."""

    @property
    def is_leaving(self) -> bool:
        """Whether it is to be drained and ended."""
        return not self.wanted

    @property
    def is_settled(self) -> bool:
        """Whether its subscriptions are what they should be."""
        return self.wanted == self.held == self.maybe

    @property
    def missing(self) -> frozenset[str]:
        """Filters to subscribe."""
        return self.wanted - self.held

    @property
    def surplus(self) -> frozenset[str]:
        """Filters to unsubscribe."""
        return self.maybe - self.wanted


@dataclass(frozen=True, slots=True)
class Member:
    """One worker of a plan."""

    client_id: str
    folder: str
    """Preferred; another one is taken where a session that leaves still uses it."""
    areas: tuple[str, ...]
    filters: frozenset[str]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Every session, in the order of its first appearance."""

    version: int = 1
    broker: str = ""
    """Where the sessions are."""
    sessions: tuple[Session, ...] = ()

    def session(self, client_id: str) -> Session | None:
        """The session of a client id."""
        return next((s for s in self.sessions if s.client_id == client_id), None)

    def needed(self) -> frozenset[str]:
        """Filters of the whole plan."""
        return frozenset(name for s in self.sessions for name in s.wanted)

    def _change(self, client_id: str, **changes: Any) -> "Record":
        sessions = tuple(
            msgspec.structs.replace(s, **changes) if s.client_id == client_id else s
            for s in self.sessions
        )
        return msgspec.structs.replace(self, sessions=sessions)

    def _get(self, client_id: str) -> Session:
        found = self.session(client_id)
        if found is None:
            raise KeyError(client_id)
        return found

    # --- a new plan ------------------------------------------------------------------------------

    def adopt(self, plan: Sequence[Member]) -> "Record":
        """Take a plan over: its members join or stay, every other session leaves."""
        members = {member.client_id: member for member in plan}
        taken = {s.folder for s in self.sessions}
        kept = [_follow(session, members.get(session.client_id)) for session in self.sessions]
        for member in plan:
            if self.session(member.client_id) is None:
                folder = _free_folder(member.folder, taken)
                taken.add(folder)
                kept.append(
                    Session(
                        client_id=member.client_id,
                        folder=folder,
                        areas=member.areas,
                        wanted=member.filters,
                    )
                )
        return msgspec.structs.replace(self, sessions=tuple(kept))

    # --- requests to the broker, noted before and after ------------------------------------------

    def subscribing(self, client_id: str) -> "Record":
        """Its missing filters are about to be subscribed."""
        session = self._get(client_id)
        return self._change(client_id, maybe=session.maybe | session.missing)

    def subscribed(self, client_id: str, filters: frozenset[str]) -> "Record":
        """The broker granted these."""
        session = self._get(client_id)
        return self._change(client_id, held=session.held | filters, maybe=session.maybe | filters)

    def unsubscribing(self, client_id: str, filters: frozenset[str]) -> "Record":
        """These are about to be unsubscribed.

        Raises:
            ValueError: they stand in for a filter of the plan that has no holder.
        """
        changed = self._change(client_id, held=self._get(client_id).held - filters)
        held = [name for s in changed.sessions for name in s.held]
        orphans = [name for name in self.needed() if not are_covered([name], held)]
        if any(overlap(name, orphan) for name in filters for orphan in orphans):
            raise ValueError(f"{client_id} holds what nobody else has subscribed yet")
        return changed

    def unsubscribed(self, client_id: str, filters: frozenset[str]) -> "Record":
        """The broker did it."""
        return self._change(client_id, maybe=self._get(client_id).maybe - filters)

    def lost(self, client_id: str) -> "Record":
        """The broker did not know the session: whatever it had is gone."""
        return self._change(client_id, held=frozenset(), maybe=frozenset())

    def ended(self, client_id: str) -> "Record":
        """The session was drained and ended.

        Raises:
            ValueError: it is not one that leaves, or it may have subscriptions.
        """
        session = self._get(client_id)
        if not session.is_leaving or session.maybe:
            raise ValueError(f"{client_id} is still needed")
        kept = tuple(s for s in self.sessions if s.client_id != client_id)
        return msgspec.structs.replace(self, sessions=kept)


def _follow(session: Session, member: Member | None) -> Session:
    areas = member.areas if member else ()
    filters = member.filters if member else frozenset[str]()
    return msgspec.structs.replace(session, areas=areas, wanted=filters)


def _free_folder(preferred: str, taken: Iterable[str]) -> str:
    name, number = preferred, 1
    while name in taken:
        number += 1
        name = f"{preferred}.{number}"
    return name
