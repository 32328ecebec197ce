"""The command: help, wrong settings, and the composition behind it."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gigacity_api import cli
from gigacity_api.service import service
from gigacity_api.settings import ApiSettings
from gigacity_contract.access import Secret
from gigacity_contract.errors import CityError, ConfigError
from tests.support.city import write_city
from tests.unit.api.conftest import keys_text

HEAVY = ("fastapi", "httpx", "numpy", "uvicorn", "pydantic")


def test_help_shows_an_example_and_every_variable() -> None:
    result = CliRunner().invoke(cli.app, ["api", "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    for name in (
        "INFLUX_URL", "INFLUX_BUCKET", "INFLUX_USERNAME", "CITY", "HTTP_LISTEN", "API_KEYS_FILE",
        "STATE_DIR", "EVALUATE_TICK_S", "EVALUATE_ALLOWED_LATENESS_S",
    ):  # fmt: skip
        assert f"GIGACITY_{name}" in result.output
    assert "Example:" in result.output


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, gigacity_api.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def settings(tmp_path: Path, **changes: Any) -> ApiSettings:
    keys = tmp_path / "keys.jsonl"
    keys.write_text(keys_text())
    usual: dict[str, Any] = {
        "influx_url": "http://127.0.0.1:9", "influx_username": "u", "influx_password": Secret("p"),
        "city": tmp_path / "city", "state_dir": tmp_path / "state", "api_keys_file": keys,
    }  # fmt: skip
    write_city(tmp_path / "city")
    return ApiSettings(**(usual | changes))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"influx_url": "db:8086"}, "GIGACITY_INFLUX_URL"),
        ({"influx_bucket": ""}, "GIGACITY_INFLUX_BUCKET"),
        ({"influx_password": Secret("")}, "GIGACITY_INFLUX_PASSWORD"),
        ({"influx_token": Secret("t")}, "GIGACITY_INFLUX_TOKEN"),
        ({"influx_ca": "/nowhere/ca.pem"}, "GIGACITY_INFLUX_CA"),
        ({"page_url": "pages.example"}, "GIGACITY_PAGE_URL"),
        ({"evaluate_tick_s": 0.5}, "GIGACITY_EVALUATE_TICK_S"),
        ({"evaluate_allowed_lateness_s": -1}, "GIGACITY_EVALUATE_ALLOWED_LATENESS_S"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        settings(tmp_path, **changes)


def test_whoever_evaluates_rolls_up_unless_told_otherwise(tmp_path: Path) -> None:
    assert settings(tmp_path).rolls_up
    assert not settings(tmp_path, evaluate=False).rolls_up
    assert settings(tmp_path, evaluate=False, rollup=True).rolls_up


@pytest.mark.parametrize("evaluates", [True, False])
def test_the_service_is_composed_and_keeps_the_city_version(
    tmp_path: Path, *, evaluates: bool
) -> None:
    with service(settings(tmp_path, evaluate=evaluates)) as app:
        version = app.state.context.inventory.city.version
    assert (tmp_path / "state" / "city" / version / "city.yaml").exists()


def test_without_keys_it_does_not_start(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match="GIGACITY_API_KEYS_FILE"),
        service(settings(tmp_path, api_keys_file=tmp_path / "none")),
    ):
        pass


def test_with_a_broken_city_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(CityError), service(settings(tmp_path, city=tmp_path / "none")):
        pass


def test_a_wrong_listen_address_is_named(tmp_path: Path) -> None:
    arguments = [
        "--influx-url", "http://127.0.0.1:9", "--city", str(tmp_path),
        "--api-keys-file", "x", "--state-dir", str(tmp_path), "--http-listen", "nowhere",
    ]  # fmt: skip
    result = CliRunner().invoke(cli.app, arguments)
    assert isinstance(result.exception, ConfigError)
    assert "GIGACITY_HTTP_LISTEN" in str(result.exception)
