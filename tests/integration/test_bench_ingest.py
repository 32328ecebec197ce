"""``python -m tests.bench ingest`` on real servers: everything arrives, the figures say so."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

import pytest

from tests.bench.ingest.cpus import format_cpu_list
from tests.support.city import write_city

PLACES = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("mosquitto", path=PLACES) is None, reason="no mosquitto"),
    pytest.mark.skipif(shutil.which("influxd", path=PLACES) is None, reason="no influxd"),
]
POINTS = {"pon": 16 * 60, "device": 60}


ROLES = {
    "database": "influxdb.conf",
    "broker": "mosquitto.conf",
    "worker": "gigacity_ingest ingest",
}
"""Part of the command line of what a bench starts."""


def command(*arguments: str) -> tuple[list[str], dict[str, str]]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIGACITY_")}
    return [sys.executable, "-m", "tests.bench", "ingest", *arguments], clean


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    argv, env = command(*arguments)
    return subprocess.run(argv, capture_output=True, text=True, env=env, check=False, timeout=150)


def allowed_below(pid: int) -> dict[str, set[str]]:
    """``Cpus_allowed_list`` of what this process started, and what that did, by role."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
        for child in map(int, children):
            for role, cpus in allowed_below(child).items():
                found[role] |= cpus
    # The command line first: what has it already was put where it belongs.
    with suppress(OSError):
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        allowed = next(x.split("\t")[1] for x in status if x.startswith("Cpus_allowed_list:"))
        for role in (role for role, part in ROLES.items() if part in line):
            found[role].add(allowed)
    return found


@pytest.mark.parametrize("sink", ["null", "influx"])
def test_every_consumer_stores_everything(sink: str, tmp_path: Path) -> None:
    city, folder = write_city(tmp_path / "city"), tmp_path / "bench"
    done = bench(
        "--rounds", "1", "--messages", "60", "--sink", sink, "--city", str(city),
        "--consumer-list", "worker,plain,writer", "--folder", str(folder), "--json",
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    shapes = json.loads(done.stdout)["shapes"]
    for name, points in POINTS.items():
        found = shapes[name]["consumers"]
        assert set(found) == {"worker", "plain", "writer"}
        assert all(one["complete"] and one["rounds"][0]["stored"] == points
                   for one in found.values())  # fmt: skip
        assert found["worker"]["peak_rss_mb"] > 10


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one CPU: it cannot be divided")
def test_the_database_gets_its_cpus_and_everything_else_the_others(tmp_path: Path) -> None:
    mine = os.sched_getaffinity(0)
    wanted = max(mine)
    argv, env = command(
        "--rounds", "1", "--messages", "60", "--shape", "pon", "--consumer-list", "worker,writer",
        "--city", str(write_city(tmp_path / "city")), "--database-cpus", str(wanted), "--json",
    )  # fmt: skip

    seen: defaultdict[str, set[str]] = defaultdict(set)
    with (tmp_path / "out").open("w+") as out, (tmp_path / "errors").open("w+") as errors:
        running = subprocess.Popen(argv, env=env, stdout=out, stderr=errors)
        try:
            give_up = time.monotonic() + 150
            while running.poll() is None and time.monotonic() < give_up:
                for role, cpus in allowed_below(running.pid).items():
                    seen[role] |= cpus
                time.sleep(0.05)
        finally:
            running.terminate()
            running.wait(30)
        out.seek(0)
        errors.seek(0)
        table = errors.read()
        assert running.returncode == 0, table
        told = json.load(out)

    others = format_cpu_list(mine - {wanted})
    assert seen == {"database": {str(wanted)}, "broker": {others}, "worker": {others}}
    assert told["database_cpus"] == [wanted]
    assert f"on CPU {wanted}" in " ".join(table.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--shape", "cube"], "'--shape'"),
        (["--sink", "sea"], "'--sink'"),
        (["--consumer-list", "vector"], "--consumer-list vector: choose from"),
        (["--database-cpus", "8191"], "--database-cpus 8191: this process may not use CPU 8191"),
    ],
    ids=["shape", "sink", "consumer", "cpus"],
)
def test_a_wrong_call_ends_with_code_2(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = bench(*arguments, "--messages", "1", "--city", str(write_city(tmp_path / "city")))

    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
