"""Lets messages gather for a moment before they are read.

A city's messages come one by one, some milliseconds apart, and a turn of the worker's loop costs as
much as some of them. So after a turn that read only a few, the next one begins a little later. What
comes after a quiet moment is read at once, and what comes in masses without a pause.
"""

PAUSE_S = 0.05
"""A tenth of the time for which a batch is open; a call for help waits so long at most."""
FEW_BYTES = 32 * 1024
"""Of a turn from which on there is no pause: a queue is being drained. Less than any socket's
buffer takes, so that a full one is never taken for a quiet one."""


class ReadPause:
    """When the next messages may be read."""

    def __init__(self) -> None:
        self._until_s = 0.0

    def left_s(self, now_s: float) -> float:
        """How long they still gather, on the monotonic clock; 0: read."""
        return max(0.0, self._until_s - now_s)

    def note(self, read_bytes: int, now_s: float) -> None:
        """So much of messages was read in one turn."""
        if 0 < read_bytes < FEW_BYTES:
            self._until_s = now_s + PAUSE_S
