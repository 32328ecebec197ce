"""The results as tables for a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from tests.bench.ingest.results import ShapeResult

_WORDS = {
    "cpu_plain_to_worker": "CPU a point: plain / worker",
    "cpu_worker_to_telegraf": "CPU a point: worker / Telegraf",
    "points_per_s_worker_to_plain": "points/s: worker / plain",
    "points_per_s_worker_to_telegraf": "points/s: worker / Telegraf",
    "points_per_s_worker_to_writer": "points/s: worker / bare writer",
}


def results_table(results: Sequence[ShapeResult], sink: str) -> RenderableType:
    """One table a shape, with its ratios below."""
    parts: list[RenderableType] = []
    for result in results:
        rounds = max(map(len, result.rounds.values()), default=0)
        per_message = result.points // max(1, result.messages)
        table = Table(
            title=f"{result.shape}: {result.messages:,} messages of {per_message} point(s) into"
            f" {sink}, medians of {rounds} round(s)"
        )
        table.add_column("consumer")
        for head in ("points/s", "CPU s / million points", "peak RSS MB", "stored"):
            table.add_column(head, justify="right")
        for name, found in result.rounds.items():
            memory = max(r.drain.peak_rss_mb for r in found)
            stored = min(r.stored for r in found)
            end = next((r.drain.end for r in found if not r.is_complete), "")
            table.add_row(
                name,
                f"{result.median(name, lambda r: r.points_per_s):,.0f}",
                f"{result.median(name, lambda r: r.cpu_s_per_million):.2f}",
                f"{memory:.0f}" if memory else "",
                "all" if all(r.is_complete for r in found) else f"{stored:,}: {end}",
            )
        parts.append(table)
        parts += [
            Text(f"  {_WORDS[name]}: {value:.3g}")
            for name, value in result.ratios().items()
            if value is not None
        ]
    return Group(*parts)
