"""The officers' walk: every command of the page runs, and answers what the page shows.

The city is the small one of the tests; one port has gone down, everything else reports.
"""

import json
import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.http.app import create_app
from gigacity_api.http.context import Context
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.keys import hash_key
from gigacity_api.metrics import ApiMetrics
from gigacity_api.reports.log import DeclarationLog
from gigacity_api.storage.key_file import KeyFile
from gigacity_city.load import load_city
from gigacity_contract.clock import ManualClock
from tests.support.city import ZONE, write_city
from tests.support.mqtt_probe import wait_until
from tests.unit.api.conftest import TICKS, T, report_everything
from tests.unit.api.doubles import FakeCities, FakeStore

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[2] / "docs" / "officers.md"
KEY = "gck_officer"
STEP = re.compile(r"```sh\n(?P<command>.*?)```\n(?:\n```json\n(?P<answer>.*?)```\n)?", re.DOTALL)
STEPS = [(m["command"], m["answer"]) for m in STEP.finditer(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder to work in and the variables that the page asks to set."""
    folder = tmp_path_factory.mktemp("officers")
    city = load_city(write_city(folder / "city"))
    keys = folder / "keys.jsonl"
    keys.write_text(
        json.dumps({"name": "bureau", "sha256": hash_key(KEY), "scopes": ["read", "report"]})
    )
    store, clock, metrics = FakeStore(), ManualClock(T + 30_000), ApiMetrics()
    cache, cities = PublicationCache(Inventory(city)), FakeCities(city)
    core = EvaluatorCore(
        store=store, cache=cache, cities=cities, settings=TICKS, clock=clock, metrics=metrics
    )
    report_everything(store, city, T - 2000)
    tags = {"area": ZONE, "olt": "olt-z", "slot": "1", "port": "0", "tech": "xg-pon"}
    store.put("pon_port", T - 1000, tags, admin="up", oper="down")
    assert core.step()
    context = Context.over(
        cache=cache, store=store, cities=cities, keys=KeyFile(keys, clock), clock=clock,
        metrics=metrics, evaluation=TICKS, declarations=DeclarationLog(store, clock),
    )  # fmt: skip
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(context), log_level="warning", access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        wait_until(lambda: server.started, "the API listens", timeout_s=30)
        port = listener.getsockname()[1]
        yield folder, os.environ | {"API": f"http://127.0.0.1:{port}/api/v1", "KEY": KEY}
        server.should_exit = True
        thread.join(timeout=30)


def is_part(shown: Any, answer: Any) -> bool:
    """Whether everything that is shown stands in the answer; lists may show some of their items."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        return all(key in answer and is_part(value, answer[key]) for key, value in shown.items())
    if isinstance(shown, list) and isinstance(answer, list):
        return all(any(is_part(item, other) for other in answer) for item in shown)
    return bool(shown == answer)


def test_the_page_has_its_steps() -> None:
    assert len(STEPS) >= 10
    assert sum(answer is not None for _, answer in STEPS) >= 8


def test_every_step_answers_what_the_page_shows(walk: tuple[Path, dict[str, str]]) -> None:
    """In the order of the page: later steps read what earlier ones entered."""
    folder, environ = walk
    for command, shown in STEPS[1:]:
        done = subprocess.run(
            ["bash", "-eu", "-c", command],
            cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert done.returncode == 0, command + done.stderr
        if shown is not None:
            assert is_part(json.loads(shown), json.loads(done.stdout)), command + done.stdout


def test_the_first_step_sets_what_the_others_use() -> None:
    assert {"API=", "KEY="} <= set(re.findall(r"\b(?:API|KEY)=", STEPS[0][0]))


@pytest.mark.parametrize(
    ("shown", "answer", "expected"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"a": 2}, False),
        ([{"a": 1}], [{"a": 2}, {"a": 1}], True),
        ([{"a": 3}], [{"a": 2}], False),
        ({"a": []}, {"b": []}, False),
    ],
)
def test_what_is_shown_must_be_there(shown: Any, answer: Any, expected: bool) -> None:
    assert is_part(shown, answer) is expected
