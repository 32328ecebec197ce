"""What becomes of one message of a source: whose it is, what is stored, refused and counted.

Decoder and mapper are the worker's own. Pure.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from gigacity_contract.decoding import PayloadError
from gigacity_contract.kinds import KIND_OF_VALUES
from gigacity_contract.topics import Publisher
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, SessionChange
from gigacity_ingest.mapping.counts import UNMAPPED
from gigacity_ingest.mapping.definitions import PON_PORT_KIND
from gigacity_ingest.mapping.reports import Mapped, MappingFault, ReportTarget, TimeOrigin
from gigacity_ingest.mapping.sources import ForeignSource


class ExplainedReading(msgspec.Struct, omit_defaults=True):
    """What the decoder made of the message."""

    names: Mapping[str, str]
    """Of the format, and the named levels of the topic."""
    time: str | None
    values: Mapping[str, Any]
    message_id: str = ""


class ExplainedReport(msgspec.Struct, omit_defaults=True):
    """One report that would be stored."""

    kind: str
    time: str
    device: str = ""
    """Community and device."""
    olt: str = ""
    area: str = ""
    arrival: bool = False
    """The time is that of the arrival: the message states none."""
    sequence: int | None = None
    """The device's own number of the message, if the source says where it stands."""
    values: Mapping[str, Any] = {}
    ports: list[Mapping[str, Any]] = []


class ExplainedSession(msgspec.Struct, omit_defaults=True):
    """A birth or an end."""

    online: bool
    device: str = ""
    olt: str = ""
    time: str | None = None
    reason: str = ""


class ExplainedRefusal(msgspec.Struct):
    """Why something is a dead letter."""

    reason: str
    error: str


class MessageExplanation(msgspec.Struct):
    """Everything that becomes of one message."""

    source: str
    decoder: str
    readings: list[ExplainedReading] = []
    stored: list[ExplainedReport] = []
    sessions: list[ExplainedSession] = []
    refused: list[ExplainedRefusal] = []
    ignored: Mapping[str, int] = {}
    """What the format holds and no reading is made of."""
    counts: Mapping[str, Mapping[str, int]] = {}
    """By outcome: fields, or for ``unmapped`` the names of properties."""
    answers: list[str] = []
    """Topics on which the device would be answered."""


def explain(
    source: ForeignSource, message: ForeignMessage
) -> tuple[MessageExplanation, list[Mapped]]:
    """What becomes of a message, and the reports as the worker gets them."""
    found = MessageExplanation(source.name, source.format)
    before = _counts(source)
    try:
        decoded = source.decoder.decode(message)
    except PayloadError as error:
        found.refused = [ExplainedRefusal(error.reason.value, error.error)]
        return found, []
    mapped = source.mapper.map(decoded.readings, message)
    _explain_decoded(found, source, decoded, message.topic)
    for one in mapped:
        found.refused += [_refusal(fault) for fault in one.faults]
        if one.is_stored and one.target is not None:
            found.stored.append(_report(one, one.target))
    found.counts = _difference(before, _counts(source))
    return found, mapped


def _explain_decoded(
    found: MessageExplanation, source: ForeignSource, decoded: Decoded, topic: str
) -> None:
    levels = topic.partition("?")[0].split("/")
    met = next((one for one in source.topics if one.matches(levels)), None)
    named = {} if met is None else met.named(levels)
    found.readings = [
        ExplainedReading(
            {**reading.names, **named}, instant_text(reading.time_ms), reading.values,
            reading.message_id,
        )
        for reading in decoded.readings
    ]  # fmt: skip
    found.refused = [ExplainedRefusal(f.reason.value, f.error) for f in decoded.faults]
    found.ignored = decoded.ignored
    found.answers = [answer.topic for answer in decoded.answers]
    for change in decoded.sessions:
        target = source.mapper.whose(change.names, topic)
        if isinstance(target, MappingFault):
            found.refused.append(_refusal(target))
        elif target is not None:
            found.sessions.append(_session(change, target))


def _report(mapped: Mapped, target: ReportTarget) -> ExplainedReport:
    values = {} if mapped.values is None else _present(mapped.values)
    kind = PON_PORT_KIND if mapped.values is None else KIND_OF_VALUES[type(mapped.values)]
    return ExplainedReport(
        kind=kind,
        time=instant_text(mapped.time_ms) or "",
        area=target.area,
        arrival=mapped.time_origin is TimeOrigin.ARRIVAL,
        sequence=mapped.sequence,
        values=values,
        ports=[_present(port) for port in mapped.ports],
        **_named(target),
    )


def _session(change: SessionChange, target: ReportTarget) -> ExplainedSession:
    return ExplainedSession(
        online=change.is_online,
        time=instant_text(change.time_ms),
        reason=change.reason,
        **_named(target),
    )


def _named(target: ReportTarget) -> dict[str, str]:
    if target.publisher is Publisher.OLT:
        return {"olt": target.id}
    return {"device": f"{target.community}/{target.id}"}


def _present(struct: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(struct)
    return {name: value for name, value in values.items() if value is not None}


def _refusal(fault: MappingFault) -> ExplainedRefusal:
    return ExplainedRefusal(fault.reason.value, fault.error)


def instant_text(at_ms: int | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond; a number where there is no such date."""
    if at_ms is None:
        return None
    try:
        text = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        # A message may state what no calendar has; its refusal tells the rest.
        return f"{at_ms} ms"
    return text.replace("+00:00", "Z")


_Counted = Counter[tuple[str, str]]


def _counts(source: ForeignSource) -> _Counted:
    counts = source.mapper.counts
    found: _Counted = Counter()
    for count, number in counts.of_fields().items():
        found[count.outcome.value, count.field] += number
    for name, number in counts.unmapped.items():
        found[UNMAPPED, name] += number
    return found


def _difference(before: _Counted, after: _Counted) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (outcome, name), number in (after - before).items():
        found.setdefault(outcome, {})[name] = number
    return found
