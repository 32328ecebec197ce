"""Settings of ``gigacity simulate``: names, meanings and defaults. Imports nothing heavy."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.options import flag, secret, setting

_CONNECTION: dict[str, Any] = {"panel": "Connection"}
_FIELD: dict[str, Any] = {"panel": "Simulated city", "variable": "GIGACITY_SIMULATE_*"}
_OUTPUT: dict[str, Any] = {"panel": "Output", "variable": "GIGACITY_SIMULATE_*"}


@dataclass(frozen=True, kw_only=True)
class SimulateSettings:
    """What ``gigacity simulate`` may be told."""

    mqtt_url: str = setting(
        "mqtt://127.0.0.1:1883", **_CONNECTION, meaning="broker; `mqtts://host:8883` for TLS"
    )
    mqtt_ca: Path | None = setting(None, **_CONNECTION, meaning="CA file for `mqtts://`")
    mqtt_cert: Path | None = setting(
        None, **_CONNECTION, meaning="file of a client certificate, if the broker asks for one"
    )
    mqtt_key: Path | None = setting(None, **_CONNECTION, meaning="file of its key")
    connect_rate: float = setting(
        150.0,
        variable="GIGACITY_SIMULATE_*",
        **_CONNECTION,
        low=1,
        meaning="connections a second while the clients start",
    )
    buffer_mb: int = setting(
        512,
        variable="GIGACITY_SIMULATE_*",
        **_CONNECTION,
        low=1,
        meaning="memory for messages that disconnected clients have not delivered, of all of them",
    )
    field_secret: Secret = secret(
        variable="GIGACITY_SIMULATE_*",
        meaning="secret from which the simulated publishers' MQTT passwords are derived",
    )
    city: Path = setting(
        Path("deploy/city/binzhou-demo"),
        panel="Simulated city",
        meaning="folder of the city file",
    )
    seed: int = setting(
        1, **_FIELD, meaning="seed of the simulated devices; the same seed gives the same data"
    )
    cadence: str = setting(
        "1",
        **_FIELD,
        meaning="a factor (2: twice as often as the city file expects), or `storm`: every port each"
        " 15 s, every device each 60 s",
    )
    storm: bool = flag(
        False, flags=("--storm",), panel="Simulated city", meaning="the same as `--cadence storm`"
    )
    clients: str = setting(
        "olt",
        **_FIELD,
        meaning="`olt`: a client for every OLT, gateway and device without a gateway; `pooled`:"
        " only some of those devices connect, the others stay silent",
    )
    pool: int | None = setting(
        None,
        **_FIELD,
        low=0,
        shown_default="all; 200 with `pooled`",
        meaning="devices without a gateway that may connect",
    )
    change_rate: float = setting(
        0.01,
        **_FIELD,
        meaning="share (0 to 1) of ports and devices to which something happens each minute",
    )
    evaluate_tick_s: float = setting(
        60.0,
        panel="Simulated city",
        meaning="seconds between two evaluations; changes happen halfway between them",
    )
    cut_olt_at: float | None = setting(
        None,
        **_FIELD,
        meaning="seconds after the start at which an OLT loses its connection",
    )
    cut_gateway_at: float | None = setting(None, **_FIELD, meaning="the same for a gateway")
    cut_for: float = setting(
        60.0,
        **_FIELD,
        meaning="seconds until it connects again and uploads what it kept",
    )
    cut_count: int = setting(
        1, **_FIELD, low=1, meaning="how many OLTs or gateways are disconnected at once"
    )
    scenario: Path | None = setting(
        None,
        **_FIELD,
        meaning="YAML file of what goes wrong, and when: `simulators/scenarios`",
    )
    formats: str = setting(
        "",
        **_FIELD,
        meaning="foreign formats that publishers take turns to speak, with commas; `all`: every"
        " one, and the native one; empty: that alone. Their mappings: `gigacity simulate-sources`",
    )
    duration: float | None = setting(
        None,
        **_OUTPUT,
        low=0,
        meaning="seconds after which it ends; empty: at SIGTERM or Ctrl-C",
    )
    truth: Path | None = setting(
        None,
        **_OUTPUT,
        meaning="file to which the truth of every evaluated instant is appended, as JSON lines",
    )
    stats: Path | None = setting(
        None,
        **_OUTPUT,
        meaning="file of its counts, as JSON, replaced each second",
    )

    def __post_init__(self) -> None:
        if self.clients not in {"olt", "pooled"}:
            raise ConfigError(
                f"GIGACITY_SIMULATE_CLIENTS={self.clients!r}: expected olt (a client for every OLT,"
                " gateway and device without a gateway) or pooled (only some of those devices)"
            )
        if not 0 <= self.change_rate <= 1:
            raise ConfigError(
                f"GIGACITY_SIMULATE_CHANGE_RATE={self.change_rate:g}: expected a share from 0 to 1"
            )
