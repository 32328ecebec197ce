"""Figures below the areas are stored when they change, and still known at every instant."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_api.errors import StoreUnavailableError
from gigacity_api.evaluator.change_only import (
    QUARTER_MS,
    PublishedInstant,
    StoredQuarter,
    at_every_instant,
)
from gigacity_api.evaluator.daily_figures import DailyFigures
from gigacity_api.evaluator.follower import FollowerCore
from gigacity_api.evaluator.lines import (
    FigureLines,
    FigureRow,
    Stamp,
    figure_of_row,
    is_as_stored,
    key_of,
)
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.publishing import MAX_PENDING, FigurePublisher, MonotonicTimestamps
from gigacity_api.evaluator.stored import quarter_around, quarter_until
from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.indicators.quality import Quality
from gigacity_api.indicators.registry import REGISTRY
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock
from gigacity_contract.errors import EncodeError
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.local_time import DAY_MS
from gigacity_contract.measurements import INDICATOR, INDICATOR_LOG, Measurement
from tests.support.line_protocol import parse_line
from tests.unit.api.conftest import TICKS, Running, T, report_everything
from tests.unit.api.doubles import FakeStore

MINUTE = 60_000


def figure(scope: str, code: str, known_in: int, **changes: Any) -> Figure:
    return Figure(
        "pon.ports_10g", scope, code, known_in, known_in, 10, known_in, known_in, known_in, 0, 0,
        None, "no_target", Quality(1.0, None, "A"),
    )._replace(**changes)  # fmt: skip


class Publishing:
    """A publisher of two OLTs, an area and the city."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory, self.store = inventory, FakeStore()
        self.restart()

    def restart(self) -> None:
        self.publisher = FigurePublisher(self.store, MonotonicTimestamps(ManualClock(T)))

    def publish(self, as_of_ms: int, *olts: int, version: str = "v1") -> tuple[Figure, ...]:
        figures = (
            figure("city", "371600", sum(olts)), figure("area", "371602", sum(olts)),
            *(figure("olt", f"olt-{number}", known) for number, known in enumerate(olts)),
        )  # fmt: skip
        self.publisher.add(Publication(as_of_ms, version, 0, figures, self.inventory, None))
        return figures

    def rows_at(self, as_of_ms: int) -> set[str]:
        self.publisher.flush()
        return {p.tags["code"] for p in self.store.found("indicator") if p.time == as_of_ms}

    def stands(self, as_of_ms: int) -> dict[str, int | None]:
        self.publisher.flush()
        found = quarter_until(self.store, as_of_ms).at(as_of_ms)
        return {row.code: row.numerator for row in found.values()}


@pytest.fixture
def publishing(inventory: Inventory) -> Publishing:
    return Publishing(inventory)


ALWAYS = {"371600", "371602"}


def test_below_the_areas_only_changes_are_written_between_whole_instants(
    publishing: Publishing,
) -> None:
    publishing.publish(T, 4, 5)
    publishing.publish(T + MINUTE, 4, 5)
    publishing.publish(T + 2 * MINUTE, 4, 6)
    publishing.publish(T + 3 * MINUTE, 4, 6)
    assert publishing.rows_at(T) == ALWAYS | {"olt-0", "olt-1"}
    assert publishing.rows_at(T + MINUTE) == ALWAYS
    assert publishing.rows_at(T + 2 * MINUTE) == ALWAYS | {"olt-1"}
    assert publishing.stands(T + MINUTE) == {"371600": 9, "371602": 9, "olt-0": 4, "olt-1": 5}
    assert publishing.stands(T + 3 * MINUTE) == {"371600": 10, "371602": 10, "olt-0": 4, "olt-1": 6}


def test_the_first_instant_of_a_quarter_is_whole_though_the_boundary_was_missed(
    publishing: Publishing,
) -> None:
    publishing.publish(T, 4, 5)
    publishing.publish(T + QUARTER_MS + 2 * MINUTE, 4, 5)
    assert publishing.rows_at(T + QUARTER_MS + 2 * MINUTE) == ALWAYS | {"olt-0", "olt-1"}


