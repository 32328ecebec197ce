"""What was admitted though nobody registered it, on disk: JSON lines, each with a moment.

The bounds of ``decode.admission`` hold over restarts by it, and over replays beside the worker:
each reads what the others append. An entry that no process met for as long as raw data are kept
has no series any more, and makes room.
"""

import os
from pathlib import Path

import msgspec
import structlog

from gigacity_contract.measurements import RAW
from gigacity_ingest.dead_letters.segments import replace_file
from gigacity_ingest.decode.admission import Admission, Admitted

_NAME = "admitted.jsonl"
_KEPT_MS = RAW.duration_s * 1000
log = structlog.get_logger("worker")


class _AdmittedLine(msgspec.Struct, array_like=True):
    met_ms: int
    what: Admitted


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_AdmittedLine).decode


class AdmissionLog:
    """The file in one worker's folder, as one process sees it.

    Args:
        state_dir: the worker's folder.
        admission: what this process admits.
    """

    def __init__(self, state_dir: Path, admission: Admission) -> None:
        self._path = state_dir / _NAME
        self._admission = admission
        self._inode = self._offset = 0
        self._unwritten: list[Admitted] = []
        self._problem = ""

    def begin(self, now_ms: int) -> None:
        """Recall what was admitted, and leave out of the file what is of no use any more.

        The worker's alone, whose folder is locked: a replay only appends.
        """
        try:
            self._compact(now_ms)
        except OSError as error:
            self._say(error)
        self.sync(now_ms)

    def sync(self, now_ms: int) -> None:
        """Recall what others admitted, and append what this process did."""
        self._unwritten += self._admission.take_new()
        try:
            self._read(now_ms)
            if self._unwritten:
                self._append(now_ms)
        except OSError as error:
            self._say(error)

    def _compact(self, now_ms: int) -> None:
        lines, met = 0, dict[Admitted, int]()
        for line in _lines_from(self._path, 0):
            lines += 1
            found = _line_of(line)
            if found is not None and found.met_ms > now_ms - _KEPT_MS:
                met[found.what] = max(met.get(found.what, 0), found.met_ms)
        kept = [(ms, what) for what, ms in met.items() if self._admission.recall(what)]
        if len(kept) < lines:
            data = b"".join(_encode(_AdmittedLine(ms, what)) + b"\n" for ms, what in kept)
            replace_file(self._path, data)

    def _read(self, now_ms: int) -> None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return
        if found.st_ino != self._inode or found.st_size < self._offset:
            self._inode, self._offset = found.st_ino, 0
        if found.st_size == self._offset:
            return
        for line in _lines_from(self._path, self._offset):
            self._offset += len(line)
            entry = _line_of(line)
            if entry is not None and entry.met_ms > now_ms - _KEPT_MS:
                self._admission.recall(entry.what)

    def _append(self, now_ms: int) -> None:
        data = b"".join(_encode(_AdmittedLine(now_ms, what)) + b"\n" for what in self._unwritten)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o640)
        try:
            # After a failure the last line may have no end; an empty one is passed over.
            view = memoryview(b"\n" + data if self._problem else data)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
        self._unwritten.clear()
        self._problem = ""

    def _say(self, error: OSError) -> None:
        """Once: what was admitted is known until this process ends."""
        if str(error) != self._problem:
            log.warning("admissions_not_kept", problem=str(error))
        self._problem = str(error)


def _lines_from(path: Path, offset: int) -> list[bytes]:
    """Whole lines of a file; the last one may be on its way."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return []
    return data[: data.rfind(b"\n") + 1].splitlines(keepends=True)


def _line_of(line: bytes) -> _AdmittedLine | None:
    try:
        return _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
