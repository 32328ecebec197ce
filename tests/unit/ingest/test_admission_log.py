"""What nobody registered stays within its bounds over restarts and replays."""

from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.measurements import RAW
from gigacity_ingest.adapters.admission_log import AdmissionLog
from gigacity_ingest.decode import admission
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from tests.support.city import AREA_A, TABLES, write_city
from tests.unit.ingest.messages import (
    BUNDLE_TOPIC,
    DEVICE_TOPIC,
    NOW_MS,
    PON_TOPIC,
    bundle,
    decode,
    device,
    entry,
    pon,
    port,
    status,
)

REFUSED = "too_many_unregistered"


class Processes:
    """Workers one after the other, or replays beside one, with a folder of theirs."""

    def __init__(self, folder: Path, city: City) -> None:
        self.folder = folder
        self.city = city
        self.now_ms = NOW_MS

    def start(self, *, is_worker: bool = True) -> tuple[Decoder, AdmissionLog]:
        decoder = Decoder(self.city)
        log = AdmissionLog(self.folder, decoder.admission)
        (log.begin if is_worker else log.sync)(self.now_ms)
        return decoder, log

    def ports(self, decoder: Decoder, slot: int) -> int:
        """How many of a slot's 100 ports, none of them registered, are stored."""
        return decode(decoder, PON_TOPIC, pon(*(port(slot, n) for n in range(100)))).points


@pytest.fixture
def processes(tmp_path: Path, city: City) -> Processes:
    return Processes(tmp_path, city)


def test_a_restart_admits_no_more_ports(processes: Processes) -> None:
    """64 more with each restart, before."""
    stored = []
    for slot in range(9, 13):
        decoder, log = processes.start()
        stored.append(processes.ports(decoder, slot))
        log.sync(NOW_MS)
    assert stored == [admission.PORTS_OF_A_REGISTERED_OLT, 0, 0, 0]
    decoder, _ = processes.start()
    assert processes.ports(decoder, 9) == admission.PORTS_OF_A_REGISTERED_OLT


def test_a_replay_admits_what_the_worker_left_and_the_worker_hears_of_it(
    processes: Processes,
) -> None:
    worker, of_worker = processes.start()
    decode(worker, PON_TOPIC, pon(*(port(9, n) for n in range(40))))
    of_worker.sync(NOW_MS)
    stored = []
    for slot in (10, 11):
        replay, log = processes.start(is_worker=False)
        stored.append(processes.ports(replay, slot))
        log.sync(NOW_MS)
    assert stored == [24, 0]
    of_worker.sync(NOW_MS)
    assert processes.ports(worker, 12) == 0


def test_devices_and_sessions_are_remembered_too(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "DEVICES_OF_A_GATEWAY", 2)
    monkeypatch.setattr(admission, "DEVICES_OF_AN_AREA", 3)
    for number in range(5):
        decoder, log = processes.start()
        decode(decoder, BUNDLE_TOPIC, bundle(entry(device=f"new-{number}")))
        topic = DEVICE_TOPIC.replace("/telemetry", f"-{number}/telemetry")
        decode(decoder, topic, device())
        decode(decoder, topic.replace("/telemetry", "/status"), status(NOW_MS - 5, "online"))
        log.sync(NOW_MS)
    decoder, _ = processes.start()
    known = decoder.admission._areas[AREA_A]
    assert len(known.devices) == len(known.sessions) == 3
    assert known.of_gateway["gw-a"] == 2


def test_what_is_met_again_is_kept_and_what_is_not_makes_room(processes: Processes) -> None:
    decoder, log = processes.start()
    decode(decoder, PON_TOPIC, pon(*(port(9, n) for n in range(64))))
    log.sync(NOW_MS)
    processes.now_ms += RAW.duration_s * 1000 - 1000
    decoder, log = processes.start()
    decode(decoder, PON_TOPIC, pon(*(port(9, n) for n in range(10))))
    log.sync(processes.now_ms)
    processes.now_ms += 2000
    decoder, log = processes.start()
    assert len(decoder.admission._olts[AREA_A, "olt-a"].ports) == 10
    assert len((processes.folder / "admitted.jsonl").read_bytes().splitlines()) == 10


def test_what_is_registered_meanwhile_makes_room(processes: Processes, tmp_path: Path) -> None:
    decoder, log = processes.start()
    decode(decoder, PON_TOPIC, pon(*(port(9, n) for n in range(64))))
    log.sync(NOW_MS)
    ports = TABLES["ports.csv"] + "".join(f"olt-a,9,{n},xgs-pon\n" for n in range(60))
    processes.city = load_city(write_city(tmp_path / "registered", ports=ports))
    assert FieldRegistry.of(processes.city).olts["olt-a"].ports[9, 3] == "xgs-pon"
    decoder, _ = processes.start()
    assert len(decoder.admission._olts[AREA_A, "olt-a"].ports) == 4


def test_a_damaged_line_is_passed_over_and_a_disk_that_refuses_hinders_nobody(
    processes: Processes, tmp_path: Path
) -> None:
    decoder, log = processes.start()
    decode(decoder, PON_TOPIC, pon(*(port(9, n) for n in range(3))))
    log.sync(NOW_MS)
    with (processes.folder / "admitted.jsonl").open("ab") as file:
        file.write(b'\xff{"\n[1]\n[1795,["port"')
    decoder, log = processes.start()
    assert len(decoder.admission._olts[AREA_A, "olt-a"].ports) == 3
    processes.folder = tmp_path / "not there"
    decoder, log = processes.start()
    assert processes.ports(decoder, 9) == 64
    log.sync(NOW_MS)
    processes.folder.mkdir()
    log.sync(NOW_MS)
    decoder, _ = processes.start()
    assert len(decoder.admission._olts[AREA_A, "olt-a"].ports) == 64
