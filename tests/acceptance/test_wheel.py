"""The wheel, as somebody installs it: built, into an environment of its own, and started.

One extra a process: what belongs to another process is not there, and the command says so.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.release import ROOT, project_version

PACKAGES = {
    "gigacity_contract", "gigacity_city", "gigacity_ingest", "gigacity_api", "gigacity_notify",
    "gigacity_simulators", "gigacity_dashboards", "gigacity_deploy",
}  # fmt: skip

pytestmark = pytest.mark.integration


def _uv() -> str:
    ours = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gigacity/uv/bin/uv"
    found = os.environ.get("UV") or shutil.which("uv") or (str(ours) if ours.exists() else None)
    if found is None:
        pytest.skip("uv is not on PATH; ./deploy/test installs it")
    return found


def _run(*command: str | Path, cwd: Path = ROOT) -> str:
    clean = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    done = subprocess.run(
        command, cwd=cwd, env=clean, capture_output=True, text=True, check=False, timeout=170
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    _run(_uv(), "build", "--quiet", "--wheel", "--out-dir", folder)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}

    assert tops == PACKAGES | {f"gigacity-{project_version()}.dist-info"}


def test_the_wheel_holds_what_public_pages_are_made_of(wheel: Path) -> None:
    site = "gigacity_api/site"
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if name.startswith(site)}
    folder = Path(__file__).parents[2] / "api"
    made = {*folder.glob(f"{site}/templates/*"), *folder.glob(f"{site}/static/*")}

    assert made
    assert {path.relative_to(folder).as_posix() for path in made} <= held


@pytest.mark.parametrize(
    ("extra", "command", "others"),
    [("ingest", "ingest", ("fastapi", "numpy")), ("api", "api", ("paho", "grafana_client"))],
)
def test_an_installed_wheel_starts_with_one_extra(
    wheel: Path, tmp_path: Path, extra: str, command: str, others: tuple[str, ...]
) -> None:
    uv, place = _uv(), tmp_path / "venv"
    wanted = tmp_path / "locked.txt"
    _run(uv, "export", "--quiet", "--locked", "--no-dev", "--no-emit-project", "--no-hashes",
         "--extra", extra, "--output-file", wanted)  # fmt: skip
    _run(uv, "venv", "--quiet", "--python", sys.executable, place)
    python = place / "bin/python"
    _run(uv, "pip", "install", "--quiet", "--python", python, "-r", wanted)
    _run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel)

    gigacity = place / "bin/gigacity"
    assert project_version() in _run(gigacity, "--version", cwd=tmp_path)
    assert "GIGACITY_" in _run(gigacity, command, "--help", cwd=tmp_path)
    gone = "; ".join(f"assert importlib.util.find_spec({name!r}) is None" for name in others)
    _run(python, "-c", f"import importlib.util; {gone}", cwd=tmp_path)
