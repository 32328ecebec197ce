"""InfluxDB 1.x's configuration as text: demo, tests and containers share this generator. Pure.

Only what differs from the defaults of 1.6.7 is set.
"""

from dataclasses import dataclass
from pathlib import PurePath

CACHE_SNAPSHOT = "512m"
"""The default of 25 MB writes a file every few seconds whose index outweighs its data; this saves
40 to 50 % of the CPU with 40,000 ports (measured), and lengthens the start after a crash."""

_LARGE_BYTES = 16 * 1024**3


def collector_settings(memory_bytes: int) -> dict[str, str]:
    """Environment of the server's Go collector, for a machine's memory.

    The cache of a whole city is millions of small objects, and at Go's own ``GOGC=100`` the
    collector took 40 % of the CPU (measured by profile), much of it from writes that were under
    way. Twice as much room costs as much memory again (19 GB were seen in a quarter of an hour), so
    it is given where there is plenty, and half of the memory is the limit at which the collector
    becomes as eager as it must (Go 1.19 and later; older ones do not read it).
    """
    percent = 200 if memory_bytes >= _LARGE_BYTES else 100
    return {"GOGC": str(percent), "GOMEMLIMIT": f"{memory_bytes // 2 // 1024**2}MiB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxConfig:
    """What differs from one database to another."""

    host: str
    port: int
    rpc_port: int
    """For backups; always on loopback."""
    data_folder: PurePath


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
  cache-snapshot-memory-size = "{CACHE_SNAPSHOT}"
  cache-max-memory-size = "2g"
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
