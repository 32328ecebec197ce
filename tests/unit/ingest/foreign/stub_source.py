"""A source whose format is its own description: what decoding gives stands in the payload as JSON.

Of the city it knows what the payload names, so that each rule that holds for all sources can be
tried without any real format.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gigacity_contract.decoding import Extent, PayloadError, RejectionReason
from gigacity_contract.kinds import SmokeDetector
from gigacity_contract.payloads import Port
from gigacity_contract.topics import Publisher
from gigacity_ingest.formats.readings import (
    Answer,
    Decoded,
    ForeignMessage,
    FormatFault,
    Reading,
    SessionChange,
)
from gigacity_ingest.mapping.city_objects import CityObjects
from gigacity_ingest.mapping.counts import SourceCounts
from gigacity_ingest.mapping.reports import Mapped, MappingFault, ReportTarget, TimeOrigin
from gigacity_ingest.mapping.sources import ForeignSource, SourceOwner, SourcePublishers
from gigacity_ingest.mapping.topic_filters import TopicFilter
from tests.support.city import AREA_A, COMMUNITY_A

TOPIC = "/sys/k1/d1/post"


class StubDecoder:
    """See the module."""

    def decode(self, message: ForeignMessage) -> Decoded:
        try:
            body = json.loads(message.payload)
        except ValueError as error:
            raise PayloadError(RejectionReason.NOT_JSON, str(error)) from error
        if body == "crash":
            raise RuntimeError("a fault of the decoder")
        return Decoded(
            readings=[
                Reading({}, row, time_ms=_time(row, message), message_id=row.get("id", ""))
                for row in body.get("readings", ())
            ],
            sessions=[
                SessionChange(row, row["online"], row.get("t")) for row in body.get("sessions", ())
            ],
            answers=[Answer(topic, b"{}") for topic in body.get("answers", ())],
            faults=[
                FormatFault(RejectionReason.BAD_ENTRY, text, b"part")
                for text in body.get("faults", ())
            ],
            ignored=body.get("ignored", {}),
        )


def _time(row: Mapping[str, Any], message: ForeignMessage) -> int | None:
    return message.now_ms - row["ago"] if "ago" in row else row.get("t")


class StubMapper:
    """A reading names its object and its values."""

    counts = SourceCounts([])

    def follow(self, city: CityObjects) -> None:
        self.city = city

    def map(self, readings: Iterable[Reading], message: ForeignMessage) -> list[Mapped]:
        return [
            self._one(reading, message)
            for reading in readings
            if reading.time_ms is not None or not message.is_retained
        ]

    def _one(self, reading: Reading, message: ForeignMessage) -> Mapped:
        row, is_stated = reading.values, reading.time_ms is not None
        made = Mapped(
            _target(row),
            time_ms=message.now_ms if reading.time_ms is None else reading.time_ms,
            time_origin=TimeOrigin.STATED if is_stated else TimeOrigin.ARRIVAL,
            message_id=reading.message_id,
            sequence=row.get("number"),
        )
        if "olt" in row:
            made.ports = [
                Port(slot=1, port=number, tech="xgs-pon", admin="up", oper="up")
                for number in row["ports"]
            ]
        else:
            made.values = SmokeDetector(battery_pct=row.get("battery", 50))
        if row.get("bad"):
            fault = MappingFault(RejectionReason.BAD_FIELD, Extent.PARTIAL, row["bad"])
            made.faults = [fault]
        return made

    def whose(self, names: Mapping[str, str], topic: str) -> ReportTarget | MappingFault:
        if "device" not in names and "olt" not in names:
            return MappingFault(RejectionReason.NOT_YOURS, Extent.ENTRY, "nobody's")
        return _target(names)


def _target(row: Mapping[str, Any]) -> ReportTarget:
    if "olt" in row:
        return ReportTarget(Publisher.OLT, row.get("area", AREA_A), "", row["olt"])
    community = row.get("community", COMMUNITY_A)
    return ReportTarget(Publisher.DEVICE, row.get("area", AREA_A), community, row["device"])


def stub_source(
    name: str = "alink-a",
    *,
    topics: tuple[str, ...] = ("/sys/+/+/post",),
    owner: SourceOwner | None = None,
    answers: bool = False,
    publishers: SourcePublishers | None = None,
) -> ForeignSource:
    """A source of the stub's format."""
    return ForeignSource(
        name=name,
        topics=tuple(TopicFilter.parse(text) for text in topics),
        format="alink",
        decoder=StubDecoder(),
        mapper=StubMapper(),
        owner=owner or SourceOwner(areas=(AREA_A,)),
        answers=answers,
        publishers=publishers or SourcePublishers(),
    )


def reading(device: str = "hands-on", **members: Any) -> dict[str, Any]:
    """One reading of a device."""
    return {"device": device, **members}


def body(*readings: dict[str, Any], **members: Any) -> bytes:
    """A message of the stub's format."""
    return json.dumps({"readings": list(readings), **members}).encode()
