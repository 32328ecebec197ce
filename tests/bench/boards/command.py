"""``python -m tests.bench boards``: fills a database once, asks every panel, reports."""

import json
import os
import signal
import statistics
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from gigacity_dashboards.catalogue import Board, boards
from gigacity_dashboards.city_names import read_city_names
from tests.bench.boards import derived
from tests.bench.boards.asking import Answered, answered, questions
from tests.bench.boards.store import BoardsStore, Posting, opened
from tests.bench.boards.telemetry import DayOfReports
from tests.bench.city_store import HOUR_MS, CityStore
from tests.bench.ingest.command import DEFAULT_CITY
from tests.bench.ingest.run import say

MEDIAN_S, WORST_S = 1.0, 3.0
"""What a panel may take: half of them, and the slowest."""


def boards_at_scale(
    *,
    folder: Annotated[Path, typer.Option(help="Of the database; filled once, asked often.")],
    hours: Annotated[int, typer.Option(min=4, help="Of raw reports.")] = 24,
    ranges: Annotated[
        str, typer.Option(help="That a board shows, joined by commas.")
    ] = "6h,24h,7d",
    only: Annotated[str, typer.Option(help="Boards, joined by commas; default: all.")] = "",
    language: Annotated[str, typer.Option(help="zh or en: the queries are the same.")] = "en",
    times: Annotated[int, typer.Option(min=1, help="Each panel is asked; the median counts.")] = 3,
    city: Annotated[Path, typer.Option(envvar="GIGACITY_CITY", help="City folder.")] = DEFAULT_CITY,
    serve: Annotated[
        bool, typer.Option(help="Do not ask; keep the database running until this is ended.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON on standard output, the table on standard error.")
    ] = False,
) -> None:
    """Ask every panel of every board over a database that holds a whole city, and time it.

    Seconds are those of the database, one panel after another. Exits with 1 if half of the panels
    take longer than 1 s, or one longer than 3 s.
    """
    loaded = load_city(city)
    with opened(folder) as store:
        if "t_ms" not in store.told:
            fill(store, CityStore(loaded), hours)
        if serve:
            say(f"{store.server.url}, bucket {store.server.bucket}; Ctrl+C ends it")
            signal.pause()
        chosen = [
            board
            for board in boards(read_city_names(city))
            if board.name.endswith(f"-{language}")
            and (not only or board.name.rpartition("-")[0] in only.split(","))
        ]
        found = ask(store, chosen, ranges.split(","), times, derived.Places(loaded))
    Console(stderr=as_json).print(_table(found))
    if as_json:
        sys.stdout.write(json.dumps([_as_json(one) for one in found], indent=2) + "\n")
    medians = [one.median_s for one in found]
    say(
        f"{len(found)} answers: median {statistics.median(medians):.3f} s, slowest"
        f" {max(medians):.2f} s; load {os.getloadavg()[0]:.1f}"
    )
    is_slow = statistics.median(medians) > MEDIAN_S or max(medians) > WORST_S
    raise typer.Exit(1 if is_slow else 0)


def fill(store: BoardsStore, city: CityStore, hours: int) -> None:
    """A day of reports until now, and what the platform makes of it."""
    t_ms = SystemClock().now_ms() // derived.MINUTE_MS * derived.MINUTE_MS
    day = DayOfReports(city, derived.Places(city.city).chosen)
    with Posting(store.server) as posting:
        for back in range(derived.DAYS * 24, hours, -1):
            after_ms = t_ms - back * HOUR_MS
            posting.send("raw", day.lines_of_chosen(after_ms, after_ms + HOUR_MS))
        for after_ms, until_ms in day.slices(t_ms, hours):
            posting.send("raw", day.lines(after_ms, until_ms))
            say(f"{posting.lines:,} reports, {(t_ms - until_ms) / HOUR_MS:.1f} h to go")
    fill_derived(store, city, t_ms, hours)
    store.remember(t_ms=t_ms)


def fill_derived(store: BoardsStore, city: CityStore, t_ms: int, hours: int) -> None:
    """Everything but the reports."""
    places = derived.Places(city.city)
    with Posting(store.server) as posting:
        posting.send("forever", derived.sessions(city.city, t_ms))
        posting.send("forever", derived.alarms(city.city, t_ms), "ns")
        posting.send("ops", derived.platform(t_ms))
    say("evaluating")
    made = derived.publications(store.server, city.city, t_ms)
    figures = derived.Figures(made, places)
    with Posting(store.server) as posting:
        posting.send("figures", figures.rows(t_ms, hours))
        posting.send("ops", derived.worst(made, t_ms, hours))
        say(f"{posting.lines:,} rows of figures and of the worst")


def ask(
    store: BoardsStore, chosen: list[Board], ranges: list[str], times: int, places: derived.Places
) -> list[Answered]:
    """Every panel, the slowest first."""
    found = [
        answered(store.server, question, times)
        for board in chosen
        for question in questions(board, ranges, store.told["t_ms"], places)
    ]
    return sorted(found, key=lambda one: -one.median_s)


def _table(found: list[Answered]) -> Table:
    table = Table(title="panels over a whole city, the slowest first")
    for head in ("board", "panel", "range", "s, median", "s, worst", "rows", "kB"):
        is_text = head in {"board", "panel", "range"}
        table.add_column(head, justify="left" if is_text else "right", no_wrap=head != "panel")
    for one in found:
        table.add_row(
            one.question.board, one.question.panel, one.question.range, f"{one.median_s:.3f}",
            f"{max(one.seconds):.3f}", f"{one.rows:,}", f"{one.kilobytes:,}",
        )  # fmt: skip
    return table


def _as_json(one: Answered) -> dict[str, Any]:
    return {
        "board": one.question.board, "panel": one.question.panel, "range": one.question.range,
        "median_s": round(one.median_s, 4), "worst_s": round(max(one.seconds), 4),
        "rows": one.rows, "kilobytes": one.kilobytes,
    }  # fmt: skip
