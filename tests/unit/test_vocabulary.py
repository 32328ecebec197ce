"""One word for one thing: classes, metrics, measurements, settings and slugs.

What has a catalogue is in it, what is in one is documented, and nothing is named twice.
"""

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

from gigacity_api.http.problem_types import CATALOGUE as PROBLEMS
from gigacity_api.indicators.registry import REASONS
from gigacity_api.metrics import API_METRICS, ApiMetric
from gigacity_contract.decoding import RejectionReason
from gigacity_contract.measurements import MEASUREMENTS
from gigacity_contract.process.options import settings_of
from gigacity_contract.process.settings import RENAMED_SETTINGS
from gigacity_contract.worker_metrics import WORKER_METRICS, WorkerMetric
from tests.docs.settings_page import COMMANDS, GRAFANA, compose_variables

_METRICS: list[WorkerMetric | ApiMetric] = [*WORKER_METRICS, *API_METRICS]
ROOT = Path(__file__).parents[2]
FOLDERS = ("ingest", "api", "simulators", "dashboards", "deploy")
SHARED_NAMES: dict[str, str] = {
    "Answer": "to a device of a foreign format; of a database: two ends of the worker",
    "Format": "what a foreign message is written in; what a download is written in: two processes",
    "Reading": "of a foreign device, inside the worker; of a port or device, over HTTP",
}
"""Class names that may stand more than once, each with the reason."""


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _sources() -> dict[str, str]:
    paths = (path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py")))
    return {p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in paths}


def _twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def test_no_class_name_stands_twice_without_a_reason() -> None:
    found = defaultdict(list)
    for path, text in _sources().items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                found[node.name.lstrip("_")].append(path)
    twice = {name: places for name, places in found.items() if len(places) > 1}

    assert {name: places for name, places in twice.items() if name not in SHARED_NAMES} == {}
    assert set(SHARED_NAMES) <= set(twice), "a reason without its case"


def test_every_metric_is_in_one_catalogue_and_on_the_page() -> None:
    exposed = [metric.exposed_name for metric in _METRICS]
    written = {
        name
        for text in _sources().values()
        for name in re.findall(r"\bgigacity_(?:worker|api)_[a-z0-9_]+\b", text)
    }
    page = _page("metrics.md")
    stems = {name.removesuffix("_total") for name in exposed}

    assert _twice(exposed) == []
    assert [name for name in exposed if f"`{name}`" not in page] == []
    # A prefix alone, and the parts of a histogram, are no metrics of their own.
    unknown = {
        name
        for name in written
        if re.sub(r"_(?:total|bucket|sum|count)$", "", name) not in stems | {"gigacity_worker"}
        and not name.endswith("_")
    }
    assert unknown == set()


def test_metrics_carry_their_unit_as_prometheus_wants_it() -> None:
    wrong = [
        m.name
        for m in _METRICS
        if (m.unit == "s" and not m.name.endswith("_seconds"))
        or (m.unit == "B" and not m.name.endswith("_bytes"))
    ]

    assert wrong == []


def test_every_measurement_is_on_the_page_and_named_once() -> None:
    page = _page("storage.md")

    assert _twice(list(MEASUREMENTS)) == []
    assert [name for name in MEASUREMENTS if f"`{name}`" not in page] == []


def test_every_setting_that_the_product_reads_is_in_the_catalogue() -> None:
    known = {s.variable for kind in COMMANDS.values() for s in settings_of(kind)}
    known |= {*GRAFANA, *compose_variables(), *RENAMED_SETTINGS}
    read = {
        name
        for text in _sources().values()
        for name in re.findall(r"[\"'](GIGACITY_[A-Z0-9_]+)[\"']", text)
    }

    # A secret has a variable of its own for the file that holds it.
    assert {n for n in read if not {n, n.removesuffix("_FILE")} & known} == set()


def test_slugs_are_named_once_and_documented() -> None:
    slugs = [*PROBLEMS, *(reason.value for reason in RejectionReason), *REASONS]

    assert _twice(slugs) == []
    assert [slug for slug in REASONS if f"`{slug}`" not in _page("indicators.md")] == []
    told = _page("integrators.md") + _page("runbook.md")
    assert [r.value for r in RejectionReason if f"`{r.value}`" not in told] == []
