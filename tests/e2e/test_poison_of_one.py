"""One publisher sends bad messages beyond its share of the disk: nobody else is held for it.

At a small budget: 4 MB, of which one publisher may take 64 kB.
"""

import json
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_contract.clock import SystemClock
from gigacity_contract.decoding import MAX_PAYLOAD_BYTES
from tests.e2e.stack import Stack, gigacity_env
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.field_client import FieldClientError
from tests.support.mqtt_probe import wait_until

pytestmark = pytest.mark.e2e

POISON = f"{AREA_A}/community/{COMMUNITY_A}/poison"
HONEST = f"{AREA_A}/community/{COMMUNITY_A}/hands-on"
JUNK = 40
READINGS = 400
TS_MS = SystemClock().now_ms() - 600_000
_READING = b'{"ts":%d,"kind":"smoke_detector","values":{"obscuration_pct_per_m":0.5}}'


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = Stack(tmp_path_factory.mktemp("poison"), GIGACITY_DEADLETTER_BUDGET_MB="4")
    try:
        made.start_worker()
        _publish(made)
        yield made
    finally:
        made.close()


def _publish(stack: Stack) -> None:
    """Forty megabytes of junk, hundreds of small ones, and honest readings between them."""
    with stack.client(POISON) as poison, stack.client(HONEST) as honest:
        for number in range(JUNK):
            poison.publish(b"%d" % number + b"x" * 1_000_000)
            honest.publish_all(
                (honest.report_topic, _READING % (TS_MS + 10 * number + n)) for n in range(10)
            )
        poison.publish_all((poison.report_topic, b"small junk %d" % n) for n in range(600))
        honest.publish(b"an honest mistake")
    stack.drain(received=JUNK + READINGS + 600 + 1)


def _page(stack: Stack, path: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.http_port}{path}", timeout=10) as answer:
        content: dict[str, Any] = json.load(answer)
        return content


def test_every_honest_reading_is_stored(stack: Stack) -> None:
    stored = stack.influx.query(
        "SELECT obscuration_pct_per_m FROM device_smoke_detector WHERE device = 'hands-on'"
    )
    assert len(stored) == READINGS
    assert stack.ledger()["balanced"] is True
    assert stack.ledger()["messages"]["unacknowledged"] == 0


def test_nothing_is_dropped_silently(stack: Stack) -> None:
    """Each is whole, a summary or counted, and the ledger has as many."""
    letters = stack.dead_letters()
    kept = Counter[str]()
    for letter in letters:
        kept[letter["kept"]] += letter["times"]
    assert sum(kept.values()) == sum(stack.ledger()["dead_letters"].values()) == JUNK + 601
    assert min(kept["whole"], kept["summary"], kept["count"]) > 0
    junk = [x for x in letters if x["kept"] == "summary" and x["size"] > 1_000_000]
    assert len(junk) == JUNK


def test_another_publishers_mistake_is_kept_whole(stack: Stack) -> None:
    (letter,) = [x for x in stack.dead_letters() if HONEST in x["topic"]]
    assert (letter["kept"], letter["size"]) == ("whole", len("an honest mistake"))


def test_it_is_said_before_anything_stops(stack: Stack) -> None:
    # The sink looks at its dead letters once in a while, not at each.
    wait_until(lambda: "dead_letter_budget" in _page(stack, "/readyz")["warnings"], "it is said")
    ready = _page(stack, "/readyz")
    assert ready["ready"] is True
    assert POISON in ready["warnings"]["dead_letter_budget"]


def test_after_a_restart_the_budget_is_still_used_up(stack: Stack) -> None:
    stack.worker.kill()
    stack.start_worker()
    with stack.client(POISON) as poison:
        poison.publish(b"again" + b"x" * 1_000_000)
    wait_until(lambda: bool(stack.ledger()["dead_letters"]), "it is a dead letter", timeout_s=20)
    (entry,) = [x for x in stack.dead_letters() if x["kept"] == "count"]
    assert entry["size"] > 1_000_000


def test_what_is_too_large_keeps_its_head_and_more_ends_the_connection(stack: Stack) -> None:
    olt = f"{AREA_A}/olt/olt-a"
    with stack.client(olt) as client:
        client.publish(b"h" * (MAX_PAYLOAD_BYTES + 1))
    with pytest.raises(FieldClientError), stack.client(olt) as client:
        client.publish(b"h" * (MAX_PAYLOAD_BYTES + 2 * 2**20))
    wait_until(lambda: bool(_heads(stack)), "the head is there", timeout_s=20)
    (head,) = _heads(stack)
    assert head["size"] == MAX_PAYLOAD_BYTES + 1


def _heads(stack: Stack) -> list[dict[str, Any]]:
    return [x for x in stack.dead_letters() if x["reason"] == "too_large"]


def test_settling_makes_room_at_once(stack: Stack, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gigacity_deploy", "deadletters", "export", "--settle"]
    target = str(tmp_path / "refused.jsonl.gz")
    subprocess.run(
        [*command, target, "--state-dir", str(stack.state_dir)],
        check=True, env=gigacity_env(), timeout=60, capture_output=True,
    )  # fmt: skip
    wait_until(
        lambda: "dead_letter_budget" not in _page(stack, "/readyz")["warnings"], "no warning"
    )
    with stack.client(POISON) as poison:
        poison.publish(b"after")
    wait_until(lambda: _kept_of(stack, b"after") == ["whole"], "it is kept whole", timeout_s=20)


def _kept_of(stack: Stack, payload: bytes) -> list[str]:
    return [x["kept"] for x in stack.dead_letters() if x["size"] == len(payload)]
