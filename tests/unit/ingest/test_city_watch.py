"""Who notices another city file, what a worker does with it, and with one that it cannot use."""

import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gigacity_city.load import load_city, load_unproven
from gigacity_city.model import City
from gigacity_city.reload import SETTLE_S, CityFolder
from gigacity_city.wholeness import write_checksums
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import CityError
from gigacity_ingest.adapters import city_child, city_watch
from gigacity_ingest.adapters.city_child import (
    CityNotLoadedError,
    CityRefusedError,
    LoadedRegistry,
    load_registry,
)
from gigacity_ingest.adapters.city_note import CityNote
from gigacity_ingest.adapters.city_watch import CitySource, CityWatch
from gigacity_ingest.adapters.state_folder import StateFolder, read_filters
from gigacity_ingest.adapters.status import HealthState
from gigacity_ingest.adapters.subscription_notes import RETRY_S, SubscriptionNotes
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.commands.preparing import prepare_call
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.settings import IngestSettings
from gigacity_ingest.worker import Worker
from gigacity_ingest.worker_config import topic_filters
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, RETIRED_A, edit, write_city
from tests.support.mqtt_probe import wait_until
from tests.unit.ingest.test_worker import worker_settings

GAINS = (f'retired: ["{RETIRED_A}"]', f'retired: ["{RETIRED_A}", "372399"]')
BREAKS = (f"olt-b,{AREA_B}", "olt-b,999999")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path / "city")


class Watched:
    """A watch of a folder; its thread runs only if a test starts it."""

    def __init__(self, folder: Path, areas: str = "") -> None:
        self.folder = folder
        self.clock = ManualClock()
        self.source = CitySource(
            CityFolder(folder, self.clock.monotonic_s), lambda city: topic_filters(areas, city)
        )
        self.city = self.source.folder.load().city
        self.health = HealthState("city", problem="")
        self.waker = Waker()
        self.settled = threading.Event()
        self.watch = CityWatch(
            self.source, self.city.version, health=self.health, waker=self.waker,
            settle=self.settled.set,
        )  # fmt: skip

    def look(self) -> bool:
        """As the thread does, until what changed has stood still; whether the last one loaded."""
        self.watch.look()
        self.clock.advance_s(SETTLE_S)
        return self.watch.look()

    def close(self) -> None:
        self.watch.close()
        self.waker.close()


@pytest.fixture
def watched(folder: Path) -> Iterator[Watched]:
    made = Watched(folder, AREA_A)
    yield made
    made.close()


def test_an_unchanged_folder_is_not_loaded(watched: Watched) -> None:
    assert watched.look() is False
    assert watched.watch.take() is None


def test_a_changed_folder_is_handed_over_once_with_the_filters_of_its_areas(
    watched: Watched,
) -> None:
    edit(watched.folder, "city.yaml", *GAINS)
    assert watched.look() is True

    change = watched.watch.take()
    assert change is not None
    assert change.registry.version != watched.city.version
    assert change.filters == tuple(f"gigacity/v1/{c}/#" for c in (AREA_A, RETIRED_A, "372399"))
    assert watched.watch.take() is None


def test_a_change_is_taken_only_once_it_stood_still(watched: Watched) -> None:
    edit(watched.folder, "buildings.csv", ",120", ",121")
    assert watched.watch.look() is False
    watched.clock.advance_s(SETTLE_S - 1)
    assert watched.watch.look() is False
    watched.clock.advance_s(1)
    assert watched.watch.look() is True
    assert watched.watch.take() is not None


