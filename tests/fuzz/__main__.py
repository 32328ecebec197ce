"""``python -m tests.fuzz``: fuzz the decoders, print figures, exit 1 if something was found."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gigacity_contract.clock import SystemClock
from tests.fuzz.run import Fuzz, Result, Target

FLAT_KB = 8 * 1024
"""Memory may grow by this much after a quarter of the run: caches fill, up to their bounds."""


def _say(result: Result) -> None:
    typer.echo(
        f"{result.inputs:>9,} inputs  {result.inputs / max(result.elapsed_s, 0.001):>7,.0f}/s"
        f"  corpus {result.corpus:>5,}  features {result.features:>5,}"
        f"  {result.rss_kb[-1][1] / 1024:>6.1f} MB  findings {len(result.cases)}"
    )


def main(
    inputs: Annotated[int, typer.Option(min=1)] = 1_000_000,
    seed: int = 1,
    target: Annotated[Target, typer.Option(help="Which decoders.")] = Target.ALL,
    report: Annotated[Path | None, typer.Option(help="Write the figures there, as JSON.")] = None,
) -> None:
    """Mutation fuzz of the contract's decoders, of the worker's, and of every foreign format.

    Example: python -m tests.fuzz --inputs 1000000 --seed 1 --report fuzz.json
    """
    result = Fuzz(seed, clock=SystemClock(), target=target).run(inputs, notify=_say)
    figures = result.as_json()
    if report is not None:
        report.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for finding in figures["findings"]:
        typer.echo(json.dumps(finding, indent=1))
    is_flat = result.growth_kb() <= FLAT_KB
    typer.echo(
        f"{figures['inputs']:,} inputs in {figures['elapsed_s']} s, {len(result.cases)} findings,"
        f" memory {figures['rss_kb_first'] / 1024:.1f} -> {figures['rss_kb_last'] / 1024:.1f} MB"
        f" ({'flat' if is_flat else 'NOT flat'})"
    )
    raise typer.Exit(0 if is_flat and not result.cases else 1)


if __name__ == "__main__":
    typer.run(main)
