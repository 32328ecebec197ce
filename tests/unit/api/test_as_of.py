"""The past: recomputed with the city of its time, as published then, and how both differ."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from gigacity_api.errors import RecomputationCalledOffError
from gigacity_api.evaluator.as_of import KEPT, LIMIT_S, Recomputer
from gigacity_api.evaluator.guarded import GuardedStore
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.reach import whole_since_ms
from gigacity_api.http.context import Context
from gigacity_api.http.etag import Conditional
from gigacity_api.http.parameters import moment_ms
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.queries.query import Query, tag_differs, tag_equals
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.local_time import rfc3339
from gigacity_contract.measurements import PON_PORT
from tests.support.city import AREA_A
from tests.unit.api.conftest import TICKS, Running, T, report_everything
from tests.unit.api.doubles import FakeStore

MINUTE = 60_000
DAY_MS = 86_400_000


def put_port(store: FakeStore, ts: int, oper: str = "up") -> None:
    tags = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": "0", "tech": "xgs-pon"}
    store.put("pon_port", ts, tags, admin="up", oper=oper)


def step_at(running: Running, as_of_ms: int) -> None:
    running.clock.wall_ms = as_of_ms + 30_000
    while running.core.step():
        pass


def recomputer_of(running: Running) -> Recomputer:
    context: Context = running.app.state.context
    return context.recomputer


def moment(epoch_ms: int) -> str:
    return quote(rfc3339(epoch_ms))


def path(what: str, epoch_ms: int, more: str = "", name: str = "as_of") -> str:
    return f"/api/v1/as-of/{what}?{name}={moment(epoch_ms)}{more}"


@pytest.fixture
def past(evaluated: Running, city: City) -> Running:
    """T and the five instants after it; port 0 of olt-a goes down at T + 2 min."""
    report_everything(evaluated.store, city, T + 100_000)
    put_port(evaluated.store, T + 2 * MINUTE, "down")
    for number in range(1, 6):
        step_at(evaluated, T + number * MINUTE)
    return evaluated


PORTS = "&indicator=pon.ports_10g&scope=city"


# ---- recomputed ------------------------------------------------------------------------------


@pytest.mark.parametrize(("after_ms", "expected"), [(0, 18), (119_999, 18), (120_000, 17)])
def test_any_instant_is_recomputed_on_the_grid_or_not(
    past: Running, after_ms: int, expected: int
) -> None:
    answer = past.get(path("indicators", T + after_ms, PORTS))
    assert answer.status_code == 200, answer.text
    (figure,) = answer.json()["items"]
    assert (figure["value"], figure["as_of_ms"]) == (expected, T + after_ms)


def test_an_instant_is_refused_once_a_report_behind_it_may_have_expired(past: Running) -> None:
    """A meter's report of a day before it would be gone, and read as silence."""
    now_ms = past.clock.wall_ms
    first_ms = whole_since_ms(past.cities.current, now_ms)
    assert first_ms - now_ms == -(27 * 24 - 1) * 3_600_000
    recomputer_of(past).check(first_ms)
    answer = past.get(path("indicators", first_ms - 1))
    assert answer.status_code == 422, answer.text
    assert "the last 26 days 23 hours" in answer.json()["detail"]


def test_every_figure_is_as_it_was_published(past: Running) -> None:
    again = recomputer_of(past).at(T + 3 * MINUTE, lambda: True)
    published = past.cache.at(T + 3 * MINUTE)
    assert published is not None
    assert again.figures == published.figures


def test_evidence_of_the_past_says_why(past: Running) -> None:
    more = f"&scope=area&code={AREA_A}&verdict=out"
    found = {}
    for after_ms in (0, 2 * MINUTE):
        answer = past.get(path("indicators/pon.ports_10g/evidence", T + after_ms, more))
        found[after_ms] = {i["id"]: i["reason"]["slug"] for i in answer.json()["items"]}
    assert "olt-a/1/0" not in found[0]
    assert found[2 * MINUTE]["olt-a/1/0"] == "port_oper_down"


