"""What happens to a load test while it runs, and the stretches of time that follow from it."""

from collections.abc import Callable

from gigacity_deploy.demo.profile import TimeStretch
from gigacity_deploy.demo.system import System

AFTER_S = 60.0
"""The start, and the minute after something came back, are told apart from the rest."""
_BROKER_STOP_S = 60.0


class Events:
    """An outage of the database, and one of the broker; None: no such outage.

    Args:
        database: stopped in an orderly way, and started again.
        broker: the same.
    """

    def __init__(
        self, database: TimeStretch | None = None, broker: TimeStretch | None = None
    ) -> None:
        self._outages = {
            name: outage
            for name, outage in (("database", database), ("broker", broker))
            if outage is not None
        }
        self._due: list[tuple[float, Callable[[System], None]]] = []
        for name, outage in self._outages.items():
            stop, start = _ACTIONS[name]
            self._due += [(outage.at_s, stop), (outage.end_s, start)]
        self._due.sort(key=lambda due: due[0])

    def look(self, system: System, elapsed_s: float) -> None:
        """Do what is due."""
        while self._due and self._due[0][0] <= elapsed_s:
            self._due.pop(0)[1](system)

    def phases(self, began_ms: int, duration_s: float) -> dict[str, tuple[int, int]]:
        """Name to first and last moment, ms: what lies between start, outages and returns."""
        marks: list[tuple[float, str]] = [(0.0, "the first minute")]
        if not any(o.at_s <= AFTER_S <= o.end_s + AFTER_S for o in self._outages.values()):
            marks.append((AFTER_S, "then"))
        for name, outage in self._outages.items():
            marks += [
                (outage.at_s, f"without the {name}"),
                (outage.end_s, f"the minute after the {name}'s return"),
                (outage.end_s + AFTER_S, f"then, the {name} being back"),
            ]
        marks.sort()
        ends = [at_s for at_s, _ in marks[1:]] + [duration_s]
        return {
            name: (began_ms + int(at_s * 1000), began_ms + int(min(end_s, duration_s) * 1000))
            for (at_s, name), end_s in zip(marks, ends, strict=True)
            if at_s < duration_s
        }


def _stop_broker(system: System) -> None:
    system.children["mosquitto"].stop(_BROKER_STOP_S)


def _start_broker(system: System) -> None:
    system.children["mosquitto"].start()


_ACTIONS: dict[str, tuple[Callable[[System], None], Callable[[System], None]]] = {
    "database": (System.stop_influx, System.start_influx),
    "broker": (_stop_broker, _start_broker),
}
