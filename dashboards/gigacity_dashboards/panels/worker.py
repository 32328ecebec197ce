"""Panels of the ingest workers' health, from their own ledger and their dead letters.

The worker's counters start at 0 with every process life, so they are shown as growth in each
interval; what it holds right now (unacknowledged, in flight, spooled) is shown as it is.
"""

from typing import NamedTuple

from gigacity_city.model import Name
from gigacity_contract.measurements import DEAD_LETTER, GIGACITY_WORKER, TURNED_AWAY
from gigacity_dashboards import fields, house, influxql, sdk, texts
from gigacity_dashboards.dataquery import series_of, table_of
from gigacity_dashboards.fields import COUNT, PanelField, unit, width
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.influxql import Aggregate


class WorkerSeries(NamedTuple):
    """One field of the ledger and what its line is called."""

    field: str
    name: Name


_REFS = "ABCDEFG"


def workers_now(panel_id: int, words: BoardWords) -> sdk.table.Panel:
    """The newest snapshot of each worker."""
    yes_no = [
        fields.prop("mappings", fields.yes_no_mapping(words)),
        *fields.coloured_text(),
    ]
    count = [*COUNT, *width(117)]
    columns = [
        PanelField("connected", texts.CONNECTED, [*yes_no, *width(95)]),
        PanelField("balanced", texts.BALANCED, [*yes_no, *width(130)]),
        PanelField("started_ms", texts.STARTED, [*unit("dateTimeAsIso"), *width(165)]),
        PanelField("messages_received", texts.RECEIVED, count),
        PanelField("messages_acknowledged", texts.ACKNOWLEDGED, count),
        PanelField("messages_unacknowledged", texts.UNACKNOWLEDGED, [*COUNT, *width(138)]),
        PanelField("points_confirmed", texts.CONFIRMED, count),
        PanelField("points_spooled", texts.SPOOLED, [*COUNT, *width(95)]),
        PanelField("dead_letters", texts.DEAD_LETTERED, count),
    ]
    query = influxql.rows(
        GIGACITY_WORKER, tags=["worker"], fields=[column.field for column in columns]
    )
    title = words(texts.WORKERS_NOW)
    panel = house.table(panel_id, title, texts.WORKERS_NOW_ABOUT, words)
    panel = panel.with_target(table_of(query))
    key = PanelField("worker", texts.WORKER, fields.at_least(140))
    return fields.as_columns(panel, key, columns, words)


def ledger(panel_id: int, words: BoardWords) -> sdk.statetimeline.Panel:
    """Whether each worker's ledger balanced and its broker session was up."""
    panel = house.state_timeline(panel_id, words(texts.BALANCED), texts.BALANCED_ABOUT, words)
    panel = panel.interval(house.WORKER_INTERVAL).mappings(list(fields.yes_no_mapping(words)))
    for ref, (field, name) in zip(
        _REFS, (("balanced", texts.BALANCED), ("connected", texts.CONNECTED)), strict=False
    ):
        query = influxql.over_time(GIGACITY_WORKER, [Aggregate("last", field)], by=["worker"])
        target = series_of(query, ref_id=ref, alias=f"$tag_worker {words(name)}")
        panel = panel.with_target(target)
    return panel


def _rates(
    panel: sdk.timeseries.Panel, lines: tuple[WorkerSeries, ...], words: BoardWords
) -> sdk.timeseries.Panel:
    for ref, line in zip(_REFS, lines, strict=False):
        query = influxql.rate_per_s(GIGACITY_WORKER, line.field, by=["worker"])
        alias = f"$tag_worker {words(line.name)}"
        panel = panel.with_target(series_of(query, ref_id=ref, alias=alias))
    return panel.interval(house.WORKER_INTERVAL).min(0)


