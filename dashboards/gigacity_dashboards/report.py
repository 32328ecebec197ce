"""Shows what ``verify`` found: a table for people, JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from gigacity_dashboards.verify import Check


def as_json(checks: Sequence[Check]) -> str:
    """One JSON document."""
    document = {"ok": all(c.ok for c in checks), "checks": [asdict(check) for check in checks]}
    return json.dumps(document, ensure_ascii=False, indent=2)


def print_table(checks: Sequence[Check], out: TextIO) -> None:
    """A table of every check, and a last line that says how many failed."""
    table = Table(title="Grafana", title_justify="left")
    table.add_column("")
    table.add_column("what")
    table.add_column("name", overflow="fold")
    table.add_column("seen", overflow="fold", ratio=1)
    for check in checks:
        mark = Text("ok", style="green") if check.ok else Text("FAIL", style="bold red")
        # Text, not markup: a message may hold square brackets.
        table.add_row(mark, check.subject, Text(check.name), Text(check.detail))
    console = Console(file=out)
    console.print(table)
    failed = sum(not check.ok for check in checks)
    console.print(
        f"{len(checks)} checks, {failed} failed" if failed else f"{len(checks)} checks, all well"
    )
