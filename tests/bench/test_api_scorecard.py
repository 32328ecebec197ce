"""``python -m tests.bench api``: its arithmetic, and a short run of the whole command."""

import asyncio
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError
from tests.bench.api.load import Measured, Question, hold, quantile, request_bytes
from tests.bench.api.run import parse_rates, table
from tests.support.city import write_city


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 5), (0.99, 10), (0.9, 9), (0.0, 1), (1.0, 10)]
)
def test_a_quantile_is_an_answer_that_came(share: float, expected: float) -> None:
    assert quantile([float(n) for n in range(1, 11)], share) == expected
    assert math.isnan(quantile([], share))


def test_milliseconds_and_rate_follow_from_the_latencies() -> None:
    measured = Measured([0.001, 0.003, 0.002], 0, 1.5)
    assert (measured.quantile_ms(0.5), measured.rate) == (2.0, 2.0)


def test_rates_are_positive_numbers() -> None:
    assert parse_rates("50,200.5") == [50, 200.5]
    for text in ("", "fast", "0", "5,-1"):
        with pytest.raises(ConfigError, match="--rates"):
            parse_rates(text)


async def _serve_and_ask(status: int, answers_after: int) -> Measured:
    """A server that answers only every so many requests of a connection at once."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(answers_after / 1000)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        question = Question(port, request_bytes("/", "k"), status)
        return await hold(question, rate=200, seconds=0.2, connections=1, clock=SystemClock())


def test_a_server_that_falls_behind_shows_in_the_latency() -> None:
    quick = asyncio.run(_serve_and_ask(200, 0))
    assert (len(quick.latencies_s), quick.wrong) == (40, 0)
    slow = asyncio.run(_serve_and_ask(200, 20))
    # Each answer takes 20 ms, but one was due every 5 ms: the last came 600 ms late, or more.
    assert slow.quantile_ms(1.0) > 500


def test_another_status_is_a_wrong_answer() -> None:
    assert asyncio.run(_serve_and_ask(304, 0)).wrong == 40


@pytest.mark.integration
def test_a_short_run_measures_all_three_beside_each_other(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "tests.bench", "api",
        "--city", str(write_city(tmp_path / "city")),
        "--rates", "20,40", "--seconds", "0.5", "--connections", "4", "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert [(row["rate"], row["target"]) for row in result["rows"]] == [
        (rate, target) for rate in (20, 40) for target in ("bare", "scorecard", "unchanged")
    ]
    assert [row["answers"] for row in result["rows"]] == [10] * 3 + [20] * 3
    assert "scorecard" in table(result)
