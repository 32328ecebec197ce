"""Bad messages through broker, worker and database: each meets its fate, no neighbour is harmed."""

import base64
from collections import Counter
from collections.abc import Iterator

import pytest

from gigacity_contract.clock import SystemClock
from tests.e2e.stack import Stack
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.poison import Poison, PoisonTarget, corpus

pytestmark = pytest.mark.e2e

PLACE = PoisonTarget(
    area=AREA_A,
    olt="olt-a",
    community=COMMUNITY_A,
    device="hands-on",
    gateway="gw-a",
    bundled_device="smoke-1",
    foreign_device="hands-on",
)
TS_MS = SystemClock().now_ms() - 60_000
POISONS = list(corpus(PLACE, TS_MS))
NEIGHBOUR_TS_MS = TS_MS + 30_000
NEIGHBOUR = b'{"ts": %d, "kind": "smoke_detector", "values": {"obscuration_pct_per_m": 0.5}}'


def _identity(topic: str) -> str:
    levels = topic.split("/")[2:]
    return "/".join(levels[: 4 if levels[1] == "community" else 3])


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A worker that has taken the whole corpus, each message followed by a good one."""
    made = Stack(tmp_path_factory.mktemp("bad-input"))
    try:
        made.start_worker()
        for poison in POISONS:
            with made.client(_identity(poison.topic)) as client:
                client.publish(poison.payload, topic=poison.topic)
        with made.client(_identity(PLACE.device_topic)) as device:
            for index in range(len(POISONS)):
                device.publish(NEIGHBOUR % (NEIGHBOUR_TS_MS + index))
        # Besides the messages themselves every client sends a birth and an orderly end.
        made.drain(received=2 * len(POISONS) + 2 * (len(POISONS) + 1))
        yield made
    finally:
        made.close()


def _stored_at(stack: Stack, ts_ms: int) -> int:
    return sum(
        len(stack.influx.query(f"SELECT * FROM {name} WHERE time = {ts_ms}ms"))  # noqa: S608 - ours
        for name in ("pon_port", "device_smoke_detector")
    )


@pytest.mark.parametrize("poison", POISONS, ids=lambda p: p.name)
def test_what_is_good_in_a_bad_message_is_stored(stack: Stack, poison: Poison) -> None:
    assert _stored_at(stack, TS_MS - 1000 * POISONS.index(poison)) == poison.stored


def test_every_bad_part_is_one_dead_letter_with_its_reason(stack: Stack) -> None:
    letters = [x for x in stack.dead_letters() if not x["topic"].endswith("/status")]
    found = Counter((x["topic"], x["reason"], x["extent"]) for x in letters)
    assert found == Counter((p.topic, p.reason, p.extent) for p in POISONS if p.reason)


def test_the_bytes_of_a_dead_letter_are_kept(stack: Stack) -> None:
    poison = next(p for p in POISONS if p.reason == "not_utf8")
    (letter,) = [x for x in stack.dead_letters() if x["reason"] == "not_utf8"]
    shown = stack.dead_letter_command("show", letter["id"])
    assert base64.b64decode(shown[0]["payload"]) == poison.payload


def test_every_neighbour_lives(stack: Stack) -> None:
    stored = stack.influx.query(
        f"SELECT obscuration_pct_per_m FROM device_smoke_detector"  # noqa: S608 - ours
        f" WHERE time >= {NEIGHBOUR_TS_MS}ms"
    )
    assert [row["obscuration_pct_per_m"] for row in stored] == [0.5] * len(POISONS)


def test_both_ledgers_balance_with_nothing_on_the_way(stack: Stack) -> None:
    ledger = stack.ledger()
    assert ledger["balanced"] is True
    assert ledger["messages"]["received"] == ledger["messages"]["acknowledged"]
    wanted = Counter(p.reason for p in POISONS if p.reason)
    wanted["unknown_area"] += 2  # The birth and the end of the publisher there.
    assert Counter(ledger["dead_letters"]) == wanted
