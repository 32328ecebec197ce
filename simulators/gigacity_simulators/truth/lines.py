"""The truth file: one JSON line an evaluation tick."""

from pathlib import Path
from typing import Any

import msgspec

from gigacity_simulators.truth.figures import TruthFigure


class TruthWriter:
    """Appends lines and pushes each to the file at once, for readers that follow it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def write(
        self,
        at_ms: int,
        *,
        is_complete: bool,
        complete_for: tuple[str, ...],
        cut_olts: tuple[str, ...],
        figures: list[TruthFigure],
    ) -> None:
        """Add the truth of an instant."""
        line: dict[str, Any] = {
            "t": at_ms,
            "complete": is_complete,
            "complete_for": complete_for,
            "cut": cut_olts,
            "figures": figures,
        }
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
