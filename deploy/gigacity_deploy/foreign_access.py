"""Asks the ingest package what the broker's access lists need for foreign sources.

As a process: mappings are the worker's, and the lines must be those that it stands by.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from gigacity_contract.errors import ConfigError

_TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class ForeignAccess:
    """Lines of both lists, accounts, and sources whose topics nobody may write yet."""

    publishers: list[str] = field(default_factory=list)
    workers: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def ask_access(sources: Path) -> ForeignAccess:
    """What `gigacity ingest access` finds.

    Args:
        sources: file or folder of mappings.

    Raises:
        ConfigError: they do not hold together; in its words.
    """
    command = [sys.executable, "-m", "gigacity_deploy", "ingest", "--mqtt-sources", str(sources)]
    done = subprocess.run(  # noqa: S603 - our own program, no shell
        [*command, "access", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_S,
    )
    try:
        return ForeignAccess(**json.loads(done.stdout))
    except (ValueError, TypeError):
        raise ConfigError(done.stderr.strip() or f"{sources}: cannot be read") from None
