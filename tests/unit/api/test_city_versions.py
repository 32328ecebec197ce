"""City versions: what is kept, what is in force, and what is never used."""

import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gigacity_api.errors import CityVersionLostError
from gigacity_api.storage.city_store import CityStore
from gigacity_api.storage.city_versions import CityVersions
from gigacity_city.files import CityFiles
from gigacity_city.load import load_whole
from gigacity_city.reload import SETTLE_S
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import CityError
from tests.support.city import CITY_YAML, COMMUNITY_A, edit, write_city


def files_of(folder: Path) -> CityFiles:
    return load_whole(folder).files


def test_every_version_is_kept_with_the_time_from_which_it_holds(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city")
    versions = CityStore(tmp_path / "state")
    first = files_of(folder)
    assert versions.put_in_force(first, 1000)
    assert not versions.put_in_force(first, 2000)
    write_city(folder, city=CITY_YAML.replace("value: 15,", "value: 16,"))
    second = files_of(folder)
    assert versions.put_in_force(second, 3000)

    held = [versions.version_at(at) for at in (0, 1000, 2999, 3000)]
    assert held == [first.version, first.version, first.version, second.version]
    assert versions.load(first.version).targets[0].value == 15


def test_what_is_kept_is_what_was_loaded_whatever_the_folder_holds_by_then(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city")
    versions = CityStore(tmp_path / "state")
    first = files_of(folder)
    edit(folder, "buildings.csv", ",120", ",121")
    versions.put_in_force(first, 1000)

    assert versions.damaged() == {}
    assert versions.load(first.version).buildings[-1].households == 120


def test_a_version_that_returns_comes_into_force_again(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city")
    versions = CityStore(tmp_path / "state")
    files = files_of(folder)
    versions.put_in_force(files, 1000)
    versions.put_in_force(replace(files, version="f" * 16), 2000)
    versions.put_in_force(files, 3000)
    assert [entry.from_ms for entry in versions.history()] == [1000, 2000, 3000]


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city")
    versions = CityStore(tmp_path / "state")
    assert versions.version_at(5) is None
    versions.put_in_force(files_of(folder), 1000)
    with (tmp_path / "state" / "city" / "in_force.jsonl").open("ab") as file:
        file.write(b'{"version":"ab')
    assert len(versions.history()) == 1
    versions.put_in_force(replace(files_of(folder), version="f" * 16), 2000)
    assert [entry.from_ms for entry in versions.history()] == [1000, 2000]


def test_kept_files_that_were_changed_are_not_taken_for_the_version(tmp_path: Path) -> None:
    folder = write_city(tmp_path / "city")
    versions = CityStore(tmp_path / "state")
    files = files_of(folder)
    versions.put_in_force(files, 1000)
    write_city(tmp_path / "state" / "city" / files.version, city=CITY_YAML + "\n")
    with pytest.raises(CityError, match="have changed"):
        versions.load(files.version)
    assert list(versions.damaged()) == [files.version]

    versions.put_in_force(files, 2000)
    assert versions.load(files.version).version == files.version


class Followed:
    """A folder and the versions that came into force, looked at as the evaluator does."""

    def __init__(self, tmp_path: Path, **tables: str) -> None:
        self.state = tmp_path / "state"
        self.folder = write_city(tmp_path / "city", **tables)
        self.clock = ManualClock(1_000)
        self.restart()

    def restart(self) -> None:
        self.cities = CityVersions(self.folder, self.state, self.clock)

    def settle(self) -> None:
        self.cities.refresh()
        self.clock.elapsed_s += SETTLE_S
        self.cities.refresh()


@pytest.fixture
def followed(tmp_path: Path) -> Followed:
    return Followed(tmp_path)


def test_a_changed_folder_comes_into_force_from_then_on(followed: Followed) -> None:
    cities = followed.cities
    first = cities.current
    followed.clock.wall_ms = 5_000
    write_city(followed.folder, city=CITY_YAML.replace("value: 15,", "value: 116,"))
    cities.refresh()
    assert cities.current is first
    followed.settle()

    assert cities.current.version != first.version
    assert cities.at(4_999).version == first.version
    assert cities.at(4_999) is cities.at(2_000)
    assert cities.at(5_000) is cities.current


def test_a_folder_that_is_wrong_leaves_the_old_city_in_force(followed: Followed) -> None:
    first = followed.cities.current
    write_city(followed.folder, city="nonsense\n")
    followed.settle()
    assert followed.cities.current is first
    assert "city.yaml" in followed.cities.trouble
    write_city(followed.folder)
    followed.settle()
    assert followed.cities.trouble == ""


def test_a_version_that_is_not_kept_whole_is_named_and_never_replaced_by_another(
    followed: Followed,
) -> None:
    first = followed.cities.current.version
    followed.clock.wall_ms = 5_000
    edit(followed.folder, "buildings.csv", ",120", ",121")
    followed.settle()
    edit(followed.state / "city" / first, "buildings.csv", ",120", ",122")
    followed.restart()

    assert f"do not verify, and are not used: {first}" in followed.cities.trouble
    with pytest.raises(CityVersionLostError, match=first):
        followed.cities.at(2_000)
    assert followed.cities.at(5_000) is followed.cities.current


def test_a_kept_version_that_is_damaged_while_in_force_is_written_again(
    followed: Followed,
) -> None:
    version = followed.cities.version
    kept = followed.state / "city" / version
    edit(kept, "buildings.csv", ",120", ",122")
    followed.cities.mend()
    assert CityStore(followed.state).load(version).buildings[-1].households == 120
    assert followed.cities.trouble == ""
    shutil.rmtree(followed.state / "city")
    followed.cities.mend()
    assert CityStore(followed.state).version_at(5_000) == version
    assert sorted(path.name for path in (followed.state / "city").iterdir()) == sorted(
        [version, "in_force.jsonl"]
    )


def test_one_that_cannot_be_written_again_is_named(followed: Followed) -> None:
    version = followed.cities.version
    edit(followed.state / "city" / version, "buildings.csv", ",120", ",122")
    edit(followed.folder, "buildings.csv", ",120", ",121")
    followed.cities.mend()
    assert f"do not verify, and are not used: {version}" in followed.cities.trouble
    edit(followed.folder, "buildings.csv", ",121", ",120")
    followed.cities.mend()
    assert followed.cities.trouble == ""


def test_a_disk_that_is_full_leaves_what_was_kept_and_is_said(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = followed.cities.version
    kept = followed.state / "city" / version
    edit(kept, "buildings.csv", ",120", ",122")
    before = (kept / "buildings.csv").read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        followed.cities.mend()
    assert (kept / "buildings.csv").read_bytes() == before
    assert version in followed.cities.trouble
    followed.cities.mend()
    assert CityStore(followed.state).damaged() == {}


def test_what_changed_while_nobody_looked_is_taken_as_any_change(followed: Followed) -> None:
    first = followed.cities.current.version
    followed.clock.wall_ms = 5_000
    edit(followed.folder, "buildings.csv", ",120", ",121")
    followed.restart()
    assert followed.cities.current.version == first
    followed.settle()
    assert followed.cities.current.version != first
    assert followed.cities.at(4_999).version == first


def test_another_city_comes_into_force_at_once(followed: Followed) -> None:
    other = CITY_YAML.replace('code: "371600"', 'code: "371700"')
    write_city(followed.folder, city=other)
    followed.restart()
    assert followed.cities.current.code == "371700"


def test_a_copy_that_a_restart_falls_into_is_held_back(tmp_path: Path) -> None:
    header = "community,kind,device,gateway\n"
    rows = [f"{COMMUNITY_A},camera,cam-{n},gw-a\n" for n in range(3000)]
    followed = Followed(tmp_path, devices=header + "".join(rows))
    (followed.folder / "devices.csv").write_text(header + "".join(rows[:1339]), encoding="utf-8")
    followed.restart()
    followed.settle()
    assert len(followed.cities.current.devices) == 3000
    assert "declares 1,339 where 3,000 are in force" in followed.cities.trouble


FOREIGN_IDS = f"""\
source,foreign_id,area,community,device,olt,slot,port
alink,k1/d1,,{COMMUNITY_A},smoke-7,,,
alink,k1/d2,,{COMMUNITY_A},smoke-8,,,
"""


def test_foreign_ids_are_checked_and_not_kept(tmp_path: Path) -> None:
    """Only workers look them up; a table with a fault must not be in force here and not there."""
    followed = Followed(tmp_path, foreign_ids=FOREIGN_IDS)
    first = followed.cities.current
    assert len(first.foreign_ids) == 2
    assert not list(first.foreign_ids.rows())

    edit(followed.folder, "foreign_ids.csv", "smoke-8", "smoke-99")
    followed.settle()
    assert followed.cities.version == first.version
    assert "smoke-99" in followed.cities.trouble

    edit(followed.folder, "foreign_ids.csv", "smoke-99", "smoke-9")
    followed.settle()
    assert followed.cities.version != first.version
    before = followed.cities.at(followed.clock.now_ms() - 5_000)
    assert (before.version, len(before.foreign_ids)) == (first.version, 2)
    assert not list(before.foreign_ids.rows())
