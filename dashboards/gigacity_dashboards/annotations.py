"""Marks on every chart: what happened to the system that a reader of a curve should know."""

from dataclasses import dataclass

from gigacity_city.model import Name
from gigacity_contract.measurements import ALARM, GIGACITY_WORKER, INDICATOR
from gigacity_dashboards import house, influxql, sdk, texts, texts_alarm_list
from gigacity_dashboards.dataquery import data_source
from gigacity_dashboards.house import BoardWords
from gigacity_dashboards.indicators import PORTS_10G
from gigacity_dashboards.panels.alarm_list import WITH_MANY_HOMES


@dataclass(frozen=True, slots=True)
class MarkQuery(sdk.Dataquery):
    """The query of a mark, as Grafana's InfluxDB data source reads it."""

    query: str
    text_column: str

    def to_json(self) -> dict[str, object]:
        """The JSON of the target."""
        return {
            "refId": "Anno",
            "fromAnnotations": True,
            "query": self.query,
            "rawQuery": True,
            "resultFormat": "table",
            "textColumn": self.text_column,
        }


class _MarkTarget(sdk.Builder[sdk.Dataquery]):
    def __init__(self, query: MarkQuery) -> None:
        self._query = query

    def build(self) -> sdk.Dataquery:
        return self._query


def marks(words: BoardWords) -> list[sdk.dashboard.AnnotationQuery]:
    """The marks of every board; those that may be many are off until they are asked for."""
    of_city = [
        influxql.equals(INDICATOR, "scope", "city"),
        influxql.equals(INDICATOR, "indicator", PORTS_10G.id),
    ]
    restarts = influxql.steps(GIGACITY_WORKER, "started_ms", by=["worker"])
    methods = influxql.steps(INDICATOR, "method_version", by=["indicator"], where=of_city[:1])
    revised = influxql.rows(INDICATOR, fields=["revision"], where=[*of_city, '"revision" > 1'])
    text = f"text_{words.language}"
    alarms = influxql.rows(ALARM, fields=[text, "severity"], where=[WITH_MANY_HOMES])
    return [
        _mark(texts_alarm_list.ALARM_MARKS, alarms, text, house.BAD, words),
        _mark(texts.RESTARTS, restarts, "worker", house.UNSURE, words),
        _mark(texts.METHOD_CHANGES, methods, "indicator", house.BLUE, words),
        _mark(texts.REVISED, revised, "revision", house.NEUTRAL, words, is_on=False),
    ]


def _mark(
    name: Name, query: str, column: str, colour: str, words: BoardWords, *, is_on: bool = True
) -> sdk.dashboard.AnnotationQuery:
    return (
        sdk.dashboard.AnnotationQuery()
        .name(words(name))
        .datasource(data_source())
        .enable(is_on)
        .icon_color(colour)
        .target(_MarkTarget(MarkQuery(query, column)))
    )
