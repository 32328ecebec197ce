"""What the evaluating process says of itself in the database, where boards read it."""

from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.quality import AlarmSystemQuality, quality_of
from gigacity_api.evaluator.alarm_service import AlarmService
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.protocols import Store
from gigacity_contract.clock import Clock
from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import EVALUATOR, FREQUENT_ALARM

EVERY_MS = 30_000
"""Each time looks at the history of every alarm."""

_MEASURES = [field.name for field in EVALUATOR.fields if field.name != "page_url"]


class SelfReport:
    """Writes a row each half minute; one that cannot be written is not made up for."""

    def __init__(
        self,
        store: Store,
        alarms: AlarmService,
        clock: Clock,
        metrics: ApiMetrics,
        *,
        page_url: str = "",
    ) -> None:
        """Nothing is written yet.

        Args:
            store: takes the rows.
            alarms: whose quality is measured.
            clock: of the process.
            metrics: show the same.
            page_url: at which people reach the pages; empty: boards do not lead there.
        """
        self._store, self._alarms, self._clock, self._metrics = store, alarms, clock, metrics
        self._page_url = page_url.rstrip("/")
        self._done_ms = 0

    def refresh(self) -> None:
        """Measure and write, if it is time.

        Raises:
            StoreError: not written; what is measured in half a minute will be.
        """
        now_ms = self._clock.now_ms()
        if now_ms - self._done_ms < EVERY_MS or not self._alarms.is_restored:
            return
        self._done_ms = now_ms
        quality = quality_of(self._alarms.snapshot.alarms, now_ms)
        self._metrics.alarms_measured(quality)
        values = {name: getattr(quality, name) for name in _MEASURES}
        row = {"page_url": self._page_url or None} | values
        self._store.write(EVALUATOR, [encode_point(EVALUATOR, {}, row, now_ms)])
        if quality.most_frequent:
            self._store.write(FREQUENT_ALARM, _sources(quality, now_ms))


def _sources(quality: AlarmSystemQuality, now_ms: int) -> list[bytes]:
    lines = []
    for rank, source in enumerate(quality.most_frequent, start=1):
        name = ALARM_TYPES[source.type].name
        row: dict[str, FieldValue | None] = {
            "text_zh": name.zh, "text_en": name.en, "resource": source.resource.id,
            "area": source.resource.area, "raised": source.raised, "share": source.share,
        }  # fmt: skip
        lines.append(encode_point(FREQUENT_ALARM, {"rank": f"{rank:02}"}, row, now_ms))
    return lines
