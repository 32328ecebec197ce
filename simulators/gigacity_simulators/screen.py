"""What a person sees: a line that is rewritten on a terminal, an occasional line elsewhere."""

from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.status import Status

_PLAIN_EVERY = 60
"""Away from a terminal, one score line in this many, which is one a minute."""


class Screen:
    """Shows the score and notices on standard error."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._shown = 0

    def live(self) -> AbstractContextManager[object]:
        """The time during which the score line is kept up to date."""
        if not self._console.is_terminal:
            return nullcontext()
        self._status = self._console.status("connecting")
        return self._status

    def show(self, line: str) -> None:
        """Show the score."""
        if self._status is not None:
            self._status.update(line)
        elif self._shown % _PLAIN_EVERY == 0:
            self.tell(line)
        self._shown += 1

    def tell(self, text: str) -> None:
        """Say something that stays."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
