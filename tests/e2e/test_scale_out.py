"""Workers with areas of their own: hand-overs, crashes and leaving while the field publishes.

What a publisher got a PUBACK for is stored, whatever happens; docs/scale-out.md has the procedures.
"""

import time

import pytest

from tests.e2e.fleet import Fleet, Publishers, wait_stored
from tests.support.city import AREA_A, AREA_B, RETIRED_A, ZONE, edit
from tests.support.mqtt_probe import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

OLTS = [f"{AREA_A}/olt/olt-a", f"{AREA_B}/olt/olt-b", f"{ZONE}/olt/olt-z"]
STREAM_S = 1.0
"""Of publishing between two changes."""


def _assert_all_stored(fleet: Fleet, publishers: Publishers, *workers: str) -> None:
    acknowledged = publishers.finish()
    assert {olt for olt, _ in acknowledged} == {"olt-a", "olt-b", "olt-z"}
    wait_stored(fleet, acknowledged)
    assert fleet.stored() == acknowledged
    for name in workers:
        fleet.assert_balanced(name)


def test_an_area_moves_from_one_owner_to_another_and_nothing_is_lost(fleet: Fleet) -> None:
    """The new owner is ready first; then the old one starts again without the area."""
    fleet.start("w-0", AREA_A, AREA_B)
    fleet.start("w-1", ZONE)
    fleet.wait_owned()
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    fleet.stop("w-1")
    fleet.start("w-1", ZONE, AREA_B)
    wait_until(
        lambda: f"w-0 and w-1 own {AREA_B}" in fleet.doctor()["checks"]["areas"]["detail"],
        "the doctor tells of the overlap",
    )
    fleet.stop("w-0")
    fleet.start("w-0", AREA_A)
    fleet.wait_owned()
    time.sleep(STREAM_S)

    _assert_all_stored(fleet, publishers, "w-0", "w-1")
    filters = fleet.page("w-0", "/readyz")["subscribed"]
    assert filters == sorted(f"gigacity/v1/{code}/#" for code in (AREA_A, RETIRED_A))


def test_an_owner_that_leaves_is_drained_and_its_session_ends(fleet: Fleet) -> None:
    fleet.start("w-0", AREA_A)
    fleet.start("w-1", AREA_B, ZONE)
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    fleet.stop("w-0")
    fleet.start("w-0", AREA_A, AREA_B, ZONE)
    fleet.stop("w-1")
    time.sleep(STREAM_S)
    assert fleet.broker_knows("w-1")
    done = fleet.drain("w-1")

    assert (done.returncode, done.stdout) == (0, "session w-1: ended\n"), done.stderr
    assert not fleet.broker_knows("w-1")
    fleet.wait_owned()
    _assert_all_stored(fleet, publishers, "w-0")


def test_a_worker_that_is_started_to_end_its_session_does_so(fleet: Fleet) -> None:
    """As an orchestrator does it; what came while nobody ran is stored, too."""
    fleet.start("w-0")
    fleet.stop("w-0")
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    acknowledged = publishers.finish()
    assert not fleet.stored() & acknowledged
    fleet.launch("w-0", GIGACITY_END_SESSION="1")

    assert fleet.members["w-0"].child.wait(60) == 0
    wait_stored(fleet, acknowledged)
    assert fleet.stored() == acknowledged
    assert not fleet.broker_knows("w-0")


def test_an_owner_that_is_killed_goes_on_where_it_was(fleet: Fleet) -> None:
    fleet.start("w-0", AREA_A)
    fleet.start("w-1", AREA_B, ZONE)
    publishers = Publishers(fleet, OLTS).start()
    for _ in range(2):
        time.sleep(STREAM_S)
        fleet.members["w-1"].child.kill()
        fleet.start("w-1", AREA_B, ZONE)

    _assert_all_stored(fleet, publishers, "w-0", "w-1")


def test_a_worker_does_not_leave_before_its_spool_is_stored(fleet: Fleet) -> None:
    fleet.start("w-0", AREA_A)
    fleet.start("w-1", AREA_B, ZONE)
    fleet.influx.kill()
    publishers = Publishers(fleet, OLTS).start()
    wait_until(
        lambda: fleet.page("w-1", "/ledger")["points"]["spooled"] > 100, "batches wait on disk",
        timeout_s=60,
    )  # fmt: skip
    acknowledged = publishers.finish()
    running = fleet.drain("w-1")
    assert (running.returncode, "stop that one" in running.stderr) == (2, True)
    fleet.stop("w-1")
    waits = fleet.drain("w-1", "--timeout-s", "8")
    assert (waits.returncode, waits.stdout) == (1, "session w-1: not empty yet; call this again\n")
    assert fleet.broker_knows("w-1")

    fleet.influx.start()
    done = fleet.drain("w-1")
    assert done.returncode == 0, done.stderr
    fleet.wait_ready("w-0")
    wait_stored(fleet, acknowledged)
    assert fleet.stored() == acknowledged
    assert not fleet.broker_knows("w-1")
    fleet.assert_balanced("w-0")


def test_the_doctor_names_areas_without_an_owner_and_silent_owners(fleet: Fleet) -> None:
    fleet.start("w-0", AREA_A, ZONE)
    checks = fleet.doctor()["checks"]
    assert {name: check["ok"] for name, check in checks.items()} == {
        "city": True, "broker": True, "database": True, "areas": False,
    }  # fmt: skip
    assert f"nobody owns {AREA_B}" in checks["areas"]["detail"]
    fleet.start("w-1", AREA_B)
    fleet.wait_owned()

    new_area = (
        'kind: county}\n  - {code: "371622", name: {zh: 阳信县, en: Yangxin},\n     kind: county}'
    )
    edit(fleet.city, "city.yaml", "kind: county}", new_area)
    assert "nobody owns 371622" in fleet.doctor()["checks"]["areas"]["detail"]


def test_a_shared_group_lets_two_workers_read_one_area_and_both_hear_its_status(
    fleet: Fleet,
) -> None:
    hot = {"GIGACITY_MQTT_SHARED_GROUP": "hot-5f1d0c9b7a3e8264"}
    fleet.start("w-0", **hot)
    fleet.start("w-1", **hot)
    fleet.wait_owned()
    publishers = Publishers(fleet, OLTS).start()
    time.sleep(STREAM_S)
    for name in ("w-0", "w-1"):
        assert fleet.page(name, "/ledger")["messages"]["received"] > 10
    fleet.stop("w-1")
    done = fleet.drain("w-1")
    assert done.returncode == 0, done.stderr
    time.sleep(STREAM_S)

    _assert_all_stored(fleet, publishers, "w-0")
    online = fleet.influx.query("SELECT online_ms, id FROM presence", "forever")
    assert {row["id"] for row in online} == {"olt-a", "olt-b", "olt-z"}
    assert "$share/hot-5f1d0c9b7a3e8264/gigacity/v1/#" in fleet.page("w-0", "/readyz")["subscribed"]
