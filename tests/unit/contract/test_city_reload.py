"""A changed folder is loaded once it stood still and is whole, or not at all."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from gigacity_city import files
from gigacity_city.files import DEVICES, FILES
from gigacity_city.load import LoadedCity, load_city, load_whole
from gigacity_city.reload import SETTLE_S, CityFolder
from gigacity_city.wholeness import CHECKSUMS, table_counts
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import CityError
from tests.support.city import COMMUNITY_A, TABLES, edit, write_city

MANY = "community,kind,device,gateway\n" + "".join(
    f"{COMMUNITY_A},camera,cam-{n},gw-a\n" for n in range(3000)
)


class Looked:
    """A folder that is looked at every five seconds, and what was loaded of it."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.path = folder
        self.folder = CityFolder(folder, self.clock.monotonic_s)
        self.loaded: list[LoadedCity] = [self.folder.load()]
        self.refused: list[str] = []

    def look(self) -> None:
        self.clock.advance_s(5)
        if self.folder.is_due():
            try:
                self.loaded.append(self.folder.load())
            except CityError as error:
                self.refused.append(str(error))

    def settle(self) -> None:
        for _ in range(3):
            self.look()

    @property
    def devices(self) -> int:
        return len(self.loaded[-1].city.devices)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path / "city", devices=MANY)


@pytest.fixture
def looked(folder: Path) -> Looked:
    return Looked(folder)


def sha256sum(folder: Path) -> None:
    """As the program of that name."""
    sums = (f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in FILES)
    (folder / CHECKSUMS).write_text("".join(sums), encoding="ascii")


def test_nothing_happens_while_the_files_stay_as_they_are(looked: Looked) -> None:
    looked.settle()
    assert len(looked.loaded) == 1


def test_a_changed_file_is_taken_once_it_stood_still(looked: Looked) -> None:
    edit(looked.path, "buildings.csv", ",120", ",1200")
    looked.look()
    looked.look()
    assert len(looked.loaded) == 1
    looked.look()
    assert looked.loaded[-1].city.buildings[-1].households == 1200
    looked.settle()
    assert len(looked.loaded) == 2


def test_a_table_that_is_written_slowly_is_taken_when_it_is_whole(looked: Looked) -> None:
    """Twenty seconds, as rsync --inplace or scp over a slow line write it."""
    lines = MANY.replace("cam-", "camera-").splitlines(keepends=True)
    with (looked.path / DEVICES).open("w", encoding="utf-8") as file:
        for n in range(10):
            file.writelines(lines[n * 301 : (n + 1) * 301])
            file.flush()
            looked.clock.advance_s(-3)
            looked.look()
    assert len(looked.loaded) == 1
    looked.settle()
    assert [len(x.city.devices) for x in looked.loaded] == [3000, 3000]
    assert looked.refused == []


