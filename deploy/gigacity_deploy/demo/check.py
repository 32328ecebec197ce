"""Published figures against the ground truth of the same instant. Pure.

Where the truth says that everything has been heard, a figure must equal it exactly, bounds
included. Where an OLT is cut off, bounds must hold the truth, once its ports are unknown: within a
window of the cut they are still known by their last report, and a change since then shows later.
For the same reason instants that an outage of the database touches are not judged.
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


class Published(NamedTuple):
    """A figure as the API shows it."""

    is_ratio: bool
    value: float | None
    numerator: int | None
    denominator: int | None
    lower: float | None
    upper: float | None
    unknown: int


class ExpectedFigure(NamedTuple):
    """What a figure must be."""

    numerator: int
    denominator: int
    unknown: int = 0
    """Objects that stay unknown although everything was heard: offices have not reported."""

    def as_published(self, *, is_ratio: bool) -> Published:
        """What the API must show when everything was heard."""
        part, whole = self.numerator, self.denominator
        value: float | None = part
        low: float | None = part
        high: float | None = part + self.unknown
        if is_ratio:
            known = whole - self.unknown
            value = part / known if known else None
            low = part / whole if whole else None
            high = (part + self.unknown) / whole if whole else None
        return Published(is_ratio, value, part, whole, low, high, self.unknown)


class Truth(NamedTuple):
    """The simulator's account of one instant."""

    t_ms: int
    complete_for: frozenset[str]
    """Indicators whose every object has been heard for a whole window."""
    cut: tuple[str, ...]
    figures: dict[Key, ExpectedFigure]


def parse_truth(line: str) -> Truth:
    """Read one line of the truth file."""
    row = json.loads(line)
    figures = {Key(*figure[:3]): ExpectedFigure(*figure[3:]) for figure in row["figures"]}
    return Truth(int(row["t"]), frozenset(row["complete_for"]), tuple(row["cut"]), figures)


def parse_published(items: Iterable[Mapping[str, Any]]) -> dict[Key, Published]:
    """Read figures of the API."""
    return {
        Key(item["indicator"], item["scope"], item["code"]): Published(
            item["unit"] == "ratio", *(item[name] for name in Published._fields[1:])
        )
        for item in items
    }


def _differ(published: float | None, truth: float | None) -> bool:
    if published is None or truth is None:
        return published is not truth
    return abs(published - truth) > ROUNDING


def exact_fault(truth: ExpectedFigure, published: Published | None) -> str:
    """Why the figure is not the truth; empty if it is."""
    if published is None:
        return "not published"
    expected = truth.as_published(is_ratio=published.is_ratio)
    faults = (
        f"{name} {seen}, truth {wanted}"
        for name, seen, wanted in zip(Published._fields, published, expected, strict=True)
        if _differ(seen, wanted)
    )
    return "; ".join(faults)


def bounds_fault(truth: ExpectedFigure, published: Published | None) -> str:
    """Why the bounds do not hold the truth; empty if they do."""
    if published is None:
        return "not published"
    expected = truth.as_published(is_ratio=published.is_ratio)
    if expected.lower is None or expected.upper is None:
        return ""
    if published.lower is None or published.upper is None:
        return "has no bounds"
    low, high = published.lower - ROUNDING, published.upper + ROUNDING
    if low > expected.lower or high < expected.upper:
        return (
            f"bounds {published.lower}..{published.upper} do not hold the truth"
            f" {expected.lower}..{expected.upper}"
        )
    return ""


FaultOf = Callable[[ExpectedFigure, Published | None], str]


def is_wider(truth: ExpectedFigure, published: Published | None) -> bool:
    """Whether more is unknown than what nobody has reported."""
    return published is not None and published.unknown > truth.unknown


@dataclass
class Comparison:
    """What the comparison of a run has found so far."""

    window_ms: int
    """How long a port is known after its last report."""
    exact_instants: int = 0
    exact_figures: int = 0
    bounded_instants: int = 0
    bounded_figures: int = 0
    wider_figures: int = 0
    """Figures at those instants of which more is unknown than what nobody has reported."""
    not_judged: int = 0
    """Instants before everything was heard, within a window of a cut, or touched by an outage."""
    faults: int = 0
    examples: list[str] = field(default_factory=list)
    _cut_since_ms: dict[str, int] = field(default_factory=dict)

    def add(self, truth: Truth, published: Mapping[Key, Published], *, is_disturbed: bool) -> None:
        """Judge one instant; instants come in their order.

        Args:
            truth: Its ground truth.
            published: Its figures.
            is_disturbed: The way from the devices to the figures was broken on purpose.
        """
        self._cut_since_ms = {olt: self._cut_since_ms.get(olt, truth.t_ms) for olt in truth.cut}
        if is_disturbed:
            self.not_judged += 1
        elif truth.cut:
            self._add_cut(truth, published)
        else:
            self._add_whole(truth, published)

    def _add_cut(self, truth: Truth, published: Mapping[Key, Published]) -> None:
        if truth.t_ms - max(self._cut_since_ms.values()) < self.window_ms:
            self.not_judged += 1
            return
        self.bounded_instants += 1
        self.bounded_figures += len(truth.figures)
        self._judge(truth.t_ms, truth.figures, published, bounds_fault)
        self.wider_figures += sum(
            is_wider(figure, published.get(key)) for key, figure in truth.figures.items()
        )

    def _add_whole(self, truth: Truth, published: Mapping[Key, Published]) -> None:
        heard = {k: f for k, f in truth.figures.items() if k.indicator in truth.complete_for}
        if not heard:
            self.not_judged += 1
            return
        self.exact_instants += 1
        self.exact_figures += len(heard)
        self._judge(truth.t_ms, heard, published, exact_fault)
        self._find_unexpected(truth, published)

    def _judge(
        self,
        t_ms: int,
        figures: Mapping[Key, ExpectedFigure],
        published: Mapping[Key, Published],
        fault_of: FaultOf,
    ) -> None:
        for key, figure in figures.items():
            fault = fault_of(figure, published.get(key))
            if fault:
                self._note(f"{t_ms} {key}: {fault}")

    def _find_unexpected(self, truth: Truth, published: Mapping[Key, Published]) -> None:
        known = {key.indicator for key in truth.figures}
        for key in published.keys() - truth.figures.keys():
            if key.indicator in known:
                self._note(f"{truth.t_ms} {key}: published, but the truth has no such figure")

    def _note(self, text: str) -> None:
        self.faults += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(text)
