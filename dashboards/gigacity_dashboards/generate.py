"""Writes the generated boards to a folder, and says whether a folder is current."""

from collections.abc import Iterable
from pathlib import Path

from gigacity_dashboards.catalogue import Board

SUFFIX = ".json"


def write(boards: Iterable[Board], folder: Path) -> list[Path]:
    """Write every board whose file is not current, and remove files of boards that are gone.

    Returns:
        The files that changed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / f"{board.name}{SUFFIX}": board.text() for board in boards}
    stale = [path for path, text in wanted.items() if _content(path) != text]
    gone = [path for path in _present(folder) if path not in wanted]
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    for path in gone:
        path.unlink()
    return sorted([*stale, *gone])


def outdated(boards: Iterable[Board], folder: Path) -> list[str]:
    """What is wrong with a folder of generated boards, one sentence a file."""
    wanted = {folder / f"{board.name}{SUFFIX}": board.text() for board in boards}
    found = [f"{path}: {_fault(path)}" for path, text in wanted.items() if _content(path) != text]
    gone = [f"{path}: no board is of this name" for path in _present(folder) if path not in wanted]
    return sorted([*found, *gone])


def _present(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def _content(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _fault(path: Path) -> str:
    return "differs from what the code generates" if path.is_file() else "is missing"
