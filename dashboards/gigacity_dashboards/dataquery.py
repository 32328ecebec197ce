"""A panel's InfluxQL query: the SDK has none of its own."""

from dataclasses import dataclass
from typing import Literal

from gigacity_dashboards.sdk import Builder, Dataquery, common_models

DATA_SOURCE_UID = "gigacity"
DATA_SOURCE_TYPE = "influxdb"

ResultFormat = Literal["time_series", "table"]


def data_source() -> common_models.DataSourceRef:
    """The one data source of every board, by the uid that its provisioning file pins."""
    return common_models.DataSourceRef(type_val=DATA_SOURCE_TYPE, uid=DATA_SOURCE_UID)


@dataclass(frozen=True, slots=True)
class InfluxQLQuery(Dataquery):
    """One target of a panel, as Grafana's InfluxDB data source reads it."""

    ref_id: str
    query: str
    result_format: ResultFormat
    alias: str = ""
    """Names the series; ``$col`` and ``$tag_<name>`` are filled in."""

    def to_json(self) -> dict[str, object]:
        """The JSON of the target."""
        target: dict[str, object] = {
            "refId": self.ref_id,
            "datasource": data_source(),
            "query": self.query,
            "rawQuery": True,
            "resultFormat": self.result_format,
        }
        if self.alias:
            target["alias"] = self.alias
        return target


class TargetBuilder(Builder[Dataquery]):
    """Hands a finished query to the SDK's panel builders."""

    def __init__(self, query: InfluxQLQuery) -> None:
        self._query = query

    def build(self) -> Dataquery:
        """The query."""
        return self._query


def table_of(query: str, *, ref_id: str = "A") -> TargetBuilder:
    """Rows with tags as columns, in one frame."""
    return TargetBuilder(InfluxQLQuery(ref_id, query, "table"))


def series_of(query: str, *, ref_id: str = "A", alias: str = "") -> TargetBuilder:
    """One frame a series."""
    return TargetBuilder(InfluxQLQuery(ref_id, query, "time_series", alias))
