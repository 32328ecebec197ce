"""InfluxDB 1.x's configuration as text: demo, tests and containers share this generator. Pure.

Only what differs from the defaults of 1.6.7 is set.
"""

from dataclasses import dataclass
from pathlib import PurePath

WHOLE_CITY_OBJECTS = 341_000
"""Ports and devices of the city for which the whole machine's settings were measured."""

_MIB = 1024**2
_SNAPSHOT_MIB = 512
"""The default of 25 MB writes a file every few seconds whose index outweighs its data; this saves
40 to 50 % of the CPU with 40,000 ports (measured), and lengthens the start after a crash."""
_LEAST_SNAPSHOT_MIB = 25
_MOST_CACHE_MIB = 2048
_LEAST_CACHE_MIB = 512
_SNAPSHOT_SHARE, _CACHE_SHARE = 32, 8
"""Parts of the machine's memory: a snapshot is written while the next one fills."""
_LEAST_LIMIT_MIB = 400
_LARGE_BYTES = 16 * 1024**3


@dataclass(frozen=True, slots=True)
class DatabaseMemory:
    """How much memory InfluxDB 1.x may take."""

    snapshot_bytes: int
    """Points kept in memory before they become a file."""
    cache_bytes: int
    """Points in memory beyond which writes are refused, and so wait with the worker."""
    gogc: int
    """Percent of the live heap by which it may grow before Go's collector runs."""
    limit_bytes: int
    """Heap at which the collector becomes as eager as it must (read by Go 1.19 and later)."""

    def environment(self) -> dict[str, str]:
        """What the server's Go collector reads."""
        return {"GOGC": str(self.gogc), "GOMEMLIMIT": f"{self.limit_bytes // _MIB}MiB"}


def database_memory(objects: int, machine_bytes: int) -> DatabaseMemory:
    """Memory by what a city needs and the machine has.

    Every object has series of its own, and a file's index names each of them: so the snapshot grows
    with the objects, not with how often they report. The cache of a whole city is millions of small
    values, and at Go's own ``GOGC=100`` the collector took 40 % of the CPU (measured by profile),
    much of it from writes that were under way; so a whole city gets twice the room where there is
    plenty, and half of the machine's memory as its limit (19 GB were seen without one). A small
    city that was given the same reached 4.7 GB in 40 minutes with 4,600 objects. On a small machine
    snapshot and cache shrink with it, since both lie within the limit.

    Args:
        objects: ports and devices of the city.
        machine_bytes: physical memory.
    """
    share = min(1.0, objects / WHOLE_CITY_OBJECTS)
    is_roomy = share >= 0.5 and machine_bytes >= _LARGE_BYTES
    machine_mib = machine_bytes // _MIB
    snapshot_mib = min(_SNAPSHOT_MIB, machine_mib // _SNAPSHOT_SHARE)
    cache_mib = min(_MOST_CACHE_MIB, machine_mib // _CACHE_SHARE)
    return DatabaseMemory(
        snapshot_bytes=max(_LEAST_SNAPSHOT_MIB, round(snapshot_mib * share)) * _MIB,
        cache_bytes=max(_LEAST_CACHE_MIB, cache_mib) * _MIB,
        gogc=200 if is_roomy else 100,
        limit_bytes=max(_LEAST_LIMIT_MIB * _MIB, int(machine_bytes / 2 * share)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxConfig:
    """What differs from one database to another."""

    host: str
    port: int
    rpc_port: int
    """For backups; always on loopback."""
    data_folder: PurePath
    snapshot_bytes: int = _SNAPSHOT_MIB * _MIB
    cache_bytes: int = _MOST_CACHE_MIB * _MIB


def influxdb_conf(config: InfluxConfig) -> str:
    """The text of ``influxdb.conf``."""
    folder = config.data_folder
    return f"""\
# Written by Gigacity (gigacity_deploy.influxdb).
reporting-disabled = true
bind-address = "127.0.0.1:{config.rpc_port}"

[meta]
  dir = "{folder}/meta"
  # Policies come from the storage table; one made by accident would catch writes without rp.
  retention-autocreate = false

[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
  index-version = "tsi1"
  cache-snapshot-memory-size = {config.snapshot_bytes}
  cache-max-memory-size = {config.cache_bytes}
  query-log-enabled = false
  max-series-per-database = 0
  max-values-per-tag = 0

[http]
  bind-address = "{config.host}:{config.port}"
  auth-enabled = true
  log-enabled = false
  pprof-enabled = false

# Its own statistics are a database of their own, written every 10 s; ours are in /metrics.
[monitor]
  store-enabled = false

# Continuous queries exist on 1.x alone; roll-ups are our own code.
[continuous_queries]
  enabled = false

[subscriber]
  enabled = false

[logging]
  level = "warn"
  suppress-logo = true
"""
