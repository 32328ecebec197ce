"""Published figures against the ground truth of the same instant. Pure.

Where the truth says that everything has been heard, a figure must equal it exactly. Where something
was cut off or late, its bounds must hold the truth.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ROUNDING = 1e-12
"""Of one division; figures are exact otherwise."""

MAX_EXAMPLES = 20


class Key(NamedTuple):
    """Which figure."""

    indicator: str
    scope: str
    code: str

    def __str__(self) -> str:
        return f"{self.indicator} {self.scope} {self.code}"


class TrueFigure(NamedTuple):
    """What a figure must be."""

    numerator: int
    denominator: int


class Truth(NamedTuple):
    """The simulator's account of one instant."""

    t_ms: int
    is_complete: bool
    cut: tuple[str, ...]
    figures: dict[Key, TrueFigure]


class Published(NamedTuple):
    """A figure as the API shows it."""

    is_ratio: bool
    value: float | None
    numerator: int | None
    denominator: int | None
    lower: float | None
    upper: float | None
    unknown: int


def parse_truth(line: str) -> Truth:
    """Read one line of the truth file."""
    row = json.loads(line)
    figures = {
        Key(str(indicator), str(scope), str(code)): TrueFigure(numerator, denominator)
        for indicator, scope, code, numerator, denominator in row["figures"]
    }
    return Truth(int(row["t"]), bool(row["complete"]), tuple(row["cut"]), figures)


def parse_published(items: Iterable[Mapping[str, Any]]) -> dict[Key, Published]:
    """Read figures of the API."""
    return {
        Key(item["indicator"], item["scope"], item["code"]): Published(
            item["unit"] == "ratio",
            item["value"],
            item["numerator"],
            item["denominator"],
            item["lower"],
            item["upper"],
            item["unknown"],
        )
        for item in items
    }


def expected_value(truth: TrueFigure, *, is_ratio: bool) -> float | None:
    """The value that a figure with everything known must have."""
    if not is_ratio:
        return float(truth.numerator)
    return truth.numerator / truth.denominator if truth.denominator else None


def exact_fault(truth: TrueFigure, published: Published | None) -> str:
    """Why the figure is not the truth; empty if it is."""
    if published is None:
        return "not published"
    value = expected_value(truth, is_ratio=published.is_ratio)
    if (published.numerator, published.denominator) != (truth.numerator, truth.denominator):
        return (
            f"published {published.numerator}/{published.denominator} with {published.unknown}"
            f" unknown, truth {truth.numerator}/{truth.denominator}"
        )
    if published.value is None or value is None:
        return "" if published.value is value else f"value {published.value}, truth {value}"
    if abs(published.value - value) > ROUNDING:
        return f"value {published.value}, truth {value}"
    return ""


def bounds_fault(truth: TrueFigure, published: Published | None) -> str:
    """Why the bounds do not hold the truth; empty if they do."""
    if published is None:
        return "not published"
    value = expected_value(truth, is_ratio=published.is_ratio)
    if value is None:
        return ""
    if published.lower is None or published.upper is None:
        return "has no bounds"
    if not published.lower - ROUNDING <= value <= published.upper + ROUNDING:
        return f"bounds {published.lower}..{published.upper} do not hold the truth {value}"
    return ""


FaultOf = Callable[[TrueFigure, Published | None], str]


def is_wide(published: Published) -> bool:
    """Whether something is unknown, so that the bounds are apart."""
    if published.lower is None or published.upper is None:
        return True
    return published.upper - published.lower > ROUNDING


@dataclass
class Comparison:
    """What the comparison of a run has found so far."""

    exact_instants: int = 0
    exact_figures: int = 0
    bounded_instants: int = 0
    bounded_figures: int = 0
    wider_figures: int = 0
    """Figures with bounds apart at instants with a cut client."""
    without_instant: int = 0
    """Published instants for which the simulator has no truth: before it started."""
    faults: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, truth: Truth, published: Mapping[Key, Published], *, is_disturbed: bool) -> None:
        """Judge one instant.

        Args:
            truth: Its ground truth.
            published: Its figures.
            is_disturbed: Something between the devices and the figures was broken on purpose.
        """
        if truth.is_complete and not is_disturbed:
            self.exact_instants += 1
            self.exact_figures += len(truth.figures)
            self._judge(truth, published, exact_fault)
            self._find_unexpected(truth, published)
        elif truth.cut or (is_disturbed and truth.is_complete):
            self.bounded_instants += 1
            self.bounded_figures += len(truth.figures)
            self._judge(truth, published, bounds_fault)
            if truth.cut:
                self.wider_figures += sum(map(is_wide, published.values()))

    def _judge(self, truth: Truth, published: Mapping[Key, Published], fault_of: FaultOf) -> None:
        for key, figure in truth.figures.items():
            fault = fault_of(figure, published.get(key))
            if fault:
                self._note(f"{truth.t_ms} {key}: {fault}")

    def _find_unexpected(self, truth: Truth, published: Mapping[Key, Published]) -> None:
        known = {key.indicator for key in truth.figures}
        for key in published.keys() - truth.figures.keys():
            if key.indicator in known:
                self._note(f"{truth.t_ms} {key}: published, but the truth has no such figure")

    def _note(self, text: str) -> None:
        self.faults += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(text)
