"""Writes generated files into a folder, or names those that differ from it."""

from pathlib import Path

from gigacity_contract.errors import ConfigError


def write_files(folder: Path, made: dict[str, str]) -> None:
    """Write every file; each appears whole or not at all.

    Raises:
        ConfigError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            draft = folder / f".{name}.new"
            draft.write_bytes(text.encode())
            draft.replace(folder / name)
    except OSError as error:
        raise ConfigError(f"--out {folder}: cannot be written: {error}") from error


def differing(folder: Path, made: dict[str, str]) -> list[str]:
    """Names of the files that are missing or whose bytes differ."""
    return [name for name, text in made.items() if _content(folder / name) != text.encode()]


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None
