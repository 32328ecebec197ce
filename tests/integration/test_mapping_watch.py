"""``gigacity mapping watch`` before a real broker: what comes is shown, and nothing is taken."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from paho.mqtt import publish

from tests.support.city import COMMUNITY_A
from tests.support.mappings import write_registry_mapping
from tests.support.processes import Broker, LocalBroker

if TYPE_CHECKING:
    from paho.mqtt.publish import AuthParameter

pytestmark = pytest.mark.integration
KNOWN = f"k1/d1={COMMUNITY_A}/smoke-7"


@pytest.fixture
def site(fresh_broker: Broker) -> LocalBroker:
    assert isinstance(fresh_broker, LocalBroker)
    fresh_broker.allow_workers("pattern readwrite up/#")
    return fresh_broker


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_registry_mapping(tmp_path)


def _watch(broker: Broker, mapping: Path, *args: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-m", "gigacity_deploy", "mapping", "watch", str(mapping), *args],
        env=broker.worker_env(), stdout=pipe, stderr=pipe, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == "watching up/+/+; Ctrl-C ends it\n"
    return process


def _publish(broker: Broker, topic: str, payload: object, *, is_retained: bool = False) -> None:
    login: AuthParameter = {
        "username": broker.worker.username,
        "password": broker.worker.password,
    }
    publish.single(
        topic, json.dumps(payload), 1, is_retained, broker.host, broker.worker_port, auth=login
    )


def _told(process: subprocess.Popen[str]) -> tuple[int, list[dict[str, Any]]]:
    out, errors = process.communicate(timeout=60)
    assert errors == ""
    return process.returncode, [json.loads(line) for line in out.splitlines()]


def test_messages_are_explained_as_they_come(site: LocalBroker, mapping: Path) -> None:
    _publish(site, "up/k1/d1", {"t": 200}, is_retained=True)
    process = _watch(site, mapping, "--id", KNOWN, "--count", "2", "--json")
    _publish(site, "up/k1/d1", {"t": 215, "b": 90, "x": 1})
    code, (copy, live) = _told(process)
    assert code == 0
    assert [(one["topic"], one["retained"]) for one in (copy, live)] == [
        ("up/k1/d1", True),
        ("up/k1/d1", False),
    ]
    assert copy["stored"] == []  # When it was published, nothing tells.
    assert live["stored"][0]["values"] == {"temp_c": 21.5, "battery_pct": 90.0}
    assert live["counts"] == {"unmapped": {"x": 1}}
    assert "temp_c=21.5" in live["outcome"]["lines"][0]


def test_people_see_topic_identity_and_verdict(site: LocalBroker, mapping: Path) -> None:
    process = _watch(site, mapping)
    _publish(site, "up/k1/d9", {"t": 215})
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert out.startswith("1  up/k1/d9  10 bytes\n")
    assert "unknown_identity" in out
    assert "not all of it is good" in out


def test_a_quiet_topic_is_told(site: LocalBroker, mapping: Path) -> None:
    process = _watch(site, mapping, "--minutes", "0.02")
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out, errors) == (1, "", "no message came on up/+/+\n")
