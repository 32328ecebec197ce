"""Refused writes on a real server, whichever it is: the neighbours of a bad line are stored.

What each server says differs (``tests/recordings``, docs/compatibility.md); what becomes of the
lines must not. One difference cannot be bridged: openGemini drops a malformed line among good ones
and answers 204.
"""

import gzip
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.influx import (
    TOKEN_USER,
    Denied,
    Flavour,
    InfluxEndpoint,
    TooLarge,
    Unavailable,
    WriteRefused,
    Written,
)
from gigacity_contract.measurements import RAW
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.encode.body import Body
from gigacity_ingest.influx.writer import InfluxWriter
from gigacity_ingest.pipeline.request_queue import RequestQueue
from tests.support.processes_influx import InfluxServer, Role

pytestmark = pytest.mark.integration

NOW_MS = SystemClock().now_ms() - 60_000
GOOD = [b"outcome,olt=a v=%di %d" % (n, NOW_MS + n) for n in range(16)]
MOST_POSTS = 60
BAD = {
    "malformed": b"outcome,olt=a v=nan %d" % NOW_MS,
    "duplicate tag": b"outcome,olt=a,olt=b v=1i %d" % NOW_MS,
    "conflict": b'outcome,olt=a v="text" %d' % (NOW_MS + 100),
    "beyond retention": b"outcome,olt=a v=1i 1000",
    "time as a field": b"outcome,olt=a time=1i %d" % NOW_MS,
}


def endpoint_of(server: InfluxServer, role: Role) -> InfluxEndpoint:
    env = server.env(role)
    user = env.get("GIGACITY_INFLUX_USERNAME", TOKEN_USER)
    secret = env.get("GIGACITY_INFLUX_TOKEN") or env["GIGACITY_INFLUX_PASSWORD"]
    address = parse_url("GIGACITY_INFLUX_URL", server.url, ("http", "https"))
    return InfluxEndpoint(address, server.bucket, user, Secret(secret))


@pytest.fixture
def writer(database: InfluxServer) -> Iterator[InfluxWriter]:
    with InfluxWriter(endpoint_of(database, "worker")) as writer:
        yield writer


@pytest.fixture
def flavour(writer: InfluxWriter) -> Flavour:
    return writer.ping().flavour


def deliver(writer: InfluxWriter, lines: list[bytes]) -> RequestQueue:
    """Post until every line has its outcome; beside each failure another batch passes."""
    requests = RequestQueue(Body.of_lines(RAW, lines))
    evidence = posts = 0
    while (body := requests.next_body()) is not None:
        outcome = writer.write("raw", "ms", body.lines())
        requests.judge(outcome, evidence)
        evidence += isinstance(writer.write("raw", "ms", [b"other v=1i %d" % NOW_MS]), Written)
        posts += 1
        assert posts < MOST_POSTS, outcome
    return requests


def stored(database: InfluxServer) -> list[int]:
    database.wait_shown("raw", GOOD)
    return sorted(row["v"] for row in database.query("SELECT v FROM outcome"))


@pytest.mark.parametrize("is_first", [True, False], ids=["first batch", "known field"])
@pytest.mark.parametrize("fault", BAD)
def test_one_bad_line_costs_no_neighbour(
    database: InfluxServer, writer: InfluxWriter, flavour: Flavour, fault: str, is_first: bool
) -> None:
    if not is_first:
        assert writer.write("raw", "ms", GOOD[:1]) == Written()
    lines = [*GOOD[:8], BAD[fault], *GOOD[8:]]
    requests = deliver(writer, lines)

    assert stored(database) == list(range(16))
    refused = [part.lines for part in requests.refused]
    # Nobody is told of it there, so the encoder is what must never write such a line.
    is_silent = flavour is Flavour.OPENGEMINI and fault == "malformed"
    assert refused == ([] if is_silent else [[BAD[fault]]])
    assert requests.confirmed == len(lines) - len(refused)


def test_two_faults_at_once_cost_no_neighbour(database: InfluxServer, writer: InfluxWriter) -> None:
    """1.x and openGemini count or name one of the two alone."""
    writer.write("raw", "ms", GOOD[:1])
    deliver(writer, [*GOOD[:5], BAD["malformed"], *GOOD[5:11], BAD["conflict"], *GOOD[11:]])

    assert stored(database) == list(range(16))


def test_an_unknown_policy_and_database_are_denied(
    database: InfluxServer, writer: InfluxWriter
) -> None:
    assert isinstance(writer.write("nosuch", "ms", GOOD), Denied)
    elsewhere = replace(endpoint_of(database, "admin"), bucket="nosuch")
    with InfluxWriter(elsewhere) as other:
        assert isinstance(other.write("raw", "ms", GOOD), Denied)


def test_wrong_credentials_and_a_missing_right_are_denied(database: InfluxServer) -> None:
    reader = endpoint_of(database, "grafana")
    nobody = replace(reader, secret=Secret("Wr0ng-secret"))
    outcomes = []
    for endpoint in (reader, nobody):
        with InfluxWriter(endpoint) as writer:
            outcomes.append(writer.write("raw", "ms", GOOD))

    assert [type(outcome) for outcome in outcomes] == [Denied, Denied]


@pytest.mark.parametrize("cut", [8, 12], ids=["checksum", "truncated"])
def test_broken_gzip_is_the_batchs_fault_whatever_the_status(
    writer: InfluxWriter, cut: int
) -> None:
    packed = gzip.compress(b"\n".join(GOOD))
    writer.begin("raw", "ms", packed[:-cut] + b"\0" * (8 if cut == 8 else 0))
    outcome = writer.finish()

    assert isinstance(outcome, WriteRefused) or (
        isinstance(outcome, Unavailable) and outcome.blames_request
    )


def test_too_large_a_body_is_answered_although_it_could_not_be_sent(
    writer: InfluxWriter, flavour: Flavour
) -> None:
    if flavour is Flavour.V2:
        pytest.skip("2.x knows no limit")
    comment = b"#" * 26_000_000
    writer.begin("raw", "ms", gzip.compress(comment, compresslevel=0))

    assert isinstance(writer.finish(), TooLarge)


def test_a_write_again_changes_nothing(database: InfluxServer, writer: InfluxWriter) -> None:
    outcomes = [writer.write("raw", "ms", GOOD) for _ in range(2)]
    database.wait_shown("raw", GOOD)

    assert outcomes == [Written(), Written()]
    assert stored(database) == list(range(16))
