"""Telegraf's ``json``: one metric, ``{"metrics": [...]}`` or a list of them.

Source: plugins/serializers/json of Telegraf. Its units of time are a setting, so the magnitude
decides; ``host`` is the machine on which Telegraf runs, and not the object.
"""

from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import EMPTY, Gathering, identity
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.tag_names import MEASUREMENT, TagNames
from gigacity_ingest.formats.times import TimeRule


class TelegrafJsonDecoder:
    """Reads metrics: tags name the object, fields are its values.

    Args:
        times: how ``timestamp`` is written.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times
        self._tag_names = TagNames()

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings of one message.

        Raises:
            PayloadError: no JSON, or no metric.
        """
        gathering = Gathering()
        for index, metric in enumerate(_metrics_of(read_body(message.payload))):
            self._add(gathering, metric, index)
        return gathering.finish()

    def _add(self, gathering: Gathering, metric: Any, index: int) -> None:
        if metric.__class__ is not dict:
            gathering.refuse(f"metrics[{index}]", "a metric (an object)", metric)
            return
        fields, tags = metric.get("fields"), metric.get("tags")
        if fields.__class__ is not dict:
            gathering.refuse(f"metrics[{index}].fields", "an object", metric)
            return
        if not fields:
            gathering.ignore(EMPTY)
            return
        names = {MEASUREMENT: identity(metric.get("name")) or ""}
        if tags.__class__ is dict:
            known = self._tag_names
            for tag, value in tags.items():
                named = value if value.__class__ is str else identity(value)
                if named is None:
                    gathering.refuse(f"metrics[{index}].tags.{tag[:64]}", "a text", metric)
                    return
                names[known[tag]] = named
        elif tags is not None:
            gathering.refuse(f"metrics[{index}].tags", "an object", metric)
            return
        gathering.add(names, fields, self._times.instant_ms(metric.get("timestamp")))


def _metrics_of(body: Any) -> list[Any]:
    if isinstance(body, dict):
        if "metrics" not in body:
            if "fields" not in body:
                text = 'expected a metric ("fields") or "metrics"'
                raise PayloadError(RejectionReason.BAD_ENVELOPE, text)
            return [body]
        body = body["metrics"]
    if not isinstance(body, list):
        raise PayloadError(RejectionReason.BAD_ENVELOPE, "metrics: expected a list")
    return body


def _make(dialect: Dialect, times: TimeRule) -> TelegrafJsonDecoder:
    check_keys(dialect, ())
    return TelegrafJsonDecoder(times)


FORMAT = Format(
    "telegraf_json",
    _make,
    "Telegraf's JSON: single metrics and batches",
    "Telegraf 的 JSON：单条或批量指标",
)
