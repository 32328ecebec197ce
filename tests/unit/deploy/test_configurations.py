"""The generated server configurations say what the promise needs."""

import tomllib
from dataclasses import replace
from pathlib import PurePath

import pytest

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES
from gigacity_deploy.broker import (
    FIELD_ACCESS,
    WORKER_ACCESS,
    BrokerConfig,
    Listener,
    TLSFiles,
    mosquitto_conf,
)
from gigacity_deploy.influxdb import InfluxConfig, database_memory, influxdb_conf
from gigacity_ingest.adapters.mqtt_client import SESSION_EXPIRY_S

MIB, GIB = 1024**2, 1024**3
BROKER = BrokerConfig(
    field=Listener(
        host="127.0.0.1", port=1883, password_file=PurePath("/p"), access_file=PurePath("/a")
    ),
    workers=Listener(
        host="127.0.0.1", port=1884, password_file=PurePath("/wp"), access_file=PurePath("/wa")
    ),
    data_folder=PurePath("/d"),
)


def _parts(text: str) -> list[dict[str, str]]:
    """The settings before the first listener, then those of each listener."""
    found: list[dict[str, str]] = [{}]
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == "listener":
            found.append({})
        if line and line[0] != "#":
            found[-1][key] = value
    return found


def _settings(text: str) -> dict[str, str]:
    return _parts(text)[0]


def test_the_broker_lets_nobody_in_without_a_name_and_listens_where_told() -> None:
    general, field, workers = _parts(mosquitto_conf(BROKER))
    assert next(iter(general)) == "per_listener_settings"
    assert general["per_listener_settings"] == "true"
    assert field.pop("use_username_as_clientid") == "true"
    assert field == {
        "listener": "1883 127.0.0.1", "allow_anonymous": "false",
        "password_file": "/p", "acl_file": "/a",
    }  # fmt: skip
    assert workers == {
        "listener": "1884 127.0.0.1", "allow_anonymous": "false",
        "password_file": "/wp", "acl_file": "/wa",
    }  # fmt: skip


def test_sessions_that_nobody_comes_back_to_end_but_no_workers_before_its_time() -> None:
    days = _settings(mosquitto_conf(BROKER))["persistent_client_expiration"]
    assert days.endswith("d")
    assert SESSION_EXPIRY_S / 86_400 < int(days[:-1]) <= 31


def test_the_broker_holds_what_an_absent_worker_has_not_fetched() -> None:
    settings = _settings(mosquitto_conf(BROKER))
    assert settings["persistence"] == "true"
    assert int(settings["max_queued_messages"]) >= 10_000_000  # 0 closes connections on 2.0.18-21
    assert int(settings["max_queued_bytes"]) >= 2**30


def test_the_broker_takes_a_little_more_than_the_worker_and_drops_nothing_in_silence() -> None:
    settings = _settings(mosquitto_conf(BROKER))
    assert MAX_PAYLOAD_BYTES + 70_000 < int(settings["max_packet_size"]) < 2 * MAX_PAYLOAD_BYTES
    assert "message_size_limit" not in settings, "it drops a message that it acknowledged"


def test_the_broker_offers_tls_when_it_has_a_certificate() -> None:
    tls = TLSFiles(PurePath("/c.crt"), PurePath("/c.key"))
    for listener in _parts(mosquitto_conf(replace(BROKER, tls=tls)))[1:]:
        assert (listener["certfile"], listener["keyfile"]) == ("/c.crt", "/c.key")
    assert "certfile" not in mosquitto_conf(BROKER)


def test_the_access_list_of_the_field_is_one_line_and_workers_have_their_own() -> None:
    assert _rules(FIELD_ACCESS) == ["pattern write gigacity/v1/%u/#"]
    assert _rules(WORKER_ACCESS) == [
        "pattern read gigacity/v1/#",
        "pattern readwrite gigacity/safety/#",
        "pattern readwrite gigacity/alarms/#",
    ]


def _rules(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and line[0] != "#"]


def test_a_whole_city_gets_room_for_its_collector_where_memory_is_plenty_and_never_all() -> None:
    found = {gib: database_memory(341_000, gib * GIB) for gib in (8, 15, 16, 64)}
    snapshots = [memory.snapshot_bytes // MIB for memory in found.values()]
    assert snapshots == [256, 480, 512, 512]
    settings = [memory.environment() for memory in found.values()]
    assert [one["GOGC"] for one in settings] == ["100", "100", "200", "200"]
    limits = [one["GOMEMLIMIT"] for one in settings]
    assert limits == ["4096MiB", "7680MiB", "8192MiB", "32768MiB"]


@pytest.mark.parametrize("gib", [2, 24, 512])
def test_a_small_city_gets_what_it_needs_whatever_the_machine_has(gib: int) -> None:
    memory = database_memory(4_600, gib * GIB)
    assert memory.snapshot_bytes == 25 * MIB
    assert memory.gogc == 100
    assert memory.limit_bytes <= max(400 * MIB, gib * GIB / 64)


@pytest.mark.parametrize("gib", [2, 4, 8, 24, 64])
def test_snapshot_and_cache_lie_within_the_heap_whatever_the_machine(gib: int) -> None:
    memory = database_memory(341_000, gib * GIB)
    assert 2 * memory.snapshot_bytes <= memory.cache_bytes
    assert memory.cache_bytes + memory.snapshot_bytes <= memory.limit_bytes


def test_between_them_memory_grows_with_the_city() -> None:
    found = [database_memory(objects, 24 * GIB) for objects in range(0, 500_000, 20_000)]
    assert found == sorted(found, key=lambda memory: memory.snapshot_bytes)
    assert found == sorted(found, key=lambda memory: memory.limit_bytes)
    assert found[-1].limit_bytes == 12 * GIB


def test_the_database_asks_for_credentials_and_uses_the_measured_settings() -> None:
    text = influxdb_conf(
        InfluxConfig(host="127.0.0.1", port=8086, rpc_port=8088, data_folder=PurePath("/d"))
    )
    conf = tomllib.loads(text)
    assert conf["http"]["auth-enabled"] is True
    assert conf["http"]["bind-address"] == "127.0.0.1:8086"
    assert conf["data"]["index-version"] == "tsi1"
    assert conf["data"]["cache-snapshot-memory-size"] == 512 * MIB
    assert conf["bind-address"].startswith("127.0.0.1:")
    assert conf["reporting-disabled"] is True
