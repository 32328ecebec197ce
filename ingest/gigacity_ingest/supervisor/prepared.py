"""What a call of ``gigacity ingest`` and its sub-commands has in common: settings and city."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from gigacity_ingest.options import DEFAULT_STATE_DIR

if TYPE_CHECKING:
    from gigacity_city.model import City
    from gigacity_city.reload import CityFolder
    from gigacity_ingest.adapters.city_watch import CitySource
    from gigacity_ingest.settings import IngestSettings

_SINGLE_WORKER = "gigacity-worker-0"


@dataclass(frozen=True)
class Prepared:
    """Checked settings, the city, and how a worker with the same settings is started."""

    settings: "IngestSettings"
    city: "City"
    city_folder: "CityFolder"
    """From which it was loaded."""
    areas: tuple[str, ...]
    """Named by the caller; none: all."""
    group: str
    has_listed_filters: bool
    """A supervisor says which filters the worker subscribes, whatever the city file has."""
    environment: Mapping[str, str]
    """Every setting of the call, flags included, as its variable."""

    @property
    def folder(self) -> Path:
        """Of the supervisor: by default the one above the single worker's."""
        chosen = self.settings.state_dir
        return chosen.parent if chosen == DEFAULT_STATE_DIR else chosen

    @property
    def client_id(self) -> str:
        """Of the workers, without number: by default worker 0 is who the single worker was."""
        chosen = self.settings.mqtt.client_id
        return chosen.removesuffix("-0") if chosen == _SINGLE_WORKER else chosen

    def city_source(self) -> "CitySource":
        """What a worker of this call needs to follow its city; keeps nothing of the present one."""
        from gigacity_ingest.adapters.city_watch import CitySource  # noqa: PLC0415 - quick --help
        from gigacity_ingest.settings import topic_filters  # noqa: PLC0415

        if self.has_listed_filters:
            return CitySource(self.city_folder, lambda _: ())
        areas, group = ",".join(self.areas), self.group
        return CitySource(self.city_folder, lambda city: topic_filters(areas, city, group))

    def worker_environment(self, **changes: str) -> dict[str, str]:
        """The whole environment of a worker that differs in these settings."""
        return {**os.environ, **self.environment, **changes}


Prepare = Callable[[], Prepared]


def environment_of(context: typer.Context) -> dict[str, str]:
    """The options of a call as the variables that stand for them; switches are left out."""
    return {
        option.envvar: str(value)
        for option in context.command.params
        if isinstance(option.envvar, str)
        and (value := context.params.get(option.name or "")) is not None
        and not isinstance(value, bool)
    }
