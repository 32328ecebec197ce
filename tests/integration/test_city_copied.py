"""A table that another process writes over twenty seconds, followed in real time."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from gigacity_api.storage.city_versions import CityVersions
from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from tests.support.city import COMMUNITY_A, write_city

pytestmark = pytest.mark.integration

HEADER = "community,kind,device,gateway\n"
WRITER = """
import sys, time
lines = sys.stdin.readlines()
with open(sys.argv[1], "w", encoding="utf-8") as file:
    for n in range(10):
        file.writelines(lines[n * 301 : (n + 1) * 301])
        file.flush()
        time.sleep(2)
"""


def table(name: str) -> str:
    return HEADER + "".join(f"{COMMUNITY_A},camera,{name}-{n},gw-a\n" for n in range(3000))


def test_nothing_of_a_table_is_in_force_before_all_of_it(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city", devices=table("cam"))
    cities = CityVersions(folder, tmp_path / "state", SystemClock())
    first = cities.current.version
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder / "devices.csv")], stdin=subprocess.PIPE
    )
    assert writer.stdin is not None
    writer.stdin.write(table("camera").encode())
    writer.stdin.close()
    seen = set()
    until_s = time.monotonic() + 60
    while cities.current.version == first and time.monotonic() < until_s:
        seen.add(len(cities.current.devices))
        cities.refresh()
        time.sleep(0.5)
    seen.add(len(cities.current.devices))

    assert writer.wait(1) == 0
    assert seen == {3000}
    assert cities.current.version == load_city(folder).version != first
    kept = tmp_path / "state" / "city"
    assert {load_city(kept / version).version for version in (first, cities.current.version)} == {
        first, cities.current.version
    }  # fmt: skip
