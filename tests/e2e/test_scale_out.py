"""Workers join, leave and crash while the field publishes; what it got a PUBACK for is stored."""

import json
import os
import random
import signal
import time

import pytest

from tests.e2e.fleet import Fleet, Publishers, is_alive, wait_stored
from tests.support.city import AREA_A, AREA_B, RETIRED_A, ZONE
from tests.support.mqtt_probe import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

OLTS = [f"{AREA_A}/olt/olt-a", f"{AREA_B}/olt/olt-b", f"{ZONE}/olt/olt-z"]
STREAM_S = 1.0
"""Of publishing between two changes."""


def _assert_balanced(fleet: Fleet, workers: int) -> None:
    def is_idle() -> bool:
        ledger = fleet.page("/ledger")
        on_the_way = ledger["points"]["in_flight"] + ledger["points"]["spooled"]
        return not on_the_way + ledger["messages"]["unacknowledged"]

    wait_until(is_idle, "nothing is on the way")
    ledger = fleet.page("/ledger")
    assert (ledger["complete"], ledger["balanced"]) == (True, True)
    assert len(ledger["workers"]) == workers
    assert ledger["points"]["dead_lettered"] == 0


def test_joining_crashing_and_leaving_workers_lose_nothing(fleet: Fleet) -> None:
    fleet.start(2)
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    fleet.stop()
    time.sleep(0.3)
    fleet.start(3)
    assert [len(s["areas"]) for s in fleet.sessions()["sessions"]] == [1, 1, 1]

    before = fleet.worker_pids()
    assert len(before) == 3
    os.kill(before["fleet-1"], signal.SIGKILL)
    wait_until(lambda: fleet.worker_pids().get("fleet-1", 0) not in {0, before["fleet-1"]},
               "the killed worker is started again")  # fmt: skip
    fleet.wait_ready()
    time.sleep(STREAM_S)

    assert fleet.supervisor is not None
    pids = fleet.worker_pids()
    fleet.supervisor.kill()
    wait_until(lambda: not any(map(is_alive, pids.values())), "no worker survives its supervisor")
    time.sleep(0.3)
    fleet.start(1)
    (left,) = fleet.sessions()["sessions"]
    assert (left["client_id"], left["filters"]) == ("fleet-0", ["gigacity/v1/#"])
    time.sleep(STREAM_S)

    acknowledged = publishers.finish()
    assert {olt for olt, _ in acknowledged} == {"olt-a", "olt-b", "olt-z"}
    _assert_balanced(fleet, 1)
    wait_stored(fleet, acknowledged)
    assert fleet.stored() == acknowledged

    done = fleet.command("ingest", "drain", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fleet-0: ended" in done.stdout
    assert fleet.supervisor.wait(20) == 0
    overview = fleet.sessions()
    assert (overview["sessions"], overview["ok"]) == ([], False)
    assert not any(fleet.broker_knows(f"fleet-{number}") for number in range(3))


def test_a_drained_worker_hands_its_areas_over_beside_the_traffic(fleet: Fleet) -> None:
    fleet.start(3)
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    done = fleet.command("ingest", "drain", "--worker", "1")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "fleet-1: ended"
    fleet.wait_ready()
    overview = fleet.sessions()
    assert [s["client_id"] for s in overview["sessions"]] == ["fleet-0", "fleet-2"]
    assert sorted(a for s in overview["sessions"] for a in s["areas"]) == [AREA_A, AREA_B, ZONE]
    assert overview["ok"]
    time.sleep(STREAM_S)
    acknowledged = publishers.finish()
    wait_stored(fleet, acknowledged)
    assert fleet.stored() == acknowledged
    _assert_balanced(fleet, 2)

    refused = fleet.command("ingest", "drain", "--worker", "1")
    assert (refused.returncode, "no session fleet-1" in refused.stderr) == (2, True)
    wrong = fleet.command("ingest", "drain", "--worker", "0", "--worker", "2")
    assert (wrong.returncode, "--all" in wrong.stderr) == (2, True)


def test_sessions_that_left_the_plan_are_drained_when_the_field_wrote_to_them_meanwhile(
    fleet: Fleet,
) -> None:
    """Nobody runs while the field publishes, and the next start has other client ids."""
    fleet.start(3)
    fleet.stop()
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    acknowledged = publishers.finish()
    assert not fleet.stored() & acknowledged

    fleet.client_id = "renamed"
    fleet.start(2)
    wait_stored(fleet, acknowledged)
    assert fleet.stored() == acknowledged
    assert not any(fleet.broker_knows(f"fleet-{number}") for number in range(3))
    overview = fleet.sessions()
    assert [s["client_id"] for s in overview["sessions"]] == ["renamed-0", "renamed-1"]
    assert overview["ok"]
    retired = {name for s in overview["sessions"] for name in s["filters"]}
    assert f"gigacity/v1/{RETIRED_A}/#" in retired


def test_supervisors_that_are_killed_at_any_moment_forget_nothing(fleet: Fleet) -> None:
    """Each start has another plan, and most end before what they began is done."""
    dice = random.Random(20261124)  # noqa: S311 - a repeatable test, no secret
    fleet.start(2)
    publishers = Publishers(fleet, OLTS).start()
    for _ in range(6):
        assert fleet.supervisor is not None
        fleet.supervisor.kill()
        fleet.client_id = dice.choice(["fleet", "other"])
        fleet.launch(dice.randint(1, 3))
        time.sleep(dice.uniform(0.8, 3.0))
    assert fleet.supervisor is not None
    fleet.supervisor.kill()
    fleet.start(2)
    acknowledged = publishers.finish()
    wait_stored(fleet, acknowledged)

    assert fleet.stored() == acknowledged
    overview = fleet.sessions()
    assert (len(overview["sessions"]), overview["ok"]) == (2, True)


def test_a_single_worker_is_followed_by_several(fleet: Fleet) -> None:
    """Its session and folder have no number; what waits for it is stored all the same."""
    fleet.start(0)
    assert fleet.command("doctor").returncode == 0
    fleet.stop()
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    fleet.start(2)
    time.sleep(STREAM_S)
    acknowledged = publishers.finish()
    wait_stored(fleet, acknowledged)

    assert fleet.stored() == acknowledged
    assert [s["client_id"] for s in fleet.sessions()["sessions"]] == ["fleet-0", "fleet-1"]
    assert not fleet.broker_knows("fleet")


def test_a_worker_does_not_leave_before_its_spool_is_stored(fleet: Fleet) -> None:
    fleet.start(2)
    fleet.influx.kill()
    publishers = Publishers(fleet, OLTS).start()
    wait_until(
        lambda: fleet.page("/ledger")["points"]["spooled"] > 100, "batches wait on disk",
        timeout_s=60,
    )  # fmt: skip
    acknowledged = publishers.finish()
    waits = fleet.command("ingest", "drain", "--worker", "1", "--timeout-s", "8")
    assert (waits.returncode, "not done yet" in waits.stdout) == (1, True)
    assert "fleet-1: draining" in waits.stdout
    assert [s["state"] for s in fleet.sessions()["sessions"]] == ["owner", "leaving"]

    fleet.influx.start()
    fleet.wait_ready()
    wait_stored(fleet, acknowledged)
    assert [s["client_id"] for s in fleet.sessions()["sessions"]] == ["fleet-0"]
    assert fleet.stored() == acknowledged
    left = fleet.command("spool", "status", "--json", "--state-dir", f"{fleet.state_dir}/worker-1")
    assert json.loads(left.stdout)["records"] == 0
    _assert_balanced(fleet, 1)


def test_draining_without_a_supervisor_and_what_the_doctor_says(fleet: Fleet) -> None:
    fleet.start(2)
    well = fleet.command("doctor", "--json")
    assert well.returncode == 0, well.stdout + well.stderr
    assert json.loads(well.stdout)["ok"] is True
    fleet.stop()
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    acknowledged = publishers.finish()

    assert fleet.broker_knows("fleet-1")
    done = fleet.command("ingest", "drain", "--worker", "fleet-1", "--timeout-s", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not fleet.broker_knows("fleet-1")
    (left,) = fleet.sessions()["sessions"]
    assert (left["client_id"], sorted(left["areas"])) == ("fleet-0", [AREA_A, AREA_B, ZONE])
    done = fleet.command("ingest", "drain", "--all", "--timeout-s", "60")
    assert done.returncode == 0, done.stdout + done.stderr
    assert fleet.stored() == acknowledged

    ill = fleet.command("doctor", "--json")
    assert ill.returncode == 1
    checks = json.loads(ill.stdout)["checks"]
    assert AREA_B in checks["areas"]["detail"]
    assert checks["broker"]["ok"]
    assert checks["database"]["ok"]


def test_a_shared_group_lets_two_workers_read_one_area_and_both_hear_its_status(
    fleet: Fleet,
) -> None:
    fleet.start(2, GIGACITY_MQTT_SHARED_GROUP="hot")
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    ledger = fleet.page("/ledger")
    assert all(w["messages"]["received"] > 10 for w in ledger["workers"].values())
    fleet.stop()
    fleet.start(1, GIGACITY_MQTT_SHARED_GROUP="hot")
    time.sleep(STREAM_S)
    acknowledged = publishers.finish()
    wait_stored(fleet, acknowledged)

    assert fleet.stored() == acknowledged
    online = fleet.influx.query("SELECT online_ms, id FROM presence", "forever")
    assert {row["id"] for row in online} == {"olt-a", "olt-b", "olt-z"}
    _assert_balanced(fleet, 1)
