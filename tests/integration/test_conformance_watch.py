"""``gigacity conformance`` before a real broker: what a publisher does well and badly."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.clock import SystemClock
from gigacity_contract.process.settings import parse_url
from gigacity_ingest.adapters.broker_listener import BrokerListener
from gigacity_ingest.adapters.mqtt_client import MQTTEndpoint
from tests.support.field_client import FieldClient
from tests.support.field_scene import endpoint_of
from tests.support.processes import Broker

pytestmark = pytest.mark.integration
COMMAND = [sys.executable, "-m", "gigacity_deploy", "conformance"]


@pytest.fixture
def olt(broker: Broker) -> Iterator[FieldClient]:
    identity = f"371602/olt/watched-{time.time_ns()}"
    broker.add_user(identity)
    client = FieldClient(endpoint_of(broker), identity)
    yield client
    client.abort()


def _watch(broker: Broker, identity: str, *args: str, seconds: float) -> subprocess.Popen[str]:
    command = [*COMMAND, identity, "--minutes", str(seconds / 60), *args]
    pipe = subprocess.PIPE
    watch = subprocess.Popen(command, env=broker.worker_env(), stdout=pipe, stderr=pipe, text=True)
    assert watch.stderr is not None
    assert watch.stderr.readline().startswith(f"watching {identity}")
    return watch


def _report(olt: FieldClient, seq: int, **more: Any) -> bytes:
    port = {"slot": 1, "port": 0, "tech": "xgs-pon", "admin": "up", "oper": "up", **more}
    return json.dumps({"ts": time.time_ns() // 10**6, "seq": seq, "ports": [port]}).encode()


def test_a_watch_sees_births_wills_gaps_and_flags(broker: Broker, olt: FieldClient) -> None:
    olt.connect()
    olt.publish(_report(olt, 1), retain=True)
    watch = _watch(broker, olt.identity, "--json", seconds=4)
    olt.publish(_report(olt, 2))
    olt.publish(_report(olt, 4, rx_dbm=99))
    olt.abort()
    olt.connect()
    olt.publish(b"", retain=True)
    out, errors = watch.communicate(timeout=30)

    assert (watch.returncode, errors) == (1, "")
    report = json.loads(out)
    found = {f["check"]: (f["conformity"], f["detail"]["en"]) for f in report["findings"]}
    assert not report["ok"]
    assert found["birth"][0] == found["will"][0] == "good"
    assert found["end"][0] == "unseen"
    assert found["retained"] == (
        "bad",
        "2 retained report(s): every new subscriber gets the old reading again. Publish without the"
        " flag, and clear what is retained",
    )
    assert found["seq"][1] == "1 message(s) missing, 0 after a later one"
    assert "rx_dbm" in found["decoding"][1] or "not_json" in found["decoding"][1]
    assert found["clock"][0] == "good"


def test_a_good_publisher_passes_in_both_languages(broker: Broker, olt: FieldClient) -> None:
    olt.connect()
    watch = _watch(broker, olt.identity, "--lang", "zh", seconds=4)
    for seq in range(1, 4):
        olt.publish(_report(olt, seq))
        time.sleep(0.01)
    olt.end()
    out, errors = watch.communicate(timeout=30)

    assert (watch.returncode, errors) == (0, "")
    assert "合格" in out
    assert "不合格" not in out
    assert "条报文" in out


def test_a_watch_outlives_a_restart_of_the_broker(fresh_broker: Broker) -> None:
    """What came while it was away is kept for it; the loss is counted."""
    clock, identity = SystemClock(), "371602/olt/restarted"
    fresh_broker.add_user(identity)
    address = parse_url("GIGACITY_MQTT_URL", fresh_broker.worker_url, ("mqtt", "mqtts"))
    login = fresh_broker.worker
    endpoint = MQTTEndpoint(address, "", ("gigacity/v1/#",), Secret(login.password), login.username)
    got: list[bytes] = []
    until_s = clock.monotonic_s() + 20
    with BrokerListener(endpoint, clock, lambda a: got.append(a.payload)) as listener:
        fresh_broker.stop()
        fresh_broker.start()
        with FieldClient(endpoint_of(fresh_broker), identity) as olt:
            olt.publish(b"meanwhile")
            listener.listen_until(lambda: b"meanwhile" in got or clock.monotonic_s() > until_s)

    assert b"meanwhile" in got
    assert listener.losses == 1


@pytest.mark.parametrize(
    ("identity", "environment", "words"),
    [
        ("371602/switch/a", {}, "371602/switch/a is no identity path"),
        ("371602/olt/a", {"GIGACITY_MQTT_URL": "mqtt://127.0.0.1:9"}, "no connection"),
        ("371602/olt/a", {"GIGACITY_MQTT_PASSWORD": "wrong"}, "refuses the connection"),
    ],
)
def test_a_wrong_call_says_what_to_do(
    broker: Broker, identity: str, environment: dict[str, str], words: str
) -> None:
    given = {**broker.worker_env(), **environment}
    result = subprocess.run(
        [*COMMAND, identity], env=given, capture_output=True, text=True, check=False
    )

    assert result.returncode == 2
    assert words in result.stderr
