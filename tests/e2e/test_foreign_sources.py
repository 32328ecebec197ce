"""Devices that speak other formats, from their connection to the database and to a figure."""

import gzip
import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gigacity_contract.clock import SystemClock
from gigacity_ingest.formats.sparkplug_b.schema import Payload
from tests.e2e.fleet import Fleet
from tests.e2e.foreign_stack import SOURCES, ForeignStack
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, ZONE
from tests.support.mqtt_probe import wait_until
from tests.support.processes import LocalBroker, LocalInflux

pytestmark = pytest.mark.e2e

ALINK = "/sys/k1ab/smk-07/thing/event/property/post"
DTU = f"site/{COMMUNITY_A}/elevator-1/up"
DTU_USER = f"{COMMUNITY_A}/elevator-1"
_ON, _POWER = 11, 9
"""Boolean and Float of Sparkplug."""


def alink(number: int, **params: Any) -> bytes:
    body = {"id": str(number), "version": "1.0", "params": params}
    return json.dumps(body).encode()


def sparkplug(seq: int | None, now_ms: int, *metrics: dict[str, Any]) -> bytes:
    payload = Payload(timestamp=now_ms)
    if seq is not None:
        payload.seq = seq
    for metric in metrics:
        payload.metrics.add(timestamp=now_ms, **metric)
    made: bytes = payload.SerializeToString()
    return made


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignStack]:
    made = ForeignStack(tmp_path_factory.mktemp("foreign"))
    try:
        made.start_worker()
        yield made
    finally:
        made.close()


@pytest.fixture
def now_ms() -> int:
    return SystemClock().now_ms()


def stored(stack: ForeignStack, rows: Callable[[], list[Any]], count: int) -> list[Any]:
    """The rows, once there are so many."""
    wait_until(lambda: len(rows()) >= count, f"{count} rows are stored")
    return rows()


