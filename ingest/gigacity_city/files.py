"""Reads the files of a city folder into memory, once, and names the version by their content.

Everything is read before anything is parsed, so that the version names what was parsed, and what is
kept of it is what was named.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from gigacity_city.problems import Problems

OUTLINE = "city.yaml"
COMMUNITIES = "communities.csv"
BUILDINGS = "buildings.csv"
OLTS = "olts.csv"
PORTS = "ports.csv"
COVERAGE = "coverage.csv"
GATEWAYS = "gateways.csv"
DEVICES = "devices.csv"
FOREIGN_IDS = "foreign_ids.csv"
MAP = "map.geojson"

FILES = (OUTLINE, COMMUNITIES, BUILDINGS, OLTS, PORTS, COVERAGE, GATEWAYS, DEVICES)
"""What every city folder has; others are ignored and do not change its version."""

OPTIONAL_FILES = (FOREIGN_IDS, MAP)
"""Part of the city, and of its version, where they are there."""

MAX_FILE_BYTES = 64 * 2**20
"""Fifteen times the largest table of a city of four million people."""


@dataclass(frozen=True, slots=True)
class CityFiles:
    """Content of one city folder at one moment."""

    version: str
    contents: dict[str, bytes | None]
    """Bytes by file name; None where it could not be read (the problem is noted). An optional file
    that is not there has no entry."""

    def texts(self, problems: Problems) -> dict[str, str | None]:
        """Text by file name; what is not UTF-8 becomes a problem."""
        return {
            name: None if content is None else _decode(name, content, problems)
            for name, content in self.contents.items()
        }


def read_files(folder: Path, problems: Problems) -> CityFiles:
    """Read every file once; what is missing or too large becomes a problem."""
    if not folder.is_dir():
        problems.add(str(folder), 0, "", "is not a folder; point GIGACITY_CITY at a city folder")
        return CityFiles("", dict.fromkeys(FILES))
    digest = hashlib.sha256()
    there = [name for name in OPTIONAL_FILES if (folder / name).exists()]
    contents = {name: _read_bytes(folder / name, problems) for name in (*FILES, *there)}
    for name, content in contents.items():
        digest.update(f"{name}\0{len(content or b'')}\0".encode())
        digest.update(content or b"")
    return CityFiles(digest.hexdigest()[:16], contents)


def _read_bytes(path: Path, problems: Problems) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        problems.add(path.name, 0, "", "the file is missing")
        return None
    except OSError as error:
        problems.add(path.name, 0, "", f"cannot be read: {error.strerror or error}")
        return None
    if len(content) > MAX_FILE_BYTES:
        problems.add(path.name, 0, "", f"is larger than {MAX_FILE_BYTES >> 20} MiB")
        return None
    return content


def _decode(name: str, content: bytes, problems: Problems) -> str | None:
    try:
        # A byte order mark is what spreadsheets write; it is no part of the first column's name.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        problems.add(name, row, "", "is not UTF-8; save the file in that encoding")
        return None
