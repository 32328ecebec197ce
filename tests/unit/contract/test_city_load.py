"""A city folder that holds together is loaded whole, and named by its content."""

from pathlib import Path

import pytest

from gigacity_city.files import FILES
from gigacity_city.load import load_city
from gigacity_city.model import Building, Name, PortKey, RegisteredPort
from tests.support.city import (
    AREA_A,
    AREA_B,
    COMMUNITY_A,
    COMMUNITY_B,
    COMMUNITY_ZONE,
    RETIRED_A,
    ZONE,
    edit,
    port_index,
    write_city,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path / "city")


def test_every_table_is_there_in_the_order_of_its_rows(folder: Path) -> None:
    city = load_city(folder)
    assert (city.code, city.name, city.profile) == ("371600", Name("滨州市", "Binzhou"), "test")
    assert [area.code for area in city.areas] == [AREA_A, AREA_B, ZONE]
    assert [c.code for c in city.communities] == [COMMUNITY_A, COMMUNITY_B, COMMUNITY_ZONE]
    assert city.buildings[1] == Building(f"{COMMUNITY_A}-2", COMMUNITY_A, 64)
    assert [olt.id for olt in city.olts] == ["olt-a", "olt-b", "olt-z"]
    assert len(city.ports) == 24
    assert len(city.devices) == 60
    assert len(city.targets) == 6


def test_port_ranges_become_ports_with_canonical_technology(folder: Path) -> None:
    edit(folder, "ports.csv", "gpon+xgs-pon", "XGS-PON+GPON")
    city = load_city(folder)
    assert city.ports[4] == RegisteredPort(PortKey("olt-a", 1, 4), "gpon+xgs-pon")
    assert port_index(city, "olt-a", 1, 5) == 5


def test_coverage_names_building_and_port_by_index(folder: Path) -> None:
    city = load_city(folder)
    passed = {(city.buildings[b].id, str(city.ports[p].key)) for b, p in city.coverage}
    assert (f"{COMMUNITY_A}-2", "olt-a/1/4") in passed
    assert (f"{COMMUNITY_B}-1", "olt-b/1/5") in passed
    assert len(city.coverage) == 12


def test_a_value_that_was_not_reported_is_none_and_never_zero(folder: Path) -> None:
    community = load_city(folder).communities[1]
    assert (community.area_5g_m2, community.tv_households, community.key_positions) == (
        None,
        60,
        None,
    )


def test_a_zone_keeps_the_codes_of_the_county_around_it(folder: Path) -> None:
    city = load_city(folder)
    assert city.community_by_code[COMMUNITY_ZONE].area == ZONE
    assert city.area_of_code[RETIRED_A] == AREA_A


def test_urban_means_city_classes_everywhere_and_town_classes_in_county_seats(
    folder: Path,
) -> None:
    edit(folder, "communities.csv", "石庙镇示例村01,371621,220", "石庙镇示例村01,371621,121")
    elsewhere = load_city(folder)
    assert [elsewhere.urban.is_urban(c) for c in elsewhere.communities] == [True, False, True]
    edit(folder, "city.yaml", '"371621001"', '"371621101"')
    in_seat = load_city(folder)
    assert [in_seat.urban.is_urban(c) for c in in_seat.communities] == [True, True, True]


def test_cadence_of_the_file_wins_over_the_catalogue(folder: Path) -> None:
    edit(folder, "city.yaml", "device_s: {camera: 60}", "device_s: {camera: 2.5}")
    cadence = load_city(folder).cadence
    assert cadence.window_ms("camera") == 7_500
    assert cadence.window_ms("smoke_detector") == 2_700_000


def test_cadence_may_be_left_out(folder: Path) -> None:
    text = (folder / "city.yaml").read_text(encoding="utf-8")
    (folder / "city.yaml").write_text(text[: text.index("cadence:")], encoding="utf-8")
    assert load_city(folder).cadence.pon_window_ms() == 180_000


def test_the_version_follows_every_file_and_nothing_else(folder: Path) -> None:
    before = load_city(folder).version
    (folder / "notes.txt").write_text("an editor's copy", encoding="utf-8")
    assert load_city(folder).version == before
    seen = {before}
    for name in FILES:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        seen.add(load_city(folder).version)
    assert len(seen) == len(FILES) + 1
    assert all(len(version) == 16 for version in seen)


def test_what_spreadsheets_write_is_read(folder: Path) -> None:
    expected = load_city(folder)
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    edit(folder, "communities.csv", "市中街道示例社区01", '"市中街道示例社区01"')
    city = load_city(folder)
    assert city.communities == expected.communities
    assert city.coverage == expected.coverage


def test_columns_may_stand_in_any_order(folder: Path) -> None:
    (folder / "olts.csv").write_text(
        f"area,id\n{AREA_A},olt-a\n{AREA_B},olt-b\n{ZONE},olt-z\n", encoding="utf-8"
    )
    assert load_city(folder).olts[0].id == "olt-a"


def test_an_alternative_urban_rule_and_higher_levels_are_optional(tmp_path: Path) -> None:
    source = "source: {text: made up, date: 2025-01-01, confirmed: false}"
    plain = load_city(write_city(tmp_path / "plain"))
    assert plain.urban.alternative is None
    assert {(item.growth, item.benchmark) for item in plain.smart_items} == {(None, None)}

    folder = write_city(tmp_path / "richer")
    edit(
        folder,
        "city.yaml",
        "urban:\n",
        (
            "urban:\n  alternative: {everywhere: [111, 121], county_seat: [],"
            f" county_seat_streets: [], {source}}}\n"
        ),
    )
    edit(
        folder,
        "city.yaml",
        "threshold: 0.7,",
        (
            f"threshold: 0.7, growth: {{threshold: 0.8, {source}}},"
            f" benchmark: {{threshold: 0.9, {source}}},"
        ),
    )
    richer = load_city(folder)
    assert richer.urban.alternative is not None
    assert richer.urban.alternative.everywhere == {111, 121}
    assert richer.urban.everywhere == {111, 112}
    growth, benchmark = richer.smart_items[0].growth, richer.smart_items[0].benchmark
    assert growth is not None
    assert benchmark is not None
    assert (growth.value, benchmark.value) == (0.8, 0.9)
    assert richer.version != plain.version


def test_parameters_may_be_below_zero_where_their_range_says_so(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    edit(
        folder,
        "city.yaml",
        "name: households_per_10g_port, value: 40",
        "name: optics_onu_rx_min_dbm, value: -28",
    )
    assert load_city(folder).parameter_by_name["optics_onu_rx_min_dbm"].value == -28
