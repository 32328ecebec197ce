"""``python -m tests.bench.api.evaluating [CITY]``: an evaluation while requests compute.

A process serves a whole city from memory and evaluates it each second, as the evaluator's thread
does; others ask it for long answers without a pause. Printed is how long one evaluation takes, once
with requests that give way to it, and once without; what its thread waited for a core, which other
processes had, does not count.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from gigacity_api.evaluator.driver import Driver
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.keys import hash_key
from gigacity_api.metrics import ApiMetrics
from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from gigacity_contract.local_time import DAY_MS
from tests.bench.api.load import quantile
from tests.bench.api.serving import api, everything_reported, serve

KEYS, SECONDS = 4, 15
EVIDENCE = "/api/v1/indicators/device.online/evidence"
NEIGHBOURS = {
    "nobody": [],
    "pages of 5,000": [f"{EVIDENCE}?limit=5000"] * KEYS,
    "a CSV of the city": [f"{EVIDENCE}/export?format=csv"],
    "both": [f"{EVIDENCE}/export?format=csv"] + [f"{EVIDENCE}?limit=5000"] * KEYS,
}


def _waited_for_a_core_s() -> float:
    text = Path("/proc/thread-self/schedstat").read_text(encoding="ascii")
    return int(text.split()[1]) / 1e9


class _Core:
    """Evaluates the same state whenever it is asked; prints how many ms that took."""

    def __init__(self, inventory: Inventory) -> None:
        self._as_of_ms = now_ms = SystemClock().now_ms()
        self._evaluator = Evaluator(inventory)
        self._state = everything_reported(inventory, now_ms)
        # Nothing is ever due: it is asked each second.
        self.done_ms: int | None = now_ms + DAY_MS

    def step(self) -> bool:
        self._as_of_ms += 1
        begun_s = time.perf_counter() - _waited_for_a_core_s()
        self._evaluator.evaluate(self._state, self._as_of_ms)
        took_ms = 1000 * (time.perf_counter() - _waited_for_a_core_s() - begun_s)
        print(f"evaluated {took_ms:.1f}", flush=True)  # noqa: T201 - read by the parent
        return False


def _serve(city: Path, keys: Path, *, gives_way: bool) -> None:
    inventory, clock = Inventory(load_city(city)), SystemClock()
    driver = Driver(
        core=_Core(inventory), cache=PublicationCache(inventory), settings=EvaluationSettings(),
        clock=clock, metrics=ApiMetrics(),
    )  # fmt: skip
    app = api(city, keys, under_way=lambda: driver.under_way if gives_way else None)
    driver.start()
    serve(app)
    driver.stop()


_ASK = """
import asyncio, sys, time
port, seconds, first, *paths = sys.argv[1:]
head = "GET %s HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\nAuthorization: Bearer gck_%d\\r\\n\\r\\n"
count = 0
async def ask(number, path, until_s):
    global count
    while time.monotonic() < until_s:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port), limit=2**20)
        writer.write((head % (path, number)).encode())
        count += (await reader.readline()).split()[1] == b"200"
        while await reader.read(2**20):
            pass
        writer.close()
async def main():
    until_s = time.monotonic() + float(seconds)
    asked = enumerate(paths, int(first))
    await asyncio.gather(*(ask(number, path, until_s) for number, path in asked))
    await asyncio.sleep(max(0, until_s - time.monotonic()))
    print(count)
asyncio.run(main())
"""  # noqa: E501 - a program; it reads and does no more, since the cores are few


async def _measure(city: Path, keys: Path, how: str) -> None:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.api.evaluating", str(city), str(keys), how,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None
    found, ports = list[float](), asyncio.Queue[int]()

    async def read(lines: asyncio.StreamReader) -> None:
        async for line in lines:
            # The rest is what the service logs.
            if line.startswith(b"evaluated "):
                found.append(float(line.split()[1]))
            elif line.strip().isdigit():
                await ports.put(int(line))

    reading = asyncio.create_task(read(server.stdout))
    try:
        port = await ports.get()
        for number, (name, paths) in enumerate(NEIGHBOURS.items()):
            await asyncio.sleep(2)
            found.clear()
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _ASK, str(port), str(SECONDS), str(number * KEYS), *paths,
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            said, _ = await child.communicate()
            ms = sorted(found) or [0.0]
            print(  # noqa: T201 - a command
                f"{how:12} {name:20} {len(ms):3} evaluations, median {quantile(ms, 0.5):6.1f} ms,"
                f" worst {ms[-1]:6.1f} ms; {said.decode().strip()} answers",
                flush=True,
            )
    finally:
        server.terminate()
        await server.wait()
        reading.cancel()


async def run(city: Path) -> None:
    """Print a line for each neighbour, with and without giving way."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.jsonl"
        entries = [
            {"name": f"n{n}", "sha256": hash_key(f"gck_{n}"), "scopes": ["read"]}
            for n in range(KEYS * len(NEIGHBOURS) + 1)
        ]
        keys.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        for how in ("gives-way", "takes-turns"):
            await _measure(city, keys, how)


if __name__ == "__main__":
    folder, *more = sys.argv[1:] or ["deploy/city/binzhou"]
    if more:
        _serve(Path(folder), Path(more[0]), gives_way=more[1] == "gives-way")
    else:
        asyncio.run(run(Path(folder)))
