"""From a fire to a delivered message: within two seconds, also while the database is down."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_deploy.processes import Child
from tests.e2e.stack import Stack, gigacity_env
from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.mqtt_probe import wait_until
from tests.support.notices import ServiceDouble, serving

pytestmark = pytest.mark.e2e

CALLS = 20
WITHIN_S = 2.0


class Scene:
    """A stack, the notifier beside it, and the service that it tells."""

    def __init__(self, folder: Path, service: ServiceDouble) -> None:
        self.stack, self.service = Stack(folder), service
        (folder / "secret").write_text("s3cret", encoding="utf-8")
        config = {
            "version": 1,
            "channels": [
                {"name": "duty", "kind": "webhook", "url": f"{service.url}/hook",
                 "secret_file": str(folder / "secret"), "per_minute": 6_000},
            ],
            "routes": [{"to": ["duty"]}],
        }  # fmt: skip
        (folder / "channels.yaml").write_text(json.dumps(config), encoding="utf-8")
        broker = self.stack.broker
        env = gigacity_env(
            GIGACITY_MQTT_URL=broker.worker_url,
            GIGACITY_MQTT_USERNAME=broker.worker.username,
            GIGACITY_MQTT_PASSWORD=broker.worker.password,
            GIGACITY_API_KEY="no-api-here",
            GIGACITY_API_URL="http://127.0.0.1:9",
            GIGACITY_NOTIFY_CONFIG=str(folder / "channels.yaml"),
            GIGACITY_STATE_DIR=str(folder / "notify"),
        )
        argv = [sys.executable, "-m", "gigacity_deploy", "notify", "run"]
        self.notifier = Child("notify", argv, log=folder / "notify.log", env=env)

    def told(self) -> dict[str, dict[str, Any]]:
        """Notices that arrived, by resource."""
        calls = list(self.service.calls)
        return {
            notice["resource"]: notice
            for call in calls
            for notice in call["body"]["data"]["notices"]
        }

    def close(self) -> None:
        self.notifier.kill()
        self.stack.close()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with serving(ServiceDouble()) as service:
        made = Scene(tmp_path, service)
        made.stack.start_worker()
        made.notifier.start()
        yield made
        made.close()


def _call(scene: Scene, name: str, *, patience_s: float = 15.0) -> float:
    """Seconds from publishing to the delivered message."""
    client = scene.stack.client(f"{AREA_A}/community/{COMMUNITY_A}/{name}")
    body = {"ts": time.time_ns() // 1_000_000, "kind": "sos_button", "values": {"pressed": True}}
    resource = f"{COMMUNITY_A}/{name}"
    with client:
        began = time.monotonic()
        client.publish(json.dumps(body).encode())
        wait_until(lambda: resource in scene.told(), f"{name} is told",
                   timeout_s=patience_s, every_s=0.005)  # fmt: skip
    return time.monotonic() - began


def test_a_call_for_help_arrives_with_and_without_the_database(scene: Scene) -> None:
    # The notifier's session must stand: its log says nothing, the first call does.
    wait_until(lambda: _try(scene), "the first call is told")
    took_s = [_call(scene, f"sos-{n}") for n in range(CALLS)]
    scene.stack.influx.stop()
    without_s = [_call(scene, f"sos-down-{n}") for n in range(CALLS)]

    assert max(took_s) < WITHIN_S
    assert max(without_s) < WITHIN_S
    told = scene.told()
    assert len(told) >= 2 * CALLS
    assert {notice["is_life_safety"] for notice in told.values()} == {True}
    # Stored as every other report, once the database is back.
    scene.stack.influx.start()
    wait_until(
        lambda: scene.stack.influx.count("device_sos_button", "pressed") >= 2 * CALLS,
        "every report is stored", timeout_s=60,
    )  # fmt: skip


def _try(scene: Scene) -> bool:
    try:
        _call(scene, f"sos-first-{time.monotonic_ns()}", patience_s=2.0)
    except AssertionError:
        return False
    return True
