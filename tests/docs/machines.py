"""Settings of compose by the memory of the machine that holds all of a city's services. Pure.

What a service takes is measured (docs/performance.md); the database gets what is left, and the
bound of each is what it may take before it is ended in the others' favour.
"""

from dataclasses import dataclass

from gigacity_deploy.influxdb import WHOLE_CITY_OBJECTS, database_memory

MACHINES_GIB = (4, 8, 24, 64)
_GIB, _MIB = 1024**3, 1024**2


@dataclass(frozen=True, slots=True)
class Bounds:
    """MiB of each service; of the broker also what it may queue for a worker, which it holds in
    memory."""

    queue: int
    mosquitto: int
    ingest: int
    api: int
    notify: int
    grafana: int
    simulate: int


_BOUNDS = {
    4: Bounds(256, 512, 384, 640, 128, 256, 512),
    8: Bounds(512, 1024, 512, 1024, 128, 384, 512),
    24: Bounds(2048, 4096, 2048, 2048, 256, 1024, 2048),
    64: Bounds(8192, 12288, 2048, 4096, 512, 2048, 2048),
}
_OF_DATABASE = 5 / 8
"""Of the machine: its heap's limit is a half; the rest are maps of files and what Go needs."""


def queue_bytes(machine_gib: int) -> int:
    """What the broker may queue for each worker that is away."""
    return _BOUNDS[machine_gib].queue * _MIB


def machine_env(machine_gib: int) -> str:
    """A file for ``docker compose --env-file``: the whole city on one machine of this size."""
    bounds = _BOUNDS[machine_gib]
    memory = database_memory(WHOLE_CITY_OBJECTS, machine_gib * _GIB)
    database_mib = int(machine_gib * 1024 * _OF_DATABASE)
    return f"""\
# Written by python -m tests.docs: all services on one machine of {machine_gib} GiB.
#   docker compose --env-file .env --env-file deploy/compose/machine-{machine_gib}g.env up -d --wait
GIGACITY_INFLUXDB_MEMORY={database_mib}m
GIGACITY_INFLUXDB_HEAP={memory.limit_bytes // _MIB}MiB
GIGACITY_INFLUXDB_GOGC={memory.gogc}
GIGACITY_INFLUXDB_SNAPSHOT_BYTES={memory.snapshot_bytes}
GIGACITY_INFLUXDB_CACHE_BYTES={memory.cache_bytes}
GIGACITY_MOSQUITTO_CONF=mosquitto-{machine_gib}g.conf
GIGACITY_MOSQUITTO_MEMORY={bounds.mosquitto}m
GIGACITY_INGEST_MEMORY={bounds.ingest}m
GIGACITY_API_MEMORY={bounds.api}m
GIGACITY_NOTIFY_MEMORY={bounds.notify}m
GIGACITY_GRAFANA_MEMORY={bounds.grafana}m
GIGACITY_SIMULATE_MEMORY={bounds.simulate}m
"""
