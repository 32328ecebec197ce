"""The live scoreboard: a picture of one snapshot, or one plain line where there is no terminal."""

from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from gigacity_deploy.demo.watch import DemoSnapshot

PLAIN_EVERY_S = 5.0
REST_OF_THE_BOARD = 11
"""Lines of the board that are not figures: frame, heading, rates, ledgers, a note."""

_VERDICT_STYLE = {"met": "green", "missed": "red", "undetermined": "yellow"}


def shown(value: float | None, unit: str) -> str:
    """A figure as people read it."""
    if value is None:
        return "-"
    return f"{value:.2%}" if unit == "ratio" else f"{value:,.0f}"


def _figure_table(figures: list[dict[str, Any]]) -> Table:
    table = Table(expand=True, pad_edge=False)
    table.add_column("figure")
    for name in ("value", "bounds", "target"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    table.add_column("in / out / unknown", justify="right")
    for figure in figures:
        unit = figure["unit"]
        verdict = figure["verdict"]
        table.add_row(
            f"{figure['name']['zh']}  {figure['name']['en']}",
            figure["display_text"],
            f"{shown(figure['lower'], unit)} .. {shown(figure['upper'], unit)}",
            shown(figure["target"], unit),
            Text(verdict.replace("_", " "), style=_VERDICT_STYLE.get(verdict, "")),
            f"{figure['known_in']:,} / {figure['known_out']:,} / {figure['unknown']:,}",
        )
    return table


def _ledger_lines(snapshot: DemoSnapshot) -> list[str]:
    if not snapshot.ledger:
        return [f"worker: {snapshot.worker_trouble or 'no answer yet'}"]
    messages, points = snapshot.ledger["messages"], snapshot.ledger["points"]
    balance = "balanced" if snapshot.ledger["balanced"] else "NOT BALANCED"
    return [
        f"messages: {messages['received']:,} received = {messages['acknowledged']:,} acknowledged"
        f" + {messages['unacknowledged']:,} unacknowledged",
        f"points: {points['decoded']:,} decoded + {points['spooled_at_start']:,} spooled at start"
        f" = {points['confirmed']:,} confirmed + {points['withdrawn']:,} withdrawn"
        f" + {points['dead_lettered']:,} dead letters + {points['spooled']:,} spooled"
        f" + {points['in_flight']:,} in flight   [{balance}]",
    ]


def _state_line(snapshot: DemoSnapshot, elapsed_s: float) -> str:
    clients = snapshot.stats.get("connected", 0)
    line = (
        f"{elapsed_s:6.0f} s   {snapshot.messages_per_s:,.0f} messages/s"
        f"   {snapshot.points_per_s:,.0f} points/s   {clients:,} clients"
    )
    if snapshot.comparison is not None:
        found = snapshot.comparison
        line += (
            f"   checked {found.exact_instants} instants, {found.exact_figures:,} figures:"
            f" {found.faults} faults"
        )
    if snapshot.api_trouble:
        line += f"   API: {snapshot.api_trouble}"
    return line


def render(snapshot: DemoSnapshot, elapsed_s: float, note: str, *, height: int) -> RenderableType:
    """What changes, for a screen of so many lines: on a low one figures by kind are left out."""
    figures = snapshot.figures
    if len(figures) + REST_OF_THE_BOARD > height:
        figures = [f for f in figures if not f["indicator"].startswith("device.online.")]
    parts: list[RenderableType] = [
        _figure_table(figures),
        Text(_state_line(snapshot, elapsed_s), no_wrap=True),
        *(Text(line) for line in _ledger_lines(snapshot)),
    ]
    if note:
        parts.append(Text(note, style="yellow"))
    return Group(*parts)


def plain_line(snapshot: DemoSnapshot, elapsed_s: float) -> str:
    """Everything that changes, in one line."""
    figures = "   ".join(
        f"{f['indicator']} {f['display_text']} ({f['verdict']})"
        for f in snapshot.figures
        if f["target"] is not None
    )
    return f"{_state_line(snapshot, elapsed_s)}   {figures}".rstrip()


class Scoreboard:
    """Shows snapshots on a terminal, or writes plain lines into a pipe."""

    def __init__(self, console: Console, links: list[str]) -> None:
        self._console = console
        self._links = links
        self._live: Live | None = None
        self._last_plain_s = -PLAIN_EVERY_S

    def open(self) -> None:
        """Write the links, which stay and can be copied, and begin to show."""
        for line in self._links:
            self._print(line)
        if self._console.is_terminal:
            # Without its refresh thread: children are started from this thread alone.
            self._live = Live(console=self._console, auto_refresh=False, transient=False)
            self._live.start()

    def show(self, snapshot: DemoSnapshot, elapsed_s: float, note: str) -> None:
        """Show the newest state."""
        if self._live is not None:
            board = render(snapshot, elapsed_s, note, height=self._console.height)
            self._live.update(board, refresh=True)
        elif elapsed_s - self._last_plain_s >= PLAIN_EVERY_S:
            self._last_plain_s = elapsed_s
            self._print(plain_line(snapshot, elapsed_s))

    def close(self) -> None:
        """Stop showing; what was shown stays."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
