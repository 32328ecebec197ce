"""Dead letters as a file for people and other programs: JSON lines, durable when this returns."""

import gzip
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from gigacity_ingest.dead_letters.store import sync_directory
from gigacity_ingest.decode.letters import Letter

_encode = msgspec.json.Encoder().encode


def write_letters(target: Path, letters: Iterable[Letter]) -> None:
    """Make a new file of these letters.

    Raises:
        FileExistsError: there is one of this name.
        OSError: the disk refuses; what was begun is removed, whatever ends it.
    """
    with target.open("xb") as file:
        try:
            lines = (_encode(letter) + b"\n" for letter in letters)
            if target.suffix == ".gz":
                with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                    packed.writelines(lines)
            else:
                file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
            sync_directory(target.absolute().parent)
        except BaseException:
            target.unlink()
            raise
