"""The command line of ``simulate``: names, help, exit codes."""

import json
import socket
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from gigacity_contract.errors import CityError, ConfigError
from gigacity_simulators import cli
from gigacity_simulators.screen import Screen
from gigacity_simulators.stats import summary, write_stats
from tests.support.city import write_city

_SHARED = {"mqtt_url", "mqtt_ca", "mqtt_cert", "mqtt_key", "city", "evaluate_tick_s"}


def _options() -> list[typer.core.TyperOption]:
    command = typer.main.get_command(cli.app)
    simulate = command.commands["simulate"]  # type: ignore[attr-defined] # A group of two commands.
    return [
        p for p in simulate.params if isinstance(p, typer.core.TyperOption) and p.name != "help"
    ]


def test_every_option_has_a_variable_of_the_same_name() -> None:
    for option in _options():
        assert option.name is not None
        if option.name == "storm":  # Short for --cadence storm, which has one.
            continue
        prefix = "GIGACITY_" if option.name in _SHARED else "GIGACITY_SIMULATE_"
        assert option.envvar == prefix + option.name.upper()
        assert option.opts == ["--" + option.name.replace("_", "-")]
        assert option.help


def test_no_secret_has_a_flag() -> None:
    names = {option.name for option in _options()}
    assert not {name for name in names if name and ("secret" in name or "password" in name)}


def test_help_shows_an_example() -> None:
    result = CliRunner().invoke(cli.app, ["simulate", "--help"])
    assert result.exit_code == 0
    assert "Example:" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cadence", "often"], "GIGACITY_SIMULATE_CADENCE"),
        (["--truth", "/nowhere/truth.jsonl"], "GIGACITY_SIMULATE_TRUTH=/nowhere/truth.jsonl"),
        (["--stats", "/nowhere/stats.json"], "GIGACITY_SIMULATE_STATS"),
    ],
)
def test_a_wrong_setting_stops_before_anything_starts(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    folder = write_city(tmp_path / "city")
    result = CliRunner().invoke(cli.app, ["simulate", "--city", str(folder), *arguments])
    assert isinstance(result.exception, ConfigError)
    assert said in str(result.exception)


def test_a_wrong_city_folder_is_an_error_of_the_city(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["simulate", "--city", str(tmp_path)])
    assert isinstance(result.exception, CityError)


def test_an_unreachable_broker_is_said_and_the_exit_code_is_not_0(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # Bound and not listening: nobody else can answer there.
        url = f"mqtt://127.0.0.1:{held.getsockname()[1]}"
        folder = write_city(tmp_path / "city")
        stats = tmp_path / "stats.json"
        outputs = ["--duration", "2", "--stats", str(stats)]
        result = CliRunner().invoke(
            cli.app, ["simulate", "--city", str(folder), "--mqtt-url", url, *outputs]
        )
    assert result.exit_code == 1
    assert "cannot reach" in result.stderr
    assert "is the broker running there?" in result.stderr
    assert json.loads(stats.read_text())["messages_acked"] == 0


def test_the_stats_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "stats.json"
    for n in (1, 2):
        write_stats(path, {"messages_sent": n})
        assert json.loads(path.read_text()) == {"messages_sent": n}
    assert [p.name for p in tmp_path.iterdir()] == ["stats.json"]


def test_the_score_names_trouble_only_when_there_is_some() -> None:
    stats = {
        "messages_acked": 1200,
        "messages_refused": 0,
        "messages_dropped": 0,
        "points_acked": {"pon_port": 5000, "device_camera": 1000},
        "clients": 12,
        "connected": 11,
    }
    line = summary(stats, changes=3, seconds=60)
    assert line == "11/12 clients  1,200 messages and 6,000 points acknowledged (100/s)  3 changes"
    stats["messages_dropped"] = 4
    assert summary(stats, changes=3, seconds=60).endswith("3 changes  4 dropped")


def test_away_from_a_terminal_the_score_is_a_line_a_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    screen = Screen(Console(stderr=True, force_terminal=False))
    with screen.live():
        for n in range(61):
            screen.show(f"score {n}")
        screen.tell("[not markup]")
    assert capsys.readouterr().err.splitlines() == ["score 0", "score 60", "[not markup]"]
