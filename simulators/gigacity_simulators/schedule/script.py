"""Changes that are planned by name, beside those that are drawn."""

from collections import defaultdict
from collections.abc import Iterable

from gigacity_simulators.schedule.changes import ENDS, Action, Candidates, Change

_BEGAN = {end: begin for begin, end in ENDS.items()}


class ChangeScript:
    """Asked at every middle, as the plan of drawn changes is.

    What cannot happen to an object as it is (a port that is down already, the one device that
    shows that its gateway lives) does not happen, and does not end either.
    """

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        self._at: defaultdict[int, list[Change]] = defaultdict(list)
        self.subjects: set[tuple[bool, int]] = set()
        """Whether it is a port, and its index: nothing else should happen to them."""
        for change in changes:
            self._at[change.at_ms].append(change)
            self.subjects.add((_is_port(change), change.subject))
        self._begun: set[tuple[Action, int]] = set()

    def at_middle(self, at_ms: int, known: Candidates) -> list[Change]:
        """What happens at this middle."""
        return [change for change in self._at.get(at_ms, ()) if self._may(change, known)]

    def _may(self, change: Change, known: Candidates) -> bool:
        action, subject = change.action, change.subject
        began = _BEGAN.get(action)
        if began is not None:
            is_open = (began, subject) in self._begun
            self._begun.discard((began, subject))
            return is_open
        actions = known.port_actions if _is_port(change) else known.device_actions
        if action not in actions(subject):
            return False
        self._begun.add((action, subject))
        return True


def _is_port(change: Change) -> bool:
    return change.action.name.startswith("PORT_")