def test_a_writer_that_keeps_the_time_of_the_file_is_seen(looked: Looked) -> None:
    path = looked.path / DEVICES
    before = path.stat()
    path.write_text(MANY.replace("cam-1\n", "cam-x\n"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    edit(looked.path, "buildings.csv", ",120", ",121")
    looked.look()
    looked.look()
    path.write_text(MANY.replace("cam-2,", "cam-y,"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    looked.look()
    assert len(looked.loaded) == 1
    looked.settle()
    assert looked.loaded[-1].city.devices.find(COMMUNITY_A, "cam-y") is not None


@pytest.mark.parametrize("left", [1339, 2018, 2698])
def test_a_table_that_lost_much_is_held_back_however_long_it_stands_still(
    looked: Looked, left: int
) -> None:
    rows = MANY.splitlines(keepends=True)[: left + 1]
    (looked.path / DEVICES).write_text("".join(rows), encoding="utf-8")
    for _ in range(20):
        looked.look()
    assert len(looked.loaded) == 1
    (told,) = looked.refused
    assert f"devices.csv: declares {left:,} where 3,000 are in force" in told
    assert "gigacity city accept" in told

    (looked.path / DEVICES).write_text(MANY + "\n", encoding="utf-8")
    looked.settle()
    assert looked.devices == 3000
    assert len(looked.loaded) == 2


def test_what_is_meant_is_proven_by_checksums(looked: Looked) -> None:
    rows = MANY.splitlines(keepends=True)[:1001]
    (looked.path / DEVICES).write_text("".join(rows), encoding="utf-8")
    looked.settle()
    sha256sum(looked.path)
    looked.settle()
    assert looked.devices == 1000


def test_a_small_loss_needs_no_proof(looked: Looked) -> None:
    (looked.path / DEVICES).write_text("".join(MANY.splitlines(keepends=True)[:2901]), "utf-8")
    edit(looked.path, "gateways.csv", "gw-z,371690\n", "")
    looked.settle()
    assert looked.devices == 2900


def test_a_line_that_was_cut_short_is_refused(looked: Looked) -> None:
    for text in (MANY[:-3], MANY + f"{COMMUNITY_A},came"):
        (looked.path / DEVICES).write_text(text, encoding="utf-8")
        looked.settle()
        assert "devices.csv:300" in looked.refused[-1]
        assert "was cut short" in looked.refused[-1]
    assert len(looked.loaded) == 1


def test_where_there_are_checksums_they_must_hold(folder: Path) -> None:
    sha256sum(folder)
    looked = Looked(folder)
    edit(folder, DEVICES, "cam-7,", "cam-x,")
    looked.settle()
    assert f"devices.csv: is not what {CHECKSUMS} says" in looked.refused[-1]
    with pytest.raises(CityError, match="is not what"):
        load_city(folder)
    sha256sum(folder)
    looked.settle()
    assert looked.loaded[-1].city.devices.find(COMMUNITY_A, "cam-x") is not None


@pytest.mark.parametrize(
    ("text", "named"),
    [("", "does not name city.yaml"), ("nonsense\n", ":1: is not a line as sha256sum writes it")],
)
def test_checksums_that_cannot_be_read_prove_nothing(folder: Path, text: str, named: str) -> None:
    (folder / CHECKSUMS).write_text(text, encoding="ascii")
    with pytest.raises(CityError, match=named):
        load_city(folder)


def test_a_folder_that_is_renamed_into_place_is_taken_at_once(
    looked: Looked, tmp_path: Path
) -> None:
    write_city(tmp_path / "next", devices=MANY.replace("cam-7,", "cam-x,"))
    time.sleep(0.02)
    looked.path.rename(tmp_path / "former")
    (tmp_path / "next").rename(looked.path)
    looked.look()
    assert looked.loaded[-1].city.devices.find(COMMUNITY_A, "cam-x") is not None


def test_a_folder_that_is_written_in_the_place_of_another_is_not(
    looked: Looked, tmp_path: Path
) -> None:
    looked.path.rename(tmp_path / "former")
    write_city(looked.path, devices=MANY)
    with (looked.path / DEVICES).open("a", encoding="utf-8") as file:
        looked.look()
        file.write("x")
    looked.look()
    assert len(looked.loaded) == 1


def test_what_changes_while_it_is_loaded_is_not_used(
    looked: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_late(folder: Path, in_force: dict[str, int]) -> LoadedCity:
        loaded = load_whole(folder, in_force)
        edit(folder, "buildings.csv", ",1201", ",1202")
        return loaded

    edit(looked.path, "buildings.csv", ",120", ",1201")
    with monkeypatch.context() as patch:
        patch.setattr("gigacity_city.reload.load_whole", load_late)
        looked.settle()
    assert "changed while it was loaded" in looked.refused[-1]
    looked.settle()
    assert looked.loaded[-1].city.buildings[-1].households == 1202


def test_what_changes_while_it_is_read_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_late(*args: object) -> object:
        found = real(*args)  # type: ignore[arg-type]
        edit(folder, "olts.csv", "olt-z", "olt-y")
        return found

    real = files.read_files
    monkeypatch.setattr("gigacity_city.wholeness.read_files", read_late)
    with pytest.raises(CityError, match=r"olts\.csv: changed while it was read"):
        load_city(folder)


def test_a_wrong_folder_is_told_once_and_a_mended_one_is_taken(looked: Looked) -> None:
    edit(looked.path, "buildings.csv", ",120", ",none")
    looked.settle()
    looked.settle()
    assert len(looked.refused) == 1
    edit(looked.path, "buildings.csv", ",none", ",1201")
    looked.settle()
    assert looked.loaded[-1].city.buildings[-1].households == 1201


def test_a_removed_file_or_folder_is_refused(looked: Looked, tmp_path: Path) -> None:
    (looked.path / "olts.csv").unlink()
    looked.settle()
    assert "olts.csv: the file is missing" in looked.refused[-1]
    looked.path.rename(tmp_path / "away")
    looked.settle()
    assert "is not a folder" in looked.refused[-1]
    assert len(looked.loaded) == 1


def test_there_must_be_a_city_to_begin_with(tmp_path: Path) -> None:
    with pytest.raises(CityError):
        CityFolder(tmp_path / "nowhere", ManualClock().monotonic_s).load()


def test_what_is_kept_is_what_was_hashed(folder: Path) -> None:
    loaded = load_whole(folder)
    edit(folder, "buildings.csv", ",120", ",121")
    assert loaded.files.version == loaded.city.version
    assert loaded.files.contents["buildings.csv"] == TABLES["buildings.csv"].encode()
    assert table_counts(loaded.city)[DEVICES] == 3000


def test_the_settle_time_is_longer_than_a_look() -> None:
    assert SETTLE_S >= 10
