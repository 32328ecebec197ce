"""The log of alarms, what workers say of themselves, and what only alarms ask of ports."""

from gigacity_api.storage.queries.query import Query, select_rows, tag_equals
from gigacity_contract.measurements import ALARM, GIGACITY_WORKER, PON_PORT
from gigacity_contract.rollup_measurements import ROLLUPS

ALARM_COLUMNS = ("kind", "type", "record")
WORKER_STATE_COLUMNS = (
    "worker", "areas", "connected", "balanced", "points_spooled", "points_decoded", "dead_letters",
    "state_disk_bytes", "state_disk_free_bytes", "certificate_expires_ms",
)  # fmt: skip


def alarm_rows(after_ms: int, until_ms: int) -> Query:
    """Acts of a range of moments."""
    return select_rows(ALARM, ALARM_COLUMNS, after_ms=after_ms, until_ms=until_ms)


def worker_states(after_ms: int, until_ms: int) -> Query:
    """Snapshots of the workers."""
    return select_rows(GIGACITY_WORKER, WORKER_STATE_COLUMNS, after_ms=after_ms, until_ms=until_ms)


LOSS_COLUMNS = ("olt", "slot", "port", "onu_off_power", "onu_off_los")
LOAD_COLUMNS = ("olt", "slot", "port", "tech", "down_bps", "fec_uncorrectable")
DAY_COLUMNS = ("olt", "slot", "port", "onu_rx_min_dbm_mean", "tx_dbm_mean", "bias_ma_mean")


def loss_rows(area: str, after_ms: int, until_ms: int) -> Query:
    """What ports of an area say of their ONUs that are offline."""
    where = (tag_equals("area", area),)
    return select_rows(PON_PORT, LOSS_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=where)


def load_rows(area: str, after_ms: int, until_ms: int) -> Query:
    """Traffic and errors of an area's ports."""
    where = (tag_equals("area", area),)
    return select_rows(PON_PORT, LOAD_COLUMNS, after_ms=after_ms, until_ms=until_ms, where=where)


def optics_of_day(area: str, day_ms: int) -> Query:
    """Mean light and bias current of an area's ports on a day, by its start."""
    where = (tag_equals("area", area),)
    return select_rows(
        ROLLUPS[PON_PORT.name], DAY_COLUMNS, after_ms=day_ms - 1, until_ms=day_ms, where=where
    )
