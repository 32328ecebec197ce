"""Loads the mapping files of a folder: all of them and without a fault, or not at all.

The edge of this room: files are read here and nowhere else.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gigacity_ingest.mapping.cases import MAX_CASES, MappingCase, read_case, run_case
from gigacity_ingest.mapping.nodes import Document, Place
from gigacity_ingest.mapping.problems import MappingError, MappingFaults, MappingProblem
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


class LoadedMappings(NamedTuple):
    """Mapping files, whole."""

    sources: SourceSet
    failures: list[MappingProblem]
    """Of the tests that the files bring."""
    cases: int


def load_sources(path: Path) -> SourceSet:
    """Every source of a folder's ``*.yaml``, or of one file; what their own tests expect holds.

    Raises:
        MappingError: with every fault, each with file, line and column; nothing is in force then.
    """
    loaded = check_mappings([path])
    if loaded.failures:
        raise MappingError(loaded.failures)
    return loaded.sources


def check_mappings(paths: list[Path]) -> LoadedMappings:
    """Load files and folders together, and run the tests that they bring.

    Raises:
        MappingError: they do not hold together; then no test is run.
    """
    faults = MappingFaults()
    texts = read_mappings(paths, faults)
    read = [(one, read_text(Document(one.name, faults), one.text)) for one in texts]
    files = [(one, file) for one, file in read if file is not None]
    defined = [file for _, file in files]
    sources = SourceSet(build_sources(defined, faults), _version(texts))
    names = [source.name for source in sources]
    cases = [case for one, file in files for case in _cases_of(one, file.tests, names, faults)]
    faults.raise_if_any()
    # Of their own: nothing that a test teaches a decoder, or counts, is there afterwards.
    tried = SourceSet(build_sources(defined, faults)) if cases else sources
    failures = [
        case.place.error(text).problem
        for case in cases
        for text in run_case(case, tried[case.source])
    ]
    return LoadedMappings(sources, failures, len(cases))


def _cases_of(
    file: MappingText, places: Sequence[Place], names: list[str], faults: MappingFaults
) -> list[MappingCase]:
    cases = []
    if faults.found:
        # Which sources there are is not certain.
        return []
    if len(places) > MAX_CASES:
        places[MAX_CASES].note(
            f"is one of {len(places)} tests, at most {MAX_CASES}; split the file into several"
        )
    for place in places[:MAX_CASES]:
        with place.document.noting():
            cases.append(read_case(place, names, lambda name: _beside(file.path, name)))
    return cases


def _beside(mapping: Path, name: str) -> bytes:
    """A file in the folder of a mapping."""
    folder = mapping.parent.resolve()
    path = (folder / name.strip()).resolve()
    if not path.is_relative_to(folder):
        raise ValueError("lies outside the folder of the mapping")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from error
    if len(content) > MAX_FILE_BYTES:
        raise ValueError(f"is larger than {MAX_FILE_BYTES >> 10} KiB")
    return content


def _version(texts: list[MappingText]) -> str:
    digest = hashlib.sha256()
    for one in texts:
        digest.update(f"{one.name}\0{len(one.text)}\0{one.text}".encode())
    return digest.hexdigest()[:16]


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
