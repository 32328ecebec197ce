"""The API's queries and writes against a real InfluxDB: rows, sessions, publication, a replica."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gigacity_api.errors import StoreRefusedError
from gigacity_api.evaluator.core import EvaluatorCore
from gigacity_api.evaluator.follower import FollowerCore
from gigacity_api.evaluator.lines import FigureRow, LogRow
from gigacity_api.evaluator.publication_cache import PublicationCache
from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.metrics import ApiMetrics
from gigacity_api.storage.influx import InfluxStore
from gigacity_api.storage.queries import figures, telemetry
from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.clock import ManualClock, SystemClock
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT, PRESENCE
from gigacity_contract.process.options import secrets_of
from gigacity_contract.process.shared import DatabaseSettings
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from tests.support.city import AREA_A, COMMUNITY_A, port_index, write_city
from tests.support.processes_influx import InfluxServer, Role
from tests.unit.api.doubles import FakeCities

pytestmark = pytest.mark.integration

TICKS = EvaluationSettings(60, 30)
NOW = SystemClock().now_ms()
T = NOW // 60_000 * 60_000 - 300_000
"""A evaluation tick a few minutes ago: raw retention refuses what is old."""

TWO_MONTHS_MS = 60 * 86_400_000


def endpoint_of(server: InfluxServer, role: Role) -> InfluxEndpoint:
    env = server.env(role)
    return DatabaseSettings(
        influx_url=env["GIGACITY_INFLUX_URL"],
        influx_bucket=env["GIGACITY_INFLUX_BUCKET"],
        influx_username=env.get("GIGACITY_INFLUX_USERNAME", ""),
        **secrets_of(DatabaseSettings, env),
    ).endpoint


@pytest.fixture
def city(tmp_path: Path) -> City:
    return load_city(write_city(tmp_path / "city"))


class Running:
    """An evaluator over a real database."""

    def __init__(self, server: InfluxServer, city: City) -> None:
        self.server = server
        self.clock = ManualClock(T + 30_000)
        self.store = InfluxStore(endpoint_of(server, "api"))
        self.cache = PublicationCache(Inventory(city))
        self.core = EvaluatorCore(
            store=self.store, cache=self.cache, cities=FakeCities(city), settings=TICKS,
            clock=self.clock,
            metrics=ApiMetrics(),
        )  # fmt: skip

    def step_at(self, as_of_ms: int) -> None:
        self.clock.wall_ms = as_of_ms + 30_000
        while self.core.step():
            pass

    def known_in(self, indicator: str, scope: str, code: str) -> tuple[int, int]:
        newest = self.cache.newest()
        assert newest is not None
        figure = newest.by_key[indicator, scope, code]
        return figure.known_in, figure.unknown

    def write(self, rp: str, *lines: bytes) -> None:
        assert self.server.write(b"\n".join(lines), rp=rp).status == 204


@pytest.fixture
def running(database: InfluxServer, city: City) -> Iterator[Running]:
    made = Running(database, city)
    yield made
    made.store.close()


def port(number: int, ts: int, oper: str = "up", tech: str = "xgs-pon") -> bytes:
    tags = {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": str(number), "tech": tech}
    return encode_point(PON_PORT, tags, {"admin": "up", "oper": oper}, ts)


def elevator(ts: int, **fields: bool | int) -> bytes:
    tags = {"area": AREA_A, "community": COMMUNITY_A, "device": "elevator-1"}
    return encode_point(DEVICE_MEASUREMENTS["elevator"], tags, dict(fields), ts)


def session(start: int, **fields: int | str) -> bytes:
    tags = {"area": AREA_A, "community": COMMUNITY_A, "object": "device", "id": "elevator-1"}
    return encode_point(PRESENCE, tags, dict(fields), start)


def test_an_empty_database_gives_unknown_figures(running: Running) -> None:
    running.step_at(T)
    assert running.known_in("pon.ports_10g", "city", "371600") == (0, 24)


def test_ports_are_read_newest_first_whatever_their_series(running: Running) -> None:
    running.write(
        "raw", port(0, T - 90_000), port(0, T - 30_000, oper="down"), port(1, T), port(2, T + 1),
        port(3, T - 90_000, tech="gpon"), port(3, T - 30_000, tech="gpon+xgs-pon"),
        port(4, T - 180_000), port(5, T - 179_999),
    )  # fmt: skip
    running.step_at(T)
    assert running.known_in("pon.ports_10g", "olt", "olt-a") == (3, 4)


def test_a_device_counts_by_any_of_its_fields(running: Running) -> None:
    """A row whose first field is absent shows all the same, since every field is asked for."""
    running.write("raw", elevator(T - 1000, trips_total=7))
    running.step_at(T)
    assert running.known_in("device.online.elevator", "city", "371600") == (1, 0)


def test_more_rows_than_a_chunk_arrive_whole(running: Running) -> None:
    lines = [port(0, T - 170_000 + n, oper="down") for n in range(25_000)]
    running.write("raw", *lines, port(0, T - 1))
    running.step_at(T)
    assert running.known_in("pon.ports_10g", "olt", "olt-a") == (1, 7)


def test_the_end_of_a_session_of_two_months_ago_is_seen(running: Running) -> None:
    start = T - TWO_MONTHS_MS
    running.write("forever", session(start - 5000, online_ms=start - 5000, ended_ms=start - 1000))
    running.write("forever", session(start, online_ms=start))
    running.write("raw", elevator(T - 1000, floor=1), elevator(T + 59_000, floor=1))
    running.step_at(T)
    assert running.known_in("device.online.elevator", "city", "371600")[0] == 1
    running.write("forever", session(start, ended_ms=T + 59_500, end_source="will"))
    running.step_at(T + 60_000)
    assert running.known_in("device.online.elevator", "city", "371600") == (0, 0)


def test_figures_are_published_and_followed(running: Running, city: City) -> None:
    running.write("raw", port(0, T - 1))
    running.step_at(T)
    running.step_at(T + 60_000)
    newest = running.cache.newest()
    assert newest is not None
    times = [
        row["time"]
        for row in running.server.query(
            "SELECT numerator FROM indicator WHERE scope = 'city'"
            " AND indicator = 'pon.ports_10g'", "figures",
        )
    ]  # fmt: skip
    assert times == [T, T + 60_000]

    cache = PublicationCache(Inventory(city))
    follower = FollowerCore(
        store=running.store, cache=cache, cities=FakeCities(city), settings=TICKS,
        clock=running.clock,
    )  # fmt: skip
    follower.step()
    followed = cache.newest()
    assert followed is not None
    assert followed.as_of_ms == T + 60_000
    assert {p: f[:13] for p, f in followed.by_key.items()} == {
        p: f[:13] for p, f in newest.by_key.items()
    }


def test_a_restart_goes_on_where_the_last_process_stopped(running: Running, city: City) -> None:
    running.step_at(T)
    again = Running(running.server, city)
    again.step_at(T + 120_000)
    again.store.close()
    rows = running.server.query(
        "SELECT numerator FROM indicator WHERE scope = 'city' AND indicator = 'device.online'",
        "figures",
    )
    assert [row["time"] for row in rows] == [T, T + 60_000, T + 120_000]


def test_history_reads_what_was_published(running: Running) -> None:
    running.write("raw", port(0, T - 1))
    running.step_at(T)
    place = ("pon.ports_10g", "city", "371600")
    current = [
        row
        for batch in running.store.rows(figures.history(place, T - 1, T), FigureRow)
        for row in batch
    ]
    said = [
        row
        for batch in running.store.rows(figures.publications(place, T, T + 60_000), LogRow)
        for row in batch
    ]
    assert [(row.time, row.value, row.denominator) for row in current] == [(T, 1.0, 24)]
    assert [(row.time, row.as_of_ms, row.value) for row in said] == [(T + 30_000, T, 1.0)]


def test_wrong_credentials_are_refused_with_a_reason(database: InfluxServer) -> None:
    settings = endpoint_of(database, "worker")
    with InfluxStore(settings) as store, pytest.raises(StoreRefusedError):
        store.series(telemetry.newest_presence("online_ms", T))


def _row(database: InfluxServer, number: int, ts: int) -> dict[str, object]:
    text = f"SELECT admin, oper, onu_total, rx_dbm FROM pon_port WHERE port = '{number}'"  # noqa: S608 - our own
    (found,) = [row for row in database.query(text, "raw") if row["time"] == ts]
    return {name: found[name] for name in ("admin", "oper", "onu_total", "rx_dbm")}


@pytest.mark.parametrize("apart", [True, False], ids=["two batches", "one batch"])
def test_two_reports_of_one_ts_are_one_for_the_row_the_evaluator_and_the_past(
    running: Running, city: City, apart: bool
) -> None:
    """What the integrators' page says: fields add up, and of one field the later value stands."""
    ts, decoder = T - 20_000, Decoder(city)
    first = {"oper": "up", "onu_total": 9, "onu_online": 9}
    later = {"oper": "down", "onu_online": 2, "rx_dbm": -20.5}
    bodies = []
    for fields in (first, later):
        ports = [{"slot": 1, "port": p, "tech": "xgs-pon", "admin": "up"} | fields for p in (0, 1)]
        payload = msgspec.json.encode({"ts": ts, "ports": ports})
        out = Outcome()
        topic = f"gigacity/v1/{AREA_A}/olt/olt-a/pon".encode()
        decoder.decode(ReceivedMessage(topic, payload, False, ts), out)
        bodies.append(out.lines.text())
    if apart:
        running.write("raw", bodies[0])
        running.step_at(T)
        assert running.known_in("pon.ports_10g", "olt", "olt-a")[0] == 2
        running.write("raw", bodies[1])
    else:
        running.write("raw", *bodies)
    running.step_at(T + 60_000)

    merged = {"admin": "up", "oper": "down", "onu_total": 9, "rx_dbm": -20.5}
    assert [_row(running.server, number, ts) for number in (0, 1)] == [merged, merged]
    live = running.cache.newest()
    reader = StateReader(running.store, Inventory(city), TICKS, running.clock, is_live=False)
    reader.advance(T + 60_000)
    past = Evaluator(Inventory(city)).evaluate(reader.state, T + 60_000)
    assert live is not None
    assert live.figures == past.figures
    assert running.known_in("pon.ports_10g", "olt", "olt-a")[0] == 0
    index = port_index(city, "olt-a", 1, 0)
    assert [reader.state.ports[name][index] for name in ("oper", "onu_total", "onu_online")] == [
        0, 9, 2,
    ]  # fmt: skip
