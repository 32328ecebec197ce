"""Settings: each fault names its setting, and no secret shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_contract.influx import TOKEN_USER
from gigacity_ingest import settings
from gigacity_ingest.adapters.state_folder import StateFolder
from tests.support.city import AREA_A, AREA_B, RETIRED_A


def _influx(environ: Mapping[str, str], **changes: Any) -> Any:
    usual = {"url": "http://127.0.0.1:8086", "bucket": "gigacity", "username": "", "ca_file": ""}
    return settings.influx_endpoint(**(usual | changes), environ=environ)


def _mqtt(environ: Mapping[str, str], **changes: Any) -> Any:
    usual: dict[str, Any] = {
        "url": "mqtt://127.0.0.1:1883", "client_id": "w-1", "username": "worker",
        "filters": ("gigacity/v1/#",), "tls": ("", "", ""), "receive_maximum": 100,
    }  # fmt: skip
    return settings.mqtt_endpoint(**(usual | changes), environ=environ)


def test_a_token_goes_with_a_user_name_that_2x_accepts() -> None:
    endpoint = _influx({"GIGACITY_INFLUX_TOKEN": "t0ken"})

    assert (endpoint.username, endpoint.secret.reveal()) == (TOKEN_USER, "t0ken")


def test_a_user_goes_with_its_password_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    endpoint = _influx(
        {"GIGACITY_INFLUX_PASSWORD_FILE": str(tmp_path / "password")}, username="worker"
    )

    assert (endpoint.username, endpoint.secret.reveal()) == ("worker", "s3cret")


def test_without_credentials_none_are_sent() -> None:
    assert not _influx({}).has_credentials


@pytest.mark.parametrize(
    ("environ", "changes", "named"),
    [
        ({"GIGACITY_INFLUX_TOKEN": "t"}, {"username": "worker"}, "GIGACITY_INFLUX_TOKEN"),
        ({}, {"username": "worker"}, "GIGACITY_INFLUX_PASSWORD"),
        ({"GIGACITY_INFLUX_PASSWORD": "p"}, {}, "GIGACITY_INFLUX_USERNAME"),
        ({}, {"url": "8086"}, "GIGACITY_INFLUX_URL"),
        ({}, {"url": "http://u:p@h"}, "GIGACITY_INFLUX_URL"),
        ({}, {"bucket": 'x"; DROP'}, "GIGACITY_INFLUX_BUCKET"),
        ({}, {"ca_file": "/nowhere/ca.pem"}, "GIGACITY_INFLUX_CA"),
    ],
)
def test_faults_of_the_database_settings(
    environ: dict[str, str], changes: dict[str, str], named: str
) -> None:
    with pytest.raises(ConfigError, match=named):
        _influx(environ, **changes)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"url": "tcp://127.0.0.1"}, "GIGACITY_MQTT_URL"),
        ({"url": "mqtt://u:p@127.0.0.1"}, "GIGACITY_MQTT_URL"),
        ({"client_id": ""}, "GIGACITY_MQTT_CLIENT_ID"),
        ({"tls": ("ca.pem", "", "")}, "mqtts"),
        ({"url": "mqtts://h", "tls": ("/nowhere/ca.pem", "", "")}, "GIGACITY_MQTT_CA"),
        ({"url": "mqtts://h", "tls": ("", "cert.pem", "")}, "GIGACITY_MQTT_KEY"),
    ],
)
def test_faults_of_the_broker_settings(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        _mqtt({}, **changes)


def test_no_secret_is_shown() -> None:
    mqtt = _mqtt({"GIGACITY_MQTT_PASSWORD": "s3cret"})
    influx = _influx({"GIGACITY_INFLUX_TOKEN": "s3cret"})

    assert mqtt.password.reveal() == "s3cret"
    assert "s3cret" not in f"{mqtt!r} {mqtt} {influx!r} {influx}"


def test_a_worker_subscribes_to_everything_by_default(city: City) -> None:
    assert settings.topic_filters("", city) == ("gigacity/v1/#",)


def test_the_filters_of_an_area_include_its_retired_codes(city: City) -> None:
    assert settings.topic_filters(f" {AREA_A},{AREA_B},{AREA_A} ", city) == (
        f"gigacity/v1/{AREA_A}/#",
        f"gigacity/v1/{RETIRED_A}/#",
        f"gigacity/v1/{AREA_B}/#",
    )


def test_an_unknown_area_is_a_wrong_setting(city: City) -> None:
    with pytest.raises(ConfigError, match=r"999999.*it has 371602"):
        settings.topic_filters("999999", city)


def test_a_batch_is_full_when_the_broker_may_send_no_more() -> None:
    assert settings.batch_limits(5000, 0.5, 20).messages == 20
    assert settings.batch_limits(5000, 0.5, 65_535).messages == 5000


def test_a_state_folder_has_one_owner(tmp_path: Path) -> None:
    first = StateFolder(tmp_path / "w")
    with pytest.raises(ConfigError, match="a worker runs with it"):
        StateFolder(tmp_path / "w")
    first.close()
    StateFolder(tmp_path / "w").close()


def test_a_state_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="GIGACITY_STATE_DIR"):
        StateFolder(tmp_path / "file" / "w")


def test_filters_of_an_earlier_plan_are_remembered(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    assert state.former_filters(("a/#",)) == ()
    state.save_filters(("a/#", "b/#"))
    assert state.former_filters(("b/#", "c/#")) == ("a/#",)
    (tmp_path / "subscriptions.json").write_text("{")
    assert state.former_filters(("b/#",)) == ()
    state.close()
