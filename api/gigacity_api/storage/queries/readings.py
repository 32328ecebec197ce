"""What one device or port reported: every field, over a bounded range."""

from gigacity_api.storage.queries.query import Condition, Query, select_rows, tag_equals
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT, Measurement


def device_readings(kind: str, community: str, device: str, after_ms: int, until_ms: int) -> Query:
    """Reports of one device."""
    where = (tag_equals("community", community), tag_equals("device", device))
    return _all_fields(DEVICE_MEASUREMENTS[kind], (), after_ms, until_ms, where)


def port_readings(olt: str, slot: int, port: int, after_ms: int, until_ms: int) -> Query:
    """Reports of one port, whatever technology they say."""
    where = (
        tag_equals("olt", olt), tag_equals("slot", str(slot)), tag_equals("port", str(port)),
    )  # fmt: skip
    return _all_fields(PON_PORT, ("tech",), after_ms, until_ms, where)


def _all_fields(
    measurement: Measurement,
    tags: tuple[str, ...],
    after_ms: int,
    until_ms: int,
    where: tuple[Condition, ...],
) -> Query:
    columns = (*tags, *(field.name for field in measurement.fields))
    return select_rows(measurement, columns, after_ms=after_ms, until_ms=until_ms, where=where)
