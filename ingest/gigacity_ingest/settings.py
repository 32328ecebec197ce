"""Settings of the worker and its commands, built from texts and the environment.

Everything is checked here, before anything is opened; a ConfigError names the setting.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_contract.identifiers import is_id
from gigacity_contract.influx import TOKEN_USER
from gigacity_contract.process.settings import parse_listen, parse_url, read_secret
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.influx.writer import InfluxEndpoint
from gigacity_ingest.ownership.areas import area_filters, shared_filters
from gigacity_ingest.pipeline.batch import BatchLimits
from gigacity_ingest.pipeline.dispatching import DispatchPolicy
from gigacity_ingest.pipeline.refusals import RefusalLimits
from gigacity_ingest.spool import SpoolPolicy

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Everything that one worker needs to know."""

    mqtt: MQTTEndpoint
    influx: InfluxEndpoint
    org: str
    limits: BatchLimits
    state_dir: Path
    http_listen: tuple[str, int]
    report_interval_s: float
    drain_timeout_s: float
    dead_letter_budget_bytes: int
    dispatch: DispatchPolicy = field(default_factory=DispatchPolicy)
    spool: SpoolPolicy = field(default_factory=SpoolPolicy)
    influx_timeout_s: float = 30.0
    refusals: RefusalLimits = field(default_factory=RefusalLimits)
    ends_session: bool = False
    """Give every area up, store what is queued, and end the session."""

    def ending(self) -> "IngestSettings":
        """The same for a worker that leaves for good: it unsubscribes what it would own."""
        given_up = replace(self.mqtt, filters=(), former_filters=self.mqtt.filters)
        return replace(self, mqtt=given_up, ends_session=True)


def influx_endpoint(
    *, url: str, bucket: str, username: str, ca_file: str, environ: Mapping[str, str] = os.environ
) -> InfluxEndpoint:
    """The database with the credentials that the environment holds, either kind.

    Raises:
        ConfigError: a malformed URL, both kinds of credentials, or half of one.
    """
    token = read_secret("GIGACITY_INFLUX_TOKEN", environ)
    password = read_secret("GIGACITY_INFLUX_PASSWORD", environ)
    if token and (password or username):
        raise ConfigError(
            "GIGACITY_INFLUX_TOKEN (2.x) and GIGACITY_INFLUX_USERNAME or _PASSWORD (1.x) are both"
            " set; set one kind"
        )
    if bool(username) != bool(password):
        raise ConfigError("set both GIGACITY_INFLUX_USERNAME and GIGACITY_INFLUX_PASSWORD, or none")
    return InfluxEndpoint(
        address=parse_url("GIGACITY_INFLUX_URL", url, ("http", "https")),
        bucket=bucket_name(bucket),
        username=TOKEN_USER if token else username,
        secret=token or password,
        ca_file=existing_file("GIGACITY_INFLUX_CA", ca_file),
    )


def bucket_name(text: str) -> str:
    """A bucket's name, which is also a database's and stands in URLs and statements.

    Raises:
        ConfigError: it has characters that it must not.
    """
    if not is_id(text):
        raise ConfigError(
            f"GIGACITY_INFLUX_BUCKET={text!r}: letters, digits, dot, dash and underscore only"
        )
    return text


def existing_file(name: str, text: str) -> str:
    """A path to a file, or nothing.

    Raises:
        ConfigError: it does not exist.
    """
    if text and not Path(text).is_file():
        raise ConfigError(f"{name}={text}: no such file")
    return text


def mqtt_endpoint(
    *,
    url: str,
    client_id: str,
    username: str,
    filters: tuple[str, ...],
    tls: tuple[str, str, str],
    receive_maximum: int,
    environ: Mapping[str, str] = os.environ,
) -> MQTTEndpoint:
    """The broker and the session.

    Args:
        url: of the broker.
        client_id: stable; the session is found again by it.
        username: of the worker; its password comes from the environment.
        filters: to subscribe to.
        tls: files of CA, certificate and key; empty where not used.
        receive_maximum: unacknowledged messages that the broker may have sent.
        environ: holds the password.

    Raises:
        ConfigError: naming the setting.
    """
    if not client_id:
        raise ConfigError("GIGACITY_MQTT_CLIENT_ID is empty; each worker needs a stable name")
    ca_file, cert_file, key_file = tls
    address = parse_url("GIGACITY_MQTT_URL", url, ("mqtt", "mqtts"))
    if any(tls) and not address.is_tls:
        raise ConfigError("GIGACITY_MQTT_CA, _CERT and _KEY need GIGACITY_MQTT_URL=mqtts://...")
    if bool(cert_file) != bool(key_file):
        raise ConfigError("set both GIGACITY_MQTT_CERT and GIGACITY_MQTT_KEY, or none")
    return MQTTEndpoint(
        address=address,
        client_id=client_id,
        filters=filters,
        username=username,
        password=read_secret("GIGACITY_MQTT_PASSWORD", environ),
        ca_file=existing_file("GIGACITY_MQTT_CA", ca_file),
        cert_file=existing_file("GIGACITY_MQTT_CERT", cert_file),
        key_file=existing_file("GIGACITY_MQTT_KEY", key_file),
        receive_maximum=receive_maximum,
    )


def topic_filters(areas: str, city: City | FieldRegistry, group: str = "") -> tuple[str, ...]:
    """Subscriptions for a comma list of areas with their retired codes; empty: everything.

    Raises:
        ConfigError: an area that the city file does not have, or a group that is no name.
    """
    by_code = {area.code: area for area in city.areas}
    named = [by_code[code] for code in selected_areas(areas, city)]
    plain = area_filters(named or None)
    if not group:
        return plain
    if not is_id(group):
        raise ConfigError(
            f"GIGACITY_MQTT_SHARED_GROUP={group!r}: letters, digits, dot, dash and underscore only"
        )
    return shared_filters(plain, group)


def selected_areas(text: str, city: City | FieldRegistry) -> tuple[str, ...]:
    """The codes of a comma list of areas.

    Raises:
        ConfigError: an area that the city file does not have.
    """
    wanted = tuple(dict.fromkeys(code.strip() for code in text.split(",") if code.strip()))
    known = {area.code for area in city.areas}
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise ConfigError(
            f"GIGACITY_MQTT_AREAS: {unknown[0]} is not an area of the city file; it has"
            f" {', '.join(sorted(known))}"
        )
    return wanted


def batch_limits(points: int, age_s: float, receive_maximum: int) -> BatchLimits:
    """Limits of a batch.

    A batch of as many messages as the broker may have sent is full: no more come until it is
    acknowledged.
    """
    return BatchLimits(points=points, messages=min(points, receive_maximum), age_s=age_s)


def listen_address(text: str) -> tuple[str, int]:
    """Where the health page listens.

    Raises:
        ConfigError: not host:port.
    """
    return parse_listen("GIGACITY_HTTP_LISTEN", text)
