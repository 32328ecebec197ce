"""One catalogue of metrics: page, rows and storage name nothing else, by Prometheus' rules."""

import re
from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gigacity_contract.clock import ManualClock
from gigacity_contract.measurements import GIGACITY_WORKER
from gigacity_contract.worker_metrics import (
    METRIC_OF_NAME,
    WORKER_METRICS,
    MetricType,
    WorkerMetric,
)
from gigacity_ingest.adapters.health import Pages
from gigacity_ingest.adapters.status import MachineState, WorkerStatus
from gigacity_ingest.adapters.worker_values import worker_values
from gigacity_ingest.foreign.intake_counts import IntakeCounts
from gigacity_ingest.pipeline.safety_relay import BURST
from gigacity_ingest.pipeline.snapshot import LedgerSnapshot, MessageCounts, PointCounts
from gigacity_ingest.spool import SpoolStatus
from tests.unit.ingest.messages import NOW_MS


@pytest.fixture
def status() -> WorkerStatus:
    """Of a worker of which everything is known."""
    return WorkerStatus(
        "w-1",
        NOW_MS,
        snapshot=LedgerSnapshot(
            messages=MessageCounts(
                received=10, acknowledged=7, unacknowledged=2, abandoned=1, redelivered=1, qos0=3,
                qos0_dropped=0,
            ),
            points=PointCounts(decoded=100, confirmed=60, dead_lettered=5, in_flight=35),
            dead_letters={"not_json": 4},
        ),
        spool_state=SpoolStatus(1, 7, 70, NOW_MS, 1, 90, 1000, 0, 0, 0),
        spool_notices={"torn_tail": 1},
        source_counts={
            "alink-a": IntakeCounts(
                messages=4, ignored=Counter(join=1), former_fields=Counter(unmapped=2)
            )
        },
        machine=MachineState(1000, 400, NOW_MS),
    )  # fmt: skip


def test_every_value_has_its_metric_and_every_metric_its_value(status: WorkerStatus) -> None:
    single = {m.name for m in WORKER_METRICS if m.type is not MetricType.HISTOGRAM}
    by_label = {"spool_notices"} | {m.name for m in WORKER_METRICS if m.labels[:1] == ("source",)}
    assert single - worker_values(status).keys() == by_label, "shown by label alone"
    assert worker_values(status).keys() <= METRIC_OF_NAME.keys()


def test_the_page_shows_the_whole_catalogue_and_nothing_else(status: WorkerStatus) -> None:
    text = Pages(status, ManualClock()).get("/metrics")[2].decode()
    shown = {family.name: family for family in text_string_to_metric_families(text)}

    assert shown.keys() == {m.exposed_name.removesuffix("_total") for m in WORKER_METRICS}
    for metric in WORKER_METRICS:
        family = shown[metric.exposed_name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.type.value, metric.meaning)
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert labels == {"worker", *metric.labels}


def test_events_of_safety_are_counted_also_those_beyond_a_communitys_share(
    status: WorkerStatus,
) -> None:
    place = "device_smoke_detector;area=371602;community=371602001001"
    calls = [(f"{place};device=d{number}", NOW_MS) for number in range(BURST + 3)]
    status.safety_relay.messages(calls, NOW_MS)
    values = worker_values(status)
    assert (values["safety_events_passed_on"], values["safety_events_left_out"]) == (BURST, 3)


@pytest.mark.parametrize("metric", WORKER_METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_rules_of_prometheus(metric: WorkerMetric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", metric.name)
    assert not metric.name.endswith(("_total", "_count", "_sum", "_bucket"))
    assert metric.name.endswith("_bytes") == (metric.unit == "B")
    assert metric.name.endswith("_seconds") == (metric.unit == "s")


def test_no_name_stands_twice_and_rows_hold_what_the_catalogue_says() -> None:
    assert len(METRIC_OF_NAME) == len(WORKER_METRICS)
    stored = {field.name for field in GIGACITY_WORKER.fields}
    assert stored == {m.name for m in WORKER_METRICS if m.in_rows} | {
        "started_ms", "areas", "sources", "fresh_since_ms",
    }  # fmt: skip
