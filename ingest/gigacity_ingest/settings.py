"""Settings of the worker and of the commands beside it. Imports nothing heavy."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.identifiers import is_id
from gigacity_contract.process.options import secret, setting
from gigacity_contract.process.settings import parse_listen, parse_url
from gigacity_contract.process.shared import (
    DatabaseAddress,
    DatabaseSettings,
    LogSettings,
    existing_file,
)

GROUP_CHARACTERS = 16
"""Of the name of a shared group, at least: it is all that keeps a device out of the group."""


@dataclass(frozen=True, kw_only=True)
class StateFolderSettings:
    """Of the commands that look at one worker's folder."""

    state_dir: Path = setting(
        Path("state/worker-0"),
        meaning="folder of this worker's own that must be kept: spool, dead letters, subscriptions"
        " (of the API: city versions and the log of figures)",
    )


@dataclass(frozen=True, kw_only=True)
class ReplaySettings(StateFolderSettings, DatabaseSettings):
    """Of whoever decodes messages and stores them."""

    city: Path = setting(
        Path("deploy/city/binzhou"),
        meaning="folder of the city file; a running worker takes a changed one over by itself",
    )
    mqtt_sources: Path | None = setting(
        None,
        meaning="file or folder of mappings, by which devices that speak another format are read;"
        " a running worker takes changed ones over by itself; empty: the native format alone",
    )


@dataclass(frozen=True, kw_only=True)
class BrokerSettings:
    """Of whoever connects to the broker."""

    mqtt_url: str = setting("mqtt://127.0.0.1:1883", meaning="broker; `mqtts://host:8883` for TLS")
    mqtt_ca: str = setting("", meaning="CA file for `mqtts://`")
    mqtt_cert: str = setting("", meaning="file of a client certificate; needs its key")
    mqtt_key: str = setting("", meaning="file of its key")
    mqtt_username: str = setting("", meaning="user of the worker")
    mqtt_password: Secret = secret(
        meaning="its password; `gigacity credentials field` writes the workers' account with it"
    )

    def __post_init__(self) -> None:
        if (self.mqtt_ca or self.mqtt_cert or self.mqtt_key) and not self.broker_address.is_tls:
            raise ConfigError("GIGACITY_MQTT_CA, _CERT and _KEY need GIGACITY_MQTT_URL=mqtts://...")
        if bool(self.mqtt_cert) != bool(self.mqtt_key):
            raise ConfigError("set both GIGACITY_MQTT_CERT and GIGACITY_MQTT_KEY, or none")
        for name in ("mqtt_ca", "mqtt_cert", "mqtt_key"):
            existing_file(f"GIGACITY_{name.upper()}", getattr(self, name))
        _ = self.broker_address

    @property
    def broker_address(self) -> Address:
        """Where the broker is."""
        return parse_url("GIGACITY_MQTT_URL", self.mqtt_url, ("mqtt", "mqtts"))


