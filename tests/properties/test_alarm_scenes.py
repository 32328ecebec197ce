"""What people are told, scene by scene: from reports in the database to messages.

One cause is one message, and one more when it is over; nothing comes for the rest of the city.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gigacity_city.model import Olt, PortKey, RegisteredPort
from gigacity_contract.local_time import DAY_MS, day_start_ms
from tests.support.alarm_chain import Chain, other_version
from tests.support.alarm_city import MINUTE_MS, Fault
from tests.support.alarm_town import ASH, ELM, NEAR, ONUS, PORTS_OF, Town

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Scene:
    """A fault that begins in a healthy city and ends, and what people hear of it."""

    what: str
    fault: Callable[[Town], Fault]
    minutes: int
    """How long it lasts."""
    told: tuple[str, ...] = ()
    within_s: int = 0
    """After the fault began, until the first message."""


SCENES = (
    Scene("nothing happens", lambda _: Fault("none"), 60),
    Scene(
        "power cut of a quarter", lambda town: town.power_cut(ELM), 20,
        ("raise pon.onu_loss 371602001000: power cut at the customers",
         "clear pon.onu_loss 371602001000"),
        240,
    ),
    Scene(
        "feeder cut", lambda town: town.lost("olt-1/1/2", ONUS), 20,
        ("raise pon.onu_loss olt-1/1/2: feeder fibre or first splitter cut",
         "clear pon.onu_loss olt-1/1/2"),
        240,
    ),
    Scene(
        "branch cut", lambda town: town.lost("olt-1/1/2", 10), 20,
        ("raise pon.onu_loss olt-1/1/2: distribution branch or second splitter cut",
         "clear pon.onu_loss olt-1/1/2"),
        240,
    ),
    Scene("a few homes switch off", lambda town: town.lost("olt-1/1/2", 5), 20),
    Scene(
        "card failure", lambda town: town.down("olt-2/2"), 20,
        ("raise pon.card_down olt-2/2: line card failed", "clear pon.card_down olt-2/2"),
        240,
    ),
    Scene("an OLT loses its session for a minute", lambda town: town.silent_olt("olt-1"), 1),
    Scene(
        "OLT reboot", lambda town: town.silent_olt("olt-1"), 6,
        ("raise pon.olt_offline olt-1: OLT failed, or its mains", "clear pon.olt_offline olt-1"),
        180,
    ),
    Scene(
        "a gateway reboots within a minute", lambda town: town.silent_gateway(f"gw-{ELM}-0"), 1
    ),
    Scene(
        "gateway reboot that takes long", lambda town: town.silent_gateway(f"gw-{ELM}-0"), 8,
        (f"raise gateway.silent gw-{ELM}-0: gateway failed?", f"clear gateway.silent gw-{ELM}-0"),
        180,
    ),
    Scene(
        "region down", lambda town: town.silent_region(NEAR), 20,
        (f"raise platform.area_silent {NEAR}: uplink cut?", f"clear platform.area_silent {NEAR}"),
        330,
    ),
    Scene(
        "the worker dies", lambda town: town.dead_worker(), 20,
        ("raise platform.worker_silent w-1: ingest worker stopped",
         "clear platform.worker_silent w-1"),
        300,
    ),
)  # fmt: skip


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    found = Chain(Town(), tmp_path)
    yield found
    found.queue.close()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.what)
def test_one_cause_is_one_message_and_one_more_when_it_is_over(scene: Scene, chain: Chain) -> None:
    fault = scene.fault(chain.town)
    chain.play(8)
    assert chain.told() == []
    chain.play(scene.minutes, fault)
    delays_s = chain.delays_s()
    if fault.ended:
        chain.return_of(fault)
    chain.play(20)

    assert chain.told() == list(scene.told)
    assert chain.open() == []
    assert scene.within_s == 0 or delays_s[0] <= scene.within_s


def test_two_faults_far_apart_are_two_messages(chain: Chain) -> None:
    """A card at one end of the city, a power cut at the other."""
    card, power = chain.town.down("olt-2/2"), chain.town.power_cut(ELM)
    chain.play(8)
    chain.play(20, replace(card, ports=card.ports | power.ports, devices=power.devices))

    assert sorted(chain.told()) == [
        "raise pon.card_down olt-2/2: line card failed",
        "raise pon.onu_loss 371602001000: power cut at the customers",
    ]


def test_processes_that_start_again_tell_nothing_twice_and_miss_nothing(chain: Chain) -> None:
    """The API during a fault, the notifier after it; and the API once more just as one begins."""
    chain.play(8)
    chain.play(10, chain.town.down("olt-2/2"))
    chain.start_api()
    chain.play(10, chain.town.down("olt-2/2"))
    chain.queue.close()
    chain.start_notifier()
    chain.play(20)
    told = ["raise pon.card_down olt-2/2: line card failed", "clear pon.card_down olt-2/2"]
    assert chain.told() == told

    fault = chain.town.power_cut(ELM)
    while not chain.alarms.snapshot.alarms or not chain.open():
        chain.play(1, fault, is_looked_at=False)
    chain.start_api()
    chain.play(5, fault)
    assert chain.told() == [*told, "raise pon.onu_loss 371602001000: power cut at the customers"]


def test_a_database_that_is_away_for_an_hour_is_one_message(chain: Chain) -> None:
    """A power cut that begins and ends meanwhile is history when the database is back."""
    chain.play(8)
    chain.lose_database()
    chain.play(20)
    chain.play(20, chain.town.power_cut(ELM))
    chain.play(20)
    chain.find_database()
    chain.play(30)

    assert chain.told() == [
        "raise platform.database_unreachable influxdb: database away",
        "clear platform.database_unreachable influxdb",
    ]
    assert chain.open() == []


def test_a_fault_that_outlasts_the_database_is_told_when_it_is_back(chain: Chain) -> None:
    chain.play(8)
    chain.lose_database()
    chain.play(20)
    fault = chain.town.down("olt-2/2")
    chain.play(20, fault)
    chain.find_database()
    chain.play(10, fault)

    assert chain.told() == [
        "raise platform.database_unreachable influxdb: database away",
        "raise pon.card_down olt-2/2: line card failed",
        "clear platform.database_unreachable influxdb",
    ]


def test_a_month_of_old_data_calls_nobody(chain: Chain) -> None:
    """Everything that can go wrong went wrong in it, on objects that report and that never did."""
    absent = Fault("absent", devices=chain.town.things([ASH]))
    chain.play(8, absent)
    now_ms = chain.clock.now_ms()
    for hours in range(6, 30 * 24, 6):
        at_ms = now_ms - hours * 3_600_000
        for port in chain.town.city.ports:
            olt, slot, number = str(port.key).split("/")
            area = chain.town.city.olt_by_id[olt].area
            tags = {"area": area, "olt": olt, "slot": slot, "port": number, "tech": port.tech}
            chain.store.put("pon_port", at_ms, tags, admin="up", oper="down", onu_online=0)
        for community in PORTS_OF:
            chain.say("smoke_detector", "smoke_detector-1", community, at_ms, alarm=True)
            chain.say("camera", "camera-1", community, at_ms, intact=False)
    chain.announce(now_ms - 30 * DAY_MS, now_ms - 6 * 3_600_000)
    chain.keeps_all = True
    chain.play(30, absent)

    assert (chain.told(), chain.open()) == ([], [])


@pytest.mark.parametrize("jump_ms", [240_000, -3_600_000, -2 * DAY_MS])
def test_a_clock_that_jumps_calls_nobody(chain: Chain, jump_ms: int) -> None:
    """A device speaks of another time for a while, and then of the right one."""
    chain.play(8)
    camera, smoke = (
        chain.town.things([ELM], ["camera"]),
        chain.town.things([ELM], ["smoke_detector"]),
    )
    strange = Fault("clock", devices={min(camera), min(smoke)})
    for _ in range(6):
        at_ms = chain.clock.now_ms() + jump_ms
        chain.say("camera", "camera-1", ELM, at_ms, intact=True)
        chain.say("smoke_detector", "smoke_detector-1", ELM, at_ms, alarm=False)
        chain.play(1, strange)
    chain.play(20)

    assert (chain.told(), chain.open()) == ([], [])


def test_a_storm_of_2500_reconnects_calls_nobody(tmp_path: Path) -> None:
    """The broker restarts: every session ends at once, and they come back within a minute."""
    town = Town(devices_of_a_kind=156)
    chain = Chain(town, tmp_path)
    publishers = [("olt", o.id) for o in town.city.olts]
    publishers += [("gateway", g.id) for g in town.city.gateways]
    devices = [(community, name) for community, _, name, _ in town.devices]
    assert len(publishers) + len(devices) > 2_500
    chain.play(6)
    end_ms = chain.clock.now_ms() + 20_000
    for number, (kind, name) in enumerate(publishers):
        chain.end(kind, name, end_ms)
        chain.begin(kind, name, end_ms + 1_000 + number * 5_000 % 55_000)
    for number, (community, name) in enumerate(devices):
        tags = {"area": community[:6], "object": "device", "community": community, "id": name}
        old_ms, new_ms = end_ms - 3_600_000, end_ms + number * 20
        chain.store.put("presence", old_ms, tags, online_ms=old_ms, ended_ms=end_ms)
        chain.store.put("presence", new_ms, tags, online_ms=new_ms)
    chain.play(10)
    chain.queue.close()

    assert (chain.told(), chain.open()) == ([], [])


def test_a_new_city_version_tells_only_what_left_with_it(chain: Chain) -> None:
    """A healthy city grows in silence; an OLT that is down and no longer listed is cleared."""
    chain.play(8)
    city = chain.town.city
    grown = other_version(
        city,
        olts=(*city.olts, Olt("olt-new", NEAR)),
        ports=(
            *city.ports,
            *(RegisteredPort(PortKey("olt-new", 1, n), "xgs-pon") for n in range(4)),
        ),
    )
    chain.use(grown)
    chain.play(20)
    assert chain.told() == []

    fault = chain.town.silent_olt("olt-1")
    chain.play(10, fault)
    keeps = [i for i, port in enumerate(grown.ports) if port.key.olt != "olt-1"]
    place = {old: new for new, old in enumerate(keeps)}
    chain.use(
        other_version(
            grown,
            olts=tuple(olt for olt in grown.olts if olt.id != "olt-1"),
            ports=tuple(grown.ports[i] for i in keeps),
            coverage=tuple((b, place[p]) for b, p in grown.coverage if p in place),
        )
    )
    chain.play(10, fault)
    assert chain.told() == [
        "raise pon.olt_offline olt-1: OLT failed, or its mains",
        "clear pon.olt_offline olt-1",
    ]


def test_a_port_that_comes_and_goes_is_told_once(chain: Chain) -> None:
    """Two minutes dark, two minutes well, for an hour; then it rests."""
    chain.play(8)
    fault = chain.town.lost("olt-1/1/2", ONUS)
    for _ in range(15):
        chain.play(2, fault)
        chain.play(2)
    chain.play(75)

    assert chain.told() == [
        "raise pon.flapping olt-1/1/2: rogue ONU?", "clear pon.flapping olt-1/1/2",
    ]  # fmt: skip
    assert chain.open() == []


def test_light_that_fades_over_weeks_is_told_once_before_it_fails(chain: Chain) -> None:
    """0.2 dB a day from the eighth day on, mended on the twentieth."""
    days_of_messages = []
    for day in range(26):
        faded = 0.2 * (day - 8) if 8 <= day < 20 else 0.0
        day_ms = day_start_ms(chain.clock.now_ms()) - DAY_MS
        for port in chain.town.city.ports:
            olt, slot, number = str(port.key).split("/")
            area = chain.town.city.olt_by_id[olt].area
            tags = {"area": area, "olt": olt, "slot": slot, "port": number, "tech": port.tech}
            mean_dbm = -20.0 - (faded if str(port.key) == "olt-1/1/2" else 0.0)
            chain.store.put("r1d/pon_port", day_ms, tags, onu_rx_min_dbm_mean=mean_dbm)
        before = len(chain.told())
        chain.play(4)
        days_of_messages += [day] * (len(chain.told()) - before)
        chain.skip(1)

    assert chain.told() == [
        "raise pon.rx_drift olt-1/1/2: connector, bend or splitter degrading?",
        "clear pon.rx_drift olt-1/1/2",
    ]
    assert days_of_messages == [13, 21]


AT_NIGHT = """
version: 1
channels: [{name: duty, kind: mqtt}]
routes: [{to: [duty], repeat_s: 0, quiet: {from: "22:00", to: "07:00"}}]
"""


def test_at_night_smoke_is_told_at_once_and_a_card_in_the_morning(tmp_path: Path) -> None:
    """The scene begins at 06:00 by the city's clock."""
    chain = Chain(Town(), tmp_path, configuration=AT_NIGHT, first_minute=14 * 60)
    chain.play(8)
    chain.play(15, chain.town.down("olt-2/2"))
    assert chain.told() == []
    at_ms = chain.clock.now_ms() + 5_000
    chain.say("smoke_detector", "smoke_detector-1", ELM, at_ms, alarm=True)
    chain.play(1, chain.town.down("olt-2/2"))
    assert chain.told() == [f"raise safety.smoke {ELM}/smoke_detector-1"]
    assert chain.sender.sent[0][0] - at_ms <= 2 * MINUTE_MS

    chain.play(60, chain.town.down("olt-2/2"))
    assert chain.told()[-1] == "raise pon.card_down olt-2/2: line card failed"
    chain.queue.close()


def test_people_who_hear_of_grave_alarms_only_hear_their_end_too(tmp_path: Path) -> None:
    """While it heals an alarm is mild for a while: that is no news, and hides no end."""
    grave = "version: 1\nchannels: [{name: duty, kind: mqtt}]\n"
    grave += "routes: [{to: [duty], severity: major, repeat_s: 0}]\n"
    chain = Chain(Town(), tmp_path, configuration=grave)
    chain.play(8)
    chain.play(15, chain.town.down("olt-2/2"))
    chain.play(20)
    chain.queue.close()

    assert chain.told() == [
        "raise pon.card_down olt-2/2: line card failed", "clear pon.card_down olt-2/2",
    ]  # fmt: skip
