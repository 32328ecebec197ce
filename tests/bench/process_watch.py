"""CPU time and memory of a process, from Linux's ``/proc``."""

import os
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    """What a process has used since it was started."""

    cpu_s: float
    """User and system, all threads, in steps of 10 ms."""
    peak_rss_mb: float


def usage(pid: int) -> Usage | None:
    """None if it has ended."""
    folder = Path(f"/proc/{pid}")
    try:
        stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        status = (folder / "status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second column is a name in brackets, which may itself hold spaces and brackets.
    columns = stat.rpartition(")")[2].split()
    peak_kb = next((int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM:")), 0)
    return Usage((int(columns[11]) + int(columns[12])) / _TICKS, peak_kb / 1024)
