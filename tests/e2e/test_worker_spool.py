"""The database is away for long: batches go to the spool, survive kill -9, and drain in the end."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_deploy.servers import http_status
from gigacity_deploy.sockets import listens
from tests.e2e.stack import Stack, gigacity_env
from tests.e2e.test_worker_outages import PORTS, Stream, _readiness, _stored
from tests.support.mqtt_probe import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path, GIGACITY_SPOOL_AFTER_S="0.5", GIGACITY_SPOOL_DRAIN_POINTS_PER_S="1500")
    yield made
    made.close()


def _spool_command(stack: Stack, word: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "gigacity_deploy", "spool", word, "--json"]
    done = subprocess.run(
        [*command, "--state-dir", str(stack.state_dir)],
        capture_output=True,
        text=True,
        check=True,
        env=gigacity_env(),
        timeout=60,
    )
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_an_outage_with_kill_9_in_the_middle_loses_nothing(stack: Stack) -> None:
    stack.start_worker()
    stack.influx.kill()
    stream = Stream(stack, messages=900, per_second=150).start()
    wait_until(lambda: stack.ledger()["points"]["spooled"] > 2000, "batches are spooled")
    stack.worker.kill()
    waiting = _spool_command(stack, "status")
    assert waiting["points"] > 2000
    stack.worker.start()
    wait_until(
        lambda: (
            listens(stack.worker.pid, stack.http_port)
            and http_status(stack.http_port, "/ledger") == 200
        ),
        "it runs again, without database",
    )
    assert "database" in _readiness(stack)[1]
    wait_until(
        lambda: stack.ledger()["points"]["spooled_at_start"] >= waiting["points"],
        "it has found its spool",
    )
    stream.finish()
    wait_until(
        lambda: stack.ledger()["messages"]["unacknowledged"] == 0,
        "everything is acknowledged though the database is away",
    )
    assert _spool_command(stack, "verify")["ok"]
    stack.influx.start()
    ledger = stack.drain(received=1)

    wait_until(lambda: _stored(stack) == stream.messages * PORTS, "every point is stored")
    assert ledger["balanced"]
    assert ledger["points"]["spooled"] == 0
    wait_until(lambda: _readiness(stack)[0] == 200, "the worker is ready again")


def test_live_batches_flow_while_the_spool_drains(stack: Stack) -> None:
    stack.start_worker()
    stack.influx.kill()
    first = Stream(stack, messages=900, per_second=600).start()
    first.finish()
    wait_until(lambda: stack.ledger()["points"]["spooled"] == 900 * PORTS, "all is spooled")
    stack.influx.start()
    wait_until(lambda: stack.ledger()["points"]["confirmed"] > 0, "it drains")
    second = Stream(stack, messages=40, per_second=200, seconds_ago=5).start()
    second.finish()
    wait_until(
        lambda: stack.ledger()["messages"]["unacknowledged"] == 0, "live batches are confirmed"
    )

    assert stack.ledger()["points"]["spooled"] > 0, "the spool is still draining"
    stack.drain(received=1)
    assert _stored(stack) == 940 * PORTS


def test_an_end_during_an_outage_acknowledges_what_it_has_spooled(stack: Stack) -> None:
    stack.start_worker()
    stack.influx.kill()
    stream = Stream(stack, messages=100, per_second=500).start()
    stream.finish()
    time.sleep(0.2)
    stack.stop_worker()
    last = json.loads(stack.worker.log_tail().splitlines()[-1])

    assert (last["unacknowledged"], last["balanced"]) == (0, True)
    stack.influx.start()
    stack.start_worker()
    wait_until(lambda: _stored(stack) == stream.messages * PORTS, "every point is stored")
