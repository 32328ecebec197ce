"""Bounds that a child process of ours puts on itself before it touches what others gave or ask."""

import contextlib
import os
import resource
import sys
from pathlib import Path

_NICE = 5
"""A quarter of a processor that the event loop or the evaluator want, too: more would starve it
beside whatever else the machine does."""

_OOM_SCORE = "1000"
"""It is ended first when the machine's memory ends."""


def bound_this_process(memory_bytes: int, cpu_s: int | None = None) -> None:
    """Limit memory and processor time, and leave both to the service where they are short.

    Args:
        memory_bytes: of addresses.
        cpu_s: in all; None: it is kept for many questions.
    """
    limits = {resource.RLIMIT_AS: memory_bytes, resource.RLIMIT_CPU: cpu_s, resource.RLIMIT_CORE: 0}
    for what, value in limits.items():
        if value is not None:
            hard = resource.getrlimit(what)[1]
            allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(what, (allowed, allowed))
    os.nice(_NICE)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")


def without_numpy() -> None:
    """Keep it from openpyxl, which loads it only to know its numbers: 0.3 s and 75 MB."""
    sys.modules["numpy"] = None  # type: ignore[assignment]
