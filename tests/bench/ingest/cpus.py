"""Who runs where in a bench: the database on CPUs of its own, everything else on the others.

Without this the bare writer leaves the database every core, and a worker with its broker does not:
on a machine of few cores their ratio is the machine's. Pure but for the question which CPUs there
are, which is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gigacity_contract.errors import ConfigError
from tests.bench.ingest.affinity import usable_cpus
from tests.bench.ingest.cpu_list import format_cpu_list, parse_cpu_list

OPTION = "--database-cpus"


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


def divide_cpus(
    text: str,
    *,
    sink: str,
    influx_url: str,
    usable: Callable[[str], frozenset[int]] = usable_cpus,
) -> Division:
    """What the option asks for; empty: nothing.

    Args:
        text: of the option.
        sink: of the call.
        influx_url: of the call; empty: the bench starts a database.
        usable: gives the CPUs of this process to an option of that name.

    Raises:
        ConfigError: the list is wrong, does not fit this process, or there is no database to start.
    """
    if not text:
        return Division()
    database = parse_cpu_list(OPTION, text)
    if sink == "null":
        raise ConfigError(
            f"{OPTION} {text}: the null sink is no database; leave out one of --sink null and"
            f" {OPTION}"
        )
    if influx_url:
        raise ConfigError(
            f"{OPTION} {text}: the bench chooses CPUs only for a database that it starts; leave"
            f" out one of --influx-url (GIGACITY_INFLUX_URL) and {OPTION}"
        )
    mine = usable(OPTION)
    if not database <= mine:
        raise ConfigError(
            f"{OPTION} {text}: this process may not use CPU {format_cpu_list(database - mine)},"
            f" only {format_cpu_list(mine)}"
        )
    if database == mine:
        raise ConfigError(
            f"{OPTION} {text}: leaves no CPU to broker and consumers, of those that this process"
            f" may use ({format_cpu_list(mine)})"
        )
    return Division(database, mine - database)
