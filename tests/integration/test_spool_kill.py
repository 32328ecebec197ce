"""kill -9 of a process that spools, at moments that nobody chose."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.spooling import confirm_next, open_small, read_all

pytestmark = pytest.mark.integration
KILLS = 8


def let_work_and_kill(folder: Path, first: int, lines: int) -> list[str]:
    """Start the victim, kill it after some lines, and return all that it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.spool_victim", str(folder), str(first)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(lines)]
    process.kill()
    said += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.wait(10)
    process.stdout.close()
    return said


def test_nothing_promised_is_lost_and_nothing_confirmed_comes_again(tmp_path: Path) -> None:
    """But for the one call during which it died."""
    rng = random.Random(7)  # noqa: S311 - repeatable, apart from the moment of the kill
    waiting: list[int] = []
    first = 0
    for _ in range(KILLS):
        said = let_work_and_kill(tmp_path, first, rng.randrange(5, 60))
        appended = [int(line[2:]) for line in said if line.startswith("a")]
        confirmed = {int(line[2:]) for line in said if line.startswith("c")}
        waiting = [number for number in (*waiting, *appended) if number not in confirmed]

        spool = open_small(tmp_path)
        found = read_all(spool)

        may_be_gone = waiting[:1]
        may_be_there = [max(appended, default=first - 1) + 1]
        assert [n for n in found if n not in may_be_there] in (waiting, waiting[1:])
        assert set(waiting) - set(found) <= set(may_be_gone)
        waiting = found
        first = max(found, default=first) + 1
        spool.close()
    spool = open_small(tmp_path)
    assert [confirm_next(spool) for _ in waiting] == waiting
    assert list(tmp_path.glob("*.segment")) == []
