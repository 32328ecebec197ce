"""Who takes part, how often, and from which settings."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import Cadence, City
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import secrets_of
from gigacity_contract.topics import MessageKind, parse_topic, topic_of
from gigacity_simulators.pace import Pace, device_schedules, olt_schedule, parse_pace
from gigacity_simulators.prepared import prepare
from gigacity_simulators.publisher_directory import NOBODY, PublisherRole, build_directory
from gigacity_simulators.schedule.cuts import CutPlan
from gigacity_simulators.settings import SimulateSettings
from gigacity_simulators.world import World
from tests.support.city import COMMUNITY_A, device_name, write_city


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path / "city")


@pytest.fixture
def city(folder: Path) -> City:
    return load_city(folder)


def test_every_olt_gateway_and_lone_device_is_a_publisher(city: City) -> None:
    directory = build_directory(city, seed=1)
    assert Counter(p.role for p in directory.publishers) == {
        PublisherRole.OLT: 3,
        PublisherRole.GATEWAY: 2,
        PublisherRole.DEVICE: 3,
    }
    identities = {p.identity for p in directory.publishers}
    assert {"371602/olt/olt-a", "371690/gateway/gw-z"} <= identities
    assert "371602/community/371602001001/elevator-1" in identities
    for publisher in directory.publishers:
        assert (
            parse_topic(topic_of(publisher.identity, MessageKind.STATUS)).identity
            == publisher.identity
        )


def test_a_device_publishes_through_its_registered_gateway(city: City) -> None:
    directory = build_directory(city, seed=1)
    for device, publisher in enumerate(directory.publisher_of):
        community, name = device_name(directory, device)
        found = city.devices.find(community, name)
        assert found is not None
        assert found[1] == device
        if publisher != NOBODY:
            path = directory.publishers[publisher].identity.split("/")
            gateway = path[2] if path[1] == "gateway" else ""
            assert gateway == found[0].gateway


def test_hands_on_devices_are_left_to_people(city: City) -> None:
    directory = build_directory(city, seed=1)
    found = city.devices.find(COMMUNITY_A, "hands-on")
    assert found is not None
    assert directory.publisher_of[found[1]] == NOBODY
    assert not World(city, directory).device_actions(found[1])
    assert not any("hands-on" in p.identity for p in directory.publishers)


def test_a_pool_bounds_the_devices_that_connect_by_themselves(city: City) -> None:
    directory = build_directory(city, seed=1, pool=1)
    assert sum(p.role is PublisherRole.DEVICE for p in directory.publishers) == 1
    assert directory.left_out == 2
    assert directory.publishers[-1].identity.endswith("/elevator-1")


def test_one_device_of_each_gateway_never_dies(city: City) -> None:
    """Otherwise nothing would tell a silent gateway from one whose devices are all dead."""
    for seed in range(40):
        directory = build_directory(city, seed=seed)
        world = World(city, directory)
        alive = {directory.publisher_of[d] for d in range(world.device_count) if world.is_alive(d)}
        gateways = {
            i for i, p in enumerate(directory.publishers) if p.role is PublisherRole.GATEWAY
        }
        assert gateways <= alive


def test_every_simulated_object_is_on_one_rota(city: City) -> None:
    directory = build_directory(city, seed=1, pool=0)
    pace = Pace(city.cadence)
    schedules = device_schedules(directory, pace, grid_ms=60_000)
    on_schedules = [d for schedule in schedules for _, d in schedule.due(0, schedule.period_ms)]
    assert sorted(on_schedules) == [d for d, p in enumerate(directory.publisher_of) if p != NOBODY]
    olts = olt_schedule(directory, pace, grid_ms=60_000)
    assert sorted(olt for _, olt in olts.due(0, 60_000)) == [0, 1, 2]


def test_cadence_scales_and_storms() -> None:
    expected = Cadence(pon_s=60, device_s={"camera": 60, "water_meter": 86_400})
    assert parse_pace("1", expected).pon_ms() == 60_000
    assert parse_pace("4", expected).device_ms("camera") == 15_000
    storm = parse_pace("storm", expected)
    assert (storm.pon_ms(), storm.device_ms("camera"), storm.device_ms("water_meter")) == (
        15_000,
        60_000,
        60_000,
    )
    fast = parse_pace("storm", Cadence(pon_s=5, device_s={"camera": 10}))
    assert (fast.pon_ms(), fast.device_ms("camera")) == (5000, 10_000)


@pytest.mark.parametrize("text", ["", "fast", "0", "0.4", "-1", "101", "nan"])
def test_a_cadence_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="GIGACITY_SIMULATE_CADENCE"):
        parse_pace(text, Cadence())


def _settings(
    folder: Path, environ: Mapping[str, str] | None = None, **changes: Any
) -> SimulateSettings:
    secrets = secrets_of(SimulateSettings, environ or {})
    return SimulateSettings(city=folder, cut_for=30.0, **secrets, **changes)


@pytest.mark.parametrize(
    ("changes", "environ", "said"),
    [
        ({"clients": "many"}, {}, "GIGACITY_SIMULATE_CLIENTS='many': expected olt"),
        ({"change_rate": 1.5}, {}, "GIGACITY_SIMULATE_CHANGE_RATE=1.5"),
        ({"evaluate_tick_s": 0.1}, {}, "GIGACITY_EVALUATE_TICK_S=0.1"),
        ({"cadence": "often"}, {}, "GIGACITY_SIMULATE_CADENCE='often'"),
        ({"mqtt_url": "tcp://x"}, {}, "GIGACITY_MQTT_URL='tcp://x'"),
        ({"mqtt_url": "mqtt://a:b@x"}, {}, "must not carry a user name"),
        ({"mqtt_ca": Path("ca.pem")}, {}, "need a GIGACITY_MQTT_URL of mqtts://"),
        (
            {"mqtt_url": "mqtts://x", "mqtt_ca": Path("/nowhere.pem")},
            {},
            "GIGACITY_MQTT_CA=/nowhere.pem",
        ),
        ({}, {"GIGACITY_SIMULATE_FIELD_SECRET": "short"}, "at least 16 characters"),
        (
            {},
            {"GIGACITY_SIMULATE_FIELD_SECRET_FILE": "/nowhere"},
            "GIGACITY_SIMULATE_FIELD_SECRET_FILE=/nowhere",
        ),
    ],
)
def test_a_wrong_setting_is_named(
    folder: Path, changes: dict[str, object], environ: dict[str, str], said: str
) -> None:
    with pytest.raises(ConfigError, match=said.replace("(", r"\(")):
        prepare(_settings(folder, environ, **changes))


def test_passwords_come_from_the_field_secret(folder: Path) -> None:
    secret = {"GIGACITY_SIMULATE_FIELD_SECRET": "a secret of the whole field"}
    broker = prepare(_settings(folder, secret)).broker
    passwords = {broker.password_of(f"371602/olt/olt-{n}") for n in range(9)}
    assert len(passwords) == 9
    assert None not in passwords
    assert prepare(_settings(folder)).broker.password_of("371602/olt/olt-1") is None
    assert "a secret" not in repr(broker)


def test_pooled_clients_leave_devices_out_only_beyond_the_pool(folder: Path) -> None:
    assert prepare(_settings(folder, clients="pooled")).directory.left_out == 0
    assert prepare(_settings(folder, clients="pooled", pool=0)).directory.left_out == 3


def test_the_olt_that_is_cut_is_one_that_shows(folder: Path, city: City) -> None:
    """The one with the most 10G ports: in the test city the zone's, with eight."""
    prepared = prepare(_settings(folder, cut_olt_at=20.0, cut_gateway_at=50.0))
    plan = CutPlan(prepared.cuts(1_795_500_000_000))
    [olt] = plan.begun(1_795_500_000_000 + 30_000)
    assert city.olts[prepared.directory.publishers[olt].subject].id == "olt-z"
    [gateway] = plan.begun(1_795_500_000_000 + 90_000)
    assert prepared.directory.publishers[gateway].role is PublisherRole.GATEWAY
    assert plan.ended(1_795_500_000_000 + 90_000) == [olt]