def test_a_new_process_writes_everything_at_once(publishing: Publishing) -> None:
    publishing.publish(T, 4, 5)
    publishing.publisher.flush()
    publishing.restart()
    publishing.publish(T + MINUTE, 4, 5)
    assert publishing.rows_at(T + MINUTE) == ALWAYS | {"olt-0", "olt-1"}


def test_a_place_that_a_new_city_version_lacks_stands_no_longer(publishing: Publishing) -> None:
    publishing.publish(T, 4, 5)
    publishing.publish(T + MINUTE, 4, version="v2")
    publishing.publish(T + 2 * MINUTE, 4, version="v2")
    assert publishing.stands(T) == {"371600": 9, "371602": 9, "olt-0": 4, "olt-1": 5}
    assert publishing.stands(T + 2 * MINUTE) == {"371600": 4, "371602": 4, "olt-0": 4}


def test_what_rests_on_a_publication_that_was_given_up_is_given_up_with_it(
    publishing: Publishing,
) -> None:
    """Its quarter of an hour, that is: the rows that follow would lack what they build on."""
    publishing.store.write_failure = StoreUnavailableError("gone")
    said = {}
    for number in range(MAX_PENDING + 1):
        instant = T + number * MINUTE
        said[instant] = publishing.publish(instant, 4, 5)
    publishing.store.write_failure = None
    publishing.publisher.flush()
    assert publishing.publisher.given_up == QUARTER_MS // MINUTE
    kept = sorted({point.time for point in publishing.store.found("indicator")})
    assert kept == sorted(said)[QUARTER_MS // MINUTE :]
    for instant in kept:
        stands = quarter_until(publishing.store, instant).at(instant)
        assert {key_of(f) for f in said[instant]} == set(stands)
    logged = [p for p in publishing.store.found("indicator_log") if p.tags["scope"] == "olt"]
    assert [(p.fields["as_of_ms"] - T) // MINUTE for p in logged] == [MAX_PENDING] * 2


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 2), st.integers(0, 2),
                          st.sampled_from(("v1", "v2")), st.booleans()), max_size=30))  # fmt: skip
def test_what_stands_is_what_was_said(
    inventory: Inventory, steps: list[tuple[int, int, int, str, bool]]
) -> None:
    """At any instant, of any publication, whatever was left out of it."""
    publishing, instant = Publishing(inventory), T
    said: dict[int, tuple[Figure, ...]] = {}
    instants: list[PublishedInstant] = []
    for skip, first, second, version, restarts in steps:
        instant += skip * MINUTE
        instants.append(PublishedInstant(instant, 0, version))
        if restarts:
            publishing.publisher.flush()
            publishing.restart()
        olts = (first, second) if version == "v1" else (first,)
        said[instant] = publishing.publish(instant, *olts, version=version)
    publishing.publisher.flush()
    for at, figures in said.items():
        stands = quarter_around(publishing.store, at).at(at)
        assert set(stands) == {key_of(f) for f in figures}
        assert all(is_as_stored(f, stands[key_of(f)]) for f in figures)
    for number in range(2):
        rows = [
            FigureRow(
                p.time, p.tags["code"], p.tags["indicator"], p.tags["scope"], **_row(p.fields)
            )
            for p in publishing.store.found("indicator")
            if p.tags["code"] == f"olt-{number}"
        ]
        history = [(row.time, row.numerator) for row in at_every_instant(rows, instants)]
        known = ((at, figures[2 + number :][:1]) for at, figures in said.items())
        assert history == [(at, mine[0].numerator) for at, mine in known if mine]


def _row(fields: dict[str, Any]) -> dict[str, Any]:
    return {field.name: fields.get(field.name) for field in INDICATOR.fields}


def test_rows_of_the_time_when_every_instant_was_whole_stand_as_they_are() -> None:
    rows = [
        figure_row(scope, T + number * MINUTE, number)
        for number in range(3)
        for scope in ("city", "olt")
    ]
    assert {row.numerator for row in StoredQuarter(rows).at(T + MINUTE).values()} == {1}


