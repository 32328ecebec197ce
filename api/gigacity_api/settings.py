"""Settings of the API process; read once, in the command, and passed on as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.errors import ConfigError
from gigacity_contract.influx import TOKEN_USER
from gigacity_contract.process.settings import Secret, parse_url, read_secret


@dataclass(frozen=True, slots=True)
class InfluxSettings:
    """Where the database is, and with which credentials it is asked."""

    url: str
    bucket: str
    username: str
    secret: Secret
    timeout_s: float = 60.0


def influx_settings(
    url: str, bucket: str, username: str, environ: Mapping[str, str]
) -> InfluxSettings:
    """Check the database's address and find its secret.

    Raises:
        ConfigError: naming the setting that is wrong or missing.
    """
    address = parse_url("GIGACITY_INFLUX_URL", url, ("http", "https"))
    if not bucket:
        raise ConfigError("GIGACITY_INFLUX_BUCKET is empty; it names the bucket (1.x: database)")
    token = read_secret("GIGACITY_INFLUX_TOKEN", environ)
    password = read_secret("GIGACITY_INFLUX_PASSWORD", environ)
    if token and (username or password):
        raise ConfigError(
            "GIGACITY_INFLUX_TOKEN and GIGACITY_INFLUX_USERNAME/_PASSWORD are both set;"
            " set the token for InfluxDB 2.x, the other two for 1.x"
        )
    if bool(username) != bool(password):
        raise ConfigError(
            "GIGACITY_INFLUX_USERNAME and GIGACITY_INFLUX_PASSWORD belong together; set both"
        )
    if token:
        return InfluxSettings(str(address), bucket, TOKEN_USER, token)
    return InfluxSettings(str(address), bucket, username or TOKEN_USER, password)


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """When figures are made: of each tick, once the allowed lateness has passed after it."""

    tick_s: float = 60.0
    allowed_lateness_s: float = 30.0
    max_catch_up: int = 60
    """Missed instants that are evaluated late; older ones are given up, and counted."""

    def __post_init__(self) -> None:
        if self.tick_s < 1 or self.tick_s != int(self.tick_s):
            raise ConfigError(
                "GIGACITY_EVALUATE_TICK_S must be a whole number of seconds, 1 or more"
            )
        if self.allowed_lateness_s < 0:
            raise ConfigError("GIGACITY_EVALUATE_ALLOWED_LATENESS_S must not be negative")

    @property
    def tick_ms(self) -> int:
        """Distance of two ticks."""
        return round(self.tick_s * 1000)

    @property
    def allowed_lateness_ms(self) -> int:
        """Time given to reports to arrive before their tick is evaluated."""
        return round(self.allowed_lateness_s * 1000)


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Everything that the process is told at start."""

    influx: InfluxSettings
    evaluation: EvaluationSettings
    city_folder: Path
    state_dir: Path
    keys_file: Path
    evaluates: bool
    rolls_up: bool = False
    """Exactly one process may, as with evaluating."""
