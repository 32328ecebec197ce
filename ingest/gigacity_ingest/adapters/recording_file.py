"""The file of a recording on disk: written within its bound, read line by line."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from gigacity_ingest.traffic.arrivals import Arrival
from gigacity_ingest.traffic.recording import (
    MAX_LINE_BYTES,
    RecordingError,
    RecordingHead,
    head_line,
    message_line,
    read_head,
    read_messages,
)


class RecordingWriter:
    """A new file that takes messages until it is full; a context.

    Raises:
        FileExistsError: there is a file of this name.
    """

    def __init__(self, path: Path, max_bytes: int, from_ms: int, filters: Iterable[str]) -> None:
        self._file: BinaryIO = path.open("xb")
        self._max_bytes = max_bytes
        self.messages = 0
        self.is_full = False
        self.size = self._file.write(head_line(from_ms, filters))

    def take(self, arrival: Arrival) -> None:
        """Write one message, unless the file is full, or would be more than that.

        Raises:
            RecordingError: the disk does not take it.
        """
        if self.is_full:
            return
        line = message_line(arrival)
        if self.size + len(line) > self._max_bytes:
            self.is_full = True
            return
        try:
            self.size += self._file.write(line)
        except OSError as error:
            raise self._not_written(error) from error
        self.messages += 1

    def __enter__(self) -> "RecordingWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file.

        Raises:
            RecordingError: the disk does not take what was still to be written.
        """
        try:
            self._file.close()
        except OSError as failure:
            if error is None:
                raise self._not_written(failure) from failure

    def _not_written(self, error: OSError) -> RecordingError:
        text = f"cannot be written: {error.strerror or error}"
        return RecordingError(f"{self._file.name}: {text}; {self.messages} message(s) in it")


def recording_head(path: Path) -> RecordingHead:
    """What the first line says.

    Raises:
        RecordingError: the file is none, or cannot be read.
    """
    with _opened(path) as file:
        return read_head(file.readline(MAX_LINE_BYTES))


def recorded_messages(path: Path) -> Iterator[Arrival]:
    """Every message, in order of its arrival.

    Raises:
        RecordingError: the file cannot be read, or a line is none; names it.
    """
    with _opened(path) as file:
        read_head(file.readline(MAX_LINE_BYTES))
        yield from read_messages(iter(lambda: file.readline(MAX_LINE_BYTES), b""))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error
