"""Bounds that a child process of ours puts on itself before it touches what others gave."""

import resource
import sys


def bound_this_process(memory_bytes: int, cpu_s: int) -> None:
    """Limit memory and processor time; openpyxl shall do without numpy.

    It would load it only to know its numbers: 0.3 s and 75 MB.
    """
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes), (resource.RLIMIT_CPU, cpu_s), (resource.RLIMIT_CORE, 0)
    ):  # fmt: skip
        hard = resource.getrlimit(what)[1]
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (allowed, allowed))
    sys.modules["numpy"] = None  # type: ignore[assignment]
