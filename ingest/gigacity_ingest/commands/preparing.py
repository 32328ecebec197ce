"""Checks a call of ``gigacity ingest`` and loads its city."""

from dataclasses import dataclass

from gigacity_city.model import City
from gigacity_city.reload import CityFolder
from gigacity_contract.process.logs import configure_logs
from gigacity_ingest import settings
from gigacity_ingest.adapters.city_watch import CitySource
from gigacity_ingest.commands.ingest_options import IngestOptions
from gigacity_ingest.pipeline.dispatching import DispatchPolicy
from gigacity_ingest.pipeline.refusals import RefusalLimits
from gigacity_ingest.spool import SpoolPolicy


@dataclass(frozen=True)
class PreparedCall:
    """Checked settings, the city, and how a worker follows it."""

    settings: settings.IngestSettings
    city: City
    source: CitySource


def prepare_call(given: IngestOptions, *, is_worker: bool = True) -> PreparedCall:
    """Everything that a worker needs, checked.

    Args:
        given: by flags and variables.
        is_worker: whether the log speaks of one worker.

    Raises:
        ConfigError: naming the setting.
        CityError: the city file does not hold together.
    """
    configure_logs(given.log_level, worker=given.mqtt_client_id if is_worker else "")
    folder = CityFolder(given.city)
    city = folder.load()
    areas, group, is_ending = given.mqtt_areas, given.mqtt_shared_group, given.end_session
    checked = _settings(given, city)
    source = CitySource(
        folder,
        # Whatever areas a new city has, none of them is a leaving worker's.
        lambda new: () if is_ending else settings.topic_filters(areas, new, group),
    )
    return PreparedCall(checked.ending() if is_ending else checked, city, source)


def _settings(given: IngestOptions, city: City) -> settings.IngestSettings:
    return settings.IngestSettings(
        mqtt=settings.mqtt_endpoint(
            url=given.mqtt_url,
            client_id=given.mqtt_client_id,
            username=given.mqtt_username,
            filters=settings.topic_filters(given.mqtt_areas, city, given.mqtt_shared_group),
            tls=(given.mqtt_ca, given.mqtt_cert, given.mqtt_key),
            receive_maximum=given.mqtt_receive_maximum,
        ),
        influx=settings.influx_endpoint(
            url=given.influx_url,
            bucket=given.influx_bucket,
            username=given.influx_username,
            ca_file=given.influx_ca,
        ),
        org=given.influx_org,
        limits=settings.batch_limits(
            given.batch_points, given.batch_age_s, given.mqtt_receive_maximum
        ),
        state_dir=given.state_dir,
        http_listen=settings.listen_address(given.http_listen),
        report_interval_s=given.report_interval_s,
        drain_timeout_s=given.drain_timeout_s,
        dead_letter_budget_bytes=given.deadletter_budget_mb * settings.MEBIBYTE,
        spool=SpoolPolicy(max_bytes=given.spool_budget_mb * settings.MEBIBYTE),
        dispatch=DispatchPolicy(
            connections=given.influx_connections,
            spool_after_s=given.spool_after_s,
            drain_points_per_s=given.spool_drain_points_per_s,
        ),
        influx_timeout_s=given.influx_timeout_s,
        refusals=RefusalLimits(
            ratio=given.deadletter_alarm_ratio, consecutive=given.deadletter_alarm_in_a_row
        ),
    )
