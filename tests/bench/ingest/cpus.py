"""Who runs where in a bench: the database on CPUs of its own, everything else on the others.

Without this the bare writer leaves the database every core, and a worker with its broker does not:
on a machine of few cores their ratio is the machine's.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from gigacity_contract.errors import ConfigError

OPTION = "--database-cpus"
MOST_CPUS = 8192
"""Of any Linux kernel; bounds what a range can grow to."""
_ITEM = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


@dataclass(frozen=True, slots=True)
class Division:
    """Two sets of CPUs without a common one, or two empty ones: nobody is kept anywhere."""

    database: frozenset[int] = frozenset()
    others: frozenset[int] = frozenset()
    """For broker, consumers and the bench itself."""

    def __str__(self) -> str:
        """Of the database, for people: empty, `` on CPU 0`` or `` on CPUs 0,2-3``."""
        if not self.database:
            return ""
        return f" on CPU{'s' * (len(self.database) > 1)} {format_cpu_list(self.database)}"


def divide_cpus(text: str, *, sink: str, usable: frozenset[int]) -> Division:
    """What the option asks for; empty: nothing.

    Args:
        text: of the option.
        sink: of the call.
        usable: the CPUs of this process.

    Raises:
        ConfigError: the list is wrong, does not fit this process, or there is no database to start.
    """
    if not text:
        return Division()
    database = parse_cpu_list(text)
    if sink == "null":
        raise ConfigError(f"{OPTION} {text}: the null sink is no database; leave one of them out")
    if not database <= usable:
        raise ConfigError(
            f"{OPTION} {text}: this process may not use CPU {format_cpu_list(database - usable)},"
            f" only {format_cpu_list(usable)}"
        )
    if database == usable:
        raise ConfigError(
            f"{OPTION} {text}: leaves no CPU to broker and consumers, of those that this process"
            f" may use ({format_cpu_list(usable)})"
        )
    return Division(database, usable - database)


def parse_cpu_list(text: str) -> frozenset[int]:
    """The CPUs of a list as ``taskset -c`` takes it: ``0``, ``0,2-3``.

    Raises:
        ConfigError: it is not such a list.
    """
    cpus: set[int] = set()
    for item in text.split(","):
        found = _ITEM.fullmatch(item.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not first <= last < MOST_CPUS:
            raise ConfigError(f"{OPTION} {text!r}: not a list of CPUs such as 0 or 0,2-3")
        cpus.update(range(first, last + 1))
    return frozenset(cpus)


def format_cpu_list(cpus: Iterable[int]) -> str:
    """The shortest list of these CPUs, as the kernel writes it in ``Cpus_allowed_list``."""
    ranges: list[list[int]] = []
    for cpu in sorted(set(cpus)):
        if ranges and cpu == ranges[-1][1] + 1:
            ranges[-1][1] = cpu
        else:
            ranges.append([cpu, cpu])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)


@contextmanager
def running_on(cpus: frozenset[int]) -> Iterator[None]:
    """Keep the calling thread, and what it starts meanwhile, on these CPUs; none: no change.

    What was started stays there; the calling thread itself gets back the CPUs that it had.
    """
    before = os.sched_getaffinity(0)
    try:
        if cpus:
            os.sched_setaffinity(0, cpus)
        yield
    finally:
        os.sched_setaffinity(0, before)
