"""What a worker is built from: its settings as the values that each part takes."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from gigacity_city.model import City
from gigacity_contract.errors import ConfigError
from gigacity_contract.influx import InfluxEndpoint
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.ownership.areas import area_filters, shared_filters
from gigacity_ingest.pipeline.batch import BatchLimits
from gigacity_ingest.pipeline.dispatching import DispatchPolicy
from gigacity_ingest.pipeline.refusals import RefusalLimits
from gigacity_ingest.settings import BrokerSettings, IngestSettings
from gigacity_ingest.spool import SpoolPolicy

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class WorkerConfig:
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

    def ending(self) -> "WorkerConfig":
        """The same for a worker that leaves for good: it unsubscribes what it would own."""
        given_up = replace(self.mqtt, filters=(), former_filters=self.mqtt.filters)
        return replace(self, mqtt=given_up, ends_session=True)


def worker_config(
    settings: IngestSettings, city: City | FieldRegistry, foreign_filters: tuple[str, ...] = ()
) -> WorkerConfig:
    """The parts of a worker for this city, and for the foreign sources with these filters.

    Raises:
        ConfigError: an area that the city file does not have.
    """
    areas, group = settings.mqtt_areas, settings.mqtt_shared_group
    config = WorkerConfig(
        mqtt=mqtt_endpoint(settings, (*topic_filters(areas, city, group), *foreign_filters)),
        influx=settings.endpoint,
        org=settings.influx_org,
        limits=batch_limits(
            settings.batch_points, settings.batch_age_s, settings.mqtt_receive_maximum
        ),
        state_dir=settings.state_dir,
        http_listen=settings.listen_address,
        report_interval_s=settings.report_interval_s,
        drain_timeout_s=settings.drain_timeout_s,
        dead_letter_budget_bytes=settings.deadletter_budget_mb * MEBIBYTE,
        spool=SpoolPolicy(max_bytes=settings.spool_budget_mb * MEBIBYTE),
        dispatch=DispatchPolicy(
            connections=settings.influx_connections,
            spool_after_s=settings.spool_after_s,
            drain_points_per_s=settings.spool_drain_points_per_s,
        ),
        influx_timeout_s=settings.influx_timeout_s,
        refusals=RefusalLimits(
            ratio=settings.deadletter_alarm_ratio, consecutive=settings.deadletter_alarm_in_a_row
        ),
    )
    return config.ending() if settings.end_session else config


def mqtt_endpoint(settings: IngestSettings, filters: tuple[str, ...]) -> MQTTEndpoint:
    """The broker and the session that subscribes to these filters."""
    return replace(
        visitor_endpoint(settings, filters),
        client_id=settings.mqtt_client_id,
        receive_maximum=settings.mqtt_receive_maximum,
    )


def visitor_endpoint(settings: BrokerSettings, filters: tuple[str, ...]) -> MQTTEndpoint:
    """The same for whoever takes a name of its own at each connection."""
    return MQTTEndpoint(
        address=settings.broker_address,
        client_id="",
        filters=filters,
        username=settings.mqtt_username,
        password=settings.mqtt_password,
        ca_file=settings.mqtt_ca,
        cert_file=settings.mqtt_cert,
        key_file=settings.mqtt_key,
    )


def topic_filters(areas: str, city: City | FieldRegistry, group: str = "") -> tuple[str, ...]:
    """Subscriptions for a comma list of areas with their retired codes; empty: everything.

    Raises:
        ConfigError: an area that the city file does not have.
    """
    by_code = {area.code: area for area in city.areas}
    named = [by_code[code] for code in selected_areas(areas, city)]
    plain = area_filters(named or None)
    return shared_filters(plain, group) if group else plain


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
