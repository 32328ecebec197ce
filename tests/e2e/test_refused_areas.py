"""A broker refuses an area to its owner: only that area waits, and every door says so."""

import time

import pytest

from tests.e2e.fleet import Fleet, Publishers, wait_stored
from tests.support.city import AREA_A, AREA_B
from tests.support.mqtt_probe import wait_until
from tests.support.mqtt_refusals import RefusingFront

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

GRANTED_S = 60.0
"""A worker asks again every 30 s."""


def test_a_refused_area_takes_no_other_from_its_worker(fleet: Fleet) -> None:
    front = RefusingFront(fleet.broker.worker_port)
    front.refuses = {f"gigacity/v1/{AREA_B}/#"}
    url = f"mqtt://127.0.0.1:{front.port}"
    fleet.launch("w-0", AREA_A, AREA_B, GIGACITY_MQTT_URL=url)
    wait_until(lambda: front.refusals > 0, "the area is refused", timeout_s=30.0)
    publishers = Publishers(fleet, [f"{AREA_A}/olt/olt-a"]).start()
    time.sleep(1.0)
    acknowledged = publishers.finish()
    wait_stored(fleet, acknowledged)

    readiness = fleet.page("w-0", "/readyz")
    assert readiness["reasons"].keys() == {"subscriptions"}
    assert f"gigacity/v1/{AREA_B}/#: Not authorized" in readiness["reasons"]["subscriptions"]
    assert f"nobody owns {AREA_B}" in fleet.doctor()["checks"]["areas"]["detail"]
    pid = fleet.members["w-0"].child.pid
    front.refuses = set()
    wait_until(
        lambda: fleet.page("w-0", "/readyz")["ready"], "the area is granted", timeout_s=GRANTED_S
    )
    newcomer = Publishers(fleet, [f"{AREA_B}/olt/olt-b"]).start()
    time.sleep(1.0)
    acknowledged |= newcomer.finish()
    wait_stored(fleet, acknowledged)

    assert fleet.stored() == acknowledged
    assert fleet.members["w-0"].child.pid == pid, "the worker asked by itself"
    fleet.assert_balanced("w-0")
    front.close()
