"""Loads a city in a process of its own: ``python -m ...city_child FOLDER COUNTS_IN_FORCE``.

A whole city takes 60 MB and a second of one core (measured with Binzhou's). In the worker, the
network thread would have to share the interpreter with it, and the memory would stay in pieces.
Writes one answer to standard output.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gigacity_city.load import load_whole
from gigacity_city.wholeness import table_counts
from gigacity_contract.errors import CityError, GigacityError
from gigacity_ingest.decode.field_registry import FieldRegistry

TIMEOUT_S = 300.0
"""A city of many millions on a slow disk takes a tenth of it."""
_NICENESS = 10


class CityRefusedError(GigacityError):
    """The folder does not hold together; the message says why."""


class CityNotLoadedError(GigacityError):
    """It could not be loaded now, whatever it holds; try again."""


@dataclass(frozen=True, slots=True)
class LoadedRegistry:
    """What decoding needs of a city, and how much each of its tables declares."""

    registry: FieldRegistry
    counts: dict[str, int]


class _LoadAnswer(msgspec.Struct):
    registry: bytes = b""
    counts: dict[str, int] = {}
    problem: str = ""


def load_registry(folder: Path, in_force: Mapping[str, int]) -> LoadedRegistry:
    """Load what decoding needs of a city folder; blocks, but does nothing in this process.

    Args:
        folder: of the city.
        in_force: how much each table of the city in force declares.

    Raises:
        CityRefusedError: it is wrong.
        CityNotLoadedError: the process failed.
    """
    module, known = "gigacity_ingest.adapters.city_child", msgspec.json.encode(in_force).decode()
    command = [sys.executable, "-m", module, str(folder), known]
    try:
        done = subprocess.run(  # noqa: S603 - our own program, no shell
            command, capture_output=True, check=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S
        )
        answer = msgspec.msgpack.decode(done.stdout, type=_LoadAnswer)
        if answer.problem:
            raise CityRefusedError(answer.problem)
        return LoadedRegistry(FieldRegistry.unpack(answer.registry), answer.counts)
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise CityNotLoadedError(f"it could not be loaded: {error}; {last}") from error
    except (OSError, subprocess.TimeoutExpired, msgspec.MsgspecError) as error:
        raise CityNotLoadedError(f"it could not be loaded: {error}") from error


def main(folder: str, in_force: str) -> None:
    """Answer, and end."""
    os.nice(_NICENESS)
    try:
        known = msgspec.json.decode(in_force, type=dict[str, int])
        city = load_whole(Path(folder), known).city
        answer = _LoadAnswer(FieldRegistry.of(city).pack(), table_counts(city))
    except CityError as error:
        answer = _LoadAnswer(problem=str(error))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
