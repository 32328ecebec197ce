"""``gigacity bench ingest`` against real servers: everything arrives, and the figures say so."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.city import write_city

PLACES = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("mosquitto", path=PLACES) is None, reason="no mosquitto"),
    pytest.mark.skipif(shutil.which("influxd", path=PLACES) is None, reason="no influxd"),
]
POINTS = {"pon": 16 * 60, "device": 60}


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("GIGACITY_")}
    return subprocess.run(
        [sys.executable, "-m", "gigacity_deploy", "bench", "ingest", *arguments],
        capture_output=True,
        text=True,
        env=clean,
        check=False,
        timeout=150,
    )


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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--shape", "cube"], "--shape cube: choose from pon, device, both"),
        (["--sink", "sea"], "--sink sea: choose from null, influx"),
        (["--consumer-list", "vector"], "--consumer-list vector: choose from"),
        (["--mqtt-url", "mqtts://127.0.0.1:8883"], "GIGACITY_MQTT_URL"),
        (["--influx-url", "http://127.0.0.1:1"], "GIGACITY_INFLUX_URL=http://127.0.0.1:1"),
    ],
    ids=["shape", "sink", "consumer", "broker", "database"],
)
def test_a_wrong_call_ends_with_code_2(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = bench(*arguments, "--messages", "1", "--city", str(write_city(tmp_path / "city")))

    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
