"""Presence: the state of a session is right whatever the order, delay or repetition of messages."""

from dataclasses import dataclass, field

from gigacity_contract.measurements import PRESENCE
from gigacity_ingest.decode.decoder import Decoder
from tests.support.city import AREA_A, COMMUNITY_A, RETIRED_A
from tests.unit.ingest.messages import (
    DAY_MS,
    NOW_MS,
    OLT_STATUS,
    decode,
    points,
    reasons,
    status,
)

SESSION = NOW_MS - 3_600_000


@dataclass
class Rows:
    """What the database would hold: fields of a row are merged, later values win."""

    decoder: Decoder
    rows: dict[int, dict[str, object]] = field(default_factory=dict)

    def take(self, payload: bytes, *, is_copy: bool = False, now_ms: int = NOW_MS) -> "Rows":
        out = decode(self.decoder, OLT_STATUS, payload, is_copy=is_copy, now_ms=now_ms)
        for point in points(out):
            assert point.time is not None
            values = {name: value for name, (_, value) in point.fields.items()}
            self.rows.setdefault(point.time, {}).update(values)
        return self

    def is_online(self, at_ms: int) -> bool:
        """The contract's rule: offline = the newest session has ended."""
        newest = max(session for session in self.rows if session <= at_ms)
        row = self.rows[newest]
        ends = [row[name] for name in ("ended_ms", "seen_ended_ms") if name in row]
        return not any(isinstance(end, int) and end <= at_ms for end in ends)


def test_clearing_a_retained_status_is_no_dead_letter_and_leaves_the_session(
    decoder: Decoder,
) -> None:
    for is_copy in (False, True):
        out = decode(decoder, OLT_STATUS, b"", is_copy=is_copy)

        assert (out.points, out.dead_letters, out.cleared_statuses) == (0, [], 1)


def test_a_birth_writes_the_row_of_its_session(decoder: Decoder) -> None:
    out = decode(decoder, OLT_STATUS, status(SESSION, "online"))

    (point,) = points(out)
    assert point.measurement == PRESENCE.name
    assert point.tags == {"area": AREA_A, "id": "olt-a", "object": "olt"}
    assert (point.time, point.fields) == (SESSION, {"online_ms": ("integer", SESSION)})
    assert out.raw == []


def test_a_device_and_a_gateway_are_tagged_as_what_they_are(decoder: Decoder) -> None:
    device = f"gigacity/v1/{RETIRED_A}/community/{COMMUNITY_A}/elevator-1/status"
    gateway = f"gigacity/v1/{AREA_A}/gateway/gw-a/status"

    assert points(decode(decoder, device, status(SESSION, "online")))[0].tags == {
        "area": AREA_A, "community": COMMUNITY_A, "id": "elevator-1", "object": "device",
    }  # fmt: skip
    assert points(decode(decoder, gateway, status(SESSION, "online")))[0].tags == {
        "area": AREA_A, "id": "gw-a", "object": "gateway",
    }  # fmt: skip


def test_a_live_will_ends_the_session_at_the_workers_clock(decoder: Decoder) -> None:
    (point,) = points(decode(decoder, OLT_STATUS, status(SESSION, "offline")))

    assert point.time == SESSION
    assert point.fields == {"ended_ms": ("integer", NOW_MS), "end_source": ("string", "will")}


def test_a_retained_copy_of_a_will_only_says_that_the_session_had_ended(decoder: Decoder) -> None:
    (point,) = points(decode(decoder, OLT_STATUS, status(SESSION, "offline"), is_copy=True))

    assert point.fields == {"seen_ended_ms": ("integer", NOW_MS)}


def test_an_orderly_end_keeps_the_devices_time_and_reason_even_as_a_copy(decoder: Decoder) -> None:
    payload = status(SESSION, "offline", ts=SESSION + 60_000, reason="maintenance")
    expected = {
        "ended_ms": ("integer", SESSION + 60_000),
        "end_source": ("string", "orderly"),
        "reason": ("string", "maintenance"),
    }

    assert points(decode(decoder, OLT_STATUS, payload))[0].fields == expected
    assert points(decode(decoder, OLT_STATUS, payload, is_copy=True))[0].fields == expected


def test_worker_down_over_a_will_and_a_new_birth(decoder: Decoder) -> None:
    # Both were queued for the persistent session and arrive when the worker is back.
    rows = Rows(decoder).take(status(SESSION, "online"), now_ms=SESSION)
    rows.take(status(SESSION, "offline")).take(status(SESSION + 1000, "online"))

    assert rows.is_online(NOW_MS)
    assert rows.rows[SESSION]["end_source"] == "will"


def test_a_new_birth_before_the_late_will_of_the_session_before(decoder: Decoder) -> None:
    rows = Rows(decoder).take(status(SESSION + 1000, "online")).take(status(SESSION, "offline"))

    assert rows.is_online(NOW_MS)


def test_a_device_clock_four_minutes_ahead(decoder: Decoder) -> None:
    session = NOW_MS + 4 * 60_000
    rows = Rows(decoder).take(status(session, "online")).take(status(session, "offline"))

    # An end never lies before its session, and the session counts once its time has come.
    assert rows.rows[session] == {
        "online_ms": session, "ended_ms": session, "end_source": "will",
    }  # fmt: skip
    assert not rows.is_online(session)


def test_an_orderly_end_of_a_device_clock_four_minutes_ahead(decoder: Decoder) -> None:
    session, end = NOW_MS + 4 * 60_000 - 1000, NOW_MS + 4 * 60_000
    rows = Rows(decoder).take(status(session, "offline", ts=end, reason="night"))

    assert rows.rows[session]["ended_ms"] == end


def test_retained_births_of_sessions_that_are_sixty_days_old(decoder: Decoder) -> None:
    session = NOW_MS - 60 * DAY_MS
    out = decode(decoder, OLT_STATUS, status(session, "online"), is_copy=True)

    assert (points(out)[0].time, out.dead_letters) == (session, [])
    assert out.spans() == {}, "a copy announces no late data"
    assert Rows(decoder).take(status(session, "online"), is_copy=True).is_online(NOW_MS)


def test_a_redelivered_will_does_not_move_the_end(decoder: Decoder) -> None:
    rows = Rows(decoder).take(status(SESSION, "online")).take(status(SESSION, "offline"))
    rows.take(status(SESSION, "offline"), is_copy=True, now_ms=NOW_MS + 600_000)

    assert rows.rows[SESSION]["ended_ms"] == NOW_MS
    assert not rows.is_online(NOW_MS)


def test_a_will_that_is_only_ever_redelivered_still_ends_the_session(decoder: Decoder) -> None:
    rows = Rows(decoder).take(status(SESSION, "online"))
    rows.take(status(SESSION, "offline"), is_copy=True)

    assert not rows.is_online(NOW_MS)


def test_an_end_outside_its_session_is_the_workers_time_and_a_partial_dead_letter(
    decoder: Decoder,
) -> None:
    out = decode(decoder, OLT_STATUS, status(SESSION, "offline", ts=SESSION - 1, reason="x"))

    assert points(out)[0].fields["ended_ms"] == ("integer", NOW_MS)
    assert reasons(out) == [("bad_field", "partial")]


def test_a_live_birth_notes_its_own_instant_so_that_a_late_one_is_announced(
    decoder: Decoder,
) -> None:
    out = decode(decoder, OLT_STATUS, status(SESSION, "online"))

    assert out.spans()["presence", AREA_A][0].first_ms == SESSION
