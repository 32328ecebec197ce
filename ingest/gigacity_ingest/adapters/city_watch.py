"""Looks after the city file in a thread of its own, and hands over what the worker needs of it.

Loading takes a second or more, in a process of its own. A city that is wrong, or that this worker
cannot follow, leaves the one in force where it is.
"""

import select
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from gigacity_city.reload import CityFolder
from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.city_child import CityNotLoadedError, CityRefusedError, load_registry
from gigacity_ingest.adapters.city_note import CityNote
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.decode.field_registry import FieldRegistry

LOOK_S = 5.0
"""Between two looks at the files' times and sizes; a change is taken once it stood still."""
_SETTLE_S = 1.0
"""After handing over, until the former city is gone and its memory can be given back."""
_CLOSE_S = 2.0
_MAX_PROBLEM_CHARS = 1000
_MEND = "mend the city file (gigacity city check names every fault)"
_AGAIN = f"it is tried again every {LOOK_S:g} s"
log = structlog.get_logger("city")


@dataclass(frozen=True)
class CitySource:
    """Where the city comes from, and what this worker subscribes in it."""

    folder: CityFolder
    filters_of: Callable[[FieldRegistry], tuple[str, ...]]
    """Raises ConfigError for a city that lacks an area of this worker."""
    note: CityNote | None = None
    """Of what is in force; None: nothing is kept."""

    def keep(self, version: str) -> None:
        """Note that this version is in force."""
        if self.note is not None:
            self.note.write(version)


@dataclass(frozen=True, slots=True)
class CityChange:
    """Another version of the city."""

    registry: FieldRegistry
    filters: tuple[str, ...]


class CityWatch:
    """Watches one city folder.

    Args:
        source: of the city.
        version: in force.
        health: says whether the folder holds what is in force.
        waker: of the network thread, which takes the changes.
        settle: called a while after a change, to give memory back.
    """

    def __init__(
        self,
        source: CitySource,
        version: str,
        *,
        health: HealthState,
        waker: Waker,
        settle: Callable[[], None],
    ) -> None:
        self._source = source
        self._version = version
        self._health = health
        self._consumer = waker
        self._settle = settle
        self._own = Waker()
        self._changes: deque[CityChange] = deque(maxlen=1)
        self._is_forced = False
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="city", daemon=True)

    def start(self) -> None:
        """Watch in a thread."""
        self._thread.start()

    def look_now(self) -> None:
        """Load the folder now, changed or not; safe in a signal handler."""
        self._is_forced = True
        self._own.wake()

    def take(self) -> CityChange | None:
        """The newest version that was not taken yet."""
        return self._changes.popleft() if self._changes else None

    def close(self) -> None:
        """End the thread; a load under way is waited for at most so long."""
        self._is_closing = True
        self._own.wake()
        if self._thread.is_alive():
            self._thread.join(_CLOSE_S)
        if not self._thread.is_alive():
            self._own.close()

    def _run(self) -> None:
        while not self._is_closing:
            self._wait(LOOK_S)
            if not self._is_closing and self.look():
                self._wait(_SETTLE_S)
                self._settle()

    def _wait(self, timeout_s: float) -> None:
        if not self._is_closing and not self._is_forced:
            poll = select.poll()
            poll.register(self._own.fileno(), select.POLLIN)
            poll.poll(round(timeout_s * 1000))
            self._own.clear()

    def look(self) -> bool:
        """Load a folder that changed and stood still, or that is asked for.

        Returns:
            Whether it was loaded, well or not.
        """
        is_forced, self._is_forced = self._is_forced, False
        folder = self._source.folder
        try:
            if not (folder.is_due() or is_forced):
                return False
            folder.note()
            loaded = load_registry(folder.folder, folder.in_force)
            if not folder.is_as_noted:
                # What was read may be neither the former nor the next; it is due again.
                return True
            change = CityChange(loaded.registry, self._source.filters_of(loaded.registry))
            folder.in_force = loaded.counts
            self._source.keep(loaded.registry.version)
        except CityNotLoadedError as error:
            folder.forget()
            self._refuse(_AGAIN, str(error), is_forced=is_forced)
        except (CityRefusedError, ConfigError) as error:
            self._refuse(_MEND, str(error), is_forced=is_forced)
        except Exception as error:
            folder.forget()
            problem = f"fault of the worker: {error!r}"
            if problem not in self._health.problem:
                log.exception("city_not_loaded")
            self._refuse(_AGAIN, problem, is_forced=is_forced)
        else:
            self._accept(change, is_forced=is_forced)
        return True

    def _accept(self, change: CityChange, *, is_forced: bool) -> None:
        version = change.registry.version
        self._health.ok(version=version)
        if version != self._version:
            self._version = version
            self._changes.append(change)
            if not self._is_closing:
                self._consumer.wake()
        elif is_forced:
            log.info("city_unchanged", version=version)

    def _refuse(self, reaction: str, problem: str, *, is_forced: bool) -> None:
        if len(problem) > _MAX_PROBLEM_CHARS:
            problem = f"{problem[:_MAX_PROBLEM_CHARS]} ..."
        self._health.failed(f"version {self._version} stays in force; {reaction}: {problem}")
        if is_forced:
            log.warning("city_refused", problem=problem)
