"""Checks a call of ``gigacity ingest`` and loads its city."""

from collections.abc import Mapping

from gigacity_city.model import City
from gigacity_city.reload import CityFolder
from gigacity_contract.process.logs import configure_logs
from gigacity_ingest import settings
from gigacity_ingest.commands.ingest_options import IngestOptions
from gigacity_ingest.ownership.subscriptions import listed_filters
from gigacity_ingest.pipeline.dispatching import DispatchPolicy
from gigacity_ingest.pipeline.refusals import RefusalLimits
from gigacity_ingest.spool import SpoolPolicy
from gigacity_ingest.supervisor.prepared import Prepared


def prepare_call(
    given: IngestOptions, environment: Mapping[str, str], *, is_worker: bool
) -> Prepared:
    """Everything that a worker or a supervisor needs, checked.

    Args:
        given: by flags and variables.
        environment: the same as variables, for workers of a supervisor.
        is_worker: whether the log speaks of one worker.

    Raises:
        ConfigError: naming the setting.
        CityError: the city file does not hold together.
    """
    configure_logs(given.log_level, worker=given.mqtt_client_id if is_worker else "")
    folder = CityFolder(given.city)
    city = folder.load()
    return Prepared(
        settings=_settings(given, city),
        city=city,
        city_folder=folder,
        areas=settings.selected_areas(given.mqtt_areas, city),
        group=given.mqtt_shared_group,
        has_listed_filters=bool(given.mqtt_filters),
        environment=environment,
    )


def _settings(given: IngestOptions, city: City) -> settings.IngestSettings:
    listed, optional = listed_filters(given.mqtt_filters)
    return settings.IngestSettings(
        mqtt=settings.mqtt_endpoint(
            url=given.mqtt_url,
            client_id=given.mqtt_client_id,
            username=given.mqtt_username,
            filters=listed
            or settings.topic_filters(given.mqtt_areas, city, given.mqtt_shared_group),
            optional_filters=optional,
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
