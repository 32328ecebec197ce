"""Settings: each fault names its setting, and no secret shows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_contract.influx import TOKEN_USER, InfluxEndpoint
from gigacity_contract.process.options import secrets_of
from gigacity_ingest.adapters.state_folder import StateFolder
from gigacity_ingest.settings import IngestSettings
from gigacity_ingest.worker_config import batch_limits, mqtt_endpoint, topic_filters
from tests.support.city import AREA_A, AREA_B, RETIRED_A


def _settings(environ: Mapping[str, str], **changes: Any) -> IngestSettings:
    return IngestSettings(**secrets_of(IngestSettings, environ), **changes)


def _influx(environ: Mapping[str, str], **changes: Any) -> InfluxEndpoint:
    return _settings(environ, **changes).endpoint


def test_a_token_goes_with_a_user_name_that_2x_accepts() -> None:
    endpoint = _influx({"GIGACITY_INFLUX_TOKEN": "t0ken"})

    assert (endpoint.username, endpoint.secret.reveal()) == (TOKEN_USER, "t0ken")


def test_a_user_goes_with_its_password_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    endpoint = _influx(
        {"GIGACITY_INFLUX_PASSWORD_FILE": str(tmp_path / "password")}, influx_username="worker"
    )

    assert (endpoint.username, endpoint.secret.reveal()) == ("worker", "s3cret")


def test_without_credentials_none_are_sent() -> None:
    assert not _influx({}).has_credentials


@pytest.mark.parametrize(
    ("environ", "changes", "named"),
    [
        ({"GIGACITY_INFLUX_TOKEN": "t"}, {"influx_username": "worker"}, "GIGACITY_INFLUX_TOKEN"),
        ({}, {"influx_username": "worker"}, "GIGACITY_INFLUX_PASSWORD"),
        ({"GIGACITY_INFLUX_PASSWORD": "p"}, {}, "GIGACITY_INFLUX_USERNAME"),
        ({}, {"influx_url": "8086"}, "GIGACITY_INFLUX_URL"),
        ({}, {"influx_url": "http://u:p@h"}, "GIGACITY_INFLUX_URL"),
        ({}, {"influx_bucket": 'x"; DROP'}, "GIGACITY_INFLUX_BUCKET"),
        ({}, {"influx_ca": "/nowhere/ca.pem"}, "GIGACITY_INFLUX_CA"),
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
        ({"mqtt_url": "tcp://127.0.0.1"}, "GIGACITY_MQTT_URL"),
        ({"mqtt_url": "mqtt://u:p@127.0.0.1"}, "GIGACITY_MQTT_URL"),
        ({"mqtt_client_id": ""}, "GIGACITY_MQTT_CLIENT_ID"),
        ({"mqtt_ca": "ca.pem"}, "mqtts"),
        ({"mqtt_url": "mqtts://h", "mqtt_ca": "/nowhere/ca.pem"}, "GIGACITY_MQTT_CA"),
        ({"mqtt_url": "mqtts://h", "mqtt_cert": "cert.pem"}, "GIGACITY_MQTT_KEY"),
        ({"mqtt_shared_group": "a/b"}, "GIGACITY_MQTT_SHARED_GROUP"),
        ({"http_listen": "nowhere"}, "GIGACITY_HTTP_LISTEN"),
    ],
)
def test_faults_of_the_broker_settings(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        _settings({}, **changes)


def test_no_secret_is_shown() -> None:
    settings = _settings({"GIGACITY_MQTT_PASSWORD": "s3cret"})
    mqtt = mqtt_endpoint(settings, ("gigacity/v1/#",))
    influx = _influx({"GIGACITY_INFLUX_TOKEN": "s3cret"})

    assert mqtt.password.reveal() == "s3cret"
    assert "s3cret" not in f"{settings!r} {mqtt!r} {mqtt} {influx!r} {influx}"


def test_a_worker_subscribes_to_everything_by_default(city: City) -> None:
    assert topic_filters("", city) == ("gigacity/v1/#",)


def test_the_filters_of_an_area_include_its_retired_codes(city: City) -> None:
    assert topic_filters(f" {AREA_A},{AREA_B},{AREA_A} ", city) == (
        f"gigacity/v1/{AREA_A}/#",
        f"gigacity/v1/{RETIRED_A}/#",
        f"gigacity/v1/{AREA_B}/#",
    )


def test_an_unknown_area_is_a_wrong_setting(city: City) -> None:
    with pytest.raises(ConfigError, match=r"999999.*it has 371602"):
        topic_filters("999999", city)


def test_a_batch_is_full_when_the_broker_may_send_no_more() -> None:
    assert batch_limits(5000, 0.5, 20).messages == 20
    assert batch_limits(5000, 0.5, 65_535).messages == 5000


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
