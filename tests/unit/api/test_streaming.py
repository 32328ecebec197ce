"""The stream: newest first, then every new one; goes on after the last event; bounded."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any

import pytest

from gigacity_api.alarms.model import (
    Act,
    Alarm,
    AlarmEvent,
    AlarmResource,
    AlarmText,
    ResourceKind,
    Severity,
)
from gigacity_api.evaluator.alarm_service import KEPT_EVENTS
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.http.streaming.events import PROCESS_NUMBERS, StreamPosition, parse_event_id
from gigacity_api.http.streaming.revisions import KEPT_MS, MAX_KEPT, OVERLAP_MS, RevisionLog
from gigacity_api.http.streaming.stream import Stream, StreamSettings
from gigacity_api.http.streaming.tickets import MAX_OF_KEY
from gigacity_api.storage.queries.revisions import revised_figures
from gigacity_contract.local_time import rfc3339
from tests.support.influxql_rules import problems
from tests.unit.api.conftest import READ_KEY, TICKS, Running, T, report_everything
from tests.unit.api.test_revisions import Revising

GRID_MS = TICKS.tick_ms


@pytest.fixture
def stream(evaluated: Running) -> Stream:
    return streaming(evaluated, look_s=0, heartbeat_s=1e9)


def streaming(running: Running, alarms: Sequence[AlarmEvent] = (), **settings: Any) -> Stream:
    revisions = RevisionLog(running.store, running.clock)
    chosen = StreamSettings(**settings)
    return Stream(running.cache, revisions, GRID_MS, chosen, lambda: tuple(alarms))


async def take(events: AsyncGenerator[bytes, None], count: int) -> list[bytes]:
    found = [await anext(events) for _ in range(count)]
    await events.aclose()
    return found


def id_here(stream: Stream, as_of_ms: int) -> str:
    """Of an event that this process sent a moment ago."""
    told_ms = stream._revisions.settled_ms()
    return StreamPosition(as_of_ms, 0, told_ms, 0, stream._process).id


def publish(cache: PublicationCache, as_of_ms: int, revision: int = 0) -> None:
    newest = cache.newest()
    assert newest is not None
    cache.put(
        Publication(as_of_ms, newest.city_version, revision, newest.figures, newest.inventory, None)
    )


def ids(events: list[bytes]) -> list[str]:
    """Instant and revision of each event; how far other kinds were told is left out."""
    return ["-".join(id_of(e).split("-")[:2]) for e in events if e.startswith(b"id:")]


def id_of(event: bytes) -> str:
    return event.split(b"\n")[0].decode()


def missed(events: list[bytes]) -> list[list[str]]:
    """What each event of its kind says."""
    heads = [e.removeprefix(b"event: resync\ndata: ") for e in events if b"event: resync" in e]
    return [json.loads(text)["missed"] for text in heads]


def test_the_newest_evaluation_comes_at_once(stream: Stream) -> None:
    retry, event = asyncio.run(take(stream.events(""), 2))
    assert retry == b"retry: 3000\n\n"
    head, kind, data, *_ = event.decode().split("\n")
    assert re.fullmatch(rf"id: {T}-0-{T + 27_000}-0-\d+", head)
    assert kind == "event: evaluation"
    body = json.loads(data.removeprefix("data: "))
    assert body["as_of_ms"] == T
    assert {f["scope"] for f in body["figures"]} == {"city"}
    assert event.endswith(b"\n\n")


def test_a_new_evaluation_or_revision_is_the_next_event(stream: Stream, evaluated: Running) -> None:
    async def follow() -> list[bytes]:
        events = stream.events("")
        found = [await anext(events), await anext(events)]
        publish(evaluated.cache, T + GRID_MS)
        found.append(await anext(events))
        publish(evaluated.cache, T + GRID_MS, 1)
        return [*found, *await take(events, 1)]

    found = asyncio.run(follow())
    assert ids(found) == [f"id: {T}-0", f"id: {T + GRID_MS}-0", f"id: {T + GRID_MS}-1"]


def test_it_goes_on_after_the_last_event_as_far_as_evaluations_are_kept(
    stream: Stream, evaluated: Running
) -> None:
    for step in (1, 2, 3):
        publish(evaluated.cache, T + step * GRID_MS)
    last = id_here(stream, T)
    found = asyncio.run(take(stream.events(last), 4))
    assert ids(found) == [f"id: {T + step * GRID_MS}-0" for step in (1, 2, 3)]
    publish(evaluated.cache, T + 4 * GRID_MS)
    publish(evaluated.cache, T + 5 * GRID_MS)
    found = asyncio.run(take(stream.events(last), 6))
    assert not missed(found), "the oldest that is kept comes next"
    publish(evaluated.cache, T + 6 * GRID_MS)
    found = asyncio.run(take(stream.events(last), 7))
    assert missed(found[:2]) == [["evaluation"]]
    assert ids(found) == [f"id: {T + step * GRID_MS}-0" for step in (2, 3, 4, 5, 6)]


@pytest.mark.parametrize(
    "last", ["", "x", "1", "-", "1-x", "²-1", "1-1-1-1", "1-0-", "-1-0-0", "9" * 400 + "-1"]
)
def test_an_unknown_last_event_begins_with_the_newest(stream: Stream, last: str) -> None:
    assert parse_event_id(last) is None
    found = asyncio.run(take(stream.events(last), 3 if last else 2))
    assert ids(found) == [f"id: {T}-0"]
    assert missed(found) == ([["evaluation", "revision", "alarm"]] if last else [])


def test_silence_is_broken_by_a_comment(evaluated: Running) -> None:
    stream = streaming(evaluated, look_s=0.001, heartbeat_s=0.002)
    found = asyncio.run(take(stream.events(id_here(stream, T)), 3))
    assert found[1:] == [b": nothing new\n\n"] * 2


def test_one_subscriber_too_many_is_turned_away(evaluated: Running) -> None:
    evaluated.app.state.context.stream.slots.taken = 200
    response = evaluated.get("/api/v1/stream", READ_KEY)
    assert response.status_code == 429
    assert response.headers["retry-after"] == "30"


# ---- revisions --------------------------------------------------------------------------------


def revise(
    running: Running, as_of_ms: int, at_ms: int, *indicators: str, revision: int = 1
) -> None:
    """What the log of publications then has."""
    for number, indicator in enumerate(indicators):
        tags = {"indicator": indicator, "scope": "area", "code": str(number)}
        running.store.put(
            "indicator_log", at_ms * 1_000_000, tags, as_of_ms=as_of_ms, revision=revision
        )


def told(events: list[bytes]) -> list[dict[str, Any]]:
    found = []
    for event in events:
        _, kind, data, *_ = event.decode().split("\n")
        if kind == "event: revision":
            found.append(json.loads(data.removeprefix("data: ")))
    return found


def follow(running: Running, last: str, *happenings: Callable[[], None]) -> list[bytes]:
    """Every event that a subscriber gets at once, and after each happening."""
    stream = streaming(running, look_s=0, heartbeat_s=1)
    log = stream._revisions

    async def listen() -> list[bytes]:
        events, found = stream.events(last), []
        for happening in (lambda: None, *happenings):
            happening()
            log.refresh()
            stream._settings = StreamSettings(look_s=0, heartbeat_s=0)
            while not (event := await anext(events)).startswith(b":"):
                found.append(event)
        await events.aclose()
        return found

    found = [event for event in asyncio.run(listen()) if not event.startswith(b"retry")]
    return [event for event in found if not event.startswith(b"event: resync")]


def test_a_revision_of_an_earlier_instant_is_an_event(evaluated: Running) -> None:
    now = evaluated.clock.now_ms()

    def happen() -> None:
        revise(evaluated, T - 10 * GRID_MS, now + 100, "pon.ports_10g", "device.online")
        evaluated.clock.advance_s(5)

    evaluation, revision = follow(evaluated, "", happen)
    assert id_of(evaluation).startswith(f"id: {T}-0-{now - 3_000}-")
    assert id_of(revision).startswith(f"id: {T}-0-{now + 100}-")
    assert told([revision]) == [
        {
            "as_of": rfc3339(T - 10 * GRID_MS), "as_of_ms": T - 10 * GRID_MS, "revision": 1,
            "published_at": rfc3339(now + 100), "indicators": ["device.online", "pon.ports_10g"],
            "figures": 2,
        }
    ]  # fmt: skip


def test_it_goes_on_after_the_last_revision_too(evaluated: Running) -> None:
    now = evaluated.clock.now_ms()
    for number in (1, 2, 3):
        revise(evaluated, T - number * GRID_MS, now - 60_000 + number, "pon.ports_10g")
    after = f"{T}-0-{now - 60_000 + 1}"
    assert [r["as_of_ms"] for r in told(follow(evaluated, after))] == [
        T - 2 * GRID_MS, T - 3 * GRID_MS,
    ]  # fmt: skip
    assert not told(follow(evaluated, f"{T}-0-{now}"))
    assert not told(follow(evaluated, f"{T}-0")), "an id without it begins now"
    assert not told(follow(evaluated, "")), "a new subscriber is not told of the past"


def test_both_kinds_of_events_keep_both_places(evaluated: Running) -> None:
    """A subscriber who reconnects after either kind gets neither again, and misses neither."""
    now = evaluated.clock.now_ms()

    def first() -> None:
        revise(evaluated, T - GRID_MS, now + 1, "pon.ports_10g")
        evaluated.clock.advance_s(4)

    def second() -> None:
        publish(evaluated.cache, T + GRID_MS)

    every = follow(evaluated, "", first, second)
    assert [e.split(b"event: ")[1].split(b"\n")[0] for e in every] == [
        b"evaluation", b"revision", b"evaluation",
    ]  # fmt: skip
    revise(evaluated, T - 2 * GRID_MS, now + 2, "pon.ports_10g")
    for number, event in enumerate(every):
        last = event.split(b"\n")[0].decode().removeprefix("id: ")
        again = follow(evaluated, last)
        left = 2 - number + 1
        assert len(again) == left, last
        assert again[-1] == every[-1] or again[-1].count(b"revision")


def test_the_revised_newest_instant_is_told_once_as_an_evaluation(evaluated: Running) -> None:
    now = evaluated.clock.now_ms()

    def happen() -> None:
        revise(evaluated, T, now + 1, "pon.ports_10g")
        publish(evaluated.cache, T, 1)
        evaluated.clock.advance_s(4)

    def go_on() -> None:
        publish(evaluated.cache, T + GRID_MS)

    found = follow(evaluated, "", happen, go_on)
    assert ids(found) == [f"id: {T}-0", f"id: {T}-1", f"id: {T + GRID_MS}-0"]
    assert not told(found)


def test_a_revision_that_the_board_does_not_have_yet_is_told_later(evaluated: Running) -> None:
    """As a replica's, which reads once a second; before the next instant or after it."""
    now = evaluated.clock.now_ms()

    def happen() -> None:
        revise(evaluated, T, now + 1, "pon.ports_10g")
        evaluated.clock.advance_s(4)

    soon = follow(evaluated, "", happen, lambda: publish(evaluated.cache, T, 1))
    assert ids(soon) == [f"id: {T}-0", f"id: {T}-1"]
    publish(evaluated.cache, T, 0)
    late = follow(evaluated, f"{T}-0-{now}", lambda: publish(evaluated.cache, T + GRID_MS))
    assert ids(late) == [f"id: {T + GRID_MS}-0"] * 2
    assert [r["as_of_ms"] for r in told(late)] == [T]


