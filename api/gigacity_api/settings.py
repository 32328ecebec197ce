"""Settings of the API process; read once, in the command, and passed on as values."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_contract.process.options import setting
from gigacity_contract.process.settings import parse_listen
from gigacity_contract.process.shared import DatabaseSettings, LogSettings


@dataclass(frozen=True, kw_only=True)
class ApiSettings(DatabaseSettings, LogSettings):
    """What ``gigacity api`` may be told."""

    influx_url: str = setting(meaning="InfluxDB 1.x, 2.x or openGemini: `http://host:8086`")
    city: Path = setting(meaning="folder of the city file; a changed one is taken over")
    state_dir: Path = setting(
        meaning="folder that must be kept: city versions and the log of figures"
    )
    api_keys_file: Path = setting(
        meaning="keys as JSON lines `{name, sha256, scopes}`, reloaded when it changes; holds no"
        " key, only their hashes"
    )
    http_listen: str = setting("127.0.0.1:8080", meaning="host:port of the API")
    evaluate: bool = setting(
        True,
        meaning="1: evaluate, publish and take declared figures, which exactly one process may; 0:"
        " serve what another published",
    )
    rollup: bool | None = setting(
        None,
        shown_default="as `GIGACITY_EVALUATE`",
        meaning="1: roll raw telemetry up by the day, which exactly one process may",
    )
    evaluate_tick_s: float = setting(60.0, meaning="seconds between two evaluations")
    evaluate_allowed_lateness_s: float = setting(
        30.0, meaning="seconds given to reports to arrive before their tick is evaluated"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _ = self.evaluation, self.listen_address

    @property
    def evaluation(self) -> EvaluationSettings:
        """When figures are made."""
        return EvaluationSettings(self.evaluate_tick_s, self.evaluate_allowed_lateness_s)

    @property
    def rolls_up(self) -> bool:
        """Whether this process rolls raw telemetry up."""
        return self.evaluate if self.rollup is None else self.rollup

    @property
    def listen_address(self) -> tuple[str, int]:
        """Where the API listens."""
        return parse_listen("GIGACITY_HTTP_LISTEN", self.http_listen)
