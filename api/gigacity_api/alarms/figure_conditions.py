"""What figures say: one that was met is missed, one stays undetermined, the budget burns."""

from collections import deque
from collections.abc import Iterable

from gigacity_api.alarms.finding import AlarmFinding
from gigacity_api.alarms.model import AlarmResource, ResourceKind, alarm_id
from gigacity_api.indicators.figures import Figure, FigureKey

BELOW, UNDETERMINED, BURN = "figure.below_target", "figure.undetermined", "figure.budget_burn"

BUDGET_S = 30 * 86_400
BURN_RATES = (
    (14.4, 3_600, 300), (6.0, 21_600, 1_800), (3.0, 86_400, 7_200), (1.0, 259_200, 21_600),
)  # fmt: skip
"""Burn rate, long and short window in seconds: the first two call somebody, the others make work.
Multi-window, multi-burn-rate alerts over a budget of 30 days, as in kubernetes-mixin."""

PAGES = 2
"""So many of the rates are urgent."""


class FigureConditions:
    """Which figures fell, and which cannot be told. Of the city and its areas."""

    def __init__(self) -> None:
        self._was_met: set[FigureKey] = set()
        self._fallen: set[FigureKey] = set()

    def step(self, at_ms: int, figures: Iterable[Figure]) -> tuple[list[AlarmFinding], list[str]]:
        """What holds, and the ids of what is gone.

        A figure that never was met since the start has not fallen: that it misses its target is no
        news to anybody.
        """
        holds: list[AlarmFinding] = []
        good: list[str] = []
        for figure in figures:
            if figure.scope not in {"city", "area"} or figure.verdict == "no_target":
                continue
            key = (figure.indicator, figure.scope, figure.code)
            area = figure.code if figure.scope == "area" else ""
            resource = AlarmResource(ResourceKind.FIGURE, "/".join(key), area)
            self._judge(figure, key)
            if key in self._fallen:
                holds.append(_of(BELOW, resource, at_ms, figure))
            else:
                good.append(alarm_id(BELOW, resource))
            if figure.verdict == "undetermined" and key in self._was_met | self._fallen:
                holds.append(_of(UNDETERMINED, resource, at_ms, figure))
            else:
                good.append(alarm_id(UNDETERMINED, resource))
        return holds, good

    def _judge(self, figure: Figure, key: FigureKey) -> None:
        if figure.verdict == "met":
            self._was_met.add(key)
            self._fallen.discard(key)
        elif figure.verdict == "missed" and key in self._was_met:
            self._was_met.discard(key)
            self._fallen.add(key)

    def restore(self, resource: AlarmResource, *, has_fallen: bool) -> None:
        """It had fallen before this process started, or was met before it was undetermined."""
        indicator, scope, code = resource.id.split("/", 2)
        (self._fallen if has_fallen else self._was_met).add((indicator, scope, code))


def _of(name: str, resource: AlarmResource, at_ms: int, figure: Figure) -> AlarmFinding:
    found = AlarmFinding(name, resource, at_ms)
    found.grade = figure.lower if figure.lower is not None else float("nan")
    return found


class BudgetBurn:
    """Household-minutes without gigabit against what is promised, over growing windows."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, float]] = deque()

    def step(self, at_ms: int, share_without: float, slo: float, city: str) -> AlarmFinding | None:
        """What burns now, with the fastest rate as its grade.

        Args:
            at_ms: the instant.
            share_without: households known to be without gigabit by an alarm, over all of them.
            slo: share of household-minutes that is promised, below 1.
            city: code of the city.
        """
        self._samples.append((at_ms, share_without))
        oldest_ms = at_ms - BURN_RATES[-1][1] * 1000
        while self._samples[0][0] <= oldest_ms:
            self._samples.popleft()
        budget = 1 - slo
        for number, (rate, long_s, short_s) in enumerate(BURN_RATES):
            long, short = self._mean(at_ms, long_s), self._mean(at_ms, short_s)
            if long is None or short is None:
                continue
            if long > rate * budget and short > rate * budget:
                resource = AlarmResource(ResourceKind.CITY, city)
                found = AlarmFinding(BURN, resource, at_ms)
                found.grade = long / budget
                found.members = number
                return found
        return None

    def is_known(self, at_ms: int) -> bool:
        """Whether the past is known far enough to say that nothing burns."""
        return self._mean(at_ms, BURN_RATES[0][1]) is not None

    def _mean(self, at_ms: int, window_s: int) -> float | None:
        """Over a window; None while less than half of it is known."""
        since = at_ms - window_s * 1000
        values = [share for at, share in self._samples if at > since]
        if not values or at_ms - self._samples[0][0] < window_s * 500:
            return None
        return sum(values) / len(values)
