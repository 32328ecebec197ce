"""A session that was held and comes back empty is told of; one that was ended is not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import ManualClock
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.adapters.session_note import SessionNote
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import WorkerStatus
from gigacity_ingest.adapters.worker_values import worker_values

ENDPOINT = MQTTEndpoint(parse_url("URL", "mqtt://broker", ("mqtt",)), "w-0", ("f",), Secret(""))


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFolder]:
    folder = StateFolder(tmp_path)
    yield folder
    folder.close()


class Start:
    """One start of a worker with this folder."""

    def __init__(self, state: StateFolder, endpoint: MQTTEndpoint = ENDPOINT) -> None:
        self.status = WorkerStatus(endpoint.client_id, 0)
        self.note = SessionNote(
            state, endpoint, health=self.status.session_queue, clock=ManualClock(0)
        )

    @property
    def lost(self) -> int:
        return int(worker_values(self.status)["sessions_lost"])


def test_the_first_session_of_a_folder_is_no_loss(state: StateFolder) -> None:
    start = Start(state)
    start.note.begun(is_resumed=False)
    start.note.held()
    assert (start.lost, start.status.warnings()) == (0, {})


def test_a_session_that_came_back_without_its_queue_is_told_of_until_the_next_start(
    state: StateFolder,
) -> None:
    Start(state).note.held()
    start = Start(state)
    start.note.begun(is_resumed=False)
    start.note.held()
    start.note.begun(is_resumed=True)
    assert start.lost == 1
    warning = start.status.warnings()["session_queue"]
    assert "w-0" in warning
    assert "1970-01-01T00:00:00+00:00" in warning
    start.note.begun(is_resumed=False)
    assert start.lost == 2
    assert Start(state).status.warnings() == {}


def test_a_resumed_session_is_no_loss(state: StateFolder) -> None:
    Start(state).note.held()
    start = Start(state)
    start.note.begun(is_resumed=True)
    assert start.lost == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        replace(ENDPOINT, client_id="w-1"),
        replace(ENDPOINT, address=parse_url("URL", "mqtt://another", ("mqtt",))),
    ],
)
def test_another_id_or_broker_is_another_session(
    state: StateFolder, endpoint: MQTTEndpoint
) -> None:
    Start(state).note.held()
    start = Start(state, endpoint)
    start.note.begun(is_resumed=False)
    assert start.lost == 0


def test_a_session_that_was_ended_on_purpose_is_no_loss(state: StateFolder) -> None:
    first = Start(state)
    first.note.held()
    first.note.ended()
    first.note.ended()
    start = Start(state)
    start.note.begun(is_resumed=False)
    assert start.lost == 0


def test_a_folder_that_cannot_be_written_stops_no_worker(state: StateFolder) -> None:
    (state.path / "session.json").mkdir()
    start = Start(state)
    start.note.held()
    start.note.begun(is_resumed=False)
    assert start.lost == 0
