"""Shows people what becomes of a message, in colour where the terminal has it."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from gigacity_ingest.decode.trial import Trial
from gigacity_ingest.mapping.explaining import ExplainedReport, MessageExplanation
from gigacity_ingest.traffic.arrivals import Arrival

_SHOWN = 10
"""Readings and reports that are shown one by one."""
_COLOURS = {
    "absent": "dim", "null": "yellow", "sentinel": "yellow", "wrong_type": "red",
    "text_number": "cyan", "unmapped": "magenta",
}  # fmt: skip


def show_trial(trial: Trial, *, is_city_known: bool) -> None:
    """Lines and dead letters of one message."""
    console = _console()
    _show_lines(console, trial.lines)
    for letter in trial.dead_letters:
        text = escape(f"{letter.reason} ({letter.extent}): {letter.error}")
        console.print(f"[red]refused[/]  {text}", soft_wrap=True)
    if trial.unknown_fields:
        console.print(f"[yellow]ignored[/]  {trial.unknown_fields} field(s) not of the contract")
    if trial.absent_fields:
        console.print(f"[yellow]absent[/]   {trial.absent_fields} field(s) without a usable value")
    if not is_city_known:
        console.print("no --city: whether it is registered was not checked", style="dim")
    _verdict(console, is_good=trial.is_good, is_any=bool(trial.lines))


def show_explanation(found: MessageExplanation, trial: Trial, *, is_city_known: bool) -> None:
    """What decoder and mapping made of a foreign message, and what would be stored."""
    console = _console()
    readings = len(found.readings)
    console.print(f"[bold]source[/] {found.source}  [bold]decoder[/] {found.decoder}")
    console.print(
        f"[bold]envelope[/] {readings} reading(s), {len(found.sessions)} birth(s) or"
        f" end(s){_listed('ignored', found.ignored)}"
    )
    for reading in found.readings[:_SHOWN]:
        names = ", ".join(f"{name}={value}" for name, value in reading.names.items())
        time = reading.time or "states no time"
        console.print(f"  [bold]identity[/] {escape(names) or '-'}  [bold]time[/] {time}")
    _more(console, readings)
    for report in found.stored[:_SHOWN]:
        _show_report(console, report)
    _more(console, len(found.stored))
    _show_counts(console, found.counts)
    for session in found.sessions[:_SHOWN]:
        state = "[green]online[/]" if session.online else "[yellow]offline[/]"
        console.print(f"{session.device or session.olt} {state} {session.time or 'at arrival'}")
    if found.answers:
        console.print(f"answers on {escape(', '.join(found.answers))}, if the source says so")
    show_trial(trial, is_city_known=is_city_known)


def show_arrival(arrival: Arrival, number: int) -> None:
    """A line before what becomes of a message that came from the broker."""
    copy = " [yellow](retained copy)[/]" if arrival.is_copy else ""
    size = f"[dim]{len(arrival.payload)} bytes[/]"
    _console().print(f"[bold]{number}[/]  {escape(arrival.topic)}  {size}{copy}", soft_wrap=True)


def _console() -> Console:
    return Console(highlight=False)


def _show_report(console: Console, report: ExplainedReport) -> None:
    arrival = " [yellow](arrival: the message states no time)[/]" if report.arrival else ""
    number = "" if report.sequence is None else f" [dim]number {report.sequence}[/]"
    console.print(f"[green]report[/] {report.kind} [bold]{report.device or report.olt}[/]"
                  f" in {report.area} at {report.time}{arrival}{number}")  # fmt: skip
    if report.values:
        _show_values(console, report.values)
    for port in report.ports[:_SHOWN]:
        rest = {name: value for name, value in port.items() if name not in {"slot", "port"}}
        console.print(f"  port {port['slot']}/{port['port']}")
        _show_values(console, rest)
    _more(console, len(report.ports))


def _show_values(console: Console, values: Mapping[str, Any]) -> None:
    table = Table(show_header=False, box=None, padding=(0, 1, 0, 3))
    for name, value in values.items():
        table.add_row(name, f"[green]{escape(str(value))}[/]")
    console.print(table)


def _show_counts(console: Console, counts: Mapping[str, Mapping[str, int]]) -> None:
    for outcome, names in counts.items():
        shown = ", ".join(name if n == 1 else f"{name} x{n}" for name, n in names.items())
        colour = _COLOURS.get(outcome, "yellow")
        console.print(f"[{colour}]{outcome}[/]: {escape(shown)}", soft_wrap=True)


def _show_lines(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(f"[green]stored[/]   {escape(line)}", soft_wrap=True)


def _listed(word: str, counts: Mapping[str, int]) -> str:
    return f", {word}: {', '.join(f'{k} x{n}' for k, n in counts.items())}" if counts else ""


def _more(console: Console, count: int) -> None:
    if count > _SHOWN:
        console.print(f"  and {count - _SHOWN} more", style="dim")


def _verdict(console: Console, *, is_good: bool, is_any: bool) -> None:
    if is_good:
        console.print("[bold green]good[/]" if is_any else "[bold yellow]nothing to store[/]")
    else:
        console.print("[bold red]not all of it is good[/]")
