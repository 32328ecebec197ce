"""``python -m tests.faults``: the long run; exit 0 only if nothing is missing and all balances."""

import json
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from gigacity_contract.clock import SystemClock
from tests.faults.long_run import run
from tests.faults.plan import WHOLE_S

_UNITS = {"s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """``90``, ``90s``, ``20m`` or ``2h``."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "s")
    try:
        return float(number) * _UNITS[unit]
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: write 90s, 20m or 2h") from error


def main(
    seed: int = 1,
    duration: Annotated[str, typer.Option(help="Such as 90s, 20m or 2h.")] = "20m",
    scale: Annotated[
        float | None,
        typer.Option(
            help="Of the numbers of faults; 1: 100 kills of the worker, which 14 minutes take."
            " As the duration unless it is said."
        ),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the figures there, as JSON.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Keep logs and data of the processes there.")
    ] = None,
) -> None:
    """All faults, mixed, over a steady load.

    Example: python -m tests.faults --seed 1 --duration 20m --report faults.json
    """
    with tempfile.TemporaryDirectory(prefix="gigacity-faults-") as temporary:
        duration_s = seconds(duration)
        result = run(
            folder or Path(temporary),
            seed=seed,
            duration_s=duration_s,
            scale=min(1.0, duration_s / WHOLE_S) if scale is None else scale,
            clock=SystemClock(),
            say=typer.echo,
        )
        figures = result.as_json()
    if report is not None:
        report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    typer.echo(result.as_text())
    raise typer.Exit(0 if figures["passed"] else 1)


if __name__ == "__main__":
    typer.run(main)
