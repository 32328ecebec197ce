"""Late data announces itself: which series of a confirmed batch get a row of ``arrival``."""

from collections.abc import Mapping

from gigacity_contract.lateness import LATE_AFTER_MS
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import ARRIVAL
from gigacity_ingest.decode.outcome import PointSpan, Series


def late_marker_lines(
    spans: Mapping[Series, PointSpan], *, worker: str, now_ms: int
) -> list[bytes]:
    """One row for each measurement and area whose oldest point is late, at the moment ``now_ms``.

    Args:
        spans: of the confirmed batch.
        worker: client id of this worker.
        now_ms: the moment of confirmation, which is the rows' time.
    """
    lines = []
    for (measurement, area), span in spans.items():
        if now_ms - span.first_ms > LATE_AFTER_MS:
            tags = {"area": area, "measurement": measurement, "worker": worker}
            fields = {"from_ms": span.first_ms, "to_ms": span.last_ms, "points": span.points}
            lines.append(encode_point(ARRIVAL, tags, fields, now_ms))
    return lines
