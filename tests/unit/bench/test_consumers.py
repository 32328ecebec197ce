"""How the bench starts consumers: what it passes on, what it generates, what it says."""

import base64
import shutil
import tomllib
from pathlib import Path

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from tests.bench.ingest import consumers
from tests.bench.ingest.consumers import Work, command_of, select_consumers
from tests.bench.ingest.database import NullTarget
from tests.bench.ingest.wire import Login, publish_packet


def work(folder: Path, shape: str = "pon") -> Work:
    target = NullTarget(8086)
    target.username, target.password = "admin", Secret("s3cret")
    return Work(
        shape=shape, messages=100, points=1600, client_id="bench-worker",
        login=Login("127.0.0.1", 1883, "gigacity-worker", 'pass"word'), target=target,
        bucket="bench-0", folder=folder, city=Path("/city"),
    )  # fmt: skip


@pytest.fixture
def _no_telegraf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)


@pytest.mark.usefixtures("_no_telegraf")
def test_what_is_not_installed_is_left_out_with_a_remark() -> None:
    chosen, remarks = select_consumers("")

    assert chosen == ("worker", "plain", "writer")
    assert remarks == ["telegraf is left out: there is no telegraf on PATH"]


@pytest.mark.usefixtures("_no_telegraf")
def test_what_is_not_installed_but_asked_for_is_refused() -> None:
    with pytest.raises(ConfigError, match="no telegraf on PATH"):
        select_consumers("worker,telegraf")


def test_an_unknown_consumer_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match="worker, plain, telegraf, writer"):
        select_consumers("worker,vector")


def test_the_worker_gets_its_own_surroundings_and_the_callers_tuning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIGACITY_MQTT_AREAS", "371602")
    monkeypatch.setenv("GIGACITY_END_SESSION", "1")
    monkeypatch.setenv("GIGACITY_INFLUX_TOKEN_FILE", "/nowhere")
    monkeypatch.setenv("GIGACITY_BATCH_POINTS", "1000")
    _, env = command_of("worker", work(tmp_path))

    ours = {name: value for name, value in env.items() if name.startswith("GIGACITY_")}
    assert ours == {
        "GIGACITY_BATCH_POINTS": "1000",
        "GIGACITY_CITY": "/city",
        "GIGACITY_HTTP_LISTEN": "127.0.0.1:0",
        "GIGACITY_INFLUX_BUCKET": "bench-0",
        "GIGACITY_INFLUX_PASSWORD": "s3cret",
        "GIGACITY_INFLUX_URL": "http://127.0.0.1:8086",
        "GIGACITY_INFLUX_USERNAME": "admin",
        "GIGACITY_MQTT_CLIENT_ID": "bench-worker",
        "GIGACITY_MQTT_PASSWORD": 'pass"word',
        "GIGACITY_MQTT_URL": "mqtt://127.0.0.1:1883",
        "GIGACITY_MQTT_USERNAME": "gigacity-worker",
        "GIGACITY_STATE_DIR": str(tmp_path / "state"),
    }


@pytest.mark.parametrize("name", ["plain", "telegraf"])
def test_secrets_stand_in_files_that_nobody_else_reads(
    name: consumers.ConsumerName, tmp_path: Path
) -> None:
    argv, _ = command_of(name, work(tmp_path))

    file = Path(argv[-1])
    assert file.stat().st_mode & 0o777 == 0o600
    hidden = base64.b64encode(b"admin:s3cret").decode()
    assert any(text in file.read_text() for text in ("s3cret", hidden))
    assert "s3cret" not in " ".join(argv)


@pytest.mark.parametrize("shape", ["pon", "device"])
def test_telegraf_is_configured_for_the_same_work(shape: str, tmp_path: Path) -> None:
    argv, _ = command_of("telegraf", work(tmp_path, shape))
    conf = tomllib.loads(Path(argv[-1]).read_text())

    (source,) = conf["inputs"]["mqtt_consumer"]
    (sink,) = conf["outputs"]["influxdb"]
    assert (source["qos"], source["persistent_session"]) == (1, True)
    assert source["password"] == 'pass"word'
    assert (sink["database"], sink["retention_policy"], sink["content_encoding"]) == (
        "bench-0", "raw", "gzip",
    )  # fmt: skip
    # Points that overflow its buffer are never acknowledged.
    assert conf["agent"]["metric_buffer_limit"] > 1600
    assert source["max_undelivered_messages"] > 100


def test_a_publish_packet_is_that_of_mqtt_3_1_1() -> None:
    payload = b"x" * 200
    # 2 + 3 bytes of topic, 2 of the id, the payload: 207 = 0xCF 0x01 in seven-bit groups.
    assert publish_packet("a/b", payload, 258) == (
        b"\x32\xcf\x01" + b"\x00\x03a/b" + b"\x01\x02" + payload
    )
