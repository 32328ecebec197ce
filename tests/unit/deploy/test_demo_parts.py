"""Profiles, folder, plan, truth file, outage log, links."""

import json
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from gigacity_contract.decoding import decode_device
from gigacity_contract.errors import ConfigError
from gigacity_contract.kinds import CATALOGUE, KIND_OF_VALUES
from gigacity_deploy.demo.grafana import PROVISIONING, find_grafana, grafana_process
from gigacity_deploy.demo.links import HandsOn, publish_example
from gigacity_deploy.demo.options import DemoOptions
from gigacity_deploy.demo.plan import DemoPlan, Ports, ProcessPlan
from gigacity_deploy.demo.profile import (
    PROFILES,
    TimeStretch,
    cut_of,
    parse_interval,
    profile_named,
)
from gigacity_deploy.demo.secrets import make_secrets
from gigacity_deploy.demo.session import make_plan
from gigacity_deploy.demo.state import LOCK, PREFIX, StateDir, open_state_dir
from gigacity_deploy.demo.watch import OutageLog, TruthReader

SMALL_CITY = Path(__file__).resolve().parents[3] / "deploy" / "city" / "binzhou-demo"


def _plan(folder: Path, cut: TimeStretch | None = None) -> DemoPlan:
    folder.mkdir(parents=True, exist_ok=True)
    return DemoPlan(
        profile=PROFILES["demo"],
        city=Path("/city"),
        folder=folder,
        ports=Ports(1, 2, 3, 4, 5, 6, 7),
        secrets=make_secrets(folder),
        base_env={"PATH": "/bin", "GIGACITY_MQTT_URL": "mqtt://elsewhere:1", "HOME": "/h"},
        simulator_options=("--seed", "7"),
        cut=cut,
        pon_window_s=15,
        objects=4_600,
    )


def _processes(plan: DemoPlan) -> list[ProcessPlan]:
    return [plan.provision(), plan.worker(), plan.api(), plan.simulator()]


def test_a_city_that_speaks_other_formats_has_its_mappings_and_foreign_ids(
    tmp_path: Path,
) -> None:
    """The given folder stays as it is; who speaks natively needs none of it."""
    state = open_state_dir(tmp_path / "state")
    options = DemoOptions(city=SMALL_CITY, formats="alink,tasmota")
    plan = make_plan(options, state, {})
    state.close(keep=True)
    assert plan.city == state.path / "city"
    assert (plan.city / "devices.csv").read_bytes() == (SMALL_CITY / "devices.csv").read_bytes()
    made = plan.simulated_sources()
    assert made.argv[-5:] == (
        "simulate-sources", "--formats", "alink,tasmota", "--out", str(plan.sources),
    )  # fmt: skip
    assert made.env["GIGACITY_CITY"] == str(plan.city)
    assert plan.worker().env["GIGACITY_MQTT_SOURCES"] == str(plan.sources)
    assert plan.simulator().argv[-2:] == ("--formats", "alink,tasmota")

    plain = _plan(tmp_path / "plain")
    assert "GIGACITY_MQTT_SOURCES" not in plain.worker().env
    assert "--formats" not in plain.simulator().argv


def test_no_secret_stands_in_an_environment_or_on_a_command_line(tmp_path: Path) -> None:
    plan = _plan(tmp_path)
    secrets = {path.read_text() for path in tmp_path.iterdir() if not path.name.endswith("jsonl")}
    for process in _processes(plan):
        shown = " ".join([*process.argv, *process.env.values()])
        assert not [secret for secret in secrets if secret in shown], process.name


def test_settings_of_the_user_do_not_leak_into_the_demos_processes(tmp_path: Path) -> None:
    for process in _processes(_plan(tmp_path)):
        assert process.env.get("GIGACITY_MQTT_URL") in {
            None,
            "mqtt://127.0.0.1:1",
            "mqtt://127.0.0.1:6",
        }
        assert process.env["PATH"] == "/bin"


@pytest.mark.parametrize(("profile", "grid_s"), [("demo", "5"), ("city", "60")])
def test_evaluator_and_simulator_share_the_grid(tmp_path: Path, profile: str, grid_s: str) -> None:
    plan = replace(_plan(tmp_path), profile=PROFILES[profile])
    assert plan.api().env["GIGACITY_EVALUATE_TICK_S"] == grid_s
    assert plan.simulator().env["GIGACITY_EVALUATE_TICK_S"] == grid_s


def test_a_checked_city_lasts_long_enough_to_be_judged(tmp_path: Path) -> None:
    """Without --duration: the profile's own length, and a cut that fits into it."""
    options = DemoOptions(profile="city", city=SMALL_CITY, check=True)
    state = open_state_dir(tmp_path / "mine")
    plan = make_plan(options, state, {})
    state.close(keep=False)
    assert plan.cut is not None
    assert plan.cut.end_s < PROFILES["city"].check_s
    assert plan.simulator_options == ("--seed", "1")