def test_what_late_data_revises_is_told(evaluated: Running) -> None:
    """Through the reviser itself."""
    revising = Revising(evaluated)
    for number in range(1, 9):
        report_everything(
            evaluated.store, evaluated.cache.inventory.city, T + number * GRID_MS - 1000
        )
        revising.step_at(T + number * GRID_MS)

    def happen() -> None:
        revising.late_port(T + 2 * GRID_MS - 10, "down")
        revising.work()
        evaluated.clock.advance_s(5)

    (revision,) = told(follow(evaluated, "", happen))
    assert (revision["as_of_ms"], revision["revision"]) == (T + 2 * GRID_MS, 1)
    assert "pon.ports_10g" in revision["indicators"]
    assert "device.online" not in revision["indicators"]


def test_first_publications_are_no_revisions_and_the_log_is_bounded(evaluated: Running) -> None:
    log = RevisionLog(evaluated.store, evaluated.clock)
    now = evaluated.clock.now_ms()
    revise(evaluated, T - GRID_MS, now - 10_000, "pon.ports_10g", revision=0)
    revise(evaluated, T - GRID_MS, now - KEPT_MS - 60_000, "pon.ports_10g")
    log.refresh()
    assert not log.after(0)
    for number in range(MAX_KEPT + 5):
        revise(evaluated, T - GRID_MS, now - 10_000 - number, "pon.ports_10g")
    log.refresh()
    log.refresh()
    assert len(log.after(0)) == MAX_KEPT
    assert not problems(revised_figures(0, 1).text)


