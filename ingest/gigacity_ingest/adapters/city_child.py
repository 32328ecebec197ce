"""Loads a city in a process of its own: ``python -m gigacity_ingest.adapters.city_child FOLDER``.

A whole city takes 60 MB and a second of one core (measured with Binzhou's). In the worker, the
network thread would have to share the interpreter with it, and the memory would stay in pieces.
Writes one answer to standard output.
"""

import os
import subprocess
import sys
from pathlib import Path

import msgspec

from gigacity_city.load import load_city
from gigacity_contract.errors import CityError, GigacityError
from gigacity_ingest.decode.field_registry import FieldRegistry

TIMEOUT_S = 300.0
"""A city of many millions on a slow disk takes a tenth of it."""
_NICENESS = 10


class CityRefusedError(GigacityError):
    """The folder does not hold together; the message says why."""


class CityNotLoadedError(GigacityError):
    """It could not be loaded now, whatever it holds; try again."""


class _LoadAnswer(msgspec.Struct):
    registry: bytes = b""
    problem: str = ""


def load_registry(folder: Path) -> FieldRegistry:
    """Load what decoding needs of a city folder; blocks, but does nothing in this process.

    Raises:
        CityRefusedError: it is wrong.
        CityNotLoadedError: the process failed.
    """
    command = [sys.executable, "-m", "gigacity_ingest.adapters.city_child", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command, capture_output=True, check=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S
        )
        answer = msgspec.msgpack.decode(done.stdout, type=_LoadAnswer)
        if answer.problem:
            raise CityRefusedError(answer.problem)
        return FieldRegistry.unpack(answer.registry)
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise CityNotLoadedError(f"it could not be loaded: {error}; {last}") from error
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError) as error:
        raise CityNotLoadedError(f"it could not be loaded: {error}") from error


def main(folder: str) -> None:
    """Answer, and end."""
    os.nice(_NICENESS)
    try:
        answer = _LoadAnswer(registry=FieldRegistry.of(load_city(Path(folder))).pack())
    except CityError as error:
        answer = _LoadAnswer(problem=str(error))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main(sys.argv[1])
