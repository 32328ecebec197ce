"""On which CPUs a thread, and every process and thread that it starts, may run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from gigacity_contract.errors import ConfigError
from tests.bench.ingest.cpu_list import format_cpu_list


def usable_cpus(name: str) -> frozenset[int]:
    """The CPUs of the calling thread.

    Args:
        name: of the setting that asks, for the error.

    Raises:
        ConfigError: this system does not let a process choose.
    """
    if not hasattr(os, "sched_setaffinity"):
        raise ConfigError(
            f"{name}: this system does not let a process choose its CPUs; leave the option out"
        )
    return frozenset(os.sched_getaffinity(0))


@contextmanager
def running_on(name: str, cpus: frozenset[int]) -> Iterator[None]:
    """Keep the calling thread, and what it starts meanwhile, on these CPUs; none: no change.

    What was started stays there; the calling thread itself gets back the CPUs that it had.

    Args:
        name: of the setting that asks, for the error.
        cpus: need not be among the thread's own, which its parent may have narrowed.

    Raises:
        ConfigError: this system does not let a process choose, or does not give it all of them.
    """
    if not cpus:
        yield
        return
    before = usable_cpus(name)
    try:
        _take(name, cpus)
        yield
    finally:
        os.sched_setaffinity(0, before)


def _take(name: str, cpus: frozenset[int]) -> None:
    try:
        os.sched_setaffinity(0, cpus)
    except OSError as error:
        raise ConfigError(
            f"{name} {format_cpu_list(cpus)}: this process cannot run there: {error}"
        ) from error
    # The kernel leaves out what a container or a cpuset forbids, without a word.
    if missing := cpus - os.sched_getaffinity(0):
        raise ConfigError(
            f"{name} {format_cpu_list(cpus)}: this process may not use"
            f" CPU {format_cpu_list(missing)}"
        )
