"""What is sent to whom, as data, and what an answer means. Pure."""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Verdict(StrEnum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    AGAIN = "again"
    """Try later: the other side is away, busy, or had too many."""
    REFUSED = "refused"
    """It will never be taken like this: a wrong key, signature or form."""


class Judgement(NamedTuple):
    """The verdict, and why, in words for the operator."""

    verdict: Verdict
    why: str = ""
    again_in_s: float = 0.0
    """As the other side asked for; 0: it did not."""


DELIVERED = Judgement(Verdict.DELIVERED)


class HTTPCall(msgspec.Struct, frozen=True):
    """One HTTP request; its address may hold a secret, so that it is never logged."""

    url: str
    body: bytes
    headers: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"HTTPCall({len(self.body)} bytes)"


class HTTPAnswer(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    retry_after_s: float = 0.0


def judge_status(answer: HTTPAnswer) -> Judgement | None:
    """What the HTTP status says by itself; None for a good one, whose body may still refuse."""
    if 200 <= answer.status < 300:
        return None
    why = f"HTTP {answer.status}"
    if answer.status in {408, 425, 429} or answer.status >= 500:
        return Judgement(Verdict.AGAIN, why, answer.retry_after_s)
    return Judgement(Verdict.REFUSED, f"{why}: check the address and the secret of the channel")


def judge_code(
    answer: HTTPAnswer, name: str, *, busy: frozenset[int], hints: dict[int, str]
) -> Judgement:
    """What a robot's answer says: its own code stands in the body of a 200.

    Args:
        answer: of the robot.
        name: of the member that holds the code; 0 is well.
        busy: codes that ask for patience.
        hints: what to do about others.
    """
    by_status = judge_status(answer)
    if by_status is not None:
        return by_status
    try:
        document = msgspec.json.decode(answer.body, type=dict[str, object])
    except msgspec.DecodeError:
        return Judgement(Verdict.AGAIN, "the answer is no JSON: is a proxy in between?")
    code = document.get(name)
    if code == 0:
        return DELIVERED
    if not isinstance(code, int):
        return Judgement(Verdict.AGAIN, f"the answer has no {name}: is a proxy in between?")
    if code in busy:
        return Judgement(Verdict.AGAIN, f"{name} {code}: too many messages", 60.0)
    hint = hints.get(code, "look the code up with the service")
    return Judgement(Verdict.REFUSED, f"{name} {code}: {hint}")
