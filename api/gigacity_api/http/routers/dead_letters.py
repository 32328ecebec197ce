"""Dead letters: how many messages and entries were refused, by reason."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from gigacity_api.evaluator.counting import Growth
from gigacity_api.evaluator.refusals import BEFORE_MS, REFUSALS, dead_letter_growth
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import DatabaseRoute, InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.parameters import Parameters, QueryTime, moment_ms
from gigacity_api.http.problem_types import INVALID_REQUEST, ApiProblem
from gigacity_api.http.responses import answers
from gigacity_api.http.schemas.quality import DeadLetterCount, DeadLetters
from gigacity_city.model import Name
from gigacity_contract.local_time import rfc3339

router = read_router("quality", route=DatabaseRoute)

HOUR_MS = 3_600_000
LONGEST_MS = 48 * HOUR_MS
"""Workers write their totals every few seconds: more would be a scan."""


class RangeQuery(Parameters):
    """A range of time and a worker."""

    since: QueryTime | None = Field(None, alias="from", description="RFC 3339")
    until: QueryTime | None = Field(None, alias="to", description="RFC 3339")
    worker: str | None = Field(None, description="only of this worker")


@router.get("/dead-letters", summary="What workers refused, by reason", **answers(DeadLetters))
def dead_letters(
    shared: InContext, conditional: InConditional, query: Annotated[RangeQuery, Query()]
) -> Response:
    """Counts from the workers' own totals, of the last hour unless a range is given.

    The letters themselves stay on the worker's disk: `gigacity deadletters list` shows them.
    """
    since_ms, until_ms = _range(shared, query.since, query.until)
    by_reason: dict[str, dict[str, Growth]] = defaultdict(dict)
    for (reason, name), found in dead_letter_growth(shared.store, since_ms, until_ms).items():
        if found.added and query.worker in {None, name}:
            by_reason[reason][name] = found
    items = [_count(reason, found) for reason, found in sorted(by_reason.items())]
    total = sum(item.count for item in items)
    answer = DeadLetters(since=rfc3339(since_ms), until=rfc3339(until_ms), total=total, items=items)
    return conditional.answer(answer, telling_time={"since", "until"})


def _range(shared: Context, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    until_ms = shared.clock.now_ms() if end is None else moment_ms("to", end)
    since_ms = until_ms - HOUR_MS if start is None else moment_ms("from", start)
    if not (0 < until_ms - since_ms <= LONGEST_MS and since_ms > BEFORE_MS):
        raise ApiProblem(
            INVALID_REQUEST,
            f"query.from: must be before query.to, by {LONGEST_MS // HOUR_MS} hours at most",
        )
    return since_ms, until_ms


def _count(reason: str, workers: dict[str, Growth]) -> DeadLetterCount:
    name = REFUSALS.get(reason, Name(reason, reason))
    last = max((g.last_grown_ms for g in workers.values() if g.last_grown_ms), default=None)
    return DeadLetterCount.of(
        name,
        reason=reason,
        count=sum(g.added for g in workers.values()),
        workers={worker: g.added for worker, g in sorted(workers.items())},
        last_seen=last,
    )
