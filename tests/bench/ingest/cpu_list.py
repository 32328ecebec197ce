"""CPU lists as Linux and ``taskset -c`` write them: ``0``, ``0,2-3``. Pure."""

import re
from collections.abc import Iterable

from gigacity_contract.errors import ConfigError

MOST_CPUS = 8192
"""Of any Linux kernel; bounds what a range can grow to."""
_ITEM = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")


def parse_cpu_list(name: str, text: str) -> frozenset[int]:
    """The CPUs of a list; blanks around its items are allowed.

    Args:
        name: of the setting, for the error.
        text: numbers and ranges, joined by commas.

    Raises:
        ConfigError: it is not such a list.
    """
    cpus: set[int] = set()
    for item in text.split(","):
        found = _ITEM.fullmatch(item.strip())
        if found is None:
            raise ConfigError(f"{name} {text!r}: not a list of CPUs such as 0 or 0,2-3")
        first, last = int(found[1]), int(found[2] or found[1])
        if not first <= last < MOST_CPUS:
            raise ConfigError(
                f"{name} {text!r}: {item.strip()} is no CPU or range; ranges rise, CPUs end at"
                f" {MOST_CPUS - 1}"
            )
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
