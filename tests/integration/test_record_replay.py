"""``gigacity record`` and ``gigacity replay`` before a real broker."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from msgspec import structs

from gigacity_ingest.adapters.recording_file import recorded_messages
from gigacity_ingest.traffic.arrivals import Arrival
from gigacity_ingest.traffic.playing import Shifter
from gigacity_ingest.traffic.recording import head_line, message_line
from tests.support.field_client import FieldClient
from tests.support.field_scene import Listener, endpoint_of
from tests.support.processes import Broker, LocalBroker
from tests.support.sparkplug import EdgeNode

pytestmark = pytest.mark.integration
GIGACITY = [sys.executable, "-m", "gigacity_deploy"]
IDENTITY = "371602/olt/recorded"
TOPIC = f"gigacity/v1/{IDENTITY}/pon"


@pytest.fixture
def olt(fresh_broker: Broker) -> Iterator[FieldClient]:
    fresh_broker.add_user(IDENTITY)
    client = FieldClient(endpoint_of(fresh_broker), IDENTITY)
    yield client
    client.abort()


def _record(broker: Broker, target: Path, *args: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    command = [*GIGACITY, "record", str(target), "--minutes", "0.05", *args]
    process = subprocess.Popen(
        command, env=broker.worker_env(), stdout=pipe, stderr=pipe, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("recording")
    return process


def _replay(broker: Broker, target: Path, *args: str) -> tuple[int, dict[str, Any]]:
    result = subprocess.run(
        [*GIGACITY, "replay", str(target), "--json", *args],
        env=broker.worker_env(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _report(ts: int, seq: int) -> bytes:
    return b'{"ts": %d, "seq": %d, "ports": []}' % (ts, seq)


def test_what_was_recorded_is_played_again_an_hour_later(
    fresh_broker: Broker,
    olt: FieldClient,
    tmp_path: Path,
) -> None:
    """The same topics, retained flags and order; instants as far from the present as they were."""
    assert isinstance(fresh_broker, LocalBroker)
    target = tmp_path / "a.jsonl"
    olt.connect()
    recorder = _record(fresh_broker, target)
    sent = [_report(_now_ms() + n, n) for n in range(3)] + [b'{"no": "report"}']
    for payload in sent:
        olt.publish(payload)
    olt.end()
    out, errors = recorder.communicate(timeout=30)
    assert (recorder.returncode, errors) == (0, "")
    assert out.startswith("6 message(s)")
    messages = list(recorded_messages(target))
    births = [m for m in messages if m.topic.endswith("/status")]
    assert [m.payload for m in messages if m.topic == TOPIC] == sent
    assert [(m.is_retained, m.is_copy) for m in births] == [(True, True), (True, False)]

    hour_ago = tmp_path / "hour.jsonl"
    back = Shifter(-3_600_000)
    old = [structs.replace(m, at_ms=m.at_ms - 3_600_000, payload=back.payload_of(m))
           for m in messages]  # fmt: skip
    hour_ago.write_bytes(head_line(0, []) + b"".join(map(message_line, old)))
    assert _replay(fresh_broker, hour_ago)[0] == 1  # The workers' account may not write.
    fresh_broker.allow_workers("pattern write gigacity/v1/#")
    heard = Listener(fresh_broker, [IDENTITY])
    heard.wait(lambda: len(heard.messages) >= 1)  # the retained end
    before = len(heard.messages)
    code, said = _replay(fresh_broker, hour_ago)
    heard.wait(lambda: len(heard.messages) >= before + 6)

    played = heard.messages[before:]
    assert (code, said["taken"], said["refused"], said["problem"]) == (0, 6, 0, "")
    assert [m.topic for m in played] == [m.topic for m in messages]
    assert bytes(played[-2].payload) == sent[-1]
    shift_ms = said["shift_ms"]
    was = [json.loads(payload)["ts"] for payload in sent[:3]]
    now = [json.loads(m.payload)["ts"] for m in played[1:4]]
    moved = {after - before for before, after in zip(was, now, strict=True)}
    assert len(moved) == 1
    assert shift_ms > 0
    assert abs(_now_ms() - now[-1]) < 60_000


def test_a_replay_keeps_its_pace(fresh_broker: Broker, tmp_path: Path) -> None:
    assert isinstance(fresh_broker, LocalBroker)
    fresh_broker.allow_workers("pattern write gigacity/v1/#")
    target = tmp_path / "a.jsonl"
    lines = ['{"gigacity_recording": 1, "from_ms": 1767225600000, "filters": ["#"]}']
    lines += [
        json.dumps({"at": 1_767_225_600_000 + n * 1000, "topic": TOPIC, "text": "{}"})
        for n in range(5)
    ]
    target.write_text("\n".join([*lines, ""]), encoding="utf-8")
    took_s = []
    for pace in ("2", "0"):
        before_s = time.monotonic()
        assert _replay(fresh_broker, target, "--pace", pace)[0] == 0
        took_s.append(time.monotonic() - before_s)

    assert took_s[0] - took_s[1] == pytest.approx(2, abs=1)


def test_many_messages_are_replayed_as_fast_as_they_can_be_sent(
    fresh_broker: Broker, tmp_path: Path
) -> None:
    assert isinstance(fresh_broker, LocalBroker)
    fresh_broker.allow_workers("pattern write gigacity/v1/#")
    target = tmp_path / "a.jsonl"
    head = '{"gigacity_recording": 1, "from_ms": 1767225600000, "filters": ["#"]}'
    line = json.dumps({"at": 1_767_225_600_000, "topic": TOPIC, "text": "{}"})
    target.write_text("\n".join([head, *[line] * 5000, ""]), encoding="utf-8")

    code, said = _replay(fresh_broker, target, "--pace", "0", "--keep-times")

    assert (code, said["taken"], said["shift_ms"]) == (0, 5000, 0)


def test_messages_of_qos_0_are_replayed_and_nobody_waits_for_their_answer(
    fresh_broker: Broker, tmp_path: Path
) -> None:
    assert isinstance(fresh_broker, LocalBroker)
    fresh_broker.allow_workers("pattern readwrite gigacity/v1/#")
    target = tmp_path / "a.jsonl"
    head = '{"gigacity_recording": 1, "from_ms": 1767225600000, "filters": ["#"]}'
    lines = [
        json.dumps({"at": 1_767_225_600_000, "topic": TOPIC, "qos": n % 2, "text": str(n)})
        for n in range(1500)
    ]
    target.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    recorder = _record(fresh_broker, tmp_path / "b.jsonl")

    code, said = _replay(fresh_broker, target, "--pace", "0", "--keep-times")

    recorder.communicate(timeout=30)
    assert (code, said["taken"], said["problem"]) == (0, 1500, "")
    heard = [m.payload for m in recorded_messages(tmp_path / "b.jsonl")]
    assert heard == [b"%d" % n for n in range(1500)]


def test_a_full_file_ends_a_recording(
    fresh_broker: Broker, olt: FieldClient, tmp_path: Path
) -> None:
    target = tmp_path / "a.jsonl"
    olt.connect()
    recorder = _record(fresh_broker, target, "--max-mb", "1", "--filter", "gigacity/v1/#", "--json")
    for _ in range(3):
        olt.publish(b" " * 500_000)
    out, _ = recorder.communicate(timeout=30)

    assert recorder.returncode == 1
    assert json.loads(out)["full"]
    assert target.stat().st_size < 2**20
    again = subprocess.run(
        [*GIGACITY, "record", str(target)], env=fresh_broker.worker_env(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert (again.returncode, "exists already" in again.stderr) == (2, True)


def test_a_replay_names_edge_nodes_whose_births_are_not_in_the_recording(
    fresh_broker: Broker, tmp_path: Path
) -> None:
    assert isinstance(fresh_broker, LocalBroker)
    fresh_broker.allow_workers("pattern write spBv1.0/#")
    node = EdgeNode(Random(1), now_ms=_now_ms())  # noqa: S311 - repeatable
    node.connect(["a"])
    target = tmp_path / "a.jsonl"
    arrival = Arrival(node.now_ms, *node.data(""))
    target.write_bytes(head_line(0, ["spBv1.0/#"]) + message_line(arrival))

    code, said = _replay(fresh_broker, target)
    again = subprocess.run(
        [*GIGACITY, "replay", str(target)], env=fresh_broker.worker_env(), capture_output=True,
        text=True, check=False,
    )  # fmt: skip

    assert (code, said["taken"], said["unshifted"], said["unborn"]) == (0, 1, 0, ["e"])
    assert "edge node e: e: NDATA without NBIRTH" in again.stderr
    assert "Begin the recording before they connect" in again.stderr
