"""A city in force is replaced as a whole, or not at all."""

from pathlib import Path

import pytest

from gigacity_city.reload import CityFolder, CityHolder
from gigacity_contract.errors import CityError
from tests.support.city import edit, write_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path / "city")


def test_nothing_happens_while_the_files_stay_as_they_are(folder: Path) -> None:
    holder = CityHolder(folder)
    city = holder.city
    assert holder.refresh() is False
    assert holder.city is city


def test_a_changed_file_brings_a_new_version_into_force(folder: Path) -> None:
    holder = CityHolder(folder)
    before = holder.city
    edit(folder, "buildings.csv", ",120", ",1200")
    assert holder.refresh() is True
    assert holder.city.version != before.version
    assert holder.city.buildings[-1].households == 1200
    assert before.buildings[-1].households == 120


def test_a_wrong_folder_leaves_the_old_city_in_force_and_is_told_once(folder: Path) -> None:
    holder = CityHolder(folder)
    before = holder.city
    edit(folder, "buildings.csv", ",120", ",none")
    with pytest.raises(CityError):
        holder.refresh()
    assert holder.city is before
    assert holder.refresh() is False


def test_a_mended_folder_comes_into_force(folder: Path) -> None:
    holder = CityHolder(folder)
    edit(folder, "buildings.csv", ",120", ",none")
    with pytest.raises(CityError):
        holder.refresh()
    edit(folder, "buildings.csv", ",none", ",1201")
    assert holder.refresh() is True
    assert holder.city.buildings[-1].households == 1201


def test_a_removed_file_leaves_the_old_city_in_force(folder: Path) -> None:
    holder = CityHolder(folder)
    before = holder.city
    (folder / "olts.csv").unlink()
    with pytest.raises(CityError):
        holder.refresh()
    assert holder.city is before


def test_a_file_that_was_only_touched_is_no_new_version(folder: Path) -> None:
    holder = CityHolder(folder)
    city = holder.city
    text = (folder / "olts.csv").read_bytes()
    (folder / "olts.csv").unlink()
    (folder / "olts.csv").write_bytes(text)
    assert holder.refresh() is False
    assert holder.city is city


def test_a_holder_needs_a_city_to_begin_with(tmp_path: Path) -> None:
    with pytest.raises(CityError):
        CityHolder(tmp_path / "nowhere")


def test_a_folder_can_be_loaded_without_being_held(folder: Path) -> None:
    source = CityFolder(folder)
    first = source.load()
    assert source.load_changed() is None
    assert source.load().version == first.version
    edit(folder, "buildings.csv", ",120", ",none")
    with pytest.raises(CityError):
        source.load_changed()
    assert source.load_changed() is None
    edit(folder, "buildings.csv", ",none", ",120")
    assert (mended := source.load_changed()) is not None
    assert mended.version == first.version
