"""What requests share exists before the first of them, once for all."""

import threading
from typing import Any

import pytest

from gigacity_api.http import context as module
from tests.unit.api.conftest import Running
from tests.unit.api.test_report_routes import ENTRY, send

SERVICES = ("stream", "revisions", "once", "recomputer", "scorecards", "exports")


def test_nothing_is_made_at_its_first_use(
    evaluated: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two first requests at once would each make their own, and enter a figure twice."""

    def late(*_: Any) -> None:
        raise AssertionError("made while requests are answered")

    for name in ("Once", "Stream", "RevisionLog", "Recomputer"):
        monkeypatch.setattr(module, name, late)
    context = evaluated.app.state.context
    assert all(getattr(context, name) is getattr(context, name) for name in SERVICES)


def test_two_first_requests_with_one_key_enter_one_figure(evaluated: Running) -> None:
    together = threading.Barrier(2)
    found: list[int] = []

    def enter() -> None:
        together.wait(30)
        found.append(send(evaluated, "/api/v1/reports", json=ENTRY, once="k").status_code)

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The second finds the first's answer, or that it is still being worked on.
    assert found[0] == 201 or found[1] == 201
    assert set(found) <= {201, 409}
    assert len(evaluated.app.state.context.declarations.known) == 1
