"""Options of ``gigacity demo``: names, meanings and defaults."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.process.options import flag, setting

_PORT = "port of loopback; 0: a free one"


@dataclass(frozen=True, kw_only=True)
class DemoOptions:
    """What ``gigacity demo`` may be told; each field is a flag."""

    profile: str = flag(
        "demo",
        meaning="demo: a small city, evaluated every 5 s; city: the whole city, every 60 s",
    )
    duration: float | None = flag(
        None, meaning="seconds; default: until Ctrl-C, with --check 120 (city: 900)"
    )
    check: bool = flag(
        False,
        meaning="compare every published figure with the ground truth; exit code 0 only if all are"
        " equal and nothing is lost",
    )
    influx_outage: str = flag(
        "",
        meaning="AT:FOR: stop InfluxDB AT seconds after the start, for FOR seconds; example: 40:20",
    )
    city: Path | None = setting(
        None, shown_default="the profile's", meaning="folder of another city file"
    )
    seed: int = flag(1, meaning="seed of the simulated city: same seed, same data")
    scenario: Path | None = flag(
        None, meaning="YAML file of what goes wrong, and when: simulators/scenarios"
    )
    formats: str = flag(
        "",
        meaning="foreign formats that the simulated city speaks, with commas; all: every one",
    )
    state_dir: Path | None = flag(
        None, meaning="folder that stays after the end; default: a temporary folder"
    )
    keep: bool = flag(False, meaning="do not remove the temporary folder")
    grafana: bool = flag(True, meaning="start Grafana too, if it is installed")
    mqtt_port: int = flag(0, meaning=_PORT)
    influx_port: int = flag(0, meaning=_PORT)
    worker_port: int = flag(0, meaning=_PORT)
    api_port: int = flag(0, meaning=_PORT)
