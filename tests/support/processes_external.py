"""Servers that somebody else runs, named by environment variables.

    GIGACITY_TEST_MQTT_URL           mqtt://host:1883 or mqtts://host:8883
    GIGACITY_TEST_MQTT_WORKER_URL    its listener for workers; default: the same
    GIGACITY_TEST_MQTT_USERNAME      an account that may read and write below gigacity/v1/
    GIGACITY_TEST_MQTT_PASSWORD
    GIGACITY_TEST_MQTT_CA            its authority, for mqtts

    GIGACITY_TEST_INFLUX_URL         http://host:8086
    GIGACITY_TEST_INFLUX_TOKEN       2.x: an operator token, and
    GIGACITY_TEST_INFLUX_ORG         its organisation
    GIGACITY_TEST_INFLUX_USERNAME    1.x, openGemini: an administrator
    GIGACITY_TEST_INFLUX_PASSWORD

Tests that need to stop a server are skipped with these, and say so.
"""

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import Broker, Login
from tests.support.processes_influx import InfluxServer

MQTT = "GIGACITY_TEST_MQTT_"
INFLUX = "GIGACITY_TEST_INFLUX_"
NEW_SERIES_S = 2.5
"""openGemini 1.5.2 shows the first point of a series up to 2.1 s after it has confirmed it."""


@dataclass
class ExternalBroker(Broker):
    """Every identity uses the one account that the environment names."""

    def add_users(self, passwords: Mapping[str, str]) -> list[Login]:
        """The one account, once for each."""
        return [self.worker for _ in passwords]


@dataclass
class ExternalInflux(InfluxServer):
    """Leaves nothing behind: openGemini takes a hundred retention policies in all."""

    def close(self) -> None:
        """Remove the bucket and the users."""
        self.drop()
        if self.flavour == "1":
            for role in self.secrets_of:
                self.query(f'DROP USER "{self.username(role)}"', "")


def external_broker(environ: Mapping[str, str]) -> ExternalBroker | None:
    """The broker that the environment names; None if it names none."""
    url = environ.get(MQTT + "URL")
    if not url:
        return None
    login = Login(environ.get(MQTT + "USERNAME", ""), environ.get(MQTT + "PASSWORD", ""))
    ca = environ.get(MQTT + "CA")
    worker_url = environ.get(MQTT + "WORKER_URL", url)
    secret = "external-broker-secret"
    return ExternalBroker(url, worker_url, login, secret, Path(ca) if ca else None)


def external_influx(environ: Mapping[str, str]) -> ExternalInflux | None:
    """The database that the environment names, provisioned; None if it names none."""
    url = environ.get(INFLUX + "URL")
    if not url:
        return None
    token = environ.get(INFLUX + "TOKEN", "")
    if token:
        org = environ.get(INFLUX + "ORG", "")
        influx = ExternalInflux(url, "2", token, org=org)
    else:
        secret = environ.get(INFLUX + "PASSWORD", "")
        influx = ExternalInflux(url, "1", secret, environ.get(INFLUX + "USERNAME", "admin"))
    if _is_opengemini(url):
        influx.shows_after_s = NEW_SERIES_S
    influx.provision()
    return influx


def _is_opengemini(url: str) -> bool:
    with urllib.request.urlopen(f"{url}/ping", timeout=10) as answer:  # noqa: S310 - the tests' own
        return "X-Geminidb-Version" in answer.headers
