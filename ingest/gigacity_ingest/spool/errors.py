"""What can go wrong with the spool, one class per reaction.

SpoolError          the disk or the call is at fault: do not acknowledge, say it, try again later
  SpoolFull         no room now: do not acknowledge; the broker holds the rest meanwhile
  SpoolLocked       another process owns the folder: a wrong deployment, exit with code 2
"""

import errno
from enum import StrEnum
from pathlib import Path

from gigacity_contract.errors import GigacityError

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class FullCause(StrEnum):
    """What has to change before there is room again."""

    BUDGET = "budget"
    DISK = "disk"


class SpoolError(GigacityError):
    """The spool could not do what was asked; what it held before, it still holds."""


class SpoolFull(SpoolError):  # noqa: N818 - a state to wait out, like queue.Full, not a failure
    """Nothing was stored: the byte budget or the disk is used up."""

    def __init__(self, cause: FullCause, message: str) -> None:
        self.cause = cause
        super().__init__(message)


class SpoolLocked(SpoolError):  # noqa: N818 - reads as what it is
    """Another process has this spool open."""


def explain(error: OSError, path: Path, action: str) -> SpoolError:
    """Map an operating system error to ours, with what the operator can do.

    Args:
        error: what the file system raised.
        path: the file or folder that was worked on.
        action: completes "cannot ...", such as "append to".
    """
    cause = f"cannot {action} {path}: {error.strerror or error}"
    if error.errno in NO_ROOM:
        return SpoolFull(FullCause.DISK, f"{cause}; free space on this disk")
    if error.errno in NO_RIGHT:
        return SpoolError(
            f"{cause}; give the user of this process write access to it,"
            " or set GIGACITY_STATE_DIR to a folder that it may write"
        )
    if isinstance(error, FileNotFoundError | NotADirectoryError | FileExistsError):
        return SpoolError(f"{cause}; check GIGACITY_STATE_DIR")
    return SpoolError(f"{cause}; check the disk and the kernel log")
