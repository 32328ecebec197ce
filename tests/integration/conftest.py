"""What several tests against real servers need."""

from collections.abc import Callable, Iterator, Sequence

import pytest

from gigacity_api.storage.influx import InfluxStore
from gigacity_contract.measurements import Measurement
from tests.support.field_scene import Listener
from tests.support.processes import Broker
from tests.support.processes_influx import InfluxServer


@pytest.fixture(autouse=True)
def _written_rows_show(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests read what the API's store has just written, also on openGemini.

    It shows the first point of a series up to 2.1 s after it has confirmed it. The product never
    reads back so soon; a test does.
    """
    if "database" not in request.fixturenames:
        return
    database: InfluxServer = request.getfixturevalue("database")
    write = InfluxStore.write

    def write_and_wait(store: InfluxStore, of: Measurement, lines: Sequence[bytes]) -> None:
        write(store, of, list(lines))
        database.wait_shown(of.policy.name, lines)

    monkeypatch.setattr(InfluxStore, "write", write_and_wait)


@pytest.fixture
def listen(broker: Broker) -> Iterator[Callable[[list[str]], Listener]]:
    listeners: list[Listener] = []

    def start(identities: list[str]) -> Listener:
        listeners.append(Listener(broker, identities))
        return listeners[-1]

    yield start
    for listener in listeners:
        listener.close()
