"""The compose file holds together, keeps to its rules, and names settings that exist."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.programs import program

ROOT = Path(__file__).resolve().parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ENV_EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line and line[0] != "#"
)


def _names_in(text: str) -> set[str]:
    return set(re.findall(r"\$\{([A-Z0-9_]+)", text))


def test_every_variable_is_explained_with_its_default_and_none_is_invented() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert _names_in(text) == set(ENV_EXAMPLE)
    inner = "${GIGACITY_VERSION:-" + ENV_EXAMPLE["GIGACITY_VERSION"] + "}"
    plain = text.replace(inner, "$GIGACITY_VERSION")
    defaults = dict(re.findall(r"\$\{([A-Z0-9_]+):-([^}]*)\}", plain))
    explained = {
        n: v.replace("${GIGACITY_VERSION}", "$GIGACITY_VERSION") for n, v in ENV_EXAMPLE.items()
    }
    assert defaults == {n: v for n, v in explained.items() if n != "GIGACITY_VERSION"}


def test_images_have_the_version_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert ENV_EXAMPLE["GIGACITY_VERSION"] == project["version"]
    used = re.findall(r"GIGACITY_VERSION:-([^}]*)", (ROOT / "docker-compose.yml").read_text())
    assert set(used) == {project["version"]}


def test_the_demo_settings_override_existing_ones() -> None:
    lines = (ROOT / "deploy/compose/demo.env").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and line[0] != "#"}
    assert names
    assert names <= set(ENV_EXAMPLE)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    uid = service["user"].split(":")[0]
    assert uid.isdigit()
    assert uid != "0"
    assert "/tmp" in {mount.split(":")[0] for mount in service["tmpfs"]}  # noqa: S108 - in the image


@pytest.mark.parametrize("name", [n for n, s in SERVICES.items() if s.get("restart") != "no"])
def test_every_service_that_runs_on_has_a_bound_on_its_memory(name: str) -> None:
    """One that takes more is started again, instead of taking the machine's."""
    assert re.fullmatch(r"\$\{GIGACITY_[A-Z]+_MEMORY:-\d+[mg]\}", SERVICES[name]["mem_limit"])


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_on_loopback_unless_told_otherwise(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert isinstance(port, str)
        variable = _names_in(port).pop()
        assert ENV_EXAMPLE[variable].startswith("127.0.0.1:")


@pytest.mark.parametrize("name", SERVICES)
def test_images_are_pinned(name: str) -> None:
    names = _names_in(SERVICES[name]["image"]) - {"GIGACITY_VERSION"}
    image = ENV_EXAMPLE[names.pop()].replace("${GIGACITY_VERSION}", ENV_EXAMPLE["GIGACITY_VERSION"])
    assert re.search(r":\d+\.\d+", image), image


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_stands_in_an_environment(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        is_secret = any(word in key for word in ("PASSWORD", "TOKEN", "SECRET", "API_KEYS"))
        if is_secret and not str(value).startswith("$$__file{/run/secrets/"):
            assert key.endswith("_FILE"), key
            assert str(value).startswith("/run/"), key


@pytest.mark.parametrize("name", SERVICES)
def test_every_used_secret_and_volume_is_declared(name: str) -> None:
    service = SERVICES[name]
    assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
    mounted = [volume.split(":")[0] for volume in service.get("volumes", [])]
    named = {source for source in mounted if source[0] not in "./$"}
    assert named <= set(COMPOSE["volumes"])
    in_environment = [
        Path(value).name
        for value in service.get("environment", {}).values()
        if str(value).startswith("/run/secrets/")
    ]
    assert set(in_environment) <= set(service.get("secrets", []))


@pytest.mark.parametrize("name", [n for n, s in SERVICES.items() if s.get("restart") != "no"])
def test_long_running_services_have_a_health_check_or_are_the_demo(name: str) -> None:
    assert "healthcheck" in SERVICES[name] or SERVICES[name]["profiles"] == ["demo"]


def test_plain_up_has_no_simulator_and_speaks_tls_with_the_field() -> None:
    assert [n for n, s in SERVICES.items() if "profiles" in s] == ["notify", "simulate"]
    for name in ("ingest", "simulate"):
        assert SERVICES[name]["environment"]["GIGACITY_MQTT_URL"].startswith("mqtts://")


def test_the_script_makes_every_secret_that_is_mounted(tmp_path: Path) -> None:
    program("openssl")
    made = _run_secrets(tmp_path / "secrets")
    files = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert files <= {path.name for path in (tmp_path / "secrets").iterdir()}
    assert "API key, shown only now: gck_" in made
    before = {p.name: p.read_bytes() for p in (tmp_path / "secrets").iterdir()}
    assert "API key" not in _run_secrets(tmp_path / "secrets")
    assert {p.name: p.read_bytes() for p in (tmp_path / "secrets").iterdir()} == before
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def _run_secrets(folder: Path) -> str:
    done = subprocess.run(
        [ROOT / "deploy/secrets", folder], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_compose_itself_accepts_the_file() -> None:
    if shutil.which("docker") is None or _compose("version").returncode:
        pytest.skip("docker compose is not installed; the tests above read the file themselves")
    plain = _compose("--env-file", ".env.example", "config", "--services")
    assert plain.returncode == 0, plain.stderr
    assert set(plain.stdout.split()) == {n for n, s in SERVICES.items() if "profiles" not in s}
    demo = _compose(
        "--env-file", ".env.example", "--env-file", "deploy/compose/demo.env",
        "--profile", "demo", "config", "--services",
    )  # fmt: skip
    assert demo.returncode == 0, demo.stderr
    assert set(demo.stdout.split()) - set(plain.stdout.split()) == {
        n for n, s in SERVICES.items() if "demo" in s.get("profiles", [])
    }


def _compose(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["docker", "compose", *args], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip


def test_the_database_is_stopped_by_the_signal_on_which_it_ends_in_order() -> None:
    """InfluxDB 2.x listens for an interrupt alone: SIGTERM kills it."""
    assert SERVICES["influxdb"]["stop_signal"] == "SIGINT"
