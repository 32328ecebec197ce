"""Progress bars on standard error; plain lines where that is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class TerminalProgress:
    """Bars by rich, which vanish when their step is done."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @contextmanager
    def step(self, text: str, total: int) -> Iterator[Callable[[int], object]]:
        """A bar for one step."""
        if not self._console.is_terminal:
            self._console.print(text, style=None, highlight=False)
            yield lambda _done: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeElapsedColumn(), console=self._console, transient=True) as bar:
            task = bar.add_task(text, total=total)
            yield lambda done: bar.update(task, completed=done)

    def say(self, text: str) -> None:
        """A remark that stays."""
        self._console.print(text, highlight=False, markup=False)
