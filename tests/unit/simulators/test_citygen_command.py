"""``generate-city`` writes a folder, compares one with its seed, and names what is wrong."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gigacity_city.files import FILES
from gigacity_city.load import load_city
from gigacity_contract.errors import ConfigError
from gigacity_simulators.citygen.command import generate_city
from tests.support.city import edit

BASE = Path(__file__).parents[3] / "deploy" / "city" / "binzhou" / "city.yaml"


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command("generate-city")(generate_city)
    return made


def test_a_written_folder_loads_and_compares_as_equal(app: typer.Typer, tmp_path: Path) -> None:
    out = tmp_path / "a" / "demo"
    call = ["--profile", "demo", "--base", str(BASE), "--out", str(out)]
    written = CliRunner().invoke(app, call)
    assert written.exit_code == 0, written.output
    assert len(load_city(out).devices) == 3_000
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert CliRunner().invoke(app, [*call, "--check"]).exit_code == 0


def test_a_folder_that_differs_is_named_and_left_alone(app: typer.Typer, tmp_path: Path) -> None:
    call = ["--profile", "demo", "--base", str(BASE), "--out", str(tmp_path)]
    CliRunner().invoke(app, call)
    edit(tmp_path, "olts.csv", "olt-", "OLT-")
    changed = (tmp_path / "olts.csv").read_bytes()
    checked = CliRunner().invoke(app, [*call, "--check"])
    assert checked.exit_code == 1
    assert "olts.csv" in checked.output
    assert (tmp_path / "olts.csv").read_bytes() == changed


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (["--profile", "huge", "--base", str(BASE)], "--profile"),
        (["--base", "/nowhere/city.yaml"], "--base"),
        (["--base", str(BASE), "--out", "/proc/nowhere"], "--out"),
    ],
    ids=["profile", "base", "out"],
)
def test_a_wrong_call_names_its_option(call: list[str], named: str, app: typer.Typer) -> None:
    result = CliRunner().invoke(app, call)
    assert isinstance(result.exception, ConfigError)
    assert named in str(result.exception)
