"""The ring of ``foreign/arrival_stamps`` as a file that the worker maps.

What is written there outlives the process, killed or not, without a call to the system for each
message. It does not outlive a loss of power: the file is not synchronised.
"""

import mmap
import os
from pathlib import Path

import structlog

from gigacity_ingest.foreign.arrival_stamps import RING_BYTES

_NAME = "arrivals.ring"
log = structlog.get_logger("sources")


def open_ring(folder: Path) -> memoryview:
    """The ring of a worker's folder; in memory alone, and logged, if the disk has no room."""
    path = folder / _NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            # Space that is not there yet would end the process when it is written to.
            os.posix_fallocate(descriptor, 0, RING_BYTES)
            return memoryview(mmap.mmap(descriptor, RING_BYTES))
        finally:
            os.close(descriptor)
    except OSError as error:
        log.warning("arrivals_not_kept", problem=f"{path}: {error.strerror}")
        return memoryview(bytearray(RING_BYTES))
