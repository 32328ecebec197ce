"""The process: one thread looks, one gathers, one delivers for each channel."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import structlog

from gigacity_contract.clock import Clock
from gigacity_contract.errors import ConfigError
from gigacity_notify.configuration import Channel, Configuration, read_file
from gigacity_notify.courier import Courier, Sender
from gigacity_notify.health import BEAT_S, AlarmsStanding, BrokerStanding, leave_notes
from gigacity_notify.listing import AlarmList, ListingError
from gigacity_notify.notifier import Notifier
from gigacity_notify.queue import NoticeQueue

LOOK_S, GATHER_S, DELIVER_S = 1.0, 0.5, 1.0
LONGEST_PAUSE_S = 10.0
"""Between turns of a courier that fail: short, since calls for help wait."""
LAST_ATTEMPTS_S = 10.0
"""For what is under way when the process ends."""
LOG = structlog.get_logger()


class BrokerSide(Protocol):
    """The session at the broker, as the rounds see it."""

    @property
    def standing(self) -> BrokerStanding:
        """What is wrong now."""
        ...

    def ask_again(self) -> None:
        """Ask again for what was refused."""
        ...


class ConfigurationWatch:
    """Reads the file again when it changed; a wrong one leaves the old one in force."""

    def __init__(self, path: Path, read: Callable[[Path], Configuration] = read_file) -> None:
        self._path, self._read = path, read
        self._seen = self._stamp()

    def changed(self) -> Configuration | None:
        """The new configuration; None if there is none that can be used."""
        stamp = self._stamp()
        if stamp == self._seen:
            return None
        self._seen = stamp
        try:
            return self._read(self._path)
        except ConfigError as error:
            LOG.warning("notify.configuration_refused", error=str(error))
            return None

    def _stamp(self) -> tuple[int, int]:
        with contextlib.suppress(OSError):
            found = self._path.stat()
            return found.st_mtime_ns, found.st_size
        return 0, 0


class Rounds:
    """Runs everything until it is told to stop."""

    def __init__(
        self,
        notifier: Notifier,
        queue: NoticeQueue,
        sender: Sender,
        clock: Clock,
        *,
        alarms: AlarmList | None,
        watch: ConfigurationWatch,
        follow: Callable[[Configuration], None] = lambda _: None,
        broker: BrokerSide | None = None,
    ) -> None:
        """Make the rounds.

        Args:
            notifier: turns alarms into messages.
            queue: keeps them.
            sender: sends them.
            clock: the time.
            alarms: what is wrong; None: nothing is asked.
            watch: of the configuration's file.
            follow: called with a new configuration, for what uses it besides notifier and couriers.
            broker: the session at the broker; None: there is none.
        """
        self._notifier, self._queue, self._sender = notifier, queue, sender
        self._clock, self._alarms, self._watch = clock, alarms, watch
        self._follow_too, self._broker = follow, broker
        self._stopping = threading.Event()
        self._is_api_well = True
        self._looked = AlarmsStanding(clock.now_ms())
        self._wakers: dict[str, threading.Event] = {}
        self._couriers: dict[str, tuple[Courier, threading.Thread]] = {}

    def wake(self) -> None:
        """There are new messages."""
        for event in list(self._wakers.values()):
            event.set()

    def stop(self) -> None:
        """End every round soon; what is queued waits in its file."""
        self._stopping.set()
        self.wake()

    def run(self) -> None:
        """Go round until stopped."""
        with self._thread("look", self._look), self._thread("gather", self._gather):
            self._employ(self._notifier.configuration)
            while not self._stopping.wait(1.0):
                self._turn("watch", self._follow)
        until_s = time.monotonic() + LAST_ATTEMPTS_S
        for _, thread in self._couriers.values():
            # One whose other side never ends is left: its message is sent again after the start.
            thread.join(max(0.0, until_s - time.monotonic()))

    def _follow(self) -> None:
        changed = self._watch.changed()
        if changed is not None:
            self._notifier.follow(changed)
            self._follow_too(changed)
            self._employ(changed)
            LOG.info("notify.configuration_taken", channels=len(changed.channels))
        # Every time: what was under way by the old file may still have come in.
        self._queue.bury_all_but(self._notifier.configuration.channel_by_name)

    @staticmethod
    def _turn(name: str, work: Callable[[], object]) -> bool:
        """One turn of a round: a fault in it is told, and the next turn comes all the same."""
        try:
            work()
        except Exception:
            LOG.exception("notify.turn_failed", round=name)
            return False
        return True

    @contextlib.contextmanager
    def _thread(self, name: str, work: Callable[[], None]) -> Iterator[None]:
        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join()

    def _employ(self, configuration: Configuration) -> None:
        """One courier a channel; one whose channel changed uses the new one from now on."""
        for name in self._couriers.keys() - configuration.channel_by_name.keys():
            self._couriers[name][0].is_dismissed = True
            self._wakers[name].set()
        for channel in configuration.channels:
            known = self._couriers.get(channel.name)
            if known is not None and not known[0].is_dismissed:
                known[0].channel = channel
                continue
            before = None if known is None else known[1]
            self._couriers[channel.name] = self._new_courier(channel, before)

    def _new_courier(
        self, channel: Channel, before: threading.Thread | None
    ) -> tuple[Courier, threading.Thread]:
        courier = Courier(self._queue, channel, self._sender, self._clock)
        waker = self._wakers.setdefault(channel.name, threading.Event())
        thread = threading.Thread(
            target=self._deliver, args=(courier, waker, before), name=channel.name, daemon=True
        )
        thread.start()
        return courier, thread

    def _look(self) -> None:
        while not self._stopping.wait(LOOK_S):
            self._turn("look", self._look_once)

    def _look_once(self) -> None:
        if self._alarms is None:
            return
        try:
            self._notifier.look(self._alarms)
        except ListingError as error:
            if self._is_api_well:
                LOG.warning("notify.api_away", error=str(error))
            self._is_api_well = False
            self._looked = AlarmsStanding(self._looked.looked_ms, str(error))
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            self._looked = AlarmsStanding(self._looked.looked_ms, problem)
            raise
        else:
            self._looked = AlarmsStanding(self._clock.now_ms())
            if not self._is_api_well:
                LOG.info("notify.api_back")
            self._is_api_well = True

    def _gather(self) -> None:
        since_reminder_s = 0.0
        while not self._stopping.wait(GATHER_S):
            is_well = self._turn("gather", self._notifier.make_messages)
            since_reminder_s += GATHER_S
            if since_reminder_s >= BEAT_S:
                since_reminder_s = 0.0
                # Without its notes it counts as stuck, so only what works leaves them.
                if is_well and self._turn("remind", self._notifier.remind):
                    self._turn("notes", self._leave_notes)

    def _leave_notes(self) -> None:
        broker = self._broker
        if broker is not None:
            broker.ask_again()
        leave_notes(
            self._queue,
            self._clock.now_ms(),
            None if broker is None else broker.standing,
            None if self._alarms is None else self._looked,
        )

    def _deliver(
        self, courier: Courier, waker: threading.Event, before: threading.Thread | None
    ) -> None:
        # A channel that is back in the file: its last attempt must end first, or it goes out twice.
        while before is not None and before.is_alive() and not self._stopping.is_set():
            before.join(DELIVER_S)
        was_error, pause_s = "", 0.0
        while not (self._stopping.is_set() or courier.is_dismissed):
            if not self._turn(courier.channel.name, courier.deliver):
                pause_s = min(max(2 * pause_s, DELIVER_S), LONGEST_PAUSE_S)
                self._stopping.wait(pause_s)
                continue
            pause_s = 0.0
            if courier.error != was_error:
                was_error = courier.error
                log = LOG.warning if was_error else LOG.info
                log("notify.channel", channel=courier.channel.name, error=was_error)
            if courier.has_more:
                continue
            free_in_s = courier.free_in_s
            waker.wait(DELIVER_S if free_in_s is None else min(free_in_s, DELIVER_S))
            waker.clear()
