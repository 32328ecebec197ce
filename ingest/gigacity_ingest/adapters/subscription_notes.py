"""What a worker's session is subscribed to, and what its folder remembers of that.

The folder never knows less than the session has: a filter is noted there before it is subscribed,
and forgotten only when it is unsubscribed. Network thread only.
"""

from collections.abc import Collection

import structlog

from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import HealthState

RETRY_S = 5.0
log = structlog.get_logger("worker")


class SubscriptionNotes:
    """The filters of one session.

    Args:
        state: the worker's folder.
        filters: of its plan.
        health: says whether filters that a new city brings could be noted.
    """

    def __init__(
        self, state: StateFolder, filters: tuple[str, ...], *, health: HealthState
    ) -> None:
        self.filters = filters
        self._state = state
        self._health = health
        self._former: tuple[str, ...] = ()
        self._pending: tuple[str, ...] = ()
        self._unwanted: frozenset[str] = frozenset()
        """Nobody's any more; kept until what takes their place is noted."""
        self._next_try_s = 0.0

    def begin(self) -> tuple[str, ...]:
        """Note the filters; those of an earlier plan, which are to be unsubscribed.

        Raises:
            ConfigError: the folder cannot be written.
        """
        self._former = self._state.former_filters(self.filters)
        self._state.save_filters((*self.filters, *self._former))
        return self._former

    def forget_former(self) -> None:
        """The session no longer has them; to remember them longer does no harm."""
        self._former = ()
        try:
            self._state.save_filters(self.filters)
        except ConfigError as error:
            log.warning("subscriptions_not_noted", problem=str(error))

    def want(self, filters: tuple[str, ...]) -> None:
        """Ask for these beside what there is, and beside what was asked for before.

        Nothing is given up before the next start: another worker may not have it yet.
        """
        wanted = dict.fromkeys((*self._pending, *filters))
        self._pending = tuple(name for name in wanted if name not in self.filters)
        self._unwanted = self._unwanted.difference(filters)
        self._next_try_s = 0.0

    def give_up(self, filters: Collection[str]) -> None:
        """Have these no more, since nobody has, once everything is there that was asked for.

        A topic is often replaced by a wider or a renamed one: between the two nothing may be
        missed. The folder remembers what was given up until the next start, which unsubscribes it
        once more.
        """
        self._pending = tuple(name for name in self._pending if name not in filters)
        self._unwanted = self._unwanted.union(name for name in self.filters if name in filters)

    def settle(self, now_s: float) -> bool:
        """Note what is asked for, and only then drop what nobody has; True if ``filters`` changed.

        They are to be subscribed then, and what is no longer among them is to be unsubscribed.
        """
        if not self._pending:
            return self._drop_unwanted()
        if now_s < self._next_try_s or not self._note_pending(now_s):
            return False
        self._drop_unwanted()
        return True

    def _note_pending(self, now_s: float) -> bool:
        self._next_try_s = now_s + RETRY_S
        wider = (*self.filters, *self._pending)
        former = tuple(name for name in self._former if name not in wider)
        try:
            self._state.save_filters((*wider, *former))
        except ConfigError as error:
            self._health.failed(f"{', '.join(self._pending)} not subscribed yet: {error}")
            return False
        log.info("subscribing", filters=self._pending)
        self.filters, self._former, self._pending = wider, former, ()
        self._health.ok()
        return True

    def _drop_unwanted(self) -> bool:
        gone = tuple(name for name in self.filters if name in self._unwanted)
        self._unwanted = frozenset()
        self.filters = tuple(name for name in self.filters if name not in gone)
        self._former = (*self._former, *gone)
        return bool(gone)
