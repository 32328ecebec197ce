"""The terminal's keys one by one, and its state as it was when we leave."""

import os
import select
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from gigacity_deploy.watching.board import keys_of


class Keyboard:
    """Standard input; where it is no terminal nothing is ever pressed."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdin.isatty()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Keys come without Enter and are not shown; afterwards everything is as before."""
        if not self._is_terminal:
            yield
            return
        file = sys.stdin.fileno()
        before = termios.tcgetattr(file)
        try:
            tty.setcbreak(file)
            yield
        finally:
            termios.tcsetattr(file, termios.TCSADRAIN, before)

    def wait(self, seconds: float) -> list[str]:
        """Keys that were pressed, at most so long after nothing was."""
        watched = [sys.stdin.fileno()] if self._is_terminal else []
        ready, _, _ = select.select(watched, [], [], seconds)
        if not ready:
            return []
        raw = os.read(sys.stdin.fileno(), 1024)
        # The terminal went away.
        return keys_of(raw.decode(errors="replace")) if raw else ["q"]
