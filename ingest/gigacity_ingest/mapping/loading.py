"""Loads the mapping files of a folder: all of them and without a fault, or not at all.

The edge of this room: files are read here and nowhere else.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

from gigacity_ingest.mapping.nodes import Document
from gigacity_ingest.mapping.problems import MappingFaults, MappingProblem
from gigacity_ingest.mapping.source_sets import build_sources, read_text
from gigacity_ingest.mapping.sources import SourceSet

MAX_FILES = 100
MAX_FILE_BYTES = 2**20
SUFFIXES = (".yaml", ".yml")


class MappingText(NamedTuple):
    """One file as it was read."""

    path: Path
    name: str
    """As problems name it."""
    text: str


def load_sources(path: Path) -> SourceSet:
    """Every source of a folder's ``*.yaml``, or of one file.

    Raises:
        MappingError: with every fault, each with file, line and column; nothing is in force then.
    """
    faults = MappingFaults()
    texts = read_mappings([path], faults)
    read = [read_text(Document(one.name, faults), one.text) for one in texts]
    sources = build_sources([one for one in read if one is not None], faults)
    faults.raise_if_any()
    digest = hashlib.sha256()
    for one in texts:
        digest.update(f"{one.name}\0{len(one.text)}\0{one.text}".encode())
    return SourceSet(sources, digest.hexdigest()[:16])


def read_mappings(paths: list[Path], faults: MappingFaults) -> list[MappingText]:
    """The texts of files and folders; what cannot be read is noted."""
    found = [file for path in paths for file in _files_of(path, faults)]
    if len(found) > MAX_FILES:
        text = f"{len(found)} files, at most {MAX_FILES}"
        faults.add(MappingProblem(str(paths[0]), 0, 0, "", text))
        return []
    texts = [_read(file, faults) for file in found]
    return [text for text in texts if text is not None]


def _files_of(path: Path, faults: MappingFaults) -> list[Path]:
    if path.is_dir():
        return sorted(
            file
            for file in path.iterdir()
            if file.suffix in SUFFIXES and not file.name.startswith(".")
        )
    if path.is_file():
        return [path]
    faults.add(MappingProblem(str(path), 0, 0, "", "no such file or folder"))
    return []


def _read(path: Path, faults: MappingFaults) -> MappingText | None:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        text = f"cannot be read: {error.strerror or error}"
        faults.add(MappingProblem(path.name, 0, 0, "", text))
        return None
    if len(content) > MAX_FILE_BYTES:
        text = f"is larger than {MAX_FILE_BYTES >> 10} KiB; split it into several files"
        faults.add(MappingProblem(path.name, 0, 0, "", text))
        return None
    try:
        return MappingText(path, path.name, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = MappingProblem(path.name, line, 1, "", "is not UTF-8; save it in that encoding")
        faults.add(problem)
        return None
