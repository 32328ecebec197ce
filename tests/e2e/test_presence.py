"""Presence through broker, worker and database: the state is right whatever happened on the way."""

from collections.abc import Iterator

import pytest

from gigacity_contract.clock import SystemClock
from tests.e2e.stack import Stack
from tests.support.city import AREA_A, AREA_B

pytestmark = pytest.mark.e2e

DAY_MS = 86_400_000
OLD, FAST, PLAIN = "olt-a", "olt-b", "gw-a"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A story in four acts; the tests look at what the database then says."""
    made = Stack(tmp_path_factory.mktemp("presence"))
    try:
        _play(made)
        yield made
    finally:
        made.close()


SESSIONS: dict[str, list[int]] = {}
ENDED_MS: dict[str, int] = {}


def _play(stack: Stack) -> None:
    clock = SystemClock()
    old = stack.client(f"{AREA_A}/olt/{OLD}")
    fast = stack.client(f"{AREA_B}/olt/{FAST}")
    plain = stack.client(f"{AREA_A}/gateway/{PLAIN}")

    # A device that has been connected for 60 days when the first worker ever subscribes.
    SESSIONS[OLD] = [clock.now_ms() - 60 * DAY_MS]
    old.connect(session_ms=SESSIONS[OLD][0])
    stack.start_worker()

    # A device whose clock is 4 minutes ahead: it comes, and ends in an orderly way.
    SESSIONS[FAST] = [clock.now_ms() + 240_000]
    fast.connect(session_ms=SESSIONS[FAST][0])
    ENDED_MS[FAST] = SESSIONS[FAST][0] + 5
    fast.end(ts_ms=ENDED_MS[FAST])

    # A gateway is lost and is back while the worker is down.
    plain.connect()
    first = plain.session_ms
    stack.drain(received=4)
    stack.stop_worker()
    plain.abort()
    again = stack.client(f"{AREA_A}/gateway/{PLAIN}")
    again.connect()
    SESSIONS[PLAIN] = [first, again.session_ms]
    stack.start_worker()
    stack.drain(received=2)

    # Another worker takes over with a session of its own: it gets every retained status again.
    stack.stop_worker()
    stack.start_worker("second-worker-of-the-test")
    stack.drain(received=3)
    again.end()
    ENDED_MS[PLAIN] = clock.now_ms()
    stack.drain(received=4)
    old.abort()


def test_one_row_a_session_however_often_its_messages_came(stack: Stack) -> None:
    rows = stack.presence(SESSIONS)
    assert {name: [row["time"] for row in found] for name, found in rows.items()} == SESSIONS


def test_a_session_of_60_days_ago_is_known_and_not_ended(stack: Stack) -> None:
    (row,) = stack.presence([OLD])[OLD]
    assert row["online_ms"] == SESSIONS[OLD][0]
    assert row["ended_ms"] is None
    assert row.get("seen_ended_ms") is None


def test_a_clock_ahead_changes_nothing_about_the_end(stack: Stack) -> None:
    (row,) = stack.presence([FAST])[FAST]
    assert (row["online_ms"], row["ended_ms"]) == (SESSIONS[FAST][0], ENDED_MS[FAST])
    assert row["end_source"] == "orderly"


def test_a_will_and_a_new_birth_while_the_worker_was_down(stack: Stack) -> None:
    lost, back = stack.presence([PLAIN])[PLAIN]
    assert lost["end_source"] == "will"
    assert lost["ended_ms"] > lost["time"]
    assert back["online_ms"] == SESSIONS[PLAIN][1]
    assert back["end_source"] == "orderly"
    assert abs(back["ended_ms"] - ENDED_MS[PLAIN]) < 5000
