"""One run: serve, ask at each rate in turn, say what came of it."""

import asyncio
import json
import math
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from gigacity_api.keys import ApiKey, Scope, hash_key
from gigacity_contract.clock import Clock, SystemClock
from gigacity_contract.errors import ConfigError
from tests.bench.api.load import Question, ask_once, hold, request_bytes
from tests.bench.process_watch import usage

SCORECARD = "/api/v1/scorecard"
STARTS_WITHIN_S = 120.0
WARM_UP = 50
"""Requests before the first rate, not counted."""


class Server(NamedTuple):
    """A serving process."""

    pid: int
    port: int

    def cpu_s(self) -> float:
        """CPU that it has used so far; NaN when it has ended."""
        used = usage(self.pid)
        return used.cpu_s if used else math.nan


@contextmanager
def serving(*arguments: str) -> Iterator[Server]:
    """A process of ``tests.bench.api.serving``, ended with the block."""
    command = [sys.executable, "-m", "tests.bench.api.serving", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise ConfigError(f"--city: `{' '.join(command)}` ended before it served")
            yield Server(process.pid, int(line))
        finally:
            process.terminate()


def parse_rates(text: str) -> list[float]:
    """The rates of an option.

    Raises:
        ConfigError: it is no list of positive numbers.
    """
    try:
        rates = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ConfigError(f"--rates {text}: give numbers such as 50,200,800") from error
    if not rates or min(rates) <= 0:
        raise ConfigError(f"--rates {text}: every rate must be above 0")
    return rates


def run(city: Path, *, rates: str, seconds: float, connections: int, as_json: bool) -> int:
    """Measure and print; the exit code."""
    steps = parse_rates(rates)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gigacity-bench-")))
        key = secrets.token_urlsafe(32)
        keys_file = folder / "keys.jsonl"
        keys_file.write_bytes(msgspec.json.encode(ApiKey("bench", hash_key(key), [Scope.READ])))
        api = stack.enter_context(serving("api", str(city), str(keys_file)))
        whole = request_bytes(SCORECARD, key)
        status, headers, body = asyncio.run(_first(api.port, whole))
        if status != 200:
            raise ConfigError(f"the scorecard was answered {status}: {body[:200]!r}")
        bare = stack.enter_context(serving("bare", str(len(body))))
        asyncio.run(_first(bare.port, request_bytes("/bare", key)))
        questions = {
            "bare": (bare, Question(bare.port, request_bytes("/bare", key), 200)),
            "scorecard": (api, Question(api.port, whole, 200)),
            "unchanged": (
                api,
                Question(
                    api.port,
                    request_bytes(SCORECARD, key, **{"If-None-Match": headers["etag"]}), 304,
                ),
            ),
        }  # fmt: skip
        found = _measure(questions, steps, seconds, connections)
    result = {
        "city": str(city), "body_bytes": len(body), "seconds": seconds,
        "connections": connections, "cores": os.cpu_count(), "rows": found,
    }  # fmt: skip
    text = json.dumps(result, indent=2) if as_json else table(result)
    sys.stdout.write(text + "\n")
    return 1 if any(row["wrong"] for row in found) else 0


async def _first(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The first answer, once the process listens, and a few more to warm it up."""
    clock = SystemClock()
    until_s = clock.monotonic_s() + STARTS_WITHIN_S
    while True:
        try:
            answer = await ask_once(port, request)
            break
        except (OSError, asyncio.IncompleteReadError) as error:
            if clock.monotonic_s() > until_s:
                raise ConfigError(f"nothing answers on port {port}: {error}") from error
            await asyncio.sleep(0.05)
    for _ in range(WARM_UP):
        await ask_once(port, request)
    return answer


def _measure(
    questions: dict[str, tuple[Server, Question]], rates: Sequence[float], seconds: float,
    connections: int,
) -> list[dict[str, Any]]:  # fmt: skip
    clock: Clock = SystemClock()
    found = []
    for rate in rates:
        for name, (server, question) in questions.items():
            before_s = server.cpu_s()
            measured = asyncio.run(
                hold(question, rate=rate, seconds=seconds, connections=connections, clock=clock)
            )
            answers = len(measured.latencies_s)
            found.append(
                {
                    "target": name, "rate": rate, "answered_per_s": round(measured.rate, 1),
                    "p50_ms": round(measured.quantile_ms(0.5), 2),
                    "p99_ms": round(measured.quantile_ms(0.99), 2),
                    "cpu_us_per_request": round(1e6 * (server.cpu_s() - before_s) / answers),
                    "answers": answers, "wrong": measured.wrong,
                }
            )  # fmt: skip
    return found


def table(result: dict[str, Any]) -> str:
    """The figures for people."""
    lines = [
        f"{result['city']}: {result['body_bytes']:,} bytes a scorecard,"
        f" {result['connections']} connections, {result['seconds']:g} s a rate,"
        f" {result['cores']} cores shared with the load",
        "",
        f"{'requests/s':>10}  {'target':<10} {'answered/s':>10} {'p50 ms':>9} {'p99 ms':>9}"
        f" {'CPU us':>7} {'wrong':>6}",
    ]
    lines += [
        f"{row['rate']:>10g}  {row['target']:<10} {row['answered_per_s']:>10.1f}"
        f" {row['p50_ms']:>9.2f} {row['p99_ms']:>9.2f} {row['cpu_us_per_request']:>7}"
        f" {row['wrong']:>6}"
        for row in result["rows"]
    ]
    return "\n".join(lines)
