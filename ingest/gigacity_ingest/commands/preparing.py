"""Loads the city of a call of ``gigacity ingest``, and makes the parts of its worker."""

from dataclasses import dataclass

from gigacity_city.model import City
from gigacity_city.reload import CityFolder
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.logs import configure_logs
from gigacity_ingest.adapters.city_note import CityNote
from gigacity_ingest.adapters.city_watch import CitySource
from gigacity_ingest.adapters.foreign_sources import LoadedSources
from gigacity_ingest.adapters.source_folder import SourceFolder
from gigacity_ingest.ownership.sources import SourceReader
from gigacity_ingest.settings import IngestSettings
from gigacity_ingest.worker_config import (
    WorkerConfig,
    selected_areas,
    topic_filters,
    worker_config,
)


@dataclass(frozen=True)
class PreparedCall:
    """The parts of a worker, its city, and how it follows that."""

    config: WorkerConfig
    city: City
    source: CitySource
    foreign: LoadedSources | None = None


def prepare_call(settings: IngestSettings, *, is_worker: bool = True) -> PreparedCall:
    """Everything that a worker needs, checked.

    Args:
        settings: by flags and variables.
        is_worker: whether the log speaks of one worker.

    Raises:
        ConfigError: naming the setting.
        CityError: the city file does not hold together.
    """
    configure_logs(settings.log_level, worker=settings.mqtt_client_id if is_worker else "")
    clock = SystemClock()
    folder = CityFolder(settings.city, clock.monotonic_s)
    note = CityNote(settings.state_dir, folder, clock)
    city = note.load()
    foreign = load_foreign(settings, selected_areas(settings.mqtt_areas, city))
    areas, group, is_ending = (
        settings.mqtt_areas, settings.mqtt_shared_group, settings.end_session
    )  # fmt: skip
    source = CitySource(
        folder,
        # Whatever areas a new city has, none of them is a leaving worker's.
        lambda new: () if is_ending else topic_filters(areas, new, group),
        note,
    )
    filters = () if foreign is None else foreign.filters
    return PreparedCall(worker_config(settings, city, filters), city, source, foreign)


def load_foreign(settings: IngestSettings, areas: tuple[str, ...] = ()) -> LoadedSources | None:
    """The mappings of a worker with these areas (none: all); None: it has none.

    Raises:
        GigacityError: they are wrong; names file, line and column.
    """
    if settings.mqtt_sources is None:
        return None
    # A worker without mappings keeps no decoder in its memory: 8 MB.
    from gigacity_ingest.mapping.loading import load_sources  # noqa: PLC0415

    folder = SourceFolder(settings.mqtt_sources, load_sources, SystemClock().monotonic_s)
    is_sharing = bool(settings.mqtt_shared_group)
    reader = SourceReader(
        settings.mqtt_client_id,
        areas,
        is_sharing=is_sharing,
        is_leaving=settings.end_session,
    )
    return LoadedSources(folder, folder.load(), reader)
