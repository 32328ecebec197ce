"""Filters of lists: which figures, and which objects behind one."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from gigacity_api.http.lookups import definition_of, known_area, known_community
from gigacity_api.http.parameters import AreaFilter, Filter, Parameters
from gigacity_api.http.schemas.evidence import VerdictName
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level
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


class FigureFilter(Parameters):
    """Which figures of an instant."""

    indicator: Filter = None
    scope: list[Level] | None = Field(None, description="may be repeated")
    code: Filter = None

    def check(self) -> None:
        """Raises ApiProblem (404) for an indicator that there is not."""
        for name in self.indicator or ():
            definition_of(name)

    def of(self, figures: Iterable[Figure]) -> list[Figure]:
        """The figures that are asked for."""
        return [
            figure
            for figure in figures
            if (not self.indicator or figure.indicator in self.indicator)
            and (not self.scope or figure.scope in self.scope)
            and (not self.code or figure.code in self.code)
        ]


class EvidenceFilter(Parameters):
    """Which of the objects behind a figure, and in which order."""

    verdict: VerdictName | None = Field(None, description="only these")
    reason: list[ReasonSlug] | None = Field(
        None, description="only for these reasons; may be repeated"
    )
    area: AreaFilter = None
    community: str | None = Field(
        None,
        description="code of a community; of ports those that pass it, and as one may pass"
        " several, these do not add up",
        examples=["371602001001"],
    )
    sort: EvidenceSort = Field(
        "registered",
        description="`registered`: as the city file lists them; `code`: by id; `verdict`: out,"
        " unknown, in; `last_report`: those that never reported come last; a minus sorts downwards",
    )

    def of(self, evaluation: Evaluation, definition: Definition, objects: Indices) -> Indices:
        """The objects that are asked for.

        Raises:
            ApiProblem: 404, there is no such area or community.
        """
        inventory = evaluation.inventory
        selection = Selection(
            None if self.verdict is None else BY_NAME[self.verdict],
            frozenset(self.reason or ()),
            None if self.area is None else known_area(inventory, self.area),
            None if self.community is None else known_community(inventory, self.community),
            self.sort,
        )
        return select(evaluation.instant, definition, objects, selection)
