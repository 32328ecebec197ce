"""A folder of mappings: noticed when it stands still, taken whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import GigacityError
from gigacity_ingest.adapters.arrival_ring import open_ring
from gigacity_ingest.adapters.foreign_sources import ForeignSources, LoadedSources
from gigacity_ingest.adapters.row_reporter import RowReporter
from gigacity_ingest.adapters.source_folder import SETTLE_S, SourceFolder
from gigacity_ingest.adapters.source_watch import SourceWatch
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.adapters.status import HealthState, WorkerStatus
from gigacity_ingest.adapters.subscription_notes import SubscriptionNotes
from gigacity_ingest.adapters.waker import Waker
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.foreign.arrival_stamps import ArrivalStamps
from gigacity_ingest.mapping.sources import SourceSet
from gigacity_ingest.ownership.sources import SourceReader
from tests.unit.ingest.foreign.stub_source import stub_source

if TYPE_CHECKING:
    from gigacity_ingest.adapters.sink import Sink


def load(path: Path) -> SourceSet:
    """Each line of the file is a source; ``bad`` is none."""
    names = (path / "sources.yaml").read_text(encoding="utf-8").split()
    if "bad" in names:
        raise GigacityError("sources.yaml:1:1: bad is no source")
    sources = [stub_source(name, topics=(f"{name}/+",)) for name in names]
    return SourceSet(sources, version="-".join(names))


class Scene:
    def __init__(self, folder: Path) -> None:
        self.path, self.clock = folder, ManualClock()
        self.write("one")
        self.folder = SourceFolder(folder, load, self.clock.monotonic_s)
        self.health = HealthState("sources", problem="")
        self.waker = Waker()
        version = self.folder.load().version
        self.watch = SourceWatch(self.folder, version, health=self.health, waker=self.waker)

    def write(self, text: str) -> None:
        self.path.mkdir(exist_ok=True)
        (self.path / "sources.yaml").write_text(text, encoding="utf-8")
        # A file that is written twice within one tick of the clock of the file system.
        os.utime(self.path / "sources.yaml", ns=(0, len(text)))

    def settle(self) -> list[str]:
        self.watch.look()
        self.clock.advance_s(SETTLE_S)
        self.watch.look()
        taken = self.watch.take()
        return [] if taken is None else [source.name for source in taken]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path / "mappings")
    yield made
    made.waker.close()


def test_a_changed_folder_is_taken_once_it_stood_still(scene: Scene) -> None:
    assert scene.settle() == []
    scene.write("one two")
    scene.watch.look()
    assert scene.watch.take() is None
    assert scene.settle() == ["one", "two"]
    assert scene.settle() == []


def test_a_bad_mapping_leaves_all_in_force_and_says_so_once(scene: Scene) -> None:
    scene.write("one bad")
    assert scene.settle() == []
    assert "mappings one stay in force" in scene.health.problem
    assert "sources.yaml:1:1" in scene.health.problem
    scene.write("one")
    assert scene.settle() == []
    assert scene.health.is_ok


def test_it_is_loaded_at_once_when_that_is_asked_for(scene: Scene) -> None:
    scene.write("two")
    scene.watch.look_now()
    scene.watch.look()
    taken = scene.watch.take()
    assert taken is not None
    assert taken.version == "two"


def test_no_folder_is_a_wrong_setting(tmp_path: Path) -> None:
    folder = SourceFolder(tmp_path / "none", load, ManualClock().monotonic_s)
    with pytest.raises(GigacityError, match=r"GIGACITY_MQTT_SOURCES=.*no such file"):
        folder.load()


def test_the_ring_outlives_its_process(tmp_path: Path) -> None:
    stamps = ArrivalStamps(open_ring(tmp_path))
    first = stamps.stamp(b"t", b"p", "", is_redelivered=False, now_ms=1_800_000_000_000)
    again = ArrivalStamps(open_ring(tmp_path))
    later = again.stamp(b"t", b"p", "", is_redelivered=True, now_ms=1_800_000_060_000)
    assert later == first


def test_a_disk_without_room_keeps_the_ring_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", no_room)
    stamps = ArrivalStamps(open_ring(tmp_path))
    assert stamps.stamp(b"t", b"p", "", is_redelivered=False, now_ms=5) == 5


@pytest.mark.parametrize("is_leaving", [False, True])
def test_new_sources_are_subscribed_gone_ones_given_up_and_nothing_by_a_leaving_worker(
    tmp_path: Path, scene: Scene, city: City, *, is_leaving: bool
) -> None:
    state = StateFolder(tmp_path / "state")
    status = WorkerStatus("w-0", 0)
    notes = SubscriptionNotes(state, ("one/+",), health=status.subscriptions)
    reporter = RowReporter(
        status, cast("Sink", None), scene.clock, interval_s=0, gives_up=is_leaving
    )
    reader = SourceReader("w-0", is_leaving=is_leaving)
    loaded = LoadedSources(scene.folder, scene.folder.load(), reader)
    foreign = ForeignSources(loaded, Decoder(city), state=state, status=status, waker=scene.waker)
    scene.write("two")
    foreign.look_now()
    foreign._watch.look()

    foreign.follow(notes, reporter)
    assert notes.settle(0.0) is True
    assert notes.filters == (() if is_leaving else ("two/+",))
    foreign.follow(notes, reporter)
    assert notes.settle(0.0) is False
    state.close()
