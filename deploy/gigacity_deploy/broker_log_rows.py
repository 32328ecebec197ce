"""Rows of who was turned away at the broker, for boards: totals of this process's life. Pure."""

from collections.abc import Iterator

from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import TURNED_AWAY
from gigacity_deploy.broker_log import TurnedAway

MAX_NAMED = 1_000
"""Publishers with rows of their own; others are counted together."""
OTHERS = "others"


def rows(found: TurnedAway, at_ms: int) -> Iterator[bytes]:
    """One line for each publisher and reason, those with most first."""
    others: dict[str, int] = {}
    for number, ((who, reason), count) in enumerate(found.counts.most_common()):
        if number >= MAX_NAMED:
            others[reason] = others.get(reason, 0) + count
            continue
        yield _row(who, reason, count, found.topics[who, reason], at_ms)
    for reason, count in others.items():
        yield _row(OTHERS, reason, count, "", at_ms)


def _row(who: str, reason: str, count: int, topic: str, at_ms: int) -> bytes:
    tags = {"identity": who[:200], "reason": reason}
    # A topic may hold anything; the first words of it say enough.
    shown = topic.encode(errors="replace").decode()[:200].replace("\n", " ")
    return encode_point(TURNED_AWAY, tags, {"count": count, "topic": shown or None}, at_ms)
