"""``gigacity spool``: what waits on a worker's disk, and whether it can all be read."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gigacity_contract.process.options import options_of
from gigacity_ingest.settings import StateFolderSettings

if TYPE_CHECKING:
    from gigacity_ingest.spool.inspection import SpoolReport

FOLDER = "spool"
"""Below GIGACITY_STATE_DIR."""

app = typer.Typer(
    help="Look at the batches that wait on a worker's disk for the database.",
    epilog="Example: gigacity spool status --state-dir state/worker-0",
    no_args_is_help=True,
)
AsJSON = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command(epilog="Example: gigacity spool status --state-dir state/worker-0 --json")
@options_of(StateFolderSettings)
def status(*, as_json: AsJSON = False, given: StateFolderSettings) -> None:
    """Show what waits, since when, and what it takes; the worker may be running.

    Exits with 0 if all of it can be read, with 1 if something is damaged.
    """
    _show(_inspect(given.state_dir), as_json=as_json, with_segments=False)


@app.command(epilog="Example: gigacity spool verify --state-dir state/worker-0")
@options_of(StateFolderSettings)
def verify(*, as_json: AsJSON = False, given: StateFolderSettings) -> None:
    """Read every record of every segment, and name what is damaged. Changes nothing.

    Exits with 0 if all is well, with 1 if something is damaged.
    """
    _show(_inspect(given.state_dir), as_json=as_json, with_segments=True)


def _inspect(state_dir: Path) -> "SpoolReport":
    from gigacity_contract.errors import ConfigError  # noqa: PLC0415 - keeps --help quick
    from gigacity_ingest.spool.errors import SpoolError  # noqa: PLC0415 - as above
    from gigacity_ingest.spool.inspection import inspect_spool  # noqa: PLC0415 - as above

    folder = state_dir / FOLDER
    if not state_dir.is_dir():
        raise ConfigError(f"GIGACITY_STATE_DIR={state_dir}: no such folder; name the worker's")
    try:
        return inspect_spool(folder)
    except SpoolError as error:
        raise ConfigError(str(error)) from error


def _show(report: "SpoolReport", *, as_json: bool, with_segments: bool) -> None:
    if as_json:
        import msgspec  # noqa: PLC0415 - keeps --help quick

        content = _as_dict(report, with_segments=with_segments)
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(content), indent=2).decode())
        sys.stdout.write("\n")
    else:
        _print_tables(report, with_segments=with_segments)
    if report.problems:
        raise typer.Exit(1)


def _as_dict(report: "SpoolReport", *, with_segments: bool) -> dict[str, Any]:
    content: dict[str, Any] = {
        "folder": str(report.folder),
        "in_use_by": report.holder,
        "records": report.records,
        "points": report.points,
        "waiting_bytes": report.waiting_bytes,
        "oldest_ms": report.oldest_ms,
        "disk_bytes": report.disk_bytes,
        "confirmed_number": report.confirmed_number,
        "damaged_files": report.damaged_files,
        "damaged_bytes": report.damaged_bytes,
        "problems": list(report.problems),
        "ok": not report.problems,
    }
    if with_segments:
        content["segments"] = [
            {
                "name": segment.name,
                "disk_bytes": segment.disk_bytes,
                "records": segment.records,
                "waiting_records": segment.waiting_records,
                "waiting_points": segment.waiting_points,
                "damaged_bytes": sum(d.end - d.offset for d in segment.damages),
                "unreadable_bytes": segment.unreadable_bytes,
            }
            for segment in report.segments
        ]
    return content


def _print_tables(report: "SpoolReport", *, with_segments: bool) -> None:
    from rich.console import Console  # noqa: PLC0415 - keeps --help quick
    from rich.table import Table  # noqa: PLC0415 - as above

    console = Console(highlight=False)
    overview = Table(title=f"spool {report.folder}", show_header=False, title_justify="left")
    users = {None: "no worker", 0: "a worker"}
    overview.add_row("in use by", users.get(report.holder, f"process {report.holder}"))
    overview.add_row("records waiting", f"{report.records:,}")
    overview.add_row("points waiting", f"{report.points:,}")
    overview.add_row("oldest point", _time(report.oldest_ms))
    overview.add_row("bytes waiting", f"{report.waiting_bytes:,}")
    overview.add_row("bytes on disk", f"{report.disk_bytes:,} in {len(report.segments)} segment(s)")
    overview.add_row("damaged", f"{report.damaged_files} file(s), {report.damaged_bytes:,} bytes")
    console.print(overview)
    if with_segments and report.segments:
        table = Table("segment", "records", "waiting", "points", "bytes", "damaged")
        for segment in report.segments:
            damaged = sum(d.end - d.offset for d in segment.damages) + segment.unreadable_bytes
            table.add_row(
                segment.name,
                f"{segment.records:,}",
                f"{segment.waiting_records:,}",
                f"{segment.waiting_points:,}",
                f"{segment.disk_bytes:,}",
                f"{damaged:,}" if damaged else "-",
            )
        console.print(table)
    for problem in report.problems:
        console.print(f"[bold red]![/] {problem}", soft_wrap=True)
    if not report.problems:
        console.print("all of it can be read")


def _time(ms: int | None) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415 - keeps --help quick

    return "-" if ms is None else datetime.fromtimestamp(ms / 1000, UTC).isoformat()
