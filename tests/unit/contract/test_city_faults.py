"""Every fault of a city folder is told, each once, with file, row and column."""

from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_city.problems import MAX_PROBLEMS
from gigacity_contract.errors import CityError, CityProblem
from tests.support.city import COMMUNITY_A, COMMUNITY_B, COMMUNITY_ZONE, TABLES, edit, write_city

Place = tuple[str, int, str]

LAST_PLACE = f"{COMMUNITY_ZONE},杜"


def problems_of(folder: Path) -> list[CityProblem]:
    with pytest.raises(CityError) as caught:
        load_city(folder)
    return caught.value.problems


# file, old text, new text, (row, column) of the one problem, part of its message
FAULTS: dict[str, tuple[str, str, str, tuple[int, str], str]] = {
    "community code short": (
        "communities.csv", LAST_PLACE, f"37162110100,x,371621,220,9,,,\n{LAST_PLACE}",
        (4, "code"), "12-digit"),
    "community twice": (
        "communities.csv", LAST_PLACE, f"{COMMUNITY_A},x,371602,111,9,,,\n{LAST_PLACE}",
        (4, "code"), "line 2"),
    "community of no known county": (
        "communities.csv", LAST_PLACE, f"370602010001,x,371602,111,9,,,\n{LAST_PLACE}",
        (4, "code"), "370602"),
    "community in the wrong county": (
        "communities.csv", "村01,371621", "村01,371602", (3, "area"), "belongs to 371621"),
    "community in an unknown area": (
        "communities.csv", "村01,371621", "村01,371699", (3, "area"), "not in city.yaml"),
    "area not a code": (
        "communities.csv", "村01,371621", "村01,Huimin", (3, "area"), "6-digit"),
    "name empty": ("communities.csv", "石庙镇示例村01", " ", (3, "name"), "empty"),
    "urban class unknown": ("communities.csv", ",220,", ",221,", (3, "urban_class"), "known are"),
    "urban class no number": ("communities.csv", ",220,", ",rural,", (3, "urban_class"), "whole"),
    "surface zero": ("communities.csv", "500000", "0", (3, "surface_m2"), "1.."),
    "surface negative": ("communities.csv", "500000", "-5", (3, "surface_m2"), "-5"),
    "surface not whole": ("communities.csv", "500000", "5.5", (3, "surface_m2"), "whole"),
    "surface in full-width digits": (
        "communities.csv", "500000", "５００", (3, "surface_m2"), "whole"),
    "5G area above the surface": (
        "communities.csv", "190000", "200001", (2, "area_5g_m2"), "200000"),
    "TV households above all households": (
        "communities.csv", ",150,", ",201,", (2, "tv_households"), "200 households"),
    "row too short": ("communities.csv", "500000,,60,", "500000,,60", (3, ""), "7 cells"),
    "row too long": ("communities.csv", "500000,,60,", "500000,,60,,", (3, ""), "9 cells"),
    "building id bad": (
        "buildings.csv", "households\n", f"households\na b,{COMMUNITY_A},5\n",
        (2, "id"), "is not an id"),
    "building twice": (
        "buildings.csv", ",40\n", f",40\n{COMMUNITY_A}-1,{COMMUNITY_A},5\n",
        (5, "id"), "line 2"),
    "building of an unknown community": (
        "buildings.csv", f"-1,{COMMUNITY_ZONE}", "-1,371602010009", (7, "community"), "not in"),
    "households zero": ("buildings.csv", ",120", ",0", (7, "households"), "1.."),
    "OLT id bad": ("olts.csv", "olt-z", "-olt,371602\nolt-z", (4, "id"), "is not an id"),
    "OLT twice": ("olts.csv", "olt-z", "olt-b,371602\nolt-z", (4, "id"), "line 3"),
    "OLT in an unknown area": ("olts.csv", "olt-b,371621", "olt-b,371622", (3, "area"), "371622"),
    "port of an unknown OLT": (
        "ports.csv", "olt-b,1,0..3", "olt-x,1,0,gpon\nolt-b,1,0..3", (5, "olt"), "olt-x"),
    "slot too high": ("ports.csv", "olt-z,1,7", "olt-z,256,7", (8, "slot"), "0..255"),
    "port range reversed": ("ports.csv", "0..6", "6..0", (7, "port"), "range within"),
    "port no number": ("ports.csv", "0..6", "a..b", (7, "port"), "neither"),
    "port registered twice": ("ports.csv", "olt-z,1,7", "olt-z,1,6", (8, "port"), "line 7"),
    "technology unknown": ("ports.csv", "50g-pon", "60g-pon", (8, "tech"), "known are"),
    "technology twice": ("ports.csv", "50g-pon", "gpon+gpon", (8, "tech"), "once"),
    "coverage by an unknown port": (
        "coverage.csv", "olt-a,1,1,", "olt-a,3,1,", (3, "port"), "olt-a/3/1"),
    "coverage row twice": ("coverage.csv", "olt-a,1,1,", "olt-a,1,0,", (3, "port"), "line 2"),
    "building passed twice by one port": (
        "coverage.csv", "-{1..2}\nolt-a", f"-{{1..2}} {COMMUNITY_A}-2\nolt-a",
        (4, "buildings"), "twice"),
    "coverage of an unknown building": (
        "coverage.csv", f"{COMMUNITY_A}-{{1..2}}", f"{COMMUNITY_A}-{{1..4}}",
        (4, "buildings"), f"{COMMUNITY_A}-4"),
    "coverage range bad": (
        "coverage.csv", f"{COMMUNITY_A}-{{1..2}}", f"{COMMUNITY_A}-{{2..1}}",
        (4, "buildings"), "empty"),
    "coverage of nothing": (
        "coverage.csv", f"olt-a,2,0,{COMMUNITY_A}-3", "olt-a,2,0,", (5, "buildings"), "empty"),
    "gateway id bad": ("gateways.csv", "gw-z", "gw/z,371602\ngw-z", (3, "id"), "is not an id"),
    "gateway twice": ("gateways.csv", "gw-z", "gw-a,371602\ngw-z", (3, "id"), "line 2"),
    "device of an unknown community": (
        "devices.csv", f"{COMMUNITY_B},street", "371621101009,street", (7, "community"), "not in"),
    "device kind unknown": ("devices.csv", "street_light", "lamp", (7, "kind"), "known are"),
    "device range bad": ("devices.csv", "lamp-{1..2}", "lamp-{1.2}", (7, "device"), "neither"),
    "device range with leading zeros": (
        "devices.csv", "lamp-{1..2}", "lamp-{01..02}", (7, "device"), "leading zeros"),
    "device range after a digit": (
        "devices.csv", "lamp-{1..2}", "lamp1{1..2}", (7, "device"), "digit"),
    "device id bad": ("devices.csv", "hands-on", "hands on", (6, "device"), "is not an id"),
    "device ranges overlap": (
        "devices.csv", "elevator,elevator-1,", "camera,camera-{10..12},",
        (5, "device"), "camera-{1..10} in line 2"),
    "device within a range": (
        "devices.csv", "elevator-1,", "smoke-12,", (5, "device"), "smoke-{1..12} in line 3"),
    "device twice": ("devices.csv", "elevator-1,", "hands-on,", (6, "device"), "line 5"),
    "gateway unknown": ("devices.csv", "{1..8},gw-z", "{1..8},gw-x", (9, "gateway"), "gw-x"),
    "gateway of another area": (
        "devices.csv", "{1..8},gw-z", "{1..8},gw-a", (9, "gateway"), "its own area"),
    "key unknown": ("city.yaml", "profile:", "profil: x\nprofile:", (3, "profil"), "known are"),
    "key twice": ("city.yaml", "profile:", "code: x\nprofile:", (3, "code"), "twice"),
    "flag neither true nor false": (
        "city.yaml", "is_synthetic: true", "is_synthetic: maybe", (4, "is_synthetic"), "neither"),
    "retired code is in use": (
        "city.yaml", '["372301"]', '["371690"]', (9, "areas[2].code"), "371602"),
    "retired code no code": (
        "city.yaml", '["372301"]', '["3723"]', (7, "areas[0].retired[0]"), "6-digit"),
    "area kind unknown": ("city.yaml", "kind: county", "kind: town", (8, "areas[1].kind"), "known"),
    "target of an unknown indicator": (
        "city.yaml", "pon.port_share_10g", "pon.port_share", (13, "targets[1].indicator"),
        "pon.port_share_10g"),
    "target twice": (
        "city.yaml", "pon.port_share_10g, value: 0.25", "home.gigabit_access, value: 1",
        (14, "targets[2].indicator"), "already has a target"),
    "target of a share above 1": (
        "city.yaml", "value: 0.25", "value: 25", (13, "targets[1].value"), "0..1"),
    "target no number": (
        "city.yaml", "value: 0.25", "value: a quarter", (13, "targets[1].value"), "not a number"),
    "target of zero ports": ("city.yaml", "value: 15", "value: 0", (11, "targets[0].value"), "0"),
    "target direction unknown": (
        "city.yaml", "value: 0.25, direction: at_least", "value: 0.25, direction: above",
        (13, "targets[1].direction"), "at_most"),
    "target scope unknown": (
        "city.yaml", "scope: area", "scope: street", (17, "targets[5].scope"), "known are"),
    "target of an unknown area": (
        "city.yaml", 'scope: area, code: "371621"', 'scope: area, code: "371622"',
        (17, "targets[5].code"), "not among the areas"),
    "due date of no calendar form": (
        "city.yaml", "due: 2025-12-31", "due: end of 2025", (11, "targets[0].due"), "ISO date"),
    "parameter unknown": (
        "city.yaml", "name: households_per_10g_port", "name: homes", (20, "parameters[0].name"),
        "known are"),
    "parameter zero": (
        "city.yaml", "value: 40", "value: 0", (20, "parameters[0].value"), "0.001.."),
    "urban rule of an unknown class": (
        "city.yaml", "[111, 112]", "[111, 113]", (22, "urban.everywhere[1]"), "class"),
    "seat street outside the areas": (
        "city.yaml", '["371621001"]', '["371622001"]', (24, "urban.county_seat_streets[0]"),
        "within one of the areas"),
    "item unknown": (
        "city.yaml", "id: tv_households", "id: radio", (32, "smart_community.items[2].id"),
        "known are"),
    "threshold above 1": (
        "city.yaml", "threshold: 0.7", "threshold: 70", (28, "smart_community.items[0].threshold"),
        "0..1"),
    "source incomplete": (
        "city.yaml", "made up for tests, date: 2025-01-01, ", "made up for tests, ",
        (12, "targets[0].source.date"), "missing"),
    "cadence of an unknown kind": (
        "city.yaml", "{camera: 60}", "{radar: 60}", (44, "cadence.device_s.radar"), "known are"),
    "cadence zero": ("city.yaml", "pon_s: 60", "pon_s: 0", (44, "cadence.pon_s"), "0.1"),
    "list expected": (
        "city.yaml", "everywhere: [111, 112]", "everywhere: 111", (22, "urban.everywhere"), "list"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_one_problem_with_its_place(name: str, tmp_path: Path) -> None:
    file, old, new, (row, column), part = FAULTS[name]
    folder = write_city(tmp_path)
    edit(folder, file, old, new)
    found = problems_of(folder)
    assert [(p.file, p.row, p.column) for p in found] == [(file, row, column)]
    assert part in found[0].message


def test_twenty_faults_of_different_kinds_are_twenty_problems(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    names = [
        "name empty", "urban class unknown", "surface zero", "5G area above the surface",
        "households zero", "OLT in an unknown area", "technology unknown", "slot too high",
        "coverage row twice", "coverage of nothing", "device kind unknown", "device id bad",
        "gateway of another area", "device within a range", "flag neither true nor false",
        "retired code is in use", "target of an unknown indicator", "target direction unknown",
        "threshold above 1", "cadence zero",
    ]  # fmt: skip
    expected: set[Place] = set()
    for name in names:
        file, old, new, (row, column), _ = FAULTS[name]
        edit(folder, file, old, new)
        expected.add((file, row, column))
    found = problems_of(folder)
    assert {(p.file, p.row, p.column) for p in found} == expected
    assert len(found) == 20


@pytest.mark.parametrize("file", ["city.yaml", *TABLES])
def test_a_missing_file_is_one_problem(file: str, tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    (folder / file).unlink()
    assert problems_of(folder) == [CityProblem(file, 0, "", "the file is missing")]


def test_a_missing_folder_says_which_setting_to_mend(tmp_path: Path) -> None:
    found = problems_of(tmp_path / "nowhere")
    assert len(found) == 1
    assert "GIGACITY_CITY" in found[0].message


@pytest.mark.parametrize("file", TABLES)
def test_a_missing_column_is_one_problem(file: str, tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    header, _, rest = TABLES[file].partition("\n")
    first, *others = header.split(",")
    (folder / file).write_text("\n".join([",".join(["x", *others]), rest]), encoding="utf-8")
    found = problems_of(folder)
    assert [(p.file, p.row, p.column) for p in found] == [(file, 1, first), (file, 1, "x")]


def test_a_column_that_stands_twice_is_a_problem(tmp_path: Path) -> None:
    folder = write_city(tmp_path, gateways="id,area,id\ngw-a,371602,gw-a\ngw-z,371690,gw-z\n")
    assert [(p.row, p.column) for p in problems_of(folder)] == [(1, "id")]


@pytest.mark.parametrize("file", ["communities.csv", "buildings.csv", "olts.csv", "ports.csv"])
def test_a_table_without_rows_is_one_problem(file: str, tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    (folder / file).write_text(TABLES[file].partition("\n")[0] + "\n", encoding="utf-8")
    assert [(p.file, p.row) for p in problems_of(folder)] == [(file, 1)]


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    path = folder / "communities.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert problems_of(folder) == [
        CityProblem("communities.csv", 2, "", "is not UTF-8; save the file in that encoding")
    ]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ('code: "371600"\nname: [\n', 3),
        ('code: "371600"\n\tname: x\n', 2),
        ("- a\n--- \n- b\n", 2),
        ("", 1),
        ("just text\n", 1),
        ("code: \x01\n", 1),
        ("[" * 5000 + "\n", 1),
        ("a: &a [x]\nb: *c\n", 2),
    ],
    ids=["open", "tab", "documents", "empty", "scalar", "control", "depth", "alias"],
)
def test_what_is_not_yaml_names_the_line(text: str, row: int, tmp_path: Path) -> None:
    found = problems_of(write_city(tmp_path, city=text))
    assert [(p.file, p.row) for p in found] == [("city.yaml", row)]


def test_a_quote_that_never_ends_names_the_row_where_it_began(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    edit(folder, "olts.csv", "olt-b,", '"olt-b,')
    assert [(p.file, p.row) for p in problems_of(folder)] == [("olts.csv", 3)]


def test_rows_are_counted_by_lines_of_the_file(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    edit(folder, "communities.csv", "市中街道示例社区01", '"two\nlines"')
    edit(folder, "communities.csv", ",220,", ",999,")
    assert [p.row for p in problems_of(folder)] == [4]


def test_problems_are_bounded_and_say_so(tmp_path: Path) -> None:
    rows = "".join(f"olt-{n},000000\n" for n in range(MAX_PROBLEMS + 500))
    found = problems_of(write_city(tmp_path, olts="id,area\n" + rows, coverage=""))
    assert len(found) == MAX_PROBLEMS + 1
    assert "more" in found[-1].message


@pytest.mark.parametrize(
    "number", ["1,5", '"1,200"', "１２０", "120.0", "1 200", "1_200", "1.2E+02"]
)
def test_a_number_of_a_table_has_digits_alone(number: str, tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    edit(folder, "buildings.csv", ",120", f",{number}")
    (problem,) = problems_of(folder)
    assert (problem.file, problem.row) == ("buildings.csv", 7)
    assert "digits 0 to 9 alone" in problem.message or "has 4 cells" in problem.message


@pytest.mark.parametrize("number", ["1,600", "0,25", "'1,600'", "１５", "15%"])
def test_a_number_of_the_city_never_loses_its_comma(number: str, tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    edit(folder, "city.yaml", "value: 15,", f"value: {number},")
    problems = problems_of(folder)
    assert {problem.file for problem in problems} == {"city.yaml"}


def test_the_message_lists_every_problem_with_its_place(tmp_path: Path) -> None:
    folder = write_city(tmp_path)
    edit(folder, "buildings.csv", ",120", ",0")
    edit(folder, "city.yaml", "value: 40", "value: 0")
    with pytest.raises(CityError) as caught:
        load_city(folder)
    lines = str(caught.value).splitlines()
    assert lines[0] == "2 problem(s) in the city file:"
    assert lines[1].startswith("  buildings.csv:7: households: ")
    assert lines[2].startswith("  city.yaml:20: parameters[0].value: ")