def test_what_changes_while_it_is_loaded_is_not_handed_over(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_late(folder: Path, counts: dict[str, int]) -> LoadedRegistry:
        loaded = load_registry(folder, counts)
        edit(folder, "buildings.csv", ",121", ",122")
        return loaded

    edit(watched.folder, "buildings.csv", ",120", ",121")
    with monkeypatch.context() as patch:
        patch.setattr(city_watch, "load_registry", load_late)
        assert watched.look() is True
    assert watched.watch.take() is None
    assert watched.look() is True
    change = watched.watch.take()
    assert change is not None
    assert change.registry.version == load_city(watched.folder).version


def test_a_table_that_was_cut_short_leaves_the_old_city_in_force(tmp_path: Path) -> None:
    rows = [f"{COMMUNITY_A},camera,cam-{n},gw-a\n" for n in range(300)]
    header = "community,kind,device,gateway\n"
    watched = Watched(write_city(tmp_path / "city", devices=header + "".join(rows)))
    watched.look()
    (watched.folder / "devices.csv").write_text(header + "".join(rows[:134]), encoding="utf-8")
    watched.look()
    assert "declares 134 where 300 are in force" in watched.health.problem
    assert watched.watch.take() is None
    watched.close()


class Starts:
    """Starts of one worker: what each of them loads."""

    def __init__(self, folder: Path, state: Path) -> None:
        self.folder = folder
        self.state = state
        self.clock = ManualClock(time.time_ns() // 1_000_000)
        self.waits = 0

    def start(self) -> City:
        files = CityFolder(self.folder, self.clock.monotonic_s)
        note = CityNote(self.state, files, self.clock)
        city = note.load(self._sleep)
        source = CitySource(files, lambda city: topic_filters("", city), note)
        source.keep(city.version)
        return city

    def _sleep(self, seconds: float) -> None:
        self.waits += 1
        self.clock.advance_s(seconds)
        self.while_waiting(self.waits)

    def while_waiting(self, waits: int) -> None:
        """Whatever else happens meanwhile."""


@pytest.fixture
def starts(tmp_path: Path) -> Starts:
    rows = "".join(f"{COMMUNITY_A},camera,cam-{n},gw-a\n" for n in range(300))
    header = "community,kind,device,gateway\n"
    (tmp_path / "w").mkdir()
    return Starts(write_city(tmp_path / "city", devices=header + rows), tmp_path / "w")


def cut_devices(folder: Path, rows: int) -> None:
    path = folder / "devices.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: rows + 1]), encoding="utf-8")


def test_a_worker_that_starts_refuses_a_table_that_was_cut_short(starts: Starts) -> None:
    """With the words of one that runs; it starts again once the table is whole or accepted."""
    first = starts.start()
    whole = (starts.folder / "devices.csv").read_bytes()
    cut_devices(starts.folder, 134)
    for _ in range(2):
        with pytest.raises(CityError, match="declares 134 where 300 are in force"):
            starts.start()
    (starts.folder / "devices.csv").write_bytes(whole)
    assert starts.start().version == first.version
    cut_devices(starts.folder, 134)
    loaded = load_unproven(starts.folder)
    write_checksums(starts.folder, loaded.files)
    assert len(starts.start().devices) == 134


def test_a_worker_that_starts_while_a_table_is_copied_waits_until_it_stands_still(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts.start()
    assert starts.waits == 0
    cut_devices(starts.folder, 295)

    def write_on(waits: int) -> None:
        if waits == 3:
            cut_devices(starts.folder, 290)

    monkeypatch.setattr(starts, "while_waiting", write_on)
    assert len(starts.start().devices) == 290
    assert starts.waits >= SETTLE_S


def test_another_city_is_no_change_of_this_one(starts: Starts, tmp_path: Path) -> None:
    starts.start()
    starts.folder = write_city(tmp_path / "other")
    assert len(starts.start().devices) < 300
    assert starts.waits == 0


def test_a_note_that_cannot_be_read_or_written_hinders_nobody(starts: Starts) -> None:
    (starts.state / "city.json").write_bytes(b"{")
    assert len(starts.start().devices) == 300
    shutil.rmtree(starts.state)
    cut_devices(starts.folder, 134)
    assert len(starts.start().devices) == 134


def test_what_a_running_worker_takes_is_noted(watched: Watched, tmp_path: Path) -> None:
    note = CityNote(tmp_path, watched.source.folder, watched.clock)
    watched.watch._source = replace(watched.source, note=note)
    edit(watched.folder, "buildings.csv", ",120", ",121")
    watched.look()
    noted = json.loads((tmp_path / "city.json").read_bytes())
    assert noted["version"] == load_city(watched.folder).version


def test_a_wrong_folder_is_told_and_a_mended_one_is_not_a_change(watched: Watched) -> None:
    edit(watched.folder, "olts.csv", *BREAKS)
    assert watched.look() is True
    assert watched.watch.take() is None
    assert "999999" in watched.health.problem
    assert f"version {watched.city.version} stays in force; mend" in watched.health.problem
    assert watched.look() is False
    edit(watched.folder, "olts.csv", *reversed(BREAKS))
    watched.look()

    assert watched.health.is_ok
    assert watched.watch.take() is None


def test_thousands_of_faults_do_not_fill_the_page(watched: Watched) -> None:
    (watched.folder / "olts.csv").write_text("id,area\n" + "x,999999\n" * 3000, encoding="utf-8")
    watched.look()

    assert len(watched.health.problem) < 2000


def test_a_city_without_an_area_of_this_worker_leaves_the_old_one_in_force(folder: Path) -> None:
    watched = Watched(folder, "371690")
    for file in ("city.yaml", "communities.csv", "olts.csv", "gateways.csv"):
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace("371690", "371691"), encoding="utf-8")
    watched.look()

    assert "GIGACITY_MQTT_AREAS" in watched.health.problem
    assert watched.watch.take() is None
    watched.close()


def test_of_two_changes_the_newer_one_is_taken(watched: Watched) -> None:
    edit(watched.folder, "buildings.csv", ",120", ",121")
    watched.look()
    edit(watched.folder, "buildings.csv", ",121", ",122")
    watched.look()
    change = watched.watch.take()

    assert change is not None
    assert change.registry.version == load_city(watched.folder).version
    assert watched.watch.take() is None


def test_what_could_not_be_loaded_is_tried_again(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(watched.folder, "buildings.csv", ",120", ",121")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        assert watched.look() is True
    assert "it is tried again every 5 s: it could not be loaded" in watched.health.problem
    assert "mend" not in watched.health.problem
    assert watched.watch.look() is True

    assert watched.health.is_ok
    assert watched.watch.take() is not None
    assert watched.look() is False


def test_a_fault_of_ours_ends_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("ours")

    edit(watched.folder, "buildings.csv", ",120", ",121")
    with monkeypatch.context() as patch:
        patch.setattr(city_watch, "load_registry", fail)
        assert watched.look() is True
    assert "it is tried again every 5 s: fault of the worker: " in watched.health.problem
    assert "mend" not in watched.health.problem
    assert watched.watch.look() is True

    assert watched.health.is_ok


def test_the_thread_looks_at_once_when_asked_and_wakes_the_network_thread(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(city_watch, "LOOK_S", 60.0)
    monkeypatch.setattr(city_watch, "_SETTLE_S", 0.01)
    watched.watch.start()
    edit(watched.folder, "buildings.csv", ",120", ",121")
    watched.watch.look_now()

    assert watched.settled.wait(10)
    assert watched.watch.take() is not None


def test_what_another_process_loaded_is_the_same(folder: Path) -> None:
    here, there = FieldRegistry.of(load_city(folder)), load_registry(folder, {}).registry

    assert (there.version, there.areas) == (here.version, here.areas)
    assert there.area_of_code == here.area_of_code
    assert there.community_by_code == here.community_by_code
    assert there.devices.ranges == here.devices.ranges
    assert there.devices.gateway_of(COMMUNITY_A, "camera-10") == "gw-a"


def test_a_process_that_fails_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CityRefusedError, match="is not a folder"):
        load_registry(folder / "nowhere", {})
    with monkeypatch.context() as patch:
        patch.setattr(city_child, "TIMEOUT_S", 0.001)
        with pytest.raises(CityNotLoadedError, match="timed out"):
            load_registry(folder, {})
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(CityNotLoadedError, match="exit status 1"):
        load_registry(folder, {})


def _notes(folder: Path, *filters: str) -> tuple[SubscriptionNotes, StateFolder, HealthState]:
    state, health = StateFolder(folder), HealthState("subscriptions", problem="")
    return SubscriptionNotes(state, filters, health=health), state, health


def test_filters_are_noted_before_they_are_subscribed_and_former_ones_stay_noted(
    tmp_path: Path,
) -> None:
    notes, state, _ = _notes(tmp_path, "a")
    state.save_filters(("old", "b"))
    assert notes.begin() == ("old", "b")
    notes.want(("a", "b"))
    assert notes.settle(0.0) is True

    assert (notes.filters, read_filters(tmp_path)) == (("a", "b"), ("a", "b", "old"))
    assert notes.settle(100.0) is False
    notes.forget_former()
    assert read_filters(tmp_path) == ("a", "b")
    state.close()


def test_nothing_is_given_up_while_the_worker_runs(tmp_path: Path) -> None:
    notes, state, _ = _notes(tmp_path, "a", "b")
    notes.begin()
    notes.want(("a",))

    assert (notes.settle(0.0), notes.filters) == (False, ("a", "b"))
    state.close()


def test_what_cannot_be_noted_is_tried_again_and_not_subscribed_before(tmp_path: Path) -> None:
    notes, state, health = _notes(tmp_path / "w", "a")
    notes.begin()
    draft = tmp_path / "w" / "subscriptions.new"
    draft.mkdir()
    notes.want(("a", "b"))
    assert notes.settle(0.0) is False
    assert "b not subscribed yet" in health.problem
    draft.rmdir()
    assert notes.settle(RETRY_S / 2) is False
    assert notes.settle(RETRY_S) is True

    assert health.is_ok
    state.close()


def test_nothing_is_given_up_before_what_replaces_it_is_noted(tmp_path: Path) -> None:
    notes, state, _ = _notes(tmp_path / "w", "old/+", "kept")
    notes.begin()
    draft = tmp_path / "w" / "subscriptions.new"
    draft.mkdir()
    notes.want(("new/+",))
    notes.give_up({"old/+"})
    assert notes.settle(0.0) is False
    assert notes.filters == ("old/+", "kept")
    draft.rmdir()
    assert notes.settle(RETRY_S) is True
    assert notes.filters == ("kept", "new/+")
    assert "old/+" in read_filters(tmp_path / "w"), "the next start unsubscribes it once more"
    state.close()


def test_what_is_wanted_again_before_it_was_given_up_stays(tmp_path: Path) -> None:
    notes, state, _ = _notes(tmp_path, "old/+")
    notes.begin()
    notes.give_up({"old/+"})
    notes.want(("old/+",))
    assert (notes.settle(0.0), notes.filters) == (False, ("old/+",))
    state.close()


@pytest.mark.parametrize(
    ("ends_session", "filters"),
    [(False, {AREA_A, RETIRED_A, "372399"}), (True, set())],
    ids=["owner", "leaving"],
)
def test_a_worker_decodes_by_the_new_city_and_subscribes_what_its_areas_gain(
    folder: Path, tmp_path: Path, *, ends_session: bool, filters: set[str]
) -> None:
    given = IngestSettings(
        city=folder, mqtt_areas=AREA_A, end_session=ends_session, http_listen="127.0.0.1:0",
        mqtt_url="mqtt://127.0.0.1:9",
    )  # fmt: skip
    call, state = prepare_call(given), StateFolder(tmp_path / "w")
    worker = Worker(call.config, call.city, clock=ManualClock(), state=state, source=call.source)
    edit(folder, "city.yaml", *GAINS)
    worker._turn(0.0)
    city_watch = worker._files.city
    assert city_watch is not None
    city_watch.look_now()
    city_watch.look()
    worker._follow_files()

    found = {name.split("/")[2] for name in worker._link._requests._filters}
    assert found == filters
    assert worker._decoder.routes.find(b"gigacity/v1/372399/olt/o/pon").area == AREA_A
    assert worker._status.city_version == load_city(folder).version
    worker.close()
    state.close()


def test_a_running_worker_follows_when_it_is_told(folder: Path, tmp_path: Path) -> None:
    """With its threads, a broker that is away, and a signal as an operator sends it."""
    source = CitySource(
        CityFolder(folder, ManualClock().monotonic_s), lambda city: topic_filters("", city)
    )
    city, state = source.folder.load().city, StateFolder(tmp_path / "w")
    worker = Worker(
        worker_settings(tmp_path / "w"), city, clock=ManualClock(), state=state, source=source
    )
    before = signal.signal(signal.SIGHUP, lambda *_: worker.reload_city())
    edit(folder, "buildings.csv", ",120", ",121")

    def steer() -> None:
        signal.raise_signal(signal.SIGHUP)
        wait_until(lambda: worker._status.city_version != city.version, "the city is in force")
        worker.request_stop()

    thread = threading.Thread(target=steer)
    thread.start()
    worker.run()
    thread.join()
    signal.signal(signal.SIGHUP, before)
    state.close()

    assert worker._status.city_version == load_city(folder).version
