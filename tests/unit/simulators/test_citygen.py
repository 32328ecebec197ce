"""The generated cities: what is committed is what the seed gives, in the size of Binzhou."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.technology import DOWNSTREAM_GBPS, is_10g
from gigacity_simulators.citygen.folder import differing, write_files
from gigacity_simulators.citygen.generate import generate
from gigacity_simulators.citygen.profile import PROFILES
from tests.support.city import CITY_YAML

CITIES = Path(__file__).parents[3] / "deploy" / "city"
FOLDERS = {"city": CITIES / "binzhou", "demo": CITIES / "binzhou-demo"}
BASE = (CITIES / "binzhou" / "city.yaml").read_text(encoding="utf-8")


def made(profile: str, *, seed: int = 371600) -> dict[str, str]:
    return generate(PROFILES[profile], seed=seed, base_text=BASE, base_name="binzhou/city.yaml")


@pytest.fixture(scope="module", params=list(FOLDERS))
def city(request: pytest.FixtureRequest) -> City:
    return load_city(FOLDERS[request.param])


@pytest.fixture(scope="module")
def full() -> City:
    return load_city(FOLDERS["city"])


@pytest.fixture(scope="module")
def demo() -> City:
    return load_city(FOLDERS["demo"])


@pytest.mark.parametrize("profile", FOLDERS)
def test_the_committed_city_is_what_its_seed_gives(profile: str) -> None:
    assert differing(FOLDERS[profile], made(profile)) == []


def test_another_seed_gives_another_city_that_also_loads(tmp_path: Path) -> None:
    files = made("demo", seed=1)
    write_files(tmp_path, files)
    assert "coverage.csv" in differing(FOLDERS["demo"], files)
    assert len(load_city(tmp_path).ports) == 1_600


def test_the_full_city_has_the_size_of_binzhou(full: City) -> None:
    assert (len(full.olts), len(full.ports), len(full.devices)) == (2_600, 41_000, 300_000)
    assert len(full.communities) == 1_000
    assert 1_380_000 < households(full) < 1_430_000
    assert 850_000 < urban_households(full) < 950_000


def test_the_demo_city_is_one_twenty_fifth_and_faster(full: City, demo: City) -> None:
    assert (len(demo.olts), len(demo.ports), len(demo.devices)) == (100, 1_600, 3_000)
    assert demo.areas == full.areas
    assert [t.indicator for t in demo.targets] == [t.indicator for t in full.targets]
    assert (demo.targets[0].value, full.targets[0].value) == (1_600, 40_000)
    assert "synthetic" in demo.targets[0].source.text
    assert not demo.targets[0].source.confirmed
    assert demo.cadence.pon_window_ms() == 15_000
    assert {demo.cadence.window_ms(kind) for kind in CATALOGUE} == {30_000}


def test_one_device_of_the_demo_is_left_to_people(demo: City) -> None:
    found = [r for r in demo.devices.ranges if r.ids.prefix.startswith("hands-on")]
    assert [(r.kind, r.ids.prefix, len(r.ids), r.gateway) for r in found] == [
        ("smoke_detector", "hands-on", 1, "")
    ]


def test_every_technology_and_kind_occurs(full: City) -> None:
    tokens = {token for port in full.ports for token in port.tech.split("+")}
    assert set(DOWNSTREAM_GBPS) - tokens == {"ng-pon2", "25gs-pon"}  # Not deployed in China.
    assert any("+" in port.tech for port in full.ports)
    assert {r.kind for r in full.devices.ranges} == set(CATALOGUE)


def test_the_share_of_10g_ports_is_near_what_a_gigabit_city_reports(full: City) -> None:
    assert 0.75 < sum(is_10g(port.tech) for port in full.ports) / len(full.ports) < 0.80


def test_urban_homes_summed_by_port_would_count_almost_three_times(full: City) -> None:
    operators: dict[int, set[str]] = {}
    for building, port in full.coverage:
        operators.setdefault(building, set()).add(full.ports[port].key.olt[11])
    urban = {
        index: building.households
        for index, building in enumerate(full.buildings)
        if full.urban.is_urban(full.community_by_code[building.community])
    }
    counted = sum(homes * len(operators.get(index, ())) for index, homes in urban.items())
    assert 2.7 < counted / sum(urban.values()) < 3.0


def test_every_area_has_communities_ports_and_a_place_of_its_own(city: City) -> None:
    areas = {area.code for area in city.areas}
    assert {community.area for community in city.communities} == areas
    assert {city.olt_by_id[port.key.olt].area for port in city.ports} == areas


def test_zones_keep_the_codes_of_the_county_around_them(full: City) -> None:
    prefixes = Counter((c.area, c.code[:6]) for c in full.communities if c.area != c.code[:6])
    assert set(prefixes) == {("371690", "371602"), ("371691", "371602"), ("371692", "371623")}


def test_most_communities_have_their_cameras_and_some_do_not(city: City) -> None:
    passing = Counter(camera_verdicts(city))
    assert passing[True] > 4 * passing[False] > 0


def test_most_communities_have_5g_signal_and_some_do_not(full: City) -> None:
    passing = Counter(
        c.area_5g_m2 >= 0.8 * c.surface_m2 for c in full.communities if c.area_5g_m2 is not None
    )
    assert passing[True] > 4 * passing[False] > 0


def test_about_three_in_a_hundred_reported_values_are_missing(full: City) -> None:
    values = [
        value
        for c in full.communities
        for value in (c.area_5g_m2, c.tv_households, c.key_positions)
    ]
    assert 0.02 < values.count(None) / len(values) < 0.04


def test_most_devices_stand_behind_gateways(full: City, demo: City) -> None:
    def direct(city: City) -> int:
        return sum(len(r.ids) for r in city.devices.ranges if not r.gateway)

    assert (direct(full), direct(demo)) == (360, 40)


def test_everything_generated_says_that_it_is_synthetic(city: City) -> None:
    assert city.is_synthetic
    assert all("示例" in community.name for community in city.communities)


def test_retired_codes_lead_to_todays(full: City) -> None:
    assert full.area_of_code["371624"] == "371603"
    assert full.area_of_code["371626"] == "371681"
    assert full.area_of_code["372328"] == "371625"


def test_every_number_has_a_dated_source(full: City) -> None:
    sources = [t.source for t in full.targets] + [p.source for p in full.parameters]
    sources += [item.reference for item in full.smart_items] + [full.urban.source]
    assert all(source.text and source.date for source in sources)
    assert not full.urban.source.confirmed


def test_a_count_target_never_shrinks_to_nothing() -> None:
    files = generate(PROFILES["demo"], seed=1, base_text=CITY_YAML, base_name="own/city.yaml")
    assert yaml.safe_load(files["city.yaml"])["targets"][0]["value"] == 1
    assert "own/city.yaml" in files["city.yaml"]


def households(city: City) -> int:
    return sum(building.households for building in city.buildings)


def urban_households(city: City) -> int:
    return sum(
        building.households
        for building in city.buildings
        if city.urban.is_urban(city.community_by_code[building.community])
    )


def camera_verdicts(city: City) -> list[bool]:
    """By community that reported its key positions: whether nine in ten have a camera."""
    cameras: Counter[str] = Counter()
    for devices in city.devices.ranges:
        if devices.kind == "camera":
            cameras[devices.community] += len(devices.ids)
    return [
        min(cameras[c.code], c.key_positions) >= 0.9 * c.key_positions
        for c in city.communities
        if c.key_positions
    ]
