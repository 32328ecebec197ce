"""Rows of ``device_camera``, as a query gives them."""

from typing import Any

from gigacity_api.indicators.row_loader import DeviceReportRow, device_row

_make: Any = device_row("camera")


def camera_row(
    ts: int, community: str, device: str, area: str, intact: bool | None, picture: bool | None
) -> DeviceReportRow:
    """A report of a camera."""
    row: DeviceReportRow = _make(ts, community, device, area, intact=intact, picture=picture)
    return row
