"""Bytes that raw reports and their daily roll-ups take in files of InfluxDB 1.6.7.

``pytest -m bench -s tests/bench/test_volumes.py``. A slice of the city over four days, since the
price of a series is paid once in a file, however short its time.
"""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from gigacity_api.rollups.accumulator import Accumulator
from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from gigacity_contract.local_time import DAY_MS, day_start_ms
from gigacity_contract.measurements import MEASUREMENTS
from tests.bench.city_lines import LINES_PER_WRITE, CityLines, Writer
from tests.bench.city_store import CityStore
from tests.support.processes import LocalInflux, start_local_influx

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

CITY = Path(__file__).parents[2] / "deploy" / "city" / "binzhou"
DAYS = 4
ONE_IN = 2_400
"""Of ports and of the devices of each kind."""
SETTLED_S = 30
"""Until the database has written its files."""


class Volumes:
    """Writes both and counts what it writes."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._batches: dict[str, list[bytes]] = {"raw": [], "r1d": []}
        self.rows: Counter[tuple[str, str]] = Counter()
        self.values: Counter[tuple[str, str]] = Counter()

    def put(self, policy: str, name: str, line: bytes) -> None:
        """One row."""
        self.rows[policy, name] += 1
        self.values[policy, name] += line.count(b"=") - len(MEASUREMENTS[name].tags)
        batch = self._batches[policy]
        batch.append(line)
        if len(batch) == LINES_PER_WRITE:
            self.flush(policy)

    def flush(self, policy: str) -> None:
        """Write what waits."""
        if self._batches[policy]:
            self._writer.write(policy, self._batches[policy])
            self._batches[policy].clear()


def write_slice(volumes: Volumes, start_ms: int) -> None:
    """Raw reports of the whole time, and their roll-ups as the product makes them."""
    store = CityStore(load_city(CITY), one_in=ONE_IN)
    lines = CityLines(store)
    for name in store.measurements:
        fields = [field.name for field in MEASUREMENTS[name].fields]
        tags = MEASUREMENTS[name].tags
        for first_ms in range(start_ms, start_ms + DAYS * DAY_MS, DAY_MS):
            end_ms = first_ms + DAY_MS
            rows = []
            for at_ms, reporter in store.points(name, first_ms - 1, end_ms - 1):
                said = lines.said(name, reporter, at_ms)
                values = [getattr(said, field) for field in fields]
                rows.append([at_ms, *(reporter.tags.get(tag) for tag in tags), *values])
            for line in lines.telemetry(name, first_ms - 1, end_ms - 1):
                volumes.put("raw", name, line)
            joined = Accumulator(name)
            joined.take(rows)
            for line in joined.lines(first_ms):
                volumes.put("r1d", name, line)
    for policy in ("raw", "r1d"):
        volumes.flush(policy)


def write_files(influx: LocalInflux, folder: Path) -> None:
    """Let the database write what it holds in memory, which it does when nothing more comes."""
    influx.stop()
    config = folder / "influxdb.conf"
    cold = '[data]\n  cache-snapshot-write-cold-duration = "3s"\n'
    config.write_text(config.read_text().replace("[data]\n", cold, 1))
    influx.start()
    time.sleep(SETTLED_S)


def test_roll_ups_beside_raw_reports(tmp_path: Path) -> None:
    influx = start_local_influx(tmp_path)
    try:
        with Writer(
            influx.url, influx.bucket, influx.admin_username, influx.admin_secret
        ) as writer:
            volumes = Volumes(writer)
            write_slice(volumes, day_start_ms(SystemClock().now_ms()) - DAYS * DAY_MS)
        write_files(influx, tmp_path)
        files = {
            policy: sum(file.stat().st_size for file in tmp_path.rglob(f"{policy}/*/*.tsm"))
            for policy in ("raw", "r1d")
        }
    finally:
        influx.close()
    assert min(files.values()) > 0
    for policy, size in files.items():
        rows = sum(n for (kept, _), n in volumes.rows.items() if kept == policy)
        values = sum(n for (kept, _), n in volumes.values.items() if kept == policy)
        found = {"policy": policy, "bytes": size, "rows": rows, "values": values}
        print(json.dumps(found | {"bytes_a_value": round(size / values, 2)}))  # noqa: T201
    ports = {policy: volumes.rows[policy, "pon_port"] for policy in files}
    print(json.dumps({"rows of ports": ports}))  # noqa: T201
    print(json.dumps({"r1d / raw, bytes": round(files["r1d"] / files["raw"], 2)}))  # noqa: T201
