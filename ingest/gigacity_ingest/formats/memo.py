"""What was made of a text before: topics and tags come again with every message."""

from collections.abc import Callable
from typing import TypeVar

Made = TypeVar("Made")
MAX_CHARACTERS = 512
"""Of a text that is remembered."""
MAX_TOPICS = 50_000
"""Of one source: about 20 MB, and most sources have far fewer."""


class Memo(dict[str, Made]):
    """A text to what is made of it, made once; forgets all where somebody invents texts.

    Args:
        make: from the text; what it raises is raised, and nothing is remembered.
        most: texts that are remembered.
    """

    __slots__ = ("_make", "_most")

    def __init__(self, make: Callable[[str], Made], most: int) -> None:
        super().__init__()
        self._make = make
        self._most = most

    def __missing__(self, text: str) -> Made:
        made = self._make(text)
        if len(text) <= MAX_CHARACTERS:
            if len(self) >= self._most:
                self.clear()
            self[text] = made
        return made