def messages_per_s(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Messages received and acknowledged."""
    lines = (
        WorkerSeries("messages_received", texts.RECEIVED),
        WorkerSeries("messages_acknowledged", texts.ACKNOWLEDGED),
    )
    title = words(texts.MESSAGES_PER_S)
    panel = house.timeseries(panel_id, title, texts.MESSAGES_ABOUT, words)
    return _rates(panel, lines, words).unit("cps")


def points_per_s(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Points decoded, confirmed, and refused by the database."""
    lines = (
        WorkerSeries("points_decoded", texts.DECODED),
        WorkerSeries("points_confirmed", texts.CONFIRMED),
        WorkerSeries("points_dead_lettered", texts.REFUSED),
    )
    panel = house.timeseries(panel_id, words(texts.POINTS_PER_S), texts.POINTS_ABOUT, words)
    return _rates(panel, lines, words).unit("cps")


def backlog(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """What each worker holds; the highest of each interval."""
    lines = (
        WorkerSeries("messages_unacknowledged", texts.UNACKNOWLEDGED),
        WorkerSeries("points_in_flight", texts.IN_FLIGHT),
        WorkerSeries("points_spooled", texts.SPOOLED),
    )
    panel = house.timeseries(panel_id, words(texts.BACKLOG), texts.BACKLOG_ABOUT, words)
    for ref, line in zip(_REFS, lines, strict=False):
        aggregate = Aggregate("max", line.field)
        query = influxql.over_time(GIGACITY_WORKER, [aggregate], by=["worker"])
        alias = f"$tag_worker {words(line.name)}"
        panel = panel.with_target(series_of(query, ref_id=ref, alias=alias))
    return panel.interval(house.WORKER_INTERVAL).unit(house.UNIT_COUNT).decimals(0).min(0)


def _increases(
    panel: sdk.timeseries.Panel, lines: tuple[WorkerSeries, ...], words: BoardWords
) -> sdk.timeseries.Panel:
    for ref, line in zip(_REFS, lines, strict=False):
        query = influxql.increase(GIGACITY_WORKER, line.field, by=["worker"])
        alias = f"$tag_worker {words(line.name)}"
        panel = panel.with_target(series_of(query, ref_id=ref, alias=alias))
    return panel.interval(house.WORKER_INTERVAL)


def trouble(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Redelivered messages, failed writes and new dead letters."""
    lines = (
        WorkerSeries("messages_redelivered", texts.REDELIVERED),
        WorkerSeries("write_failures", texts.WRITE_FAILURES),
        WorkerSeries("dead_letters", texts.DEAD_LETTERED),
    )
    panel = house.bars_over_time(panel_id, words(texts.TROUBLE), texts.TROUBLE_ABOUT, words)
    return _increases(panel, lines, words)


def intake(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """What was amiss in the reports without making them dead letters."""
    lines = (
        WorkerSeries("sequence_gaps", texts.SEQUENCE_GAPS),
        WorkerSeries("unknown_fields", texts.UNKNOWN_FIELDS),
        WorkerSeries("absent_fields", texts.ABSENT_FIELDS),
    )
    panel = house.bars_over_time(panel_id, words(texts.INTAKE), texts.INTAKE_ABOUT, words)
    return _increases(panel, lines, words)


def dead_letters(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Refused messages and entries by reason; empty when nothing was refused.

    Totals, not growth: a reason's row appears with its first dead letter, so the step between the
    first two rows would leave out the one that matters.
    """
    query = influxql.over_time(DEAD_LETTER, [Aggregate("max", "count")], by=["reason", "worker"])
    panel = house.timeseries(
        panel_id,
        words(texts.DEAD_LETTERS),
        texts.DEAD_LETTERS_ABOUT,
        words,
        no_value=texts.NOTHING_HAPPENED,
    )
    panel = panel.with_target(series_of(query, alias="$tag_reason ($tag_worker)"))
    return panel.interval(house.WORKER_INTERVAL).unit(house.UNIT_COUNT).decimals(0).min(0)


def turned_away(panel_id: int, words: BoardWords) -> sdk.timeseries.Panel:
    """Messages and subscriptions that the broker turned away, by publisher; totals as above."""
    query = influxql.over_time(TURNED_AWAY, [Aggregate("max", "count")], by=["identity", "reason"])
    panel = house.timeseries(
        panel_id,
        words(texts.TURNED_AWAY),
        texts.TURNED_AWAY_ABOUT,
        words,
        no_value=texts.NOTHING_HAPPENED,
    )
    panel = panel.with_target(series_of(query, alias="$tag_identity: $tag_reason"))
    return panel.interval(house.WORKER_INTERVAL).unit(house.UNIT_COUNT).decimals(0).min(0)