def test_only_what_may_be_new_is_read_though_nothing_was_found(evaluated: Running) -> None:
    log, clock = RevisionLog(evaluated.store, evaluated.clock), evaluated.clock
    log.refresh()
    read_ms = log.settled_ms()
    after = []
    for seconds in (2, 2, -600):
        clock.advance_s(seconds)
        evaluated.store.asked.clear()
        log.refresh()
        (query,) = evaluated.store.asked
        after.append(query.after_ms - read_ms)
    assert after == [-OVERLAP_MS, 2_000 - OVERLAP_MS, -596_000 - OVERLAP_MS]


def test_a_revision_is_read_once_its_rows_are_all_written(evaluated: Running) -> None:
    log = RevisionLog(evaluated.store, evaluated.clock)
    now = evaluated.clock.now_ms()
    revise(evaluated, T - GRID_MS, now, "pon.ports_10g")
    log.refresh()
    assert not log.after(0)
    revise(evaluated, T - GRID_MS, now, "pon.ports_10g", "device.online")
    evaluated.clock.advance_s(4)
    log.refresh()
    (revision,) = log.after(0)
    assert revision.figures == 2


def test_an_id_is_read_as_it_is_written() -> None:
    position = StreamPosition(T, 3, T + 5, 17, 99_999_999)
    assert parse_event_id(position.id) == position
    assert len(StreamPosition(*(10**digits - 1 for digits in (15, 9, 15, 10, 8))).id) <= 64
    assert parse_event_id(f"{T}-3") == StreamPosition(T, 3, None)
    assert parse_event_id(f"{T}-3-{T}") == StreamPosition(T, 3, T)


