"""Alert rules for Grafana: a dozen symptoms of the whole, each with the page that says what to do.

Single ports and devices have no rule here. Grafana takes an alert whose series vanishes for
resolved after two evaluations: an OLT that is silent would look well. So every query is over counts
that are always published, and what must be there raises the alert when it is not.
"""

from typing import NamedTuple

from gigacity_city.model import Name
from gigacity_contract.measurements import GIGACITY_WORKER, INDICATOR, PROGRESS
from gigacity_dashboards import indicators, influxql, influxql_compared, texts_alerts
from gigacity_dashboards.addresses import uid_of
from gigacity_dashboards.influxql import Aggregate

TELEMETRY, FIGURES = "telemetry", "figures"
"""Sections of the runbook."""


class AlertRule(NamedTuple):
    """One symptom."""

    uid: str
    """Kept for ever: silences and links point at it."""
    title: Name
    about: Name
    query: str
    reduce: str
    """Of each series over the rule's range: Grafana's ``last``, ``max``, ``min`` or ``sum``."""
    is_above: bool
    """Whether it fires above the threshold, or below."""
    threshold: float
    lasts: str
    """How long before it fires."""
    board: str
    section: str
    severity: str = "warning"
    silence_is_bad: bool = False
    """Whether an empty answer is the symptom itself."""
    look_back_s: int = 600


def _city(indicator: indicators.IndicatorLabel) -> list[str]:
    return [
        influxql.equals(INDICATOR, "indicator", indicator.id),
        influxql.equals(INDICATOR, "scope", "city"),
    ]


def _plan() -> list[str]:
    return [
        influxql.equals(INDICATOR, "indicator", *(i.id for i in indicators.HEADLINES)),
        influxql.equals(INDICATOR, "scope", "city"),
    ]


RULES = (
    AlertRule(
        "gigacity-evaluator-silent", texts_alerts.EVALUATOR_SILENT,
        texts_alerts.EVALUATOR_SILENT_ABOUT,
        influxql.over_time(
            INDICATOR, [Aggregate("count", "revision")], where=_city(indicators.PORTS_10G)
        ),
        "sum", is_above=False, threshold=1, lasts="2m", board="platform", section=FIGURES,
        severity="critical", silence_is_bad=True,
    ),
    AlertRule(
        "gigacity-worker-silent", texts_alerts.WORKER_SILENT, texts_alerts.WORKER_SILENT_ABOUT,
        influxql.over_time(GIGACITY_WORKER, [Aggregate("count", "connected")]),
        "sum", is_above=False, threshold=1, lasts="2m", board="platform", section=TELEMETRY,
        severity="critical", silence_is_bad=True,
    ),
    AlertRule(
        "gigacity-worker-disconnected", texts_alerts.DISCONNECTED,
        texts_alerts.DISCONNECTED_ABOUT,
        influxql_compared.flagged(GIGACITY_WORKER, "connected", is_set=False, by=["worker"]),
        "sum", is_above=True, threshold=0, lasts="5m", board="platform", section=TELEMETRY,
        severity="critical", look_back_s=120,
    ),
    AlertRule(
        "gigacity-ledger-unbalanced", texts_alerts.UNBALANCED, texts_alerts.UNBALANCED_ABOUT,
        influxql_compared.flagged(GIGACITY_WORKER, "balanced", is_set=False, by=["worker"]),
        "sum", is_above=True, threshold=0, lasts="0s", board="platform", section=TELEMETRY,
        severity="critical",
    ),
    AlertRule(
        "gigacity-write-failures", texts_alerts.WRITE_FAILURES,
        texts_alerts.WRITE_FAILURES_ABOUT,
        influxql.increase(GIGACITY_WORKER, "write_failures", by=["worker"]),
        "sum", is_above=True, threshold=0, lasts="10m", board="platform", section=TELEMETRY,
    ),
    AlertRule(
        "gigacity-spool-grows", texts_alerts.SPOOL, texts_alerts.SPOOL_ABOUT,
        influxql.over_time(
            GIGACITY_WORKER, [Aggregate("min", "points_spooled")], by=["worker"]
        ),
        "min", is_above=True, threshold=0, lasts="10m", board="platform", section=TELEMETRY,
    ),
    AlertRule(
        "gigacity-dead-letters", texts_alerts.DEAD_LETTERS, texts_alerts.DEAD_LETTERS_ABOUT,
        influxql.increase(GIGACITY_WORKER, "dead_letters", by=["worker"]),
        "sum", is_above=True, threshold=100, lasts="10m", board="platform", section=TELEMETRY,
    ),
    AlertRule(
        "gigacity-dead-letters-counted", texts_alerts.COUNTED, texts_alerts.COUNTED_ABOUT,
        influxql.increase(GIGACITY_WORKER, "dead_letters_summarized", by=["worker"]),
        "sum", is_above=True, threshold=0, lasts="5m", board="platform", section=TELEMETRY,
    ),
    AlertRule(
        "gigacity-revisions-late", texts_alerts.REVISIONS, texts_alerts.REVISIONS_ABOUT,
        influxql.over_time(
            PROGRESS, [Aggregate("max", "left_s")],
            where=[influxql.equals(PROGRESS, "task", "revision")],
        ),
        "last", is_above=True, threshold=3_600, lasts="10m", board="quality", section=FIGURES,
    ),
    AlertRule(
        "gigacity-target-missed", texts_alerts.TARGET_MISSED, texts_alerts.TARGET_MISSED_ABOUT,
        influxql_compared.apart(INDICATOR, "target", "upper", where=_plan(), by=["indicator"]),
        "last", is_above=True, threshold=0, lasts="15m", board="scorecard", section=FIGURES,
    ),
    AlertRule(
        "gigacity-few-fresh", texts_alerts.FEW_FRESH, texts_alerts.FEW_FRESH_ABOUT,
        influxql.over_time(
            INDICATOR, [Aggregate("min", "fresh_share")], where=_plan(), by=["indicator"]
        ),
        "last", is_above=False, threshold=0.9, lasts="10m", board="quality", section=FIGURES,
    ),
    AlertRule(
        "gigacity-homes-lost", texts_alerts.HOMES_LOST, texts_alerts.HOMES_LOST_ABOUT,
        influxql_compared.most_spread_of_all(
            INDICATOR, "known_out", where=_city(indicators.GIGABIT_ACCESS)
        ),
        "last", is_above=True, threshold=1_000, lasts="0s", board="operations",
        section=FIGURES, severity="critical", look_back_s=1_800,
    ),
)  # fmt: skip


def title_of(rule: AlertRule) -> str:
    """Both languages, as a message shows them."""
    return f"{rule.title.zh} / {rule.title.en}"


def board_of(rule: AlertRule) -> str:
    """The uid of the board that shows the symptom."""
    return uid_of(rule.board, "zh")
