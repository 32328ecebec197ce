"""What foreign platforms call the objects of a city: read, checked, part of the version."""

import hashlib
from pathlib import Path

import pytest

from gigacity_city.foreign_ids import ForeignObject
from gigacity_city.load import load_city, load_unproven
from gigacity_city.wholeness import CHECKSUMS, write_checksums
from gigacity_contract.errors import CityError
from gigacity_ingest.decode.field_registry import FieldRegistry
from tests.support.city import AREA_A, COMMUNITY_A, write_city

HEADER = "source,foreign_id,area,community,device,olt,slot,port\n"
GOOD = f"""{HEADER}\
alink,k1ab/smk-07,{AREA_A},{COMMUNITY_A},smoke-7,,,
alink,k1ab/smk-08,,{COMMUNITY_A},smoke-8,,,
snmp,192.0.2.9,{AREA_A},,,olt-a,,
snmp,192.0.2.9/4194312960,,,,olt-a,1,3
other,k1ab/smk-07,,{COMMUNITY_A},hands-on,,,
"""


def test_a_foreign_id_is_found_by_its_source(tmp_path: Path) -> None:
    known = load_city(write_city(tmp_path, foreign_ids=GOOD)).foreign_ids

    assert len(known) == 5
    assert known.of_source("alink")["k1ab/smk-07"] == ForeignObject(AREA_A, COMMUNITY_A, "smoke-7")
    assert known.of_source("other")["k1ab/smk-07"].id == "hands-on"
    assert known.of_source("snmp")["192.0.2.9"] == ForeignObject(AREA_A, "", "olt-a")
    assert known.of_source("snmp")["192.0.2.9/4194312960"] == ForeignObject(
        AREA_A, "", "olt-a", 1, 3
    )
    assert known.of_source("nobody") == {}


def test_the_table_may_be_missing_and_does_not_change_the_version_then(tmp_path: Path) -> None:
    without = load_city(write_city(tmp_path / "a"))
    empty = load_city(write_city(tmp_path / "b", foreign_ids=HEADER))

    assert len(without.foreign_ids) == len(empty.foreign_ids) == 0
    assert without.version != empty.version


def test_the_worker_gets_it_through_another_process(tmp_path: Path) -> None:
    registry = FieldRegistry.of(load_city(write_city(tmp_path, foreign_ids=GOOD)))
    again = FieldRegistry.unpack(registry.pack()).foreign_ids

    assert list(again.rows()) == list(registry.foreign_ids.rows())


@pytest.mark.parametrize(
    ("row", "column", "part"),
    [
        (f"a b,x,,{COMMUNITY_A},smoke-1,,,", "source", "is not an id"),
        (f"alink,,,{COMMUNITY_A},smoke-1,,,", "foreign_id", "1 to 256"),
        (f"alink,{'x' * 257},,{COMMUNITY_A},smoke-1,,,", "foreign_id", "1 to 256"),
        (f"alink,k1ab/smk-07,,{COMMUNITY_A},smoke-1,,,", "foreign_id", "line 2"),
        ("alink,x,,,,,,", "foreign_id", "neither a device"),
        (f"alink,x,,{COMMUNITY_A},smoke-1,olt-a,,", "device", "neither a device"),
        (f"alink,x,,{COMMUNITY_A},,,,", "device", "is empty"),
        ("alink,x,,,smoke-1,,,", "community", "is empty"),
        (f"alink,x,,{COMMUNITY_A},smoke-13,,,", "device", "not in devices.csv"),
        ("alink,x,,371602001009,smoke-1,,,", "community", "not in communities.csv"),
        (f"alink,x,371621,{COMMUNITY_A},smoke-1,,,", "area", "in area 371602"),
        ("snmp,x,,,,olt-x,,", "olt", "not in olts.csv"),
        ("snmp,x,371621,,,olt-a,,", "area", "in area 371602"),
        ("snmp,x,,,,olt-a,1,", "port", "together"),
        ("snmp,x,,,,olt-a,1,9", "port", "not in ports.csv"),
        ("snmp,x,,,,,1,0", "olt", "is empty"),
        ("snmp,x,,,,olt-a,256,0", "slot", "0..255"),
    ],
)
def test_a_wrong_row_is_told_with_its_place(
    tmp_path: Path, row: str, column: str, part: str
) -> None:
    with pytest.raises(CityError) as caught:
        load_city(write_city(tmp_path, foreign_ids=f"{GOOD}{row}\n"))

    (problem,) = caught.value.problems
    assert (problem.file, problem.row, problem.column) == ("foreign_ids.csv", 7, column)
    assert part in problem.message


def test_checksums_cover_it(tmp_path: Path) -> None:
    folder = write_city(tmp_path, foreign_ids=GOOD)
    write_checksums(folder, load_unproven(folder).files)
    digest = hashlib.sha256(GOOD.encode()).hexdigest()

    assert f"{digest}  foreign_ids.csv" in (folder / CHECKSUMS).read_text(encoding="ascii")
    assert len(load_city(folder).foreign_ids) == 5

    (folder / "foreign_ids.csv").unlink()
    with pytest.raises(CityError, match="SHA256SUMS names it"):
        load_city(folder)