def test_each_format_becomes_the_points_of_its_objects(stack: ForeignStack, now_ms: int) -> None:
    with stack.publisher("k1ab/smk-07") as device:
        params = {
            "SmokeSensorState": {"value": 1, "time": now_ms - 500},
            "BatteryPercentage": {"value": 87, "time": now_ms - 500},
        }
        assert device.publish(ALINK, alink(8812, **params))
    with stack.publisher("poller-a") as poller:
        rows = [
            {
                "name": "pon", "timestamp": now_ms // 1000,
                "tags": {"host": "p", "source": "olt-a", "ifName": f"GPON 0/1/{port}"},
                "fields": {"ifAdminStatus": 1, "ifOperStatus": oper, "txp": 412},
            }
            for port, oper in ((0, 1), (1, 2))
        ]  # fmt: skip
        assert poller.publish("telegraf/poller-a/pon", json.dumps({"metrics": rows}).encode())
    with stack.publisher("7d1c") as network:
        uplink = {
            "deduplicationId": "d-1",
            "time": time.strftime("%Y-%m-%dT%H:%M:%S.000000000Z", time.gmtime(now_ms / 1000)),
            "deviceInfo": {"deviceName": "wm-31", "devEui": "a1b2c3d4e5f60718"},
            "object": {"total_m3": 318.204, "flow": 0},
        }
        topic = "application/7d1c/device/a1b2c3d4e5f60718/event/up"
        assert network.publish(topic, json.dumps(uplink).encode())

    with stack.publisher("p9_lamp-4") as lamp:
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_ms / 1000))
        properties = {"brightness": 70, "power": "58.2"}
        service = {"service_id": "Lamp", "properties": properties, "event_time": at}
        topic = "$oc/devices/p9_lamp-4/sys/properties/report?request_id=9"
        body = gzip.compress(json.dumps({"services": [service]}).encode())
        assert lamp.publish(topic, body)

    (lit,) = stored(stack, lambda: stack.rows("device_street_light", "lamp-2"), 1)
    assert (lit["dimming_pct"], lit["power_w"], lit["time"]) == (70, 58.2, now_ms // 1000 * 1000)
    (smoke,) = stored(stack, lambda: stack.rows("device_smoke_detector", "hands-on"), 1)
    assert (smoke["alarm"], smoke["battery_pct"], smoke["area"]) == (True, 87, "371602")
    ports = stored(stack, lambda: stack.rows("pon_port"), 2)
    assert {(p["olt"], p["slot"], p["port"], p["oper"], p["tx_dbm"], p["tech"]) for p in ports} == {
        ("olt-a", "1", "0", "up", 4.12, "xgs-pon"), ("olt-a", "1", "1", "down", 4.12, "xgs-pon"),
    }  # fmt: skip
    (meter,) = stored(stack, lambda: stack.rows("device_water_meter", "wmeter-1"), 1)
    assert (meter["volume_total_m3"], meter["flow_m3_per_h"]) == (318.204, 0)


def test_sparkplug_births_give_readings_and_presence_and_a_lost_birth_is_asked_for(
    stack: ForeignStack, now_ms: int
) -> None:
    node, device = "spBv1.0/lights/{}/station-4", "spBv1.0/lights/{}/station-4/lamp"
    bd_seq = {"name": "bdSeq", "datatype": 8, "long_value": 0}
    on = {"name": "On", "alias": 1, "datatype": _ON, "boolean_value": True}
    power = {"name": "Power", "alias": 2, "datatype": _POWER, "float_value": 58.5}
    with stack.publisher("station-4", "spBv1.0/lights/NCMD/station-4") as station:
        # Data before any birth: the worker knows no alias, and asks.
        lost = {"alias": 2, "datatype": _POWER, "float_value": 1.0}
        assert station.publish(device.format("DDATA"), sparkplug(7, now_ms, lost))
        wait_until(lambda: bool(station.received), "the worker asks for a rebirth")
        topic, command = station.received[0]
        asked = Payload.FromString(command)
        assert topic == "spBv1.0/lights/NCMD/station-4"
        assert [metric.name for metric in asked.metrics] == ["Node Control/Rebirth"]

        assert station.publish(node.format("NBIRTH"), sparkplug(0, now_ms + 1, bd_seq))
        assert station.publish(device.format("DBIRTH"), sparkplug(1, now_ms + 2, on, power))
        less = {"alias": 2, "datatype": _POWER, "float_value": 12.25}
        assert station.publish(device.format("DDATA"), sparkplug(2, now_ms + 1000, less))
        assert station.publish(device.format("DDEATH"), sparkplug(3, now_ms + 1500))

    rows = stored(stack, lambda: stack.rows("device_street_light", "lamp-1"), 2)
    assert [(row["power_w"], row["lamp_on"]) for row in rows] == [(58.5, True), (12.25, None)]
    wait_until(lambda: len(stack.presence(["lamp-1"])["lamp-1"]) == 2, "both rows of presence")
    birth, death = stack.presence(["lamp-1"])["lamp-1"]
    assert (birth["online_ms"], death["ended_ms"]) == (now_ms + 2, now_ms + 1500)


def test_an_answer_comes_once_its_reading_is_durable(stack: ForeignStack) -> None:
    with stack.publisher("k1ab/smk-07", f"{ALINK}_reply") as device:
        assert device.publish(ALINK, alink(77, CurrentTemperature=21.5))
        wait_until(lambda: bool(device.received), "the reply of the worker")
        topic, reply = device.received[0]
    assert topic == f"{ALINK}_reply"
    assert json.loads(reply)["id"] == "77"
    temperatures = [r["temp_c"] for r in stack.rows("device_smoke_detector", "hands-on")]
    assert 21.5 in temperatures, "the reply is sent after the reading is stored, never before"


def test_no_publisher_writes_what_is_anothers(stack: ForeignStack) -> None:
    with stack.publisher("k1ab/stranger") as stranger:
        assert not stranger.publish(ALINK, alink(1, BatteryPercentage=1))
        assert not stranger.publish("telegraf/poller-a/pon", b"{}")
        assert not stranger.publish(DTU, b'{"trips": 1}')
        assert stranger.publish("/sys/k1ab/stranger/thing/event/property/post", alink(2, A=1))
    letters = stack.dead_letters
    wait_until(lambda: any("k1ab/stranger" in x["topic"] for x in letters()), "a dead letter")
    (own,) = [x for x in letters() if "k1ab/stranger" in x["topic"]]
    assert own["reason"] == "unknown_identity"


def test_a_dead_letter_goes_through_its_source_again(stack: ForeignStack) -> None:
    topic = f"site/{COMMUNITY_A}/ghost/up"
    with stack.publisher(f"{COMMUNITY_A}/ghost") as ghost:
        assert ghost.publish(topic, b'{"trips": 5}')
    wait_until(lambda: any(x["topic"] == topic for x in stack.dead_letters()), "a dead letter")
    with (stack.city / "devices.csv").open("a", encoding="utf-8") as file:
        file.write(f"{COMMUNITY_A},elevator,ghost,\n")
    (letter,) = [x for x in stack.dead_letters() if x["topic"] == topic]
    # Before it is settled: then its space may be given back.
    received_ms = stack.dead_letter_command("show", letter["id"])[0]["received_ms"]
    done = stack.replay(letter["id"])
    assert (done["settled"], done["points"]["confirmed"]) == (1, 1)
    (row,) = stack.rows("device_elevator", "ghost")
    assert (row["trips_total"], row["time"]) == (5, received_ms)


def test_mappings_change_all_at_once_and_a_bad_one_changes_nothing(stack: ForeignStack) -> None:
    stack.write_sources(SOURCES.replace("trips_total: trips", "trips_total: {from: }"))
    wait_until(
        lambda: "sources" in stack.page("/readyz")["warnings"], "the page tells", timeout_s=30
    )
    assert "sources.yaml" in stack.page("/readyz")["warnings"]["sources"]
    with stack.publisher(DTU_USER) as dtu:
        assert dtu.publish(DTU, b'{"trips": 100}')
        stored(stack, lambda: [r for r in stack.trips() if r == 100], 1)
        stack.write_sources(SOURCES.replace("trips_total: trips", "trips_total: count"))
        stack.worker.signal(signal.SIGHUP)
        wait_until(
            lambda: not stack.page("/readyz")["warnings"].get("sources"), "mended", timeout_s=30
        )
        assert dtu.publish(DTU, b'{"count": 101, "trips": 7}')
        stored(stack, lambda: [r for r in stack.trips() if r == 101], 1)
    assert 7 not in stack.trips()


def test_kill_9_loses_nothing_and_makes_nothing_twice(stack: ForeignStack) -> None:
    """Messages without a time: a redelivery would be another point, at another instant."""
    clock, killed_ms, since_start, seen = SystemClock(), dict[int, int](), 0, list[int]()
    influx = stack.influx
    assert isinstance(influx, LocalInflux)
    stack.write_sources(SOURCES)
    stack.worker.kill()
    stack.start_worker()

    def came() -> tuple[int, int]:
        """Messages that came for the first time to this process, and others."""
        found = stack.ledger()["messages"]
        return found["received"] - found["redelivered"], found["redelivered"]

    with stack.publisher(DTU_USER) as dtu:
        for number in range(1000, 1400):
            assert dtu.publish(DTU, b'{"trips": %d, "count": %d}' % (number, number))
            seen.append(number)
            since_start += 1
            if number in {1120, 1270}:
                influx.pause()  # What is posted now is stored later, and not acknowledged.
            if number in {1150, 1300}:
                expected = since_start
                wait_until(lambda n=expected: came()[0] >= n, "all were read")  # type: ignore[misc]
                time.sleep(0.8)  # Until the batch is old enough to be posted.
                killed_ms[number] = clock.now_ms()
                stack.worker.kill()
                influx.resume()
                stack.start_worker()
                wait_until(lambda: came()[1] > 0, "some were not acknowledged")
                since_start = 0
    wanted = set(seen)
    wait_until(lambda: wanted <= set(stack.trips()), "everything is stored")
    assert sorted(n for n in stack.trips() if n >= 1000) == seen
    rows = stack.rows("device_elevator", "elevator-1")
    assert {row["stamped"] for row in rows} == {True}
    for last, at_ms in killed_ms.items():
        before = [row["time"] for row in rows if 1000 <= row["trips_total"] <= last]
        assert max(before) <= at_ms, "what is delivered again has the time of its first arrival"
    ledger = stack.drain(received=1)
    assert ledger["balanced"] is True


def test_the_ledger_balances_and_sources_are_counted(stack: ForeignStack) -> None:
    with stack.publisher(DTU_USER) as dtu:
        assert dtu.publish(DTU, b'{"trips": "4000", "level": null, "extra": 1}')
        assert dtu.publish(DTU, b"{")
    wait_until(lambda: 4000 in stack.trips(), "it is stored")
    ledger = stack.drain(received=1)
    assert ledger["balanced"] is True
    assert ledger["messages"]["received"] == ledger["messages"]["acknowledged"]
    text = stack.text("/metrics")
    for outcome in ("text_number", "null", "unmapped"):
        sample = f'source_fields_total{{outcome="{outcome}",source="dtu"'
        assert sample in text, text
    assert ledger["dead_letters"]["not_json"] == 1


def test_a_figure_counts_what_foreign_devices_said(stack: ForeignStack, now_ms: int) -> None:
    """The port that Telegraf said is up counts, the one that is down does not."""
    with stack.publisher("poller-a") as poller:
        for port in range(8):
            slot, number = (1, port) if port < 6 else (2, port - 6)
            row = {
                "name": "pon", "timestamp": now_ms // 1000,
                "tags": {"source": "olt-a", "ifName": f"GPON 0/{slot}/{number}"},
                "fields": {"ifAdminStatus": 1, "ifOperStatus": 1 if port < 5 else 2},
            }  # fmt: skip
            assert poller.publish("telegraf/poller-a/pon", json.dumps(row).encode())
    # Of the six 10G ports in slot 1, number 5 is down; the two in slot 2 are of GPON alone.
    wanted = (5, 3, 0)
    assert stack.figure("pon.ports_10g", "371602", wanted) == wanted


OWNED = f"""\
version: 1
sources:
  - name: dtu
    topics: ["site/{{community}}/{{device}}/up"]
    decoder: json
    owner: {{areas: ["{AREA_A}", "{AREA_B}"]}}
    publishers: {{levels: [community, device]}}
    identity: {{community: "{{community}}", device: "{{device}}"}}
    kinds: [{{kind: elevator, fields: {{trips_total: trips}}}}]
  - name: of-w-1
    topics: ["$oc/devices/{{device}}/up"]
    decoder: json
    owner: {{worker: w-1}}
    publishers: {{levels: [device]}}
    identity: {{registry: "{{device}}"}}
    kinds: [{{kind: elevator, fields: {{trips_total: trips}}}}]
"""


def test_the_doctor_proves_one_owner_for_every_source_over_all_workers(fleet: Fleet) -> None:
    mapping = fleet.folder / "owned.yaml"
    mapping.write_text(OWNED, encoding="utf-8")
    fleet.settings["GIGACITY_MQTT_SOURCES"] = str(mapping)
    assert isinstance(fleet.broker, LocalBroker)
    fleet.broker.allow_workers("pattern read site/#", "pattern read $oc/#")
    fleet.start("w-0", AREA_A)
    fleet.start("w-1", AREA_B, ZONE)

    def said() -> str:
        return str(fleet.doctor()["checks"]["sources"]["detail"])

    wait_until(lambda: "source of-w-1" not in said(), "w-1 reads the source that names it")
    assert re.search(f"nobody reads the source dtu: .* own all of {AREA_A}, {AREA_B}", said())
    assert fleet.page("w-1", "/readyz")["subscribed"][0] == "$oc/devices/+/+"
    fleet.stop("w-0")
    fleet.start("w-0", AREA_A, AREA_B)
    fleet.stop("w-1")
    fleet.start("w-1", ZONE)
    fleet.wait_owned()
    assert said() == "2 worker(s) read 2 foreign sources"