def figure_row(scope: str, time: int, known: int) -> FigureRow:
    values = dict.fromkeys((field.name for field in INDICATOR.fields), None)
    values |= {"numerator": known, "city_version": "v1", "revision": 0}
    return FigureRow(time, "x", "pon.ports_10g", scope, **values)


# ---- who reads them ----------------------------------------------------------------------------


@pytest.fixture
def quiet(evaluated: Running, city: City) -> Running:
    """Instants of more than a quarter of an hour; at the third a port of ``olt-a`` is down."""
    for number in range(1, 17):
        instant = T + number * MINUTE
        report_everything(evaluated.store, city, instant - 1000)
        if number == 3:
            key = next(port.key for port in city.ports if port.key.olt == "olt-a")
            port = next(port for port in city.ports if port.key == key)
            tags = {
                "area": city.olt_by_id["olt-a"].area, "olt": "olt-a", "slot": str(key.slot),
                "port": str(key.port), "tech": port.tech,
            }  # fmt: skip
            evaluated.store.put("pon_port", instant - 500, tags, admin="up", oper="down")
        evaluated.clock.wall_ms = instant + 30_000
        assert evaluated.core.step()
    return evaluated


def test_most_rows_are_gone(quiet: Running) -> None:
    newest = quiet.cache.newest()
    assert newest is not None
    below = [p for p in quiet.store.found("indicator") if p.tags["scope"] not in {"city", "area"}]
    at = {p.time for p in below}
    assert at == {T, T + 3 * MINUTE, T + 4 * MINUTE, T + QUARTER_MS}
    assert {p.tags["code"] for p in below if p.time == T + 3 * MINUTE} == {"olt-a"}


def test_a_replica_serves_every_figure_of_a_thinned_instant(quiet: Running) -> None:
    cache = PublicationCache(quiet.cache.inventory)
    follower = FollowerCore(
        store=quiet.store, cache=cache, cities=quiet.cities, settings=TICKS, clock=quiet.clock
    )
    for number in (13, 14, 16):
        instant = T + number * MINUTE
        quiet.clock.wall_ms = instant + 30_000
        follower.step()
        served, made = cache.newest(), quiet.cache.at(instant)
        assert served is not None
        assert made is not None
        # In the same order, too: a cursor of the one goes on in the other.
        assert list(_plain(served.figures).items()) == list(_plain(made.figures).items())
        assert (served.as_of_ms, served.city_version) == (instant, made.city_version)


def test_a_replica_leaves_out_what_only_another_release_knows(quiet: Running) -> None:
    newest = quiet.cache.newest()
    assert newest is not None
    fields = {"numerator": 1, "city_version": newest.city_version, "revision": 0}
    for indicator, scope in (("pon.of_tomorrow", "city"), ("pon.ports_10g", "street")):
        tags = {"indicator": indicator, "scope": scope, "code": "371600"}
        quiet.store.put("indicator", newest.as_of_ms, tags, **fields)
    cache = PublicationCache(quiet.cache.inventory)
    FollowerCore(
        store=quiet.store, cache=cache, cities=quiet.cities, settings=TICKS, clock=quiet.clock
    ).step()
    served = cache.newest()
    assert served is not None
    assert len(served.figures) == len(newest.figures)