def test_the_simulator_is_told_what_goes_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a path that means the same to a process with another folder."""
    monkeypatch.chdir(tmp_path)
    state = open_state_dir(tmp_path / "mine")
    options = DemoOptions(city=SMALL_CITY, scenario=Path("bad_day.yaml"))
    with pytest.raises(ConfigError, match=r"--scenario bad_day\.yaml: no such file"):
        make_plan(options, state, {})
    Path("bad_day.yaml").touch()
    plan = make_plan(options, state, {})
    state.close(keep=False)
    argv = plan.simulator().argv
    assert argv[argv.index("--scenario") + 1] == str(tmp_path / "bad_day.yaml")


def test_the_simulator_is_told_when_to_cut(tmp_path: Path) -> None:
    argv = _plan(tmp_path, TimeStretch(40, 25)).simulator().argv
    at = argv.index("--cut-olt-at")
    assert argv[at : at + 4] == ("--cut-olt-at", "40", "--cut-for", "25")
    assert "--cut-olt-at" not in _plan(tmp_path).simulator().argv


def test_secrets_of_a_kept_folder_are_used_again(tmp_path: Path) -> None:
    first = make_secrets(tmp_path)
    again = make_secrets(tmp_path)
    assert again.api_key.reveal() == first.api_key.reveal()
    assert again.value("field").reveal() == first.value("field").reveal()
    assert len((tmp_path / "api_keys.jsonl").read_text().splitlines()) == 1
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def _program(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_grafana_is_found_by_either_name(tmp_path: Path) -> None:
    assert find_grafana(str(tmp_path)) is None
    older = _program(tmp_path, "grafana-server")
    assert find_grafana(str(tmp_path)) == (older,)
    newer = _program(tmp_path, "grafana")
    assert find_grafana(str(tmp_path)) == (newer, "server")


def test_grafana_gets_every_setting_that_its_provisioning_names(tmp_path: Path) -> None:
    process = grafana_process(_plan(tmp_path), ("/usr/sbin/grafana-server",))
    named = {
        name
        for path in PROVISIONING.rglob("*.yaml")
        for name in re.findall(r"\$(GIGACITY_\w+)", path.read_text())
    }
    assert named
    assert named <= set(process.env)
    assert process.env["GF_SERVER_HTTP_ADDR"] == "127.0.0.1"


def test_grafanas_settings_are_the_programs_own_not_its_images(tmp_path: Path) -> None:
    """The native program takes ``...__FILE`` for an unknown setting, and stays at admin / admin."""
    plan = _plan(tmp_path)
    env = grafana_process(plan, ("/usr/sbin/grafana-server",)).env
    assert not [name for name in env if name.endswith("__FILE")]
    file = plan.secrets.path("grafana_admin")
    assert env["GF_SECURITY_ADMIN_PASSWORD"] == f"$__file{{{file}}}"
    assert file.read_text() not in " ".join(env.values())


def test_grafana_may_be_looked_at_without_a_login_and_calls_nobody(tmp_path: Path) -> None:
    env = grafana_process(_plan(tmp_path), ("/usr/sbin/grafana-server",)).env
    assert (env["GF_AUTH_ANONYMOUS_ENABLED"], env["GF_AUTH_ANONYMOUS_ORG_ROLE"]) == (
        "true", "Viewer",
    )  # fmt: skip
    for name in ("PREINSTALL_DISABLED", "PUBLIC_KEY_RETRIEVAL_DISABLED"):
        assert env[f"GF_PLUGINS_{name}"] == "true"


def test_every_folder_that_grafana_looks_for_exists(tmp_path: Path) -> None:
    env = grafana_process(_plan(tmp_path), ("/usr/sbin/grafana-server",)).env
    assert Path(env["GF_PATHS_PLUGINS"]).is_dir()
    folders = {path.name for path in Path(env["GF_PATHS_PROVISIONING"]).iterdir()}
    assert {"dashboards", "datasources", "plugins", "alerting"} <= folders


def test_grafanas_home_is_found_beside_the_program_of_its_archive(tmp_path: Path) -> None:
    home = tmp_path / "grafana-12.3.0"
    (home / "bin").mkdir(parents=True)
    (home / "conf").mkdir()
    (home / "conf" / "defaults.ini").write_text("")
    program = _program(home / "bin", "grafana")
    process = grafana_process(_plan(tmp_path / "demo"), (program, "server"))
    assert process.argv == (program, "server", "--homepath", str(home))


@pytest.mark.parametrize("text", ["", "30", "30:", "x:1", "-1:5", "5:0"])
def test_an_outage_that_makes_no_sense_names_the_option(text: str) -> None:
    with pytest.raises(ConfigError, match="--influx-outage"):
        parse_interval("--influx-outage", text)


def test_an_outage_is_read() -> None:
    assert parse_interval("--influx-outage", "30:20") == TimeStretch(30, 20)
    assert TimeStretch(30, 20).end_s == 50


@pytest.mark.parametrize(
    ("duration_s", "window_s", "tick_s"),
    [(60, 15, 5), (75, 15, 5), (120, 15, 5), (600, 15, 5), (720, 180, 60), (900, 180, 60)],
)
def test_a_cut_leaves_time_before_it_outlasts_the_window_and_ends_before_the_run(
    duration_s: float, window_s: float, tick_s: float
) -> None:
    cut = cut_of(duration_s, pon_window_s=window_s, tick_s=tick_s)
    assert cut.at_s >= window_s + 2 * tick_s
    assert cut.for_s >= window_s + 3 * tick_s
    assert cut.end_s < duration_s


def test_a_run_too_short_to_be_checked_says_how_long_it_must_be() -> None:
    with pytest.raises(ConfigError, match=r"--duration 59 .* at least 60"):
        cut_of(59, pon_window_s=15, tick_s=5)


def test_an_unknown_profile_and_a_missing_city_are_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose from demo, city"):
        profile_named("village")
    with pytest.raises(ConfigError, match="does not exist"):
        PROFILES["demo"].city(tmp_path / "nowhere")


def test_a_temporary_folder_is_removed_and_a_given_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    temporary = open_state_dir(None)
    temporary.close(keep=False)
    assert list(tmp_path.iterdir()) == []
    given = open_state_dir(tmp_path / "mine")
    given.close(keep=False)
    assert (tmp_path / "mine" / "logs").is_dir()
    open_state_dir(tmp_path / "mine").close(keep=False)


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    first = open_state_dir(tmp_path / "mine")
    with pytest.raises(ConfigError, match="another demo runs in"):
        open_state_dir(tmp_path / "mine")
    first.close(keep=True)


def test_what_a_killed_demo_left_is_swept_and_a_living_ones_folder_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, alive, foreign = (tmp_path / f"{PREFIX}{name}" for name in ("a", "b", "c"))
    for folder in (dead, alive, foreign):
        folder.mkdir()
    (dead / LOCK).touch()
    other = StateDir(alive, is_temporary=False)
    mine = open_state_dir(None)
    assert not dead.exists()
    assert alive.exists()
    assert foreign.exists()
    mine.close(keep=False)
    other.close(keep=False)


def test_the_truth_file_is_followed_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    truth = TruthReader(path)
    assert truth.at(5000) is None
    line = json.dumps({"t": 5000, "complete_for": [], "cut": [], "figures": []})
    path.write_text(line)
    assert truth.at(5000) is None
    path.write_text(line + "\n" + line.replace("5000", "10000") + "\n")
    second = truth.at(10000)
    first = truth.at(5000)
    assert first is not None
    assert second is not None
    assert (first.t_ms, second.t_ms) == (5000, 10000)


def test_instants_are_touched_from_the_outage_until_the_worker_has_caught_up() -> None:
    outage = OutageLog(tick_ms=5000)
    assert not outage.touches(100_000)
    outage.began_ms = 100_000
    assert outage.touches(100_000)
    outage.note_ledger({"spooled": 0}, 110_000)
    outage.ended_ms = 120_000
    outage.note_ledger({"spooled": 9}, 121_000)
    assert outage.touches(200_000)
    outage.note_ledger({"spooled": 0}, 130_000)
    assert outage.touches(140_000)
    assert not outage.touches(140_001)


def test_the_example_to_paste_is_a_valid_reading() -> None:
    device = HandsOn("371602/community/371602001001/hands-on", "camera")
    line = publish_example(1883, device, "pw")
    payload = line.partition(" -m '")[2][:-1].replace("'$(date +%s%3N)'", "1767225600000")
    assert json.loads(payload) == {
        "ts": 1767225600000,
        "kind": "camera",
        "values": {"intact": False},
    }
    assert " -q 1 " in line


@pytest.mark.parametrize("kind", list(CATALOGUE))
def test_the_example_is_valid_for_every_kind(kind: str) -> None:
    line = publish_example(1883, HandsOn("371602/community/371602001001/hands-on", kind), "pw")
    payload = line.partition(" -m '")[2][:-1].replace("'$(date +%s%3N)'", "1767225600000")
    report, notes = decode_device(payload.encode())
    assert notes is None
    assert KIND_OF_VALUES[type(report.values)] == kind
