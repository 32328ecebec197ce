"""Births and ends of publishers' sessions: which are taken, and the row that each writes."""

from collections.abc import Mapping

from gigacity_contract.decoding import Extent, PayloadError, RejectionReason, decode_status
from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import PRESENCE
from gigacity_ingest.decode.admission import Admission
from gigacity_ingest.decode.instants import check_session
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.decode.points import TOO_MANY
from gigacity_ingest.decode.presence import has_plausible_end, presence_fields
from gigacity_ingest.decode.routes import Route


def take_status(route: Route, message: ReceivedMessage, admission: Admission, out: Outcome) -> None:
    """Take one status message.

    Raises:
        PayloadError: it is none, implausible in time, or of one unregistered publisher too many.
    """
    if not message.payload:
        # This is how MQTT clears a retained message. What the session was stays stored.
        out.cleared_statuses += 1
        return
    now_ms = message.now_ms
    status, notes = decode_status(message.payload)
    check_session(status.session, now_ms)
    check_publisher(route, admission)
    if notes is not None:
        out.note(notes, message)
    if not has_plausible_end(status, now_ms):
        text = f"ts: {status.ts} is before the session or more than 5 min ahead"
        out.refuse(message, RejectionReason.BAD_FIELD, text, extent=Extent.PARTIAL)
        out.absent_fields += 1
    fields, instant_ms = presence_fields(status, is_copy=message.is_copy, now_ms=now_ms)
    add_row(route, status.session, fields, out)
    if not message.is_copy:
        # A copy tells nothing new about the past, and its session may be months old.
        out.note_time((PRESENCE.name, route.area), instant_ms, 1)


def check_publisher(route: Route, admission: Admission) -> None:
    """Refuse sessions of a topic's publisher that may not have a series.

    Raises:
        PayloadError: it is not registered, and there are too many such.
    """
    if not admission.admits_session(route.publisher, route.area, route.community, route.id):
        raise PayloadError(RejectionReason.TOO_MANY_UNREGISTERED, f"{route.id}: {TOO_MANY}")


def add_row(
    route: Route, session_ms: int, fields: Mapping[str, FieldValue | None], out: Outcome
) -> None:
    """Add what became known of one session of a topic's publisher."""
    tags = {
        "area": route.area,
        "community": route.community,
        "id": route.id,
        "object": route.publisher.value,
    }
    out.forever.append(encode_point(PRESENCE, tags, fields, session_ms))