@pytest.mark.parametrize("what", ["indicators", "indicators/pon.ports_10g/evidence", "differences"])
def test_answers_of_thousands_are_not_made_on_the_event_loop(
    past: Running, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    on_the_loop = []
    check = Conditional.check

    def watched(self: Conditional, *says: object) -> dict[str, str]:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            on_the_loop.append(False)
        else:
            on_the_loop.append(True)
        return check(self, *says)

    monkeypatch.setattr(Conditional, "check", watched)
    assert past.get(path(what, T)).status_code == 200
    assert on_the_loop == [False]


def test_the_city_version_is_the_one_in_force_then(past: Running, city: City) -> None:
    fewer = replace(
        city, version="f" * 16, ports=tuple(p for p in city.ports if p.key.olt != "olt-z"),
        coverage=tuple((b, p) for b, p in city.coverage if p < 16),
    )  # fmt: skip
    past.cities.current, past.cities.older = fewer, [(T + 4 * MINUTE, city)]
    found = {}
    for number in (3, 4):
        (figure,) = past.get(path("indicators", T + number * MINUTE, PORTS)).json()["items"]
        found[number] = (figure["city_version"], figure["denominator"])
    assert found == {3: (city.version, 24), 4: ("f" * 16, 16)}


def test_an_instant_whose_city_is_lost_is_refused(past: Running) -> None:
    past.cities.lost_until_ms = T + 4 * MINUTE
    answer = past.get(path("indicators", T + 3 * MINUTE, PORTS))
    assert answer.status_code == 422
    assert "version abc is no longer whole" in answer.json()["detail"]


def test_the_end_of_a_session_after_the_instant_does_not_count(past: Running) -> None:
    tags = {"area": AREA_A, "community": "371602001001", "id": "elevator-1", "object": "device"}
    start = T - 60 * DAY_MS
    past.store.put("presence", start, tags, online_ms=start, ended_ms=T + 110_000)
    found = []
    for after_ms in (105_000, 110_001):
        more = "&indicator=device.online.elevator&scope=city"
        (figure,) = past.get(path("indicators", T + after_ms, more)).json()["items"]
        found.append(figure["numerator"])
    assert found == [1, 0]


def test_pages_of_one_list_speak_of_one_recomputation(past: Running) -> None:
    first = past.get(path("indicators", T, "&limit=10")).json()
    put_port(past.store, T - 1, "down")
    past.clock.elapsed_s += 3600
    pages, cursor = [*first["items"]], first["next_cursor"]
    while cursor:
        page = past.get(path("indicators", T, f"&limit=10&cursor={cursor}")).json()
        pages, cursor = pages + page["items"], page["next_cursor"]
    published = past.cache.at(T)
    assert published is None or len(published.figures) == len(pages)
    places = [(p["indicator"], p["scope"], p["code"]) for p in pages]
    assert len(set(places)) == len(places)
    values = {p: f["value"] for p, f in zip(places, pages, strict=True)}
    assert values["pon.ports_10g", "city", "371600"] == 18

    for number in range(KEPT):
        past.get(path("indicators", T + 1000 + number))
    gone = past.get(path("indicators", T, f"&limit=10&cursor={first['next_cursor']}"))
    assert (gone.status_code, gone.json()["type"]) == (410, "urn:gigacity:problem:evaluation-gone")


@pytest.mark.parametrize("at_ms", [T + 5 * MINUTE + 1, T - 31 * DAY_MS], ids=["new", "old"])
def test_an_instant_beyond_reach_is_refused(past: Running, at_ms: int) -> None:
    answer = past.get(path("indicators", at_ms))
    assert (answer.status_code, answer.json()["type"]) == (
        422, "urn:gigacity:problem:as-of-out-of-range",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["2026-11-24T10:00:00", "1900-01-01T00:00:00Z", "yesterday"])
def test_a_moment_needs_its_zone(past: Running, text: str) -> None:
    assert past.get(f"/api/v1/as-of/indicators?as_of={text}").status_code == 422


def test_one_instant_is_recomputed_at_a_time(past: Running) -> None:
    recomputer = recomputer_of(past)
    answers: list[httpx.Response] = []

    def while_another_works() -> bool:
        if not answers:
            answers.append(past.get(path("indicators", T + MINUTE)))
        return True

    recomputer.at(T, while_another_works)
    assert (answers[0].status_code, answers[0].headers["retry-after"]) == (429, "5")
    assert answers[0].json()["type"] == "urn:gigacity:problem:as-of-busy"
    assert past.get(path("indicators", T + MINUTE)).status_code == 200


def test_one_that_nobody_waits_for_is_called_off_and_leaves_the_way_free(past: Running) -> None:
    recomputer = recomputer_of(past)
    asked = []

    def leaves_after_a_while() -> bool:
        asked.append(1)
        return len(asked) < 5

    with pytest.raises(RecomputationCalledOffError):
        recomputer.at(T, leaves_after_a_while)
    assert len(asked) == 5
    assert recomputer.at(T, lambda: True).as_of_ms == T


def test_one_that_takes_too_long_is_called_off(past: Running) -> None:
    recomputer = recomputer_of(past)

    def time_passes() -> bool:
        past.clock.elapsed_s += LIMIT_S / 2
        return True

    with pytest.raises(RecomputationCalledOffError, match="more than 120 s"):
        recomputer.at(T, time_passes)


def test_one_that_needs_more_memory_than_it_may_take_is_called_off(
    past: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def greedy(_store: FakeStore, _query: Query, _row: type[Any]) -> Iterator[list[Any]]:
        raise MemoryError

    with monkeypatch.context() as short:
        short.setattr(FakeStore, "rows", greedy)
        answer = past.get(path("indicators", T))
    assert (answer.status_code, answer.json()["type"]) == (
        503, "urn:gigacity:problem:as-of-called-off",
    )  # fmt: skip
    assert past.get(path("indicators", T)).status_code == 200


def test_a_recomputation_answers_again_until_late_data_may_have_changed_it(past: Running) -> None:
    recomputer = recomputer_of(past)
    first = recomputer.at(T, lambda: True)
    assert recomputer.at(T, lambda: True) is first
    past.clock.elapsed_s += 61
    assert recomputer.at(T, lambda: True) is not first


def test_who_looks_at_the_past_writes_nothing(past: Running) -> None:
    guarded = GuardedStore(past.store, lambda: None)
    with pytest.raises(TypeError, match="only reads"):
        guarded.write(PON_PORT, [b""])


# ---- as published ----------------------------------------------------------------------------


def published(running: Running, at_ms: int, more: str = PORTS) -> list[tuple[int, float, int]]:
    answer = running.get(path("published", at_ms, more, "published_at"))
    assert answer.status_code == 200, answer.text
    return [(i["as_of_ms"], i["value"], i["revision"]) for i in answer.json()["items"]]


class _TickingClock(ManualClock):
    """A millisecond passes whenever the time is asked."""

    def now_ms(self) -> int:
        self.wall_ms += 1
        return self.wall_ms


def test_a_publication_is_logged_at_the_millisecond_at_which_it_is_served(
    past: Running, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[int] = []
    put = past.cache.put

    def seen(publication: Publication) -> None:
        put(publication)
        served.append(clock.wall_ms)

    clock = _TickingClock(T + 6 * MINUTE + 30_000)
    monkeypatch.setattr(past.cache, "put", seen)
    past.core._clock = past.core.timestamps._clock = clock
    report_everything(past.store, city, T + 6 * MINUTE - 1000)
    past.core.step()
    (moment_ms,) = served
    assert published(past, moment_ms)[0][0] == T + 6 * MINUTE
    assert published(past, moment_ms - 1)[0][0] == T + 5 * MINUTE


def test_a_moment_is_cut_to_its_millisecond() -> None:
    """Rounded up it would be one at which more had been published."""
    for more in ("", "4", "6", "999"):
        said = datetime.fromisoformat(f"2026-11-24T10:00:00.123{more}+08:00")
        assert moment_ms("published_at", said) == 1_795_485_600_123


def test_what_stood_published_at_a_moment(past: Running) -> None:
    assert published(past, T + 29_999) == []
    assert published(past, T + 31_000) == [(T, 18, 0)]
    assert published(past, T + 2 * MINUTE + 29_000) == [(T + MINUTE, 18, 0)]
    assert published(past, T + 2 * MINUTE + 31_000) == [(T + 2 * MINUTE, 17, 0)]


def test_a_place_that_did_not_change_is_found_in_an_older_row(past: Running) -> None:
    more = "&indicator=pon.ports_10g&scope=olt&code=olt-a"
    assert published(past, T + 4 * MINUTE + 31_000, more) == [(T + 2 * MINUTE, 5, 0)]
    assert published(past, T + 2 * MINUTE, more) == [(T, 6, 0)]


def test_a_place_that_never_changes_is_still_found_days_later(past: Running, city: City) -> None:
    """Everything is logged once a day, so that a bounded range is enough."""
    for hours in range(0, 60, 6):
        at_ms = T + hours * 3_600_000
        report_everything(past.store, city, at_ms)
        past.clock.wall_ms = at_ms + 30_000
        past.core.evaluate(at_ms)
        past.core.publisher.flush()
    later = T + 54 * 3_600_000 + 31_000
    assert len(published(past, later, "&indicator=pon.ports_10g&scope=olt&code=olt-z")) == 1


def test_a_level_that_is_logged_by_change_needs_a_place(past: Running) -> None:
    answer = past.get(path("published", T + MINUTE, "&scope=olt", "published_at"))
    assert answer.status_code == 422
    assert "query.code" in answer.json()["detail"]


# ---- the difference --------------------------------------------------------------------------


def late_port(running: Running, ts: int, *, announced: bool) -> None:
    put_port(running.store, ts, "down")
    if announced:
        tags = {"area": AREA_A, "measurement": "pon_port", "worker": "w-0"}
        running.store.put(
            "arrival", running.clock.wall_ms, tags, from_ms=ts, to_ms=ts, points=1
        )  # fmt: skip


def test_an_instant_that_stands_as_published_has_no_difference(past: Running) -> None:
    body = past.get(path("differences", T + MINUTE)).json()
    assert (body["items"], body["announced"]) == ([], [])
    assert body["compared"] > 10
    assert body["published_at"] == rfc3339(T + MINUTE + 30_000)


@pytest.mark.parametrize("place", ["", "&scope=olt&code=olt-a"])
def test_an_instant_that_was_published_late_is_compared_with_what_was_said_of_it(
    past: Running, place: str
) -> None:
    """After the next ones, of which more was said by then: T + 1 min has a port more than they."""
    late_ns = (T + 5 * MINUTE + 10_000) * 1_000_000
    for point in past.store.found("indicator_log"):
        if point.fields["as_of_ms"] == T + MINUTE:
            point.time = late_ns
    body = past.get(path("differences", T + MINUTE, f"&indicator=pon.ports_10g{place}")).json()
    assert (body["compared"], body["items"]) == (1, [])
    assert body["published_at"] == rfc3339(late_ns // 1_000_000)


@pytest.mark.parametrize(("announced", "cause"), [(True, "late_data"), (False, "unannounced_data")])
def test_late_data_is_shown_as_the_cause(past: Running, announced: bool, cause: str) -> None:
    late_port(past, T + MINUTE - 500, announced=announced)
    body = past.get(path("differences", T + MINUTE, "&indicator=pon.ports_10g")).json()
    (item,) = body["items"]
    assert item["cause"] == cause
    assert (item["published"]["value"], item["recomputed"]["value"]) == (18, 17)
    assert [a["points"] for a in body["announced"]] == ([1] if announced else [])
    below = past.get(
        path("differences", T + MINUTE, "&indicator=pon.ports_10g&scope=olt&code=olt-a")
    ).json()
    assert [(i["published"]["value"], i["recomputed"]["value"]) for i in below["items"]] == [(6, 5)]


@pytest.mark.parametrize(
    ("field", "value", "cause"),
    [("method_version", 99, "method_version"), ("city_version", "0" * 16, "city_version")],
)
def test_another_version_is_shown_as_the_cause(
    past: Running, field: str, value: object, cause: str
) -> None:
    for point in past.store.found("indicator_log"):
        if point.tags["indicator"] == "pon.ports_10g" and point.fields["as_of_ms"] == T + MINUTE:
            point.fields |= {field: value, "value": 3.0, "known_in": 3}
    body = past.get(path("differences", T + MINUTE, "&indicator=pon.ports_10g")).json()
    assert [item["cause"] for item in body["items"]] == [cause]


def test_an_instant_that_was_never_published_has_nothing_to_differ_from(past: Running) -> None:
    answer = past.get(path("differences", T + MINUTE + 1))
    assert (answer.status_code, answer.json()["type"]) == (
        404, "urn:gigacity:problem:not-published",
    )  # fmt: skip


def test_a_recomputer_of_a_replica_works_as_well(past: Running, city: City) -> None:
    """It needs the database and the city alone."""
    replica = Recomputer(past.store, past.cities, TICKS, past.clock)
    assert replica.at(T, lambda: True).figures == recomputer_of(past).at(T, lambda: True).figures


def test_the_past_is_asked_area_by_area_and_misses_no_area(
    past: Running, inventory: Inventory
) -> None:
    """Once, one question opened every series of a kind at once, in the database's memory."""
    past.store.asked.clear()
    tags = {"area": "999999", "olt": "olt-x", "slot": "1", "port": "1", "tech": "gpon"}
    past.store.put("pon_port", T - 1, tags, admin="up", oper="up")
    assert past.get(path("indicators", T)).status_code == 200
    asked = [query.where for query in past.store.asked if query.measurement == PON_PORT]
    areas = inventory.city.area_of_code
    for area in areas:
        assert asked.count((tag_equals("area", area),)) == 1
    others = {tag_differs("area", area) for area in areas}
    assert [set(where) for where in asked if others & set(where)] == [others]
    made = recomputer_of(past).kept(T)
    assert made is not None
    assert next(f for f in made.figures if f.indicator == "pon.ports_10g").quality.unregistered == 1
