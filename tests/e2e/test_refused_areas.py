"""A broker refuses an area to the worker that gains it: nothing else waits for that."""

import time
from collections.abc import Iterator

import pytest

from tests.e2e.fleet import Fleet, Publishers, wait_stored
from tests.support.city import AREA_A, AREA_B, ZONE, edit
from tests.support.mqtt_probe import wait_until
from tests.support.mqtt_refusals import RefusingFront

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

NEW_AREA = "371622"
ADD_AREA = ("kind: county}", f'kind: county}}\n  - {{code: "{NEW_AREA}", name: {{zh: 阳信县, en: Yangxin}},\n     kind: county}}')  # fmt: skip # noqa: E501
OLTS = [f"{AREA_A}/olt/olt-a", f"{AREA_B}/olt/olt-b", f"{ZONE}/olt/olt-z"]
GRANTED_S = 60.0
"""A worker asks again every 30 s, and its supervisor asks it every 10 s."""


@pytest.fixture
def front(fleet: Fleet) -> Iterator[RefusingFront]:
    made = RefusingFront(fleet.broker.port)
    yield made
    made.close()


def _through(front: RefusingFront) -> dict[str, str]:
    return {"GIGACITY_MQTT_URL": f"mqtt://127.0.0.1:{front.port}"}


def _wait_refused(fleet: Fleet, gainer: str) -> None:
    """Until supervisor and worker tell of it, and all but the area itself is well."""

    def is_told() -> bool:
        page = fleet.page("/readyz")
        warnings = page["warnings"]
        is_well = page["reasons"].keys() <= {"sessions"}
        return is_well and "sessions" in warnings and "subscriptions" in warnings.get(gainer, {})

    wait_until(is_told, "the refusal is told", timeout_s=60.0)


def test_a_new_area_that_is_refused_takes_no_other_from_its_worker(
    fleet: Fleet, front: RefusingFront
) -> None:
    fleet.start(2, **_through(front))
    publishers = Publishers(fleet, OLTS).start()
    front.refuses = {f"gigacity/v1/{NEW_AREA}/#"}
    edit(fleet.city, "city.yaml", *ADD_AREA)
    wait_until(lambda: front.refusals > 0, "the new area is refused", timeout_s=30.0)
    gainer = next(s["client_id"] for s in fleet.sessions()["sessions"] if NEW_AREA in s["areas"])
    _wait_refused(fleet, gainer)

    pids = fleet.worker_pids()
    assert pids.keys() == {"fleet-0", "fleet-1"}
    wait_stored(fleet, set(publishers.acknowledged))
    assert fleet.sessions()["unowned_areas"] == [NEW_AREA]
    assert NEW_AREA in fleet.page("/readyz")["reasons"]["sessions"]
    front.refuses = set()
    wait_until(lambda: fleet.sessions()["ok"], "the new area is taken", timeout_s=GRANTED_S)
    fleet.wait_ready()
    newcomer = Publishers(fleet, [f"{NEW_AREA}/olt/olt-n"]).start()
    time.sleep(1.0)
    acknowledged = publishers.finish() | newcomer.finish()
    wait_stored(fleet, acknowledged)

    assert fleet.stored() == acknowledged
    assert fleet.worker_pids() == pids, "the worker asked by itself"
    assert not fleet.page("/readyz")["warnings"]


def test_an_area_that_moves_is_served_by_its_former_owner_until_it_is_granted(
    fleet: Fleet, front: RefusingFront
) -> None:
    fleet.start(3, **_through(front))
    (leaver,) = [s for s in fleet.sessions()["sessions"] if s["client_id"] == "fleet-2"]
    fleet.stop()
    publishers = Publishers(fleet, OLTS).start()
    front.refuses = set(leaver["filters"])
    fleet.launch(2, **_through(front))
    wait_until(lambda: front.refusals > 0, "the area is refused", timeout_s=30.0)
    moved = leaver["areas"][0]
    gainer = next(s["client_id"] for s in fleet.sessions()["sessions"] if moved in s["areas"])
    _wait_refused(fleet, gainer)

    wait_stored(fleet, set(publishers.acknowledged))
    readiness = fleet.page("/readyz")
    assert (readiness["ready"], readiness["leaving"]) == (True, ["fleet-2"])
    pid = fleet.worker_pids()[gainer]
    front.refuses = set()
    wait_until(lambda: fleet.sessions()["ok"], "the area has moved", timeout_s=GRANTED_S)
    fleet.wait_ready()
    time.sleep(1.0)
    acknowledged = publishers.finish()
    wait_stored(fleet, acknowledged)

    assert fleet.stored() == acknowledged
    assert fleet.worker_pids()[gainer] == pid
    assert [s["client_id"] for s in fleet.sessions()["sessions"]] == ["fleet-0", "fleet-1"]
    assert not fleet.broker_knows("fleet-2")
    ledger = fleet.page("/ledger")
    assert (ledger["complete"], ledger["balanced"]) == (True, True)
