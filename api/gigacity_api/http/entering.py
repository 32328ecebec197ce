"""What the routes that take declared figures have in common."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import Depends, Header

from gigacity_api.http.context import Context
from gigacity_api.http.dependencies import require_report
from gigacity_api.http.problem_types import (
    KEY_BOUNDED,
    REPORT_REFUSED,
    REPORTS_ELSEWHERE,
    ApiProblem,
)
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.keys import ApiKey, is_among
from gigacity_api.reports.checking import MAX_TEXT, Draft
from gigacity_city.model import City

Reporter = Annotated[ApiKey, Depends(require_report)]

IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r'^("[!#-\[\]-~]{1,255}"|[!#-\[\]-~]{1,255})$',
        description="chosen by the client, new for each report: the same key and body again, within"
        " a day, get the first answer again; the same key with another body is refused",
        examples=['"5f0c8a52-9d3e-4a4b-8f57-0a2f6f6f3c11"'],
    ),
]


def refused(errors: Sequence[dict[str, Any]]) -> ApiProblem:
    """The problem of an entry or a table that is wrong: it names the first few errors."""
    detail = "; ".join(
        (f"row {e['row']}, " if e["row"] is not None else "") + f"{e['field']}: {e['message']}"
        for e in errors[:5]
    )
    more = f"; and {len(errors) - 5} more" if len(errors) > 5 else ""
    return ApiProblem(REPORT_REFUSED, detail + more, errors=list(errors))


def signed(draft: Draft, key: ApiKey) -> Draft:
    """The draft with who entered it: the key's name is always part of it."""
    name = f"{draft.reporter} ({key.name})" if draft.reporter else key.name
    return draft._replace(reporter=name[: 2 * MAX_TEXT])


def check_bounds(key: ApiKey, figures: Iterable[FigureKey], city: City) -> None:
    """Raises ApiProblem (403) for a figure outside what the keys file allows the key."""
    allowed = {city.area_of_code.get(code, code) for code in key.codes}
    for indicator, scope, code in figures:
        if key.indicators and not is_among(key.indicators, indicator):
            may = ", ".join(key.indicators)
            raise ApiProblem(
                KEY_BOUNDED, f"the key {key.name!r} may enter {may}, and not {indicator}"
            )
        places = {code}
        if scope == Level.COMMUNITY:
            places.add(city.community_by_code[code].area)
        if allowed and not any(is_among(allowed, place) for place in places):
            may = ", ".join(sorted(allowed))
            raise ApiProblem(
                KEY_BOUNDED, f"the key {key.name!r} may enter figures of {may}, and not of {code}"
            )


def check_takes_declarations(shared: Context) -> None:
    """Raises ApiProblem (501) in a process that only serves."""
    if not shared.takes_declarations:
        raise ApiProblem(REPORTS_ELSEWHERE, REPORTS_ELSEWHERE.meaning)


def fingerprint(kind: str, content: bytes) -> str:
    """What an Idempotency-Key stands for."""
    return kind + hashlib.sha256(content).hexdigest()


def bare(key: str | None) -> str | None:
    """A key is a quoted string; many clients leave the quotes out."""
    return None if key is None else key.strip('"')
