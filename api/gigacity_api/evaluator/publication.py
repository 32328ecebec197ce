"""The figures of one instant, as they are served. Pure."""

from dataclasses import dataclass
from functools import cached_property

from gigacity_api.indicators.evaluation import Evaluation
from gigacity_api.indicators.figures import Figure, FigureKey
from gigacity_api.indicators.inventory import Inventory


@dataclass(frozen=True)
class Publication:
    """The figures of one instant, as they are served."""

    as_of_ms: int
    city_version: str
    revision: int
    figures: tuple[Figure, ...]
    inventory: Inventory
    """The registered objects that they were counted over."""
    evaluation: Evaluation | None
    """What they were made from; None in a replica, which only reads what was published."""

    @cached_property
    def by_key(self) -> dict[FigureKey, Figure]:
        """Figures by indicator, scope and code."""
        return {(f.indicator, f.scope, f.code): f for f in self.figures}

    @classmethod
    def of(cls, evaluation: Evaluation) -> "Publication":
        """The publication of an evaluation."""
        return cls(
            as_of_ms=evaluation.as_of_ms,
            city_version=evaluation.inventory.city.version,
            revision=evaluation.revision,
            figures=evaluation.figures,
            inventory=evaluation.inventory,
            evaluation=evaluation,
        )
