"""One client of the field against a real broker: birth, will, refusals; the command."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_contract.access import Secret
from gigacity_contract.process.settings import parse_url
from gigacity_simulators.clients.broker import Broker as Endpoint
from gigacity_simulators.publisher_directory import build_directory
from tests.support.city import edit, write_city
from tests.support.field_client import FieldClient, FieldClientError
from tests.support.field_scene import AREA, Listener, endpoint_of
from tests.support.processes import Broker

pytestmark = pytest.mark.integration


def _olt(broker: Broker, name: str) -> str:
    identity = f"{AREA}/olt/{name}"
    broker.add_user(identity)
    return identity


def test_birth_report_and_orderly_end(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identity = _olt(broker, "sim-orderly")
    listener = listen([identity])
    with FieldClient(endpoint_of(broker), identity) as client:
        client.publish(b'{"ts":1,"ports":[]}')
        session = client.session_ms
    listener.wait(lambda: len(listener.seen) == 3)
    birth, report, end = [x for _, _, x in listener.seen]
    assert birth == {"session": session, "state": "online"}
    assert report == {"ts": 1, "ports": []}
    assert end == {
        "session": session,
        "state": "offline",
        "ts": end["ts"],
        "reason": "test",
    }
    # Nothing more comes: the will is not sent after an orderly end. The last status is kept.
    fresh = listen([identity])
    fresh.wait(lambda: len(fresh.seen) == 1)
    assert fresh.seen == [(f"gigacity/v1/{identity}/status", True, end)]
    assert len(listener.seen) == 3


def test_a_dropped_connection_brings_the_will_of_its_session(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identity = _olt(broker, "sim-dropped")
    listener = listen([identity])
    client = FieldClient(endpoint_of(broker), identity)
    client.connect(session_ms=1_795_500_000_123)
    client.abort()
    listener.wait(lambda: len(listener.seen) == 2)
    assert listener.statuses(identity) == [
        {"session": 1_795_500_000_123, "state": "online"},
        {"session": 1_795_500_000_123, "state": "offline"},
    ]


def test_many_messages_are_all_acknowledged(
    broker: Broker, listen: Callable[[list[str]], Listener]
) -> None:
    identity = _olt(broker, "sim-many")
    listener = listen([identity])
    with FieldClient(endpoint_of(broker), identity) as client:
        client.publish_all((client.report_topic, b'{"n":%d}' % n) for n in range(500))
    listener.wait(lambda: len(listener.reports(identity)) == 500)
    assert [x["n"] for x in listener.reports(identity)] == list(range(500))


def test_another_s_topic_is_refused(broker: Broker) -> None:
    identity = _olt(broker, "sim-own")
    client = FieldClient(endpoint_of(broker), identity)
    client.connect()
    client.publish(b"{}")
    with pytest.raises(FieldClientError, match="refused: Not authorized"):
        client.publish(b"{}", topic=f"gigacity/v1/{AREA}/olt/sim-other/pon")
    # Mosquitto 2.0.11 closes the connection of whoever tries; others may go on.
    client.abort()


def test_a_wrong_password_is_refused(broker: Broker) -> None:
    identity = _olt(broker, "sim-password")
    client = FieldClient(endpoint_of(broker), identity, password="not the one")
    with pytest.raises(FieldClientError, match="not connected: Not authorized"):
        client.connect()


def test_nobody_listening_is_a_clear_error() -> None:
    address = parse_url("GIGACITY_MQTT_URL", "mqtt://127.0.0.1:1", ("mqtt",))
    client = FieldClient(Endpoint(address, None, Secret("")), f"{AREA}/olt/nobody")
    with pytest.raises(FieldClientError, match=r"cannot reach mqtt://127.0.0.1:1.*refused"):
        client.connect()


def test_the_command_runs_until_sigterm_and_leaves_everybody_offline(
    broker: Broker, listen: Callable[[list[str]], Listener], tmp_path: Path
) -> None:
    """Every point that it counts as acknowledged has arrived, once; each client said farewell."""
    folder = write_city(tmp_path / "city")
    edit(
        folder, "city.yaml", "pon_s: 60, device_s: {camera: 60}", "pon_s: 1, device_s: {camera: 1}"
    )
    directory = build_directory(load_city(folder), seed=1)
    identities = [publisher.identity for publisher in directory.publishers]
    broker.add_users({identity: broker.password_of(identity) for identity in identities})
    listener = listen(identities)
    stats, truth = tmp_path / "stats.json", tmp_path / "truth.jsonl"
    gigacity = Path(sys.executable).with_name("gigacity")
    command = [str(gigacity), "simulate", "--city", str(folder)]
    outputs = ["--stats", str(stats), "--truth", str(truth), "--evaluate-tick-s", "1"]
    environ = os.environ | {
        "GIGACITY_SIMULATE_FIELD_SECRET": broker.field_secret,
        "GIGACITY_MQTT_URL": broker.url,
        **({"GIGACITY_MQTT_CA": str(broker.ca)} if broker.ca else {}),
    }
    child = subprocess.Popen([*command, *outputs], env=environ, stderr=subprocess.PIPE, text=True)
    listener.wait(lambda: len(listener.seen) > 60)
    child.terminate()
    listener.wait(lambda: child.poll() is not None)
    _, said = child.communicate(timeout=10)
    assert child.returncode == 0, said
    assert "ended:" in said
    counts = json.loads(stats.read_text())
    listener.wait(lambda: len(listener.seen) == counts["messages_acked"])
    points = Counter(
        ("pon_port", topic, x["ts"], p["slot"], p["port"])
        for topic, _, x in listener.seen
        for p in x.get("ports", ())
    )
    assert len(points) == sum(points.values()) == counts["points_acked"]["pon_port"] > 0
    ends = [
        listener.statuses(identity)[-1] for identity in identities if listener.statuses(identity)
    ]
    assert {end["state"] for end in ends} == {"offline"}
    assert {end["reason"] for end in ends} == {"the simulation ended"}
    lines = [json.loads(line) for line in truth.read_text().splitlines()]
    assert len({line["t"] for line in lines}) == len(lines) > 0
    assert all(line["t"] % 1000 == 0 for line in lines)