@dataclass(frozen=True, kw_only=True)
class IngestSettings(BrokerSettings, ReplaySettings, LogSettings):
    """What ``gigacity ingest`` may be told."""

    mqtt_client_id: str = setting(
        "gigacity-worker-0",
        meaning="stable name of the session; never change it while messages wait at the broker",
    )
    mqtt_areas: str = setting(
        "",
        meaning="codes of areas that it owns, separated by commas, such as `371602,371603`; empty:"
        " all",
    )
    mqtt_shared_group: str = setting(
        "",
        meaning="share the areas with the other members of this group; empty: every area has one"
        " owner",
    )
    mqtt_receive_maximum: int = setting(
        40_000,
        low=1,
        high=65_535,
        meaning="messages, not acknowledged, that the broker may have sent; bounds memory",
    )
    end_session: bool = setting(
        False,
        flags=("--end-session",),
        meaning="leave for good: unsubscribe, store what is queued, end the session. The new owners"
        " of its areas must be ready before; `gigacity ingest drain` does the same",
    )
    http_listen: str = setting(
        "127.0.0.1:8081",
        meaning="host:port of the health page and the metrics (or of the API); port 0: any",
    )
    batch_points: int = setting(5000, low=1, meaning="points of a full batch")
    batch_age_s: float = setting(
        0.5, low=0, meaning="seconds after which a batch is sent though it is not full"
    )
    report_interval_s: float = setting(
        10.0,
        low=0,
        meaning="seconds between the worker's own rows; 0: none. Above 30 or with 0"
        " nobody follows what it stores, and figures cost the database more",
    )
    drain_timeout_s: float = setting(
        20.0, low=0, meaning="seconds on SIGTERM to store and acknowledge what was read"
    )
    deadletter_budget_mb: int = setting(
        1024,
        low=1,
        meaning="disk for dead letters; one publisher may take a 64th of it and one reason half;"
        " beyond that a summary of each is kept, then a count",
    )
    deadletter_alarm_ratio: float = setting(
        0.5,
        low=0,
        high=1,
        meaning="share (0 to 1) of what came in the last minute and was refused, from which there"
        " is an alarm",
    )
    deadletter_alarm_in_a_row: int = setting(
        1000,
        low=1,
        meaning="messages and entries refused in a row, from which there is an alarm",
    )
    spool_budget_mb: int = setting(
        4096,
        low=1,
        meaning="disk for batches that the database does not take; when it is used up, nothing more"
        " is acknowledged",
    )
    spool_after_s: float = setting(
        5.0, low=0, meaning="seconds after which a batch that is not confirmed goes to disk"
    )
    spool_drain_points_per_s: float = setting(
        20_000.0, low=1, meaning="points a second that the spool gives back beside live traffic"
    )
    influx_connections: int = setting(2, low=1, high=16, meaning="posts at a time, 1 to 16")
    influx_timeout_s: float = setting(
        30.0, low=0.1, meaning="seconds until a post without an answer is repeated"
    )

    def __post_init__(self) -> None:
        BrokerSettings.__post_init__(self)
        ReplaySettings.__post_init__(self)
        if not self.mqtt_client_id:
            raise ConfigError("GIGACITY_MQTT_CLIENT_ID is empty; each worker needs a stable name")
        if self.mqtt_shared_group and not is_id(self.mqtt_shared_group):
            raise ConfigError(
                f"GIGACITY_MQTT_SHARED_GROUP={self.mqtt_shared_group!r}: letters, digits, dot, dash"
                " and underscore only"
            )
        if 0 < len(self.mqtt_shared_group) < GROUP_CHARACTERS:
            raise ConfigError(
                f"GIGACITY_MQTT_SHARED_GROUP={self.mqtt_shared_group!r}: at least"
                f" {GROUP_CHARACTERS} characters that nobody guesses (openssl rand -hex 12): a"
                " device that knows the group's name is dealt a part of its messages"
            )
        _ = self.listen_address

    @property
    def listen_address(self) -> tuple[str, int]:
        """Where the health page listens."""
        return parse_listen("GIGACITY_HTTP_LISTEN", self.http_listen)


@dataclass(frozen=True, kw_only=True)
class ProvisionSettings(DatabaseAddress):
    """What ``gigacity provision`` may be told."""

    influx_admin_username: str = setting(
        "", meaning="1.x: administrator, made if the server has none"
    )
    influx_admin_password: Secret = secret(meaning="1.x: its password")
    influx_admin_token: Secret = secret(meaning="2.x: a token that may make buckets and tokens")
    influx_worker_password: Secret = secret(
        meaning="1.x: make the user `gigacity-worker`, who writes, with this password"
    )
    influx_api_password: Secret = secret(
        meaning="1.x: the same for `gigacity-api`, who reads and writes figures"
    )
    influx_grafana_password: Secret = secret(
        meaning="1.x: the same for `gigacity-grafana`, who reads; Grafana's data source takes the"
        " first of the two, on 2.x with the read token in it"
    )
    tokens_dir: Path | None = setting(
        None,
        meaning="2.x: folder that gets `worker.token`, `api.token` and `grafana.token` (mode 600)",
    )

    def __post_init__(self) -> None:
        if bool(self.influx_admin_username) != bool(self.influx_admin_password):
            raise ConfigError(
                "set both GIGACITY_INFLUX_ADMIN_USERNAME and GIGACITY_INFLUX_ADMIN_PASSWORD, or"
                " none"
            )

    @property
    def passwords(self) -> dict[str, Secret]:
        """Of the users to be made, by role; empty where none is wanted."""
        return {
            "worker": self.influx_worker_password,
            "api": self.influx_api_password,
            "grafana": self.influx_grafana_password,
        }
