"""The city file changes beside running workers: what is new counts without a restart or a loss."""

import json
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_contract.clock import SystemClock
from tests.e2e.stack import Stack
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, RETIRED_A, edit
from tests.support.mqtt_probe import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NEW_AREA = "371622"
NEW_OLT = f"{NEW_AREA}/olt/olt-n"
ADD_AREA = ("kind: county}", f'kind: county}}\n  - {{code: "{NEW_AREA}", name: {{zh: 阳信县, en: Yangxin}},\n     kind: county}}')  # fmt: skip # noqa: E501
RETIRE = (f'retired: ["{RETIRED_A}"]', f'retired: ["{RETIRED_A}", "372399"]')
BREAK = (f"olt-b,{AREA_B}", "olt-b,999999")


def _port(ts_ms: int) -> bytes:
    port = {"slot": 1, "port": 1, "tech": "xgs-pon", "admin": "up", "oper": "up"}
    return json.dumps({"ts": ts_ms, "ports": [port]}).encode()


def _camera(ts_ms: int) -> bytes:
    entry = {"community": COMMUNITY_A, "device": "camera-1", "ts": ts_ms, "kind": "camera"}
    return json.dumps({"reports": [entry | {"values": {"intact": True}}]}).encode()


def _ready_page(stack: Stack) -> dict[str, Any]:
    url = f"http://127.0.0.1:{stack.http_port}/readyz"
    with urllib.request.urlopen(url, timeout=10) as answer:  # 503 raises: it must stay ready
        page: dict[str, Any] = json.load(answer)
    return page


def _wait_for_another_version(stack: Stack, version: str) -> None:
    wait_until(
        lambda: _ready_page(stack)["city_version"] != version,
        "the new city is in force: seen within 5 s, still for 10 s, and loaded",
        timeout_s=40,
    )


@pytest.fixture
def stack(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stack]:
    made = Stack(tmp_path, **getattr(request, "param", {}))
    made.start_worker()
    yield made
    made.close()


def test_what_was_unknown_is_registered_while_the_worker_runs(stack: Stack) -> None:
    now_ms, pid = SystemClock().now_ms(), stack.worker.pid
    with stack.client(NEW_OLT) as olt, stack.client(f"{AREA_A}/gateway/gw-b") as gateway:
        olt.publish(_port(now_ms - 4000))
        gateway.publish(_camera(now_ms - 3000))
        # Besides, each client sent its birth; that of the unknown area is refused, too.
        stack.drain(received=4)
        assert stack.ledger()["dead_letters"] == {"unknown_area": 2, "not_yours": 1}

        version = _ready_page(stack)["city_version"]
        edit(stack.city, "gateways.csv", f"gw-a,{AREA_A}", f"gw-a,{AREA_A}\ngw-b,{AREA_A}")
        edit(stack.city, "devices.csv", "camera-{1..10},gw-a", "camera-{1..10},gw-b")
        edit(stack.city, "city.yaml", *ADD_AREA)
        _wait_for_another_version(stack, version)
        olt.publish(_port(now_ms - 2000))
        gateway.publish(_camera(now_ms - 1000))
        ledger = stack.drain(received=6)

    assert ledger["dead_letters"] == {"unknown_area": 2, "not_yours": 1}
    assert ledger["balanced"]
    (row,) = stack.influx.query("SELECT * FROM pon_port")
    assert (row["area"], row["time"]) == (NEW_AREA, now_ms - 2000)
    (row,) = stack.influx.query("SELECT * FROM device_camera")
    assert (row["device"], row["time"]) == ("camera-1", now_ms - 1000)
    assert stack.worker.pid == pid


def test_a_wrong_city_file_leaves_the_old_one_in_force_and_says_so(stack: Stack) -> None:
    version = _ready_page(stack)["city_version"]
    edit(stack.city, "olts.csv", *BREAK)
    stack.worker.signal(signal.SIGHUP)
    wait_until(lambda: "city" in _ready_page(stack)["warnings"], "the fault is told")
    assert "999999" in _ready_page(stack)["warnings"]["city"]
    assert _ready_page(stack)["city_version"] == version

    now_ms = SystemClock().now_ms()
    with stack.client(f"{AREA_B}/olt/olt-b") as olt:
        olt.publish(_port(now_ms))
        stack.drain(received=2)
    (row,) = stack.influx.query("SELECT * FROM pon_port")
    assert row["area"] == AREA_B

    edit(stack.city, "olts.csv", *reversed(BREAK))
    stack.worker.signal(signal.SIGHUP)
    wait_until(lambda: "city" not in _ready_page(stack)["warnings"], "it is mended")
    assert _ready_page(stack)["city_version"] == version


@pytest.mark.parametrize("stack", [{"GIGACITY_MQTT_AREAS": AREA_A}], indirect=True)
def test_an_area_gets_another_code_and_its_worker_subscribes_it(stack: Stack) -> None:
    version, now_ms = _ready_page(stack)["city_version"], SystemClock().now_ms()
    with stack.client("372399/olt/olt-a") as olt:
        edit(stack.city, "city.yaml", *RETIRE)
        _wait_for_another_version(stack, version)
        # Its birth is retained: the new subscription brings it.
        stack.drain(received=1)
        olt.publish(_port(now_ms))
        stack.drain(received=2)

    (row,) = stack.influx.query("SELECT * FROM pon_port")
    assert (row["area"], row["time"]) == (AREA_A, now_ms)
    (presence,) = stack.presence(["olt-a"])["olt-a"]
    assert presence["area"] == AREA_A
    noted = json.loads((stack.state_dir / "subscriptions.json").read_text(encoding="utf-8"))
    assert "gigacity/v1/372399/#" in noted
