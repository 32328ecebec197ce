"""Which server answers, and the credentials that every flavour accepts."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError, UnknownServerError


class Flavour(StrEnum):
    """Servers that differ in provisioning; writes and queries are the same for all."""

    V1 = "1"
    V2 = "2"
    OPENGEMINI = "opengemini"


@dataclass(frozen=True, slots=True)
class Server:
    """What ``/ping`` tells; it needs no credentials and says nothing of whether writes work."""

    flavour: Flavour
    version: str
    """The digits alone: ``1.6.7``, ``2.9.1``."""

    @property
    def has_buckets(self) -> bool:
        """Provisioned through /api/v2 (buckets, mappings, tokens) rather than by InfluxQL."""
        return self.flavour is Flavour.V2

    def __str__(self) -> str:
        name = "openGemini" if self.flavour is Flavour.OPENGEMINI else "InfluxDB"
        return f"{name} {self.version}"


_DIGITS = re.compile(r"v?(\d+(?:\.\d+)*)")


def parse_ping(headers: Mapping[str, str]) -> Server:
    """Read the server's flavour and version from the headers of its answer to ``GET /ping``.

    Every answer of InfluxDB carries ``X-Influxdb-Version`` (``1.6.7~rc0``, ``v2.9.1``), those of
    openGemini ``X-Geminidb-Version``.

    Raises:
        UnknownServerError: neither header, or a version that this code was not written for.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    gemini = _DIGITS.match(lowered.get("x-geminidb-version", ""))
    if gemini:
        return Server(Flavour.OPENGEMINI, gemini[1])
    text = lowered.get("x-influxdb-version", "")
    influx = _DIGITS.match(text)
    if not influx:
        raise UnknownServerError(
            "/ping was answered without the version of an InfluxDB server"
            f" ({text!r}); check that GIGACITY_INFLUX_URL leads to one"
        )
    major = influx[1].partition(".")[0]
    if major not in {"1", "2"}:
        raise UnknownServerError(
            f"InfluxDB {influx[1]} is not supported; use 2.x, 1.x or openGemini"
        )
    return Server(Flavour(major), influx[1])


TOKEN_USER = "gigacity-token"  # noqa: S105 - a user name that goes with a token, not a secret.
"""User name beside an API token. 2.x takes any, but not that of one of its v1 authorizations."""


def basic_auth(user: str, secret: Secret) -> str:
    """The value of ``Authorization`` that works everywhere.

    On 1.x the secret is the user's password, on 2.x an API token (with ``TOKEN_USER``) or the
    password of a v1 authorization: both servers refuse each other's other schemes
    (``access.write_bearer``, ``auth.write_token_header``).

    Raises:
        ConfigError: the user name holds a colon, which would shift the border to the password.
    """
    if ":" in user:
        raise ConfigError("GIGACITY_INFLUX_USERNAME must not contain a colon")
    return "Basic " + base64.b64encode(f"{user}:{secret.reveal()}".encode()).decode()
