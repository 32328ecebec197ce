"""Settles the memory of a worker: once it is built, and again after each change of its city."""

import contextlib
import ctypes
import gc

_THRESHOLDS = (100_000, 50, 100)
"""The hot path makes no cycles, and a batch of 5000 messages makes 10,000 objects that a collection
would walk for nothing; what slow paths leave behind is still found, a hundred times more rarely."""


def settle_memory() -> None:
    """Give back what loading the city took, and keep the collector off what stays.

    What an earlier call froze is not walked again: a call costs what is new since then.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # Another libc has none of this.
        # glibc keeps 10 MB of small pieces otherwise (measured with the city of Binzhou).
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
