"""Settings that several processes have: declared once, and inherited by the settings of each."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.identifiers import is_id
from gigacity_contract.process.options import secret, setting
from gigacity_contract.process.settings import parse_url

if TYPE_CHECKING:
    from gigacity_contract.influx import InfluxEndpoint


def existing_file(name: str, text: str) -> str:
    """A path to a file, or nothing.

    Raises:
        ConfigError: it does not exist.
    """
    if text and not Path(text).is_file():
        raise ConfigError(f"{name}={text}: no such file")
    return text


@dataclass(frozen=True, kw_only=True)
class LogSettings:
    """Of every process that runs until it is stopped."""

    log_level: str = setting(
        "info", meaning="`debug`, `info` or `warning`; JSON lines on standard error"
    )


@dataclass(frozen=True, kw_only=True)
class DatabaseAddress:
    """Of whoever speaks to the database."""

    influx_url: str = setting(
        "http://127.0.0.1:8086", meaning="InfluxDB 1.x, 2.x or openGemini: `http://host:8086`"
    )
    influx_bucket: str = setting("gigacity", meaning="bucket; on 1.x the database")
    influx_org: str = setting("", meaning="2.x: organisation")
    influx_ca: str = setting("", meaning="CA file for `https://`")

    def endpoint_for(self, username: str, password: Secret, token: Secret) -> "InfluxEndpoint":
        """The database with one kind of credentials, or with none.

        Raises:
            ConfigError: a malformed URL or name, or a missing file.
        """
        from gigacity_contract.influx import TOKEN_USER, InfluxEndpoint  # noqa: PLC0415 - quick --help

        if not is_id(self.influx_bucket):
            raise ConfigError(
                f"GIGACITY_INFLUX_BUCKET={self.influx_bucket!r}: letters, digits, dot, dash and"
                " underscore only; it names the bucket (1.x: the database)"
            )
        return InfluxEndpoint(
            address=parse_url("GIGACITY_INFLUX_URL", self.influx_url, ("http", "https")),
            bucket=self.influx_bucket,
            username=TOKEN_USER if token else username,
            secret=token or password,
            ca_file=existing_file("GIGACITY_INFLUX_CA", self.influx_ca),
        )


@dataclass(frozen=True, kw_only=True)
class DatabaseSettings(DatabaseAddress):
    """Of a process that reads or writes: the address with its own credentials."""

    influx_username: str = setting("", meaning="1.x: user of this process")
    influx_password: Secret = secret(meaning="1.x: its password")
    influx_token: Secret = secret(
        meaning="2.x: token of this process, instead of user and password"
    )

    def __post_init__(self) -> None:
        if self.influx_token and (self.influx_password or self.influx_username):
            raise ConfigError(
                "GIGACITY_INFLUX_TOKEN (2.x) and GIGACITY_INFLUX_USERNAME or _PASSWORD (1.x) are"
                " both set; set one kind"
            )
        if bool(self.influx_username) != bool(self.influx_password):
            raise ConfigError(
                "set both GIGACITY_INFLUX_USERNAME and GIGACITY_INFLUX_PASSWORD, or none"
            )
        _ = self.endpoint  # A wrong address is told with the other settings.

    @property
    def endpoint(self) -> "InfluxEndpoint":
        """The database with these credentials."""
        return self.endpoint_for(self.influx_username, self.influx_password, self.influx_token)
