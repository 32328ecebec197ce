"""What callers ask of a list of evidence: conditions, order, and the place to go on from."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Query
from pydantic import AfterValidator, WithJsonSchema

from gigacity_api.http.known import known_area, known_community
from gigacity_api.http.schemas.evidence import VerdictName
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.registry import REASONS
from gigacity_api.indicators.selecting import EvidenceSort, Selection, select
from gigacity_api.indicators.verdicts import BY_NAME, Indices


def _known_reason(slug: str) -> str:
    if slug not in REASONS:
        raise ValueError(f"there is no reason {slug!r}; docs/indicators.md lists them")
    return slug


ReasonSlug = Annotated[
    str, AfterValidator(_known_reason), WithJsonSchema({"type": "string", "enum": sorted(REASONS)})
]
AreaFilter = Annotated[str | None, Query(description="code of an area", examples=["371602"])]
SortParam = Annotated[
    EvidenceSort,
    Query(
        description="`registered`: as the city file lists them; `code`: by id; `verdict`: out,"
        " unknown, in; `last_report`: those that never reported come last; a minus sorts downwards"
    ),
]


class Asked(NamedTuple):
    """The parameters of a list of evidence."""

    verdict: VerdictName | None
    reason: tuple[str, ...]
    area: str | None
    community: str | None
    sort: EvidenceSort

    def of(self, evaluation: Evaluation, definition: Definition, objects: Indices) -> Indices:
        """The objects that are asked for.

        Raises:
            ApiProblem: 404, there is no such area or community.
        """
        selection = self._selection(evaluation.inventory)
        return select(evaluation.instant, definition, objects, selection)

    def _selection(self, inventory: Inventory) -> Selection:
        return Selection(
            None if self.verdict is None else BY_NAME[self.verdict],
            frozenset(self.reason),
            None if self.area is None else known_area(inventory, self.area),
            None if self.community is None else known_community(inventory, self.community),
            self.sort,
        )


async def asked(
    *,
    verdict: Annotated[VerdictName | None, Query(description="only these")] = None,
    reason: Annotated[
        list[ReasonSlug] | None, Query(description="only for these reasons; may be repeated")
    ] = None,
    area: AreaFilter = None,
    community: Annotated[
        str | None,
        Query(
            description="code of a community; of ports those that pass it, and as one may pass"
            " several, these do not add up",
            examples=["371602001001"],
        ),
    ] = None,
    sort: SortParam = "registered",
) -> Asked:
    """As the query has them."""
    return Asked(verdict, tuple(sorted(reason or ())), area, community, sort)


InAsked = Annotated[Asked, Depends(asked)]
