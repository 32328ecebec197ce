"""Schemathesis asks the app everything that its OpenAPI document allows, and what it does not.

The app stands over a store in memory that behaves; every check runs: status codes and content types
as documented, bodies as their schemas say, no server error, wrong input refused.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.http.app import bare_app, create_app
from gigacity_api.http.context import Context
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.keys import hash_key
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.storage.key_file import KeyFile
from gigacity_city.load import load_city
from gigacity_contract.clock import ManualClock
from tests.support.city import write_city
from tests.unit.api.conftest import TICKS, T, report_everything
from tests.unit.api.doubles import FakeCities, FakeStore

pytestmark = pytest.mark.integration

KEY = "gck_schemathesis"


OPERATIONS = [
    (path, method)
    for path, methods in bare_app().openapi()["paths"].items()
    for method in methods
    # An endless answer cannot be asked for in passing; its own tests are in test_streaming.py.
    if path != "/api/v1/stream"
]
GIVEN = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> BaseSchema:
    """The schema, read from a running app with everything reported."""
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    city = load_city(write_city(folder / "city"))
    keys = folder / "keys.jsonl"
    keys.write_text(f'{{"name": "all", "sha256": "{hash_key(KEY)}", "scopes": ["admin"]}}\n')
    store, clock, metrics = FakeStore(), ManualClock(T + 30_000), ApiMetrics()
    cache, cities = PublicationCache(Inventory(city)), FakeCities(city)
    core = EvaluatorCore(
        store=store, cache=cache, cities=cities, settings=TICKS, clock=clock, metrics=metrics
    )
    report_everything(store, city, T - 1000)
    assert core.step()
    context = Context.over(
        cache=cache, store=store, cities=cities, keys=KeyFile(keys, clock), clock=clock,
        metrics=metrics, evaluation=TICKS, declarations=DeclarationLog(store, clock),
    )  # fmt: skip
    context.alarms.refresh()
    loaded: BaseSchema = schemathesis.openapi.from_asgi("/openapi.json", create_app(context))
    return loaded


def _is_all_sent(case: schemathesis.Case[Any]) -> bool:
    """Whether every query parameter is in the URL: an empty list is not, wrong as it may be."""
    asked = case.as_transport_kwargs(base_url="http://api")
    url = requests.Request(asked["method"], asked["url"], params=asked.get("params")).prepare().url
    sent = dict(parse_qsl(urlsplit(url or "").query, keep_blank_values=True))
    return set(case.query or {}) <= set(sent)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_every_answer_is_as_documented(
    api: BaseSchema, path: str, method: str, mode: GenerationMode
) -> None:
    """By the document, and against it."""
    operation = api[path][method.upper()]

    @GIVEN
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        # A document cannot say which texts are cursors or places, or which days lie ahead.
        excluded: list[Any] = [positive_data_acceptance]
        if mode is GenerationMode.NEGATIVE and not _is_all_sent(case):
            excluded.append(negative_data_rejection)
        case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"}, excluded_checks=excluded)

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "nothing can be asked"
