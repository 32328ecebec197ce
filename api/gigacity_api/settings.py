"""Settings of the API process; read once, in the command, and passed on as values."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.http.serving.connections import ConnectionLimits
from gigacity_api.http.shares import ShareSettings
from gigacity_api.site.public_level import PublicLevel
from gigacity_contract.process.options import setting
from gigacity_contract.process.settings import parse_listen, parse_url
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
    http_connections: int = setting(
        800, low=1, meaning="connections to the API at a time; the one that has waited longest for"
        " a request gives way to the newest",
    )  # fmt: skip
    http_connections_per_address: int = setting(
        400, low=1, meaning="the same of one address; behind a proxy that is not on this machine,"
        " as many as it may open",
    )  # fmt: skip
    http_read_timeout_s: float = setting(
        10.0, low=0.1, meaning="seconds until the headers of a request must be there; six times as"
        " many for its body",
    )  # fmt: skip
    http_write_timeout_s: float = setting(
        30.0, low=0.1, meaning="seconds for which a client may not read before it is disconnected"
    )
    http_requests_per_key: int = setting(
        64, low=1, meaning="requests of one API key that are answered at a time"
    )
    http_work_per_key_s: float = setting(
        60.0, low=1, meaning="seconds of computing (large lists, exports) that one API key may have"
        " saved; it saves half a second each second",
    )  # fmt: skip
    public_level: PublicLevel = setting(
        PublicLevel.NONE, meaning="lowest level whose figures are public pages, without a key:"
        " `none`, `city`, `area` or `community`",
    )  # fmt: skip
    public_figures: str = setting(
        "", shown_default="those of the scorecard", meaning="measured figures that are public, ids"
        " with commas between them",
    )  # fmt: skip
    public_licence: str = setting(
        "", shown_default="none is stated", meaning="licence of what is public, as pages and files"
        " name it",
    )  # fmt: skip
    public_contact: str = setting(
        "", shown_default="nobody is named", meaning="whom pages name for questions about a figure:"
        " an e-mail address, or the `https://` address of a form, in which `{link}` becomes the"
        " figure's permalink",
    )  # fmt: skip
    page_url: str = setting(
        "", shown_default="not told to anybody", meaning="address at which people reach this API"
        " (`https://...`): boards lead from a figure to its page",
    )  # fmt: skip
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
        if self.page_url:
            parse_url("GIGACITY_PAGE_URL", self.page_url, ("http", "https"))

    @property
    def connection_limits(self) -> ConnectionLimits:
        """What whoever connects may take."""
        return ConnectionLimits(
            connections=self.http_connections,
            per_address=self.http_connections_per_address,
            head_s=self.http_read_timeout_s,
            body_s=6 * self.http_read_timeout_s,
            write_s=self.http_write_timeout_s,
        )

    @property
    def shares(self) -> ShareSettings:
        """What one key may take."""
        return ShareSettings(requests=self.http_requests_per_key, work_s=self.http_work_per_key_s)

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
