"""Dead letters: how many messages and entries were refused, by reason."""

from collections import defaultdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from gigacity_api.errors import ApiProblem
from gigacity_api.evaluator.counting import Growth
from gigacity_api.evaluator.refusals import BEFORE_MS, REFUSALS, dead_letter_growth
from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import InContext, require_read
from gigacity_api.http.etag import InConditional
from gigacity_api.http.problems import responses
from gigacity_api.http.schemas.common import rfc3339
from gigacity_api.http.schemas.quality import DeadLetterCount, DeadLetters
from gigacity_city.model import Name

router = APIRouter(prefix="/api/v1", tags=["quality"], dependencies=[Depends(require_read)])

HOUR_MS = 3_600_000
LONGEST_MS = 48 * HOUR_MS
"""Workers write their totals every few seconds: more would be a scan."""


@router.get(
    "/dead-letters",
    summary="What workers refused, by reason",
    response_model=DeadLetters,
    responses=responses(cached=True),
)
def dead_letters(
    *,
    shared: InContext,
    conditional: InConditional,
    since: Annotated[datetime | None, Query(alias="from", description="RFC 3339")] = None,
    until: Annotated[datetime | None, Query(alias="to", description="RFC 3339")] = None,
    worker: Annotated[str | None, Query(description="only of this worker")] = None,
) -> Response:
    """Counts from the workers' own totals, of the last hour unless a range is given.

    The letters themselves stay on the worker's disk: `gigacity deadletters list` shows them.
    """
    since_ms, until_ms = _range(shared, since, until)
    by_reason: dict[str, dict[str, Growth]] = defaultdict(dict)
    for (reason, name), found in dead_letter_growth(shared.store, since_ms, until_ms).items():
        if found.added and worker in {None, name}:
            by_reason[reason][name] = found
    items = [_count(reason, found) for reason, found in sorted(by_reason.items())]
    answer = DeadLetters(
        since=rfc3339(since_ms),
        until=rfc3339(until_ms),
        total=sum(item.count for item in items),
        items=items,
    )
    return conditional.answer(answer, telling_time={"since", "until"})


def _range(shared: Context, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    for name, moment in (("from", start), ("to", end)):
        if moment is not None and moment.tzinfo is None:
            raise ApiProblem(
                422, "invalid-request", "Invalid request",
                f"query.{name}: needs a time zone, such as Z or +08:00",
            )  # fmt: skip
    until_ms = shared.clock.now_ms() if end is None else round(end.timestamp() * 1000)
    since_ms = until_ms - HOUR_MS if start is None else round(start.timestamp() * 1000)
    if not (0 < until_ms - since_ms <= LONGEST_MS and since_ms > BEFORE_MS):
        raise ApiProblem(
            422, "invalid-request", "Invalid request",
            f"query.from: must be before query.to, by {LONGEST_MS // HOUR_MS} hours at most",
        )  # fmt: skip
    return since_ms, until_ms


def _count(reason: str, workers: dict[str, Growth]) -> DeadLetterCount:
    name = REFUSALS.get(reason, Name(reason, reason))
    last = max((g.last_grown_ms for g in workers.values() if g.last_grown_ms), default=None)
    return DeadLetterCount(
        reason=reason,
        zh=name.zh,
        en=name.en,
        count=sum(g.added for g in workers.values()),
        workers={worker: g.added for worker, g in sorted(workers.items())},
        last_seen=None if last is None else rfc3339(last),
    )
