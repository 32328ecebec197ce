"""The account notices what it is there to notice: lost, changed and invented points."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import pytest

from tests.faults.ages import QUIET, Ages
from tests.faults.load import mixed_sources
from tests.faults.plan import QUOTAS, make_plan
from tests.support.accounting import Source, entry_name
from tests.support.accounting_check import Account, account_for, account_for_presence
from tests.support.accounting_publisher import Tally, status
from tests.support.processes_influx import InfluxServer

REPORTS = 7


@dataclass
class Database:
    """Answers with the rows that it holds, whatever the condition but for the measurement."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def query(self, q: str, rp: str = "raw") -> list[dict[str, Any]]:
        return self.rows.get(q.split(" FROM ")[1].split(maxsplit=1)[0], [])


def _store(source: Source) -> Database:
    database = Database()
    for number in range(len(source)):
        for expected in source.expected(number):
            for key, fields in expected.points.items():
                tags = dict(zip(source.key_tags, key, strict=True))
                row = {"time": source.times_ms[number], **tags, **fields, "unset": None}
                database.rows.setdefault(expected.measurement, []).append(row)
    return database


def _sources() -> list[Source]:
    sources = mixed_sources("a", seed=1, olts=1, gateways=1, devices=1)
    for source in sources:
        for _ in range(REPORTS):
            source.acknowledge(source.new(1_795_500_000_000))
    return sources


def _account(source: Source, database: Database, letters: object = frozenset()) -> Account:
    return account_for([source], cast("InfluxServer", database), cast("Any", letters))


@pytest.fixture(params=range(3), ids=["pon", "bundle", "device"])
def source(request: pytest.FixtureRequest) -> Source:
    index: int = request.param
    return _sources()[index]


def test_equal_sets_are_exact(source: Source) -> None:
    account = _account(source, _store(source))

    assert account.is_exact
    assert account.messages == REPORTS
    assert account.stored == account.points >= REPORTS


def test_no_two_reports_have_one_instant(source: Source) -> None:
    assert len(set(source.times_ms)) == REPORTS


def test_a_lost_point_is_missing(source: Source) -> None:
    database = _store(source)
    rows = database.rows[source.measurements[0]]
    del rows[3]
    account = _account(source, database)

    assert (account.is_exact, account.missing_points, len(account.missing)) == (False, 1, 1)


def test_a_changed_field_is_wrong(source: Source) -> None:
    database = _store(source)
    row = database.rows[source.measurements[0]][0]
    name = next(iter(source.expected(0)[0].points[tuple(row[t] for t in source.key_tags)]))
    row[name] = "changed"

    assert len(_account(source, database).wrong) == 1


def test_a_lost_field_is_wrong(source: Source) -> None:
    database = _store(source)
    row = database.rows[source.measurements[0]][0]
    row.popitem()
    row.popitem()

    assert len(_account(source, database).wrong) == 1


def test_a_point_that_nobody_sent_is_foreign(source: Source) -> None:
    database = _store(source)
    rows = database.rows[source.measurements[0]]
    rows.append(rows[0] | {"time": rows[0]["time"] - 1})

    assert _account(source, database).foreign == 1


def test_a_report_without_an_acknowledgement_is_no_exact_account(source: Source) -> None:
    source.new(1_795_500_000_000)

    assert not _account(source, _store(source)).is_exact


def test_a_dead_letter_stands_for_its_message(source: Source) -> None:
    letters = {(source.topic, source.payload(n)) for n in range(REPORTS)}
    account = _account(source, Database(), letters)

    assert account.is_exact
    assert (account.stored, account.dead_lettered) == (0, account.points)


def test_a_dead_entry_stands_for_one_point_of_its_bundle() -> None:
    bundle = _sources()[1]
    letters = {(bundle.topic, entry_name("a-gw-0-2", bundle.times_ms[4]))}
    account = _account(bundle, Database(), letters)

    assert account.dead_lettered == 1
    assert account.missing_points == account.points - 1


def test_births_and_ends_are_looked_for() -> None:
    tally = Tally()
    tally.births["a/olt/x"] = [10, 20]
    tally.ends["a/olt/x"] = [(20, 25)]
    birth = {"id": "x", "time": 10, "online_ms": 10}
    end = {"id": "x", "time": 20, "online_ms": 20, "ended_ms": 25, "end_source": "orderly"}

    def missing(*rows: dict[str, Any], letters: object = frozenset()) -> int:
        database = cast("InfluxServer", Database({"presence": list(rows)}))
        found = account_for_presence([tally], database, cast("Any", letters))
        return len(found.missing)

    assert missing(birth, end) == 0
    assert missing(birth) == 2
    assert missing(birth, end | {"end_source": "will"}) == 1
    letter = ("gigacity/v1/a/olt/x/status", status(10, "online"))
    assert missing(end, letters={letter}) == 0


def test_a_plan_follows_from_its_seed_and_has_every_fault() -> None:
    first, again, other = (
        make_plan(Random(seed), duration_s=600, scale=0.1)  # noqa: S311 - repeatable
        for seed in (1, 1, 2)
    )

    assert first == again != other
    assert set(first.faults) == set(QUOTAS) - {"worker_killed"}
    assert first.kills_at_s == sorted(first.kills_at_s)
    assert len(first.kills_at_s) == 10


def _stored_at(ages: Ages, now_ms: list[int], at_ms: int, *lines: bytes) -> None:
    now_ms[0] = at_ms
    ages.note(b"\n".join(lines))


def test_an_age_belongs_to_the_phase_in_which_its_reading_was_made() -> None:
    now_ms = [1000]
    ages = Ages("long", lambda: now_ms[0])
    ages.begin(QUIET)
    _stored_at(ages, now_ms, 1500, b"pon_port,olt=long-olt-1,port=1 oper=1 1100")
    now_ms[0] = 2000
    ages.begin("flood")
    _stored_at(ages, now_ms, 2600, b"pon_port,olt=long-olt-1,port=1 oper=1 1900")
    _stored_at(
        ages, now_ms, 3400,
        b"pon_port,olt=long-olt-1,port=1 oper=1 2000",
        b"pon_port,olt=long-olt-1,port=2 oper=1 2000",
        b"device_camera,area=1,device=long-gw-0-1 intact=true 2200",
        b"device_camera,area=1,device=hostile intact=true 1",
    )  # fmt: skip
    _stored_at(ages, now_ms, 9000, b"pon_port,olt=long-olt-1,port=1 oper=1 2000")
    ages.close()
    _stored_at(ages, now_ms, 9999, b"pon_port,olt=long-olt-1,port=1 oper=1 3000")

    assert ages.as_json() == {
        QUIET: {"readings": 2, "p50_ms": 400, "p99_ms": 700, "most_ms": 700},
        "neighbours": {"readings": 2, "p50_ms": 1200, "p99_ms": 1400, "most_ms": 1400},
        "ratio": {"p50_ms": 3.0, "p99_ms": 2.0},
        "by_neighbour": {"flood": {"readings": 2, "p50_ms": 1200, "p99_ms": 1400, "most_ms": 1400}},
    }
