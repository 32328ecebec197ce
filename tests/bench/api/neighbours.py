"""``python -m tests.bench.api.neighbours [CITY [here]]``: /healthz while others ask for a lot.

A process of its own serves a whole city from memory; /healthz is asked for every 5 ms, each time by
a new connection, while one kind of neighbour after another is at work. With ``here`` no process of
its own answers questions of the past.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Coroutine
from pathlib import Path

import httpx

from gigacity_api.keys import hash_key
from gigacity_contract.clock import SystemClock
from gigacity_contract.local_time import rfc3339
from tests.bench.api.load import quantile, request_bytes

STREAMS, KEYS = 200, 4
PAUSE_S = 0.005


def _key(number: int) -> str:
    return f"gck_neighbour_{number}"


async def _healthz(port: int) -> float:
    begun_s = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_bytes("/healthz", ""))
    await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return time.perf_counter() - begun_s


async def _probe(port: int, work: Coroutine[None, None, str]) -> tuple[list[float], str]:
    """Latencies of /healthz while something else is asked for, and what became of that."""
    task, found = asyncio.create_task(work), [await _healthz(port)]
    while not task.done():
        found.append(await _healthz(port))
        await asyncio.sleep(PAUSE_S)
    return found, await task


async def _streams(port: int) -> str:
    """Two hundred that connect at once, in a process of their own: the probe must not wait."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _BURST, str(port), str(STREAMS), str(KEYS),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await child.communicate()
    return said.decode().strip()


_BURST = f"""
import socket, sys, time
port, count, keys = map(int, sys.argv[1:])
clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
time.sleep(0.2)
head = "GET /api/v1/stream HTTP/1.1\\r\\nHost: a\\r\\nAuthorization: Bearer {_key(0)[:-1]}%d\\r\\n\\r\\n"
for n, client in enumerate(clients):
    client.sendall((head % (n % keys)).encode())
answered = sum(client.recv(12).endswith(b"200") for client in clients)
print(answered, "streams answered")
time.sleep(1)
"""  # noqa: E501 - a program


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def _peaks(pid: int) -> str:
    """Of a process and of its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return " + ".join(str(_peak_mb(one)) for one in (pid, *map(int, children)))


async def run(city: Path, *past_where: str) -> None:
    """Print a line for each neighbour."""
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.jsonl"
        entries = [
            {"name": f"n{n}", "sha256": hash_key(_key(n)), "scopes": ["read"]} for n in range(KEYS)
        ]
        keys.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
        database, database_port = await _serving("database", str(city))
        server, port = await _serving("api", str(city), str(keys), str(database_port), *past_where)
        await asyncio.sleep(3)
        area, past_ms = await _an_area(port), SystemClock().now_ms() // 60_000 * 60_000 - 120_000
        evidence = "indicators/device.online/evidence"
        page = f"/api/v1/as-of/{evidence}?limit=5000&as_of="
        past = [page + rfc3339(past_ms - 60_000 * number) for number in range(6)]
        export = f"/api/v1/{evidence}/export?format="
        try:
            await _tell(server.pid, port, "nobody", _nobody())
            await _tell(server.pid, port, "200 streams at once", _streams(port))
            xlsx = f"{export}xlsx&scope=area&code={area}"
            await _tell(server.pid, port, "an XLSX of an area", _many(port, [xlsx]))
            await _tell(server.pid, port, "a CSV of the city", _many(port, [f"{export}csv"]))
            pages = f"/api/v1/{evidence}?limit=5000"
            await _tell(server.pid, port, "20 pages of 5,000", _many(port, [pages] * 20))
            await _tell(server.pid, port, "a past page, begun", _many(port, past[:1]))
            await _tell(server.pid, port, "another instant", _many(port, past[1:2]))
            await _tell(server.pid, port, "the same, kept", _many(port, past[1:2]))
            await _tell(server.pid, port, "40 of the past", _many(port, past * 7))
            everything = (_streams(port), _many(port, [xlsx, *past * 7, *[pages] * 20]))
            await _tell(server.pid, port, "all of it at once", _all(*everything))
        finally:
            for process in (server, database):
                process.terminate()
                await process.wait()


async def _serving(*what: str) -> tuple[asyncio.subprocess.Process, int]:
    """A process of ``tests.bench.api.serving``, and its port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.api.serving", *what, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    return process, int(await process.stdout.readline())


async def _all(*work: Coroutine[None, None, str]) -> str:
    return "; ".join(await asyncio.gather(*work))


async def _many(port: int, paths: list[str]) -> str:
    """Asked for at the same time; how they were answered.

    In a process of their own: a client that begins, or reads much, would hold up the probe.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _AT_ONCE, str(port), _key(0), *paths, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    return said.decode().strip()


_AT_ONCE = """
import asyncio, collections, sys, time
import httpx
port, key, *paths = sys.argv[1:]
async def ask(client, path):
    answer = await client.get(f"http://127.0.0.1:{port}{path}")
    sizes.append(len(answer.content))
    return answer.status_code
sizes = []
async def main():
    headers, begun_s = {"Authorization": f"Bearer {key}"}, time.perf_counter()
    async with httpx.AsyncClient(timeout=120, headers=headers) as client:
        found = await asyncio.gather(*(ask(client, path) for path in paths))
    took_s = time.perf_counter() - begun_s
    print(dict(collections.Counter(found)), f"{sum(sizes):,} bytes in {took_s:.2f} s")
asyncio.run(main())
"""


async def _nobody() -> str:
    await asyncio.sleep(2)
    return ""


async def _tell(pid: int, port: int, name: str, work: Coroutine[None, None, str]) -> None:
    found, said = await _probe(port, work)
    ms = [1000 * latency_s for latency_s in sorted(found)]
    print(  # noqa: T201 - a command
        f"{name:22} {len(ms):5} asked, median {quantile(ms, 0.5):5.1f},"
        f" p99 {quantile(ms, 0.99):6.1f}, worst {ms[-1]:6.1f} ms; peak {_peaks(pid)} MB; {said}",
        flush=True,
    )


async def _an_area(port: int) -> str:
    """The one with the most devices that an XLSX still takes."""
    async with httpx.AsyncClient(timeout=60) as client:
        headers = {"Authorization": f"Bearer {_key(0)}"}
        query = "indicator=device.online&scope=area&limit=100"
        url = f"http://127.0.0.1:{port}/api/v1/indicators?{query}"
        figures = (await client.get(url, headers=headers)).json()["items"]
    fits = [f for f in figures if f["denominator"] <= 50_000]
    return str(max(fits, key=lambda figure: figure["denominator"])["code"])


if __name__ == "__main__":
    asyncio.run(run(Path(*sys.argv[1:2] or ["deploy/city/binzhou"]), *sys.argv[2:]))
