"""An open-loop HTTP load over kept connections: requests are due by the clock, not by the answers.

Small on purpose: its own cost must stay below that of what it measures.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from gigacity_contract.clock import Clock


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, again and again."""

    port: int
    request: bytes
    status: int
    """Of a right answer."""


@dataclass
class Measured:
    """What one rate gave."""

    latencies_s: list[float] = field(default_factory=list)
    wrong: int = 0
    took_s: float = 0.0

    def quantile_ms(self, share: float) -> float:
        """The latency that this share of the answers did not exceed, in milliseconds."""
        return quantile(sorted(self.latencies_s), share) * 1000

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies_s) / self.took_s if self.took_s else 0.0


def quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile of an ordered series; NaN of an empty one."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def request_bytes(path: str, key: str, **headers: str) -> bytes:
    """A GET request."""
    fields = {"Host": "127.0.0.1", "Authorization": f"Bearer {key}", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers (lower case) and body of one answer.

    Raises:
        asyncio.IncompleteReadError: the connection ended before it was whole.
    """
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)
    }
    length = int(headers.get("content-length", "0"))
    return int(first.split(" ", 2)[1]), headers, await reader.readexactly(length)


async def ask_once(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return await read_answer(reader)
    finally:
        writer.close()


async def hold(
    question: Question, *, rate: float, seconds: float, connections: int, clock: Clock
) -> Measured:
    """Ask at a rate for some seconds."""
    measured = Measured()
    total = max(1, round(rate * seconds))
    following = count()
    start_s = clock.monotonic_s() + 0.05

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", question.port)
        try:
            while (index := next(following)) < total:
                due_s = start_s + index / rate
                await asyncio.sleep(max(0.0, due_s - clock.monotonic_s()))
                writer.write(question.request)
                status, _, _ = await read_answer(reader)
                measured.latencies_s.append(clock.monotonic_s() - due_s)
                measured.wrong += status != question.status
        finally:
            writer.close()

    await asyncio.gather(*(connection() for _ in range(connections)))
    measured.took_s = clock.monotonic_s() - start_s
    return measured