# ---- what is not kept any more ------------------------------------------------------------------


def happened(number: int) -> AlarmEvent:
    alarm = Alarm(
        id="a" * 16, type="olt.offline", resource=AlarmResource(ResourceKind.OLT, "olt-1"),
        severity=Severity.MAJOR, first_raised_ms=T, raised_ms=T, reported_ms=T, changed_ms=T,
        text=AlarmText("x", "x"),
    )  # fmt: skip
    return AlarmEvent(number=number, act=Act.RAISE, alarm=alarm, at_ms=T, is_life_safety=False)


def place_here(stream: Stream, **changes: int) -> str:
    at = parse_event_id(id_here(stream, T))
    assert at is not None
    return at._replace(**changes).id


def alarm_numbers(events: list[bytes]) -> list[int]:
    """By the ids that the events of alarms have."""
    return [int(id_of(e).split("-")[3]) for e in events if b"event: alarm" in e]


def test_alarms_go_on_after_the_last_event_in_the_same_process_alone(evaluated: Running) -> None:
    recent = [happened(number) for number in (1, 2, 3)]
    stream = streaming(evaluated, recent, look_s=0, heartbeat_s=0)
    found = asyncio.run(take(stream.events(place_here(stream, alarm=1)), 4))
    assert alarm_numbers(found) == [2, 3]
    assert not missed(found)
    other = place_here(stream, alarm=1, process=(stream._process + 1) % PROCESS_NUMBERS)
    found = asyncio.run(take(stream.events(other), 4))
    assert missed(found[:2]) == [["alarm"]]
    assert not alarm_numbers(found)


def test_a_place_that_nobody_can_have_reached_is_not_waited_for(evaluated: Running) -> None:
    """An id that was made up, or from before the clock was set back: it once stayed deaf."""
    recent = [happened(1)]
    stream = streaming(evaluated, recent, look_s=0, heartbeat_s=0)
    now = evaluated.clock.now_ms()
    found = asyncio.run(take(stream.events(place_here(stream, alarm=2)), 3))
    assert missed(found) == [["alarm"]]
    ahead = place_here(stream, notified_ms=now + 3_600_000, alarm=10**10 - 1)

    async def listen() -> list[bytes]:
        events = stream.events(ahead)
        found = [await anext(events) for _ in range(2)]
        recent.append(happened(2))
        revise(evaluated, T - GRID_MS, now + 100, "pon.ports_10g")
        evaluated.clock.advance_s(5)
        stream._revisions.refresh()
        return [*found, *await take(events, 3)]

    found = asyncio.run(listen())
    assert missed(found) == [["revision", "alarm"]]
    assert alarm_numbers(found) == [2]
    assert [r["as_of_ms"] for r in told(found)] == [T - GRID_MS]
    assert not missed(asyncio.run(take(stream.events(place_here(stream, notified_ms=now)), 2)))


def test_an_alarm_before_the_first_evaluation_has_an_id_that_is_read() -> None:
    assert parse_event_id(StreamPosition(-1, 0, T, 1, 5).id) == StreamPosition(0, 0, T, 1, 5)


def test_alarms_beyond_those_that_are_kept_were_missed(evaluated: Running) -> None:
    recent = [happened(number) for number in range(5, 5 + KEPT_EVENTS)]
    stream = streaming(evaluated, recent, look_s=0, heartbeat_s=0)
    assert not missed(asyncio.run(take(stream.events(place_here(stream, alarm=4)), 3)))
    found = asyncio.run(take(stream.events(place_here(stream, alarm=3)), KEPT_EVENTS + 4))
    assert missed(found[:2]) == missed(found) == [["alarm"]]
    assert alarm_numbers(found) == list(range(5, 5 + KEPT_EVENTS))


