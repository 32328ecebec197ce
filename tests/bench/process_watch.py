"""CPU time and memory of a process, from Linux's ``/proc``."""

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """What a process has used since it was started."""

    cpu_s: float
    """User and system, all threads, in steps of 10 ms."""
    rss_mb: float
    peak_rss_mb: float


def usage(pid: int) -> Usage | None:
    """None if it has ended."""
    folder = Path(f"/proc/{pid}")
    try:
        stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        status = (folder / "status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    sizes = {
        name: int(value.split()[0]) / 1024
        for name, _, value in (line.partition(":") for line in status)
        if name in {"VmRSS", "VmHWM"}
    }
    if "VmRSS" not in sizes:  # It has ended and waits for its parent.
        return None
    # The second column is a name in brackets, which may itself hold spaces and brackets.
    columns = stat.rpartition(")")[2].split()
    cpu_s = (int(columns[11]) + int(columns[12])) / _TICKS
    return Usage(cpu_s, sizes["VmRSS"], sizes["VmHWM"])
