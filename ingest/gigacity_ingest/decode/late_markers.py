"""Late data announces itself: which points of a confirmed batch get a row of ``arrival``."""

from collections import defaultdict

from gigacity_contract.lateness import LATE_AFTER_MS
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import ARRIVAL
from gigacity_ingest.decode.point_spans import Series, Spans


class LateMarkers:
    """Makes the late-data markers of one worker."""

    def __init__(self, worker: str) -> None:
        """Make it.

        Args:
            worker: client id of this worker.
        """
        self._worker = worker
        self._last_ms: defaultdict[Series, int] = defaultdict(int)
        """Two rows of a series at one time would be one row."""

    def lines(self, spans: Spans, now_ms: int, *, whatever_age: bool = False) -> list[bytes]:
        """One row for each run of points that are late; of a run that is late in part, that part.

        Args:
            spans: of the confirmed batch.
            now_ms: the moment of confirmation, which is the rows' time: to a few milliseconds,
                since no two rows of a series have the same.
            whatever_age: announce every point, since nobody tells of it otherwise.
        """
        late_ms = 2**62 if whatever_age else now_ms - LATE_AFTER_MS - 1
        lines = []
        for (measurement, area), runs in spans.items():
            for run in runs:
                if run.first_ms > late_ms:
                    continue
                at_ms = max(now_ms, self._last_ms[measurement, area] + 1)
                self._last_ms[measurement, area] = at_ms
                tags = {"area": area, "measurement": measurement, "worker": self._worker}
                to_ms = min(run.last_ms, late_ms)
                fields = {"from_ms": run.first_ms, "to_ms": to_ms, "points": run.points}
                lines.append(encode_point(ARRIVAL, tags, fields, at_ms))
        return lines