def test_a_replica_serves_an_instant_once_the_whole_of_it_is_stored(
    publishing: Publishing, quiet: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole publication is several requests; the database may be read between any two."""
    store, cache = publishing.store, PublicationCache(quiet.cache.inventory)
    clock = ManualClock(T + MINUTE + 30_000)
    follower = FollowerCore(
        store=store, cache=cache, cities=quiet.cities, settings=TICKS, clock=clock
    )
    write, served = store.write, []

    def one_by_one(measurement: Measurement, lines: list[bytes]) -> None:
        for line in lines:
            write(measurement, [line])
            follower.step()
            served.append(cache.newest())

    said = publishing.publish(T, 4, 5)
    monkeypatch.setattr(store, "write", one_by_one)
    publishing.publisher.flush()
    whole = [publication for publication in served if publication is not None]
    assert whole
    assert all(len(publication.figures) == len(said) for publication in whole)


def _plain(figures: tuple[Figure, ...]) -> dict[Any, Figure]:
    return {key_of(f): f._replace(quality=f.quality._replace(unregistered=None)) for f in figures}


def test_the_history_of_an_olt_has_every_instant(quiet: Running) -> None:
    path = "/api/v1/indicators/pon.ports_10g/history?scope=olt&code=olt-a"
    bounds = "&from=2027-01-15T08:00:30Z&to=2027-01-15T09:00:00Z"
    items = quiet.get(f"{path}{bounds}").json()["items"]
    assert [(item["as_of_ms"] - T) // MINUTE for item in items] == [*range(1, 17)]
    values = [item["value"] for item in items]
    assert values == [values[0]] * 2 + [values[0] - 1] + [values[0]] * 13


def test_a_place_keeps_daily_figures_whose_mean_is_over_time(quiet: Running) -> None:
    daily = DailyFigures(quiet.store, quiet.clock)
    daily.step()
    quiet.clock.wall_ms += DAY_MS
    while daily.step():
        pass
    (row,) = [
        p.fields
        for p in quiet.store.found("r1d/indicator")
        if p.tags == {"indicator": "pon.ports_10g", "scope": "olt", "code": "olt-a"}
    ]
    usual = row["value"]
    assert (row["value_min"], row["value_max"]) == (usual - 1, usual)
    assert (row["value_mean"], row["value_count"]) == (usual, 2)
    assert row["as_of_ms"] == T + 16 * MINUTE


# ---- lines -------------------------------------------------------------------------------------

_numbers = st.integers(0, 2**53)
_floats = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(0, 2**31)


@given(
    st.builds(
        Figure, st.just("pon.ports_10g"), st.sampled_from(("city", "olt")),
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True), _floats, _numbers,
        _numbers, _floats, _floats, _numbers, _numbers, _numbers, _floats,
        st.sampled_from(("met", "missed", "undetermined", "no_target")),
        st.builds(Quality, _floats, st.none(), st.sampled_from(("A", "D", "none"))),
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=16), _numbers,
)  # fmt: skip
def test_lines_say_what_the_general_encoder_says(made: Figure, version: str, revision: int) -> None:
    text = FigureLines().of(made, Stamp(T, version, revision))
    tags = dict(zip(("indicator", "scope", "code"), key_of(made), strict=True))
    shown = display_of(made, is_ratio=REGISTRY[made.indicator].is_ratio)
    fields = {
        **{name: getattr(made, name) for name in _row({}) if hasattr(made, name)},
        "fresh_share": made.quality.fresh_share, "grade": made.quality.grade,
        "revision": revision, "city_version": version, "method_version": 1,
        "display_text": shown.display_text, "display_value": shown.display_value,
    }  # fmt: skip
    assert set(fields) == set(_row({}))
    assert parse_line(text.line()) == parse_line(encode_point(INDICATOR, tags, fields, T))
    logged = encode_point(INDICATOR_LOG, tags, fields | {"as_of_ms": T}, T * 10**6)
    assert parse_line(text.log_line(T * 10**6)) == parse_line(logged)


def test_tags_are_formatted_once_a_city_version() -> None:
    lines = FigureLines()
    first = lines.of(figure("olt", "olt-1", 1), Stamp(T, "v1", 0))
    again = lines.of(figure("olt", "olt-1", 2), Stamp(T + 1, "v1", 0))
    assert first.tags is again.tags
    lines.of(figure("olt", "olt-2", 2), Stamp(T + 1, "v2", 0))
    assert lines.of(figure("olt", "olt-1", 2), Stamp(T + 1, "v2", 0)).tags is not first.tags


def test_a_value_that_no_server_stores_is_refused() -> None:
    with pytest.raises(EncodeError, match="field value is nan"):
        FigureLines().of(figure("olt", "olt-1", 1, value=float("nan")), Stamp(T, "v1", 0))


def test_a_stored_figure_is_read_as_it_was(publishing: Publishing) -> None:
    said = publishing.publish(T, 4, 5)
    publishing.publisher.flush()
    found = quarter_until(publishing.store, T).at(T)
    assert {key_of(f): f for f in said} == {p: figure_of_row(r) for p, r in found.items()}