def test_who_reads_too_slowly_is_told(evaluated: Running) -> None:
    recent = [happened(1)]
    stream = streaming(evaluated, recent, look_s=0, heartbeat_s=0)

    async def listen() -> list[bytes]:
        events = stream.events("")
        found = [await anext(events) for _ in range(3)]
        recent[:] = [happened(number) for number in range(3, 3 + KEPT_EVENTS)]
        for step in range(2, 8):
            publish(evaluated.cache, T + step * GRID_MS)
        return [*found, *await take(events, 4)]

    assert missed(asyncio.run(listen())) == [["evaluation", "alarm"]]


def test_revisions_of_more_than_an_hour_ago_were_missed(evaluated: Running) -> None:
    stream = streaming(evaluated, look_s=0, heartbeat_s=0)
    stream._revisions.refresh()
    oldest_ms = stream._revisions.settled_ms() - KEPT_MS
    kept, gone = (place_here(stream, notified_ms=oldest_ms - more) for more in (0, 1))
    assert not missed(asyncio.run(take(stream.events(kept), 3)))
    assert missed(asyncio.run(take(stream.events(gone), 5))) == [["revision"]]


def test_who_listened_for_hours_without_a_revision_has_missed_none(evaluated: Running) -> None:
    stream = streaming(evaluated, look_s=0, heartbeat_s=0)

    async def listen() -> list[bytes]:
        events = stream.events("")
        found = [await anext(events) for _ in range(3)]
        for _ in range(5):
            evaluated.clock.advance_s(KEPT_MS // 2_000)
            stream._revisions.refresh()
            found.append(await anext(events))
        publish(evaluated.cache, T + GRID_MS)
        return [*found, *await take(events, 1)]

    found = asyncio.run(listen())
    assert not missed(found)
    last = id_of(found[-1]).removeprefix("id: ")
    assert not missed(asyncio.run(take(stream.events(last), 3)))


def test_more_revisions_than_are_kept_were_missed(evaluated: Running) -> None:
    stream = streaming(evaluated, look_s=0, heartbeat_s=0)
    now = evaluated.clock.now_ms()
    for number in range(MAX_KEPT + 2):
        revise(evaluated, T - GRID_MS, now - 10_000 - number, "pon.ports_10g")
    stream._revisions.refresh()
    newest_gone_ms = now - 10_000 - MAX_KEPT
    kept, gone = (place_here(stream, notified_ms=newest_gone_ms - more) for more in (0, 1))
    assert not missed(asyncio.run(take(stream.events(kept), 3)))
    assert missed(asyncio.run(take(stream.events(gone), 3))) == [["revision"]]


# ---- tickets -------------------------------------------------------------------------------------


def ticket_of(running: Running) -> str:
    headers = {"Authorization": f"Bearer {READ_KEY}"}
    answer = running.ask("POST", "/api/v1/stream/tickets", headers)
    assert (answer.status_code, answer.json()["valid_s"]) == (201, 60)
    ticket: str = answer.json()["ticket"]
    return ticket


def test_a_ticket_opens_the_stream_once(evaluated: Running) -> None:
    path = f"/api/v1/stream?ticket={ticket_of(evaluated)}"
    # HEAD ends where the endless answer would go on.
    assert evaluated.ask("HEAD", path).status_code == 200
    again = evaluated.ask("GET", path)
    assert again.status_code == 401
    assert again.json()["type"].endswith(":void-ticket")


def test_a_ticket_is_void_after_a_minute_and_opens_nothing_else(evaluated: Running) -> None:
    late = ticket_of(evaluated)
    evaluated.clock.advance_s(60)
    assert evaluated.ask("GET", f"/api/v1/stream?ticket={late}").status_code == 401
    fresh = ticket_of(evaluated)
    assert evaluated.ask("GET", f"/api/v1/scorecard?ticket={fresh}").status_code == 401
    assert evaluated.ask("POST", f"/api/v1/stream/tickets?ticket={fresh}").status_code == 401
    assert evaluated.ask("GET", "/api/v1/stream").status_code == 401


def test_unused_tickets_of_a_key_are_bounded(evaluated: Running) -> None:
    first, *_, last = [ticket_of(evaluated) for _ in range(MAX_OF_KEY + 1)]
    assert evaluated.ask("HEAD", f"/api/v1/stream?ticket={first}").status_code == 401
    assert evaluated.ask("HEAD", f"/api/v1/stream?ticket={last}").status_code == 200
