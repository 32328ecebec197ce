"""Whether the files of a city folder are whole, or a copy of them is under way or was cut short.

Proof is a file ``SHA256SUMS`` beside them, as ``sha256sum`` writes it: where it is present, it must
hold for every file. Without it there are only signs: files that change while they are read, a last
line that does not end, a table that lost much of what it declares.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gigacity_city.files import (
    BUILDINGS,
    COMMUNITIES,
    COVERAGE,
    DEVICES,
    FILES,
    FOREIGN_IDS,
    GATEWAYS,
    MAP,
    OLTS,
    OPTIONAL_FILES,
    OUTLINE,
    PORTS,
    CityFiles,
    read_files,
)
from gigacity_city.model import City
from gigacity_city.problems import Problems

CHECKSUMS = "SHA256SUMS"
MAX_LOSS = 0.1
"""Share of what a table declares that may go at once without a proof."""

_FEW = 20
"""A table may always lose so many: one write of a writer is never less than a small table."""
_LINE = re.compile(r"(?P<sum>[0-9a-f]{64}) [ *](?:\./)?(?P<name>.+)")
_MAX_CHECKSUMS_BYTES = 65_536


class FileStamp(NamedTuple):
    """What tells that a file has changed, without reading it."""

    size: int
    modified_ns: int
    written_ns: int
    """Of the last change of its content or name; nobody can set it, as one can the other."""
    inode: int


@dataclass(frozen=True, slots=True)
class WholeFiles:
    """Files of a folder, and how sure it is that they are whole."""

    files: CityFiles
    is_proven: bool
    """By checksums, rather than by the lack of signs to the contrary."""


def stamps_of(folder: Path) -> dict[str, FileStamp | None]:
    """By file name; None: it is not there."""
    return {name: _stamp(folder / name) for name in (*FILES, *OPTIONAL_FILES, CHECKSUMS)}


def read_whole(folder: Path, problems: Problems) -> WholeFiles:
    """Read every file once; each sign that they are not whole becomes a problem."""
    before = stamps_of(folder)
    files = read_files(folder, problems)
    sums = _read_checksums(folder / CHECKSUMS, problems)
    after = stamps_of(folder)
    for name in (name for name in before if before[name] != after[name]):
        problems.add(name, 0, "", "changed while it was read: it is being written")
    if sums is None:
        _check_ends(files, problems)
    else:
        _check_checksums(files, sums, problems)
        _check_named(files, sums, problems)
    return WholeFiles(files, is_proven=sums is not None)


def table_counts(city: City) -> dict[str, int]:
    """How much each file declares."""
    lists = (city.areas, city.targets, city.parameters, city.smart_items)
    return {
        OUTLINE: sum(map(len, lists)),
        COMMUNITIES: len(city.communities),
        BUILDINGS: len(city.buildings),
        OLTS: len(city.olts),
        PORTS: len(city.ports),
        COVERAGE: len(city.coverage),
        GATEWAYS: len(city.gateways),
        DEVICES: len(city.devices),
        FOREIGN_IDS: len(city.foreign_ids),
    }


def check_losses(before: Mapping[str, int], after: Mapping[str, int], problems: Problems) -> None:
    """Every table that lost more at once than one does that is whole becomes a problem."""
    for name, old in before.items():
        new = after.get(name, 0)
        if old - new > max(MAX_LOSS * old, _FEW):
            problems.add(
                name, 0, "",
                f"declares {new:,} where {old:,} are in force, more than {MAX_LOSS:.0%} less: it"
                " may have been cut short; if it is meant, say so: gigacity city accept FOLDER",
            )  # fmt: skip


def write_checksums(folder: Path, files: CityFiles) -> Path:
    """Say beside the files that they are whole; what stood there is replaced at once."""
    path = folder / CHECKSUMS
    draft = path.with_name(f".{CHECKSUMS}.new")
    lines = (f"{_sum(content)}  {name}\n" for name, content in files.contents.items())
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(path)
    return path


def _check_ends(files: CityFiles, problems: Problems) -> None:
    for name, content in files.contents.items():
        # JSON that was cut short is no JSON, whatever its last line.
        if name != MAP and content and not content.endswith((b"\n", b"\r")):
            row = content.count(b"\n") + 1
            problems.add(
                name, row, "", "the last line does not end: the file was cut short, or end that"
                " line with a line break",
            )  # fmt: skip


def _check_checksums(files: CityFiles, sums: Mapping[str, str], problems: Problems) -> None:
    for name, content in files.contents.items():
        if content is None:
            continue
        if name not in sums:
            problems.add(CHECKSUMS, 0, "", f"does not name {name}")
        elif sums[name] != _sum(content):
            problems.add(
                name, 0, "", f"is not what {CHECKSUMS} says: it is being copied, or was changed"
                " since (then: gigacity city accept FOLDER)",
            )  # fmt: skip


def _check_named(files: CityFiles, sums: Mapping[str, str], problems: Problems) -> None:
    """An optional file that the checksums name must be there: a copy may be under way."""
    for name in OPTIONAL_FILES:
        if name in sums and name not in files.contents:
            problems.add(name, 0, "", f"the file is missing, and {CHECKSUMS} names it")


def _read_checksums(path: Path, problems: Problems) -> dict[str, str] | None:
    """Checksums by file name; None: there are none."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_CHECKSUMS_BYTES).decode("ascii", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        problems.add(path.name, 0, "", f"cannot be read: {error.strerror or error}")
        return None
    found = {}
    for row, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            problems.add(path.name, row, "", "is not a line as sha256sum writes it")
        else:
            found[match["name"]] = match["sum"]
    return found


def _sum(content: bytes | None) -> str:
    return hashlib.sha256(content or b"").hexdigest()


def _stamp(path: Path) -> FileStamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return FileStamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
