"""Metrics of one message to values under the names that their birth gave them."""

import math
from typing import Any

from gigacity_contract.decoding import RejectionReason
from gigacity_ingest.formats.gathering import MAX_NAME, Gathering
from gigacity_ingest.formats.sparkplug_b.births import (
    CONTROL,
    BirthTable,
    BornMetric,
    born_metric,
)
from gigacity_ingest.formats.sparkplug_b.values import (
    DATA_TYPES,
    MetricValueError,
    read_value,
)
from gigacity_ingest.formats.times import TimeRule

_BAD, _STALE = 0, 500
_QUALITY = "Quality"
_NOTHING = object()
_NO_ALIASES: dict[int, BornMetric] = {}


class MetricReader:
    """Reads the metrics of one message into readings, one for each instant."""

    def __init__(
        self,
        table: BirthTable,
        times: TimeRule,
        *,
        is_alias_known: bool,
        is_lsb_first: bool,
    ) -> None:
        self._table = table
        self._times = times
        self._is_alias_known = is_alias_known
        self._is_lsb_first = is_lsb_first
        self.unknown = 0
        """Metrics whose name only a new birth can tell."""
        self.first_unknown = ""
        """Where the first of them stands."""

    def read(
        self, metrics: Any, names: dict[str, str], sent_ms: int | None, into: Gathering
    ) -> None:
        """Add readings, faults and counts."""
        by_instant: dict[int | None, dict[str, Any]] = {}
        aliases = self._table.aliases if self._is_alias_known else _NO_ALIASES
        stamp, values = None, None
        for index, metric in enumerate(metrics):
            born = aliases.get(metric.alias) if metric.HasField("alias") else None
            if (
                born is not None
                and metric.WhichOneof("value") == born.member
                and not (metric.name or metric.is_null or metric.is_transient)
                and not (metric.datatype or metric.HasField("properties"))
            ):
                # Usual data: an alias that a birth explained, and a value that needs no reading.
                name, value = born.name, getattr(metric, born.member)
                if value.__class__ is float and not math.isfinite(value):
                    value = None
            else:
                name, value = self._unusual(metric, index, into)
                if value is _NOTHING:
                    continue
            if values is None or metric.timestamp != stamp:
                stamp = metric.timestamp
                at_ms = self._times.instant_ms(stamp)
                values = by_instant.setdefault(sent_ms if at_ms is None else at_ms, {})
            values[name] = value
        for at_ms, values in by_instant.items():
            into.add(names, values, at_ms)

    def _unusual(self, metric: Any, index: int, into: Gathering) -> tuple[str, Any]:
        """Name and value of any metric; ``_NOTHING`` where no value is made of it."""
        born = self._born(metric, index)
        if born is None or self._is_left_out(metric, born, into):
            return "", _NOTHING
        try:
            return born.name, self._value(metric, born, into)
        except MetricValueError as error:
            text = f"metrics[{index}] {born.name}: {error}"
            into.fault(RejectionReason.BAD_FIELD, text, metric.SerializeToString())
            return "", _NOTHING

    def _born(self, metric: Any, index: int) -> BornMetric | None:
        """Name and type of a metric; an alias that says another name than the metric is none."""
        name, datatype = metric.name, metric.datatype
        if metric.HasField("alias") and (not name or not datatype):
            born = self._table.aliases.get(metric.alias) if self._is_alias_known else None
            if born is not None and name in {"", born.name}:
                return born_metric(born.name, datatype or born.datatype)
            if not name:
                self._note_unknown(f"metrics[{index}]: alias {metric.alias}")
                return None
        datatype = datatype or self._table.types.get(name, 0)
        if not name or datatype not in DATA_TYPES:
            self._note_unknown(f"metrics[{index}] {name[:MAX_NAME]}: no birth stated its data type")
            return None
        return born_metric(name, datatype)

    def _note_unknown(self, place: str) -> None:
        self.first_unknown = self.first_unknown or place
        self.unknown += 1

    @staticmethod
    def _is_left_out(metric: Any, born: BornMetric, into: Gathering) -> bool:
        why = "transient" if metric.is_transient else born.ignored
        if why is None:
            return False
        if why != CONTROL:
            into.ignore(why)
        return True

    def _value(self, metric: Any, born: BornMetric, into: Gathering) -> Any:
        """The value, None where the node says that it has no valid one."""
        if metric.is_null:
            return None
        quality = _quality(metric)
        if quality in {_BAD, _STALE}:
            why = "bad_quality" if quality == _BAD else "stale_quality"
            into.ignore(why)
            return None
        return read_value(metric, born.datatype, is_lsb_first=self._is_lsb_first)


def _quality(metric: Any) -> int | None:
    if not metric.HasField("properties"):
        return None
    properties = metric.properties
    for key, value in zip(properties.keys, properties.values, strict=False):
        if key == _QUALITY and not value.is_null:
            return int(value.long_value if value.HasField("long_value") else value.int_value)
    return None
