"""Dead letters as a file for people and other programs: JSON lines, durable when this returns."""

import gzip
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from gigacity_ingest.dead_letters.counts import CountedDeadLetters
from gigacity_ingest.dead_letters.segments import sync_directory
from gigacity_ingest.decode.dead_letter import DeadLetter

_encode = msgspec.json.Encoder().encode


def write_dead_letters(
    target: Path, dead_letters: Iterable[DeadLetter | CountedDeadLetters]
) -> None:
    """Make a new file of these dead letters, and counts of dead letters.

    Raises:
        FileExistsError: there is one of this name.
        OSError: the disk refuses; what was begun is removed, whatever ends it.
    """
    with target.open("xb") as file:
        try:
            lines = (_encode(dead_letter) + b"\n" for dead_letter in dead_letters)
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
