"""What the truth hears is what the messages say."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_contract.kinds import CATALOGUE
from gigacity_simulators.foreign.speakers import speakers_of
from gigacity_simulators.models.clocks import ClockSkew
from gigacity_simulators.publisher_directory import PublisherRole, build_directory
from gigacity_simulators.reporting import Reporter
from gigacity_simulators.truth.held import HeldSamples
from gigacity_simulators.world import World
from tests.support.city import device_name

T_MS = 1_795_500_000_000
DEMO = Path(__file__).parents[3] / "deploy" / "city" / "binzhou-demo"


@pytest.fixture(scope="module")
def demo() -> City:
    return load_city(DEMO)


def test_the_truth_hears_every_field_of_every_message(demo: City) -> None:
    """Of every port and device: the held sample, as JSON, is what its newest message carries."""
    directory, held = build_directory(demo, seed=1), HeldSamples(demo)
    reporter = Reporter(demo, directory, World(demo, directory), held, bundle_ms=1000)
    olts = [n for n, p in enumerate(directory.publishers) if p.role is PublisherRole.OLT]
    ports: dict[int, Any] = {}
    devices: dict[tuple[str, str], Any] = {}
    for due_ms in (T_MS, T_MS + 60_000):
        for olt in olts:
            ((_, sent),) = reporter.olt_due(olt, due_ms)
            message = msgspec.json.decode(sent.payload)
            ports |= dict(zip(directory.ports_of[olt], message["ports"], strict=True))
        for group in directory.groups:
            for device in range(group.offset, group.offset + group.count):
                for _, sent in reporter.device_due(device, due_ms):
                    key = group.community, group.device_id(device)
                    devices[key] = msgspec.json.decode(sent.payload)["values"]
        for _, bundle in reporter.rest():
            for report in msgspec.json.decode(bundle.payload)["reports"]:
                devices[report["community"], report["device"]] = report["values"]
    assert {n: msgspec.to_builtins(v) for n, v in enumerate(held.port_values)} == ports
    heard = {
        device_name(directory, n): msgspec.to_builtins(v) for n, v in enumerate(held.device_values)
    }
    assert {name: values for name, values in heard.items() if values is not None} == devices
    assert {group.kind for group in directory.groups} == set(CATALOGUE)
    assert set(held.device_due_ms) - {0} == {T_MS + 60_000}


@pytest.mark.parametrize(
    ("by_ms", "is_point"), [(-7_200_001, True), (90_001, True), (600_001, False)]
)
@pytest.mark.parametrize("formats", [[], ["alink", "telegraf_json"]])
def test_a_wrong_clock_dates_what_is_said_and_not_what_is_true(
    demo: City, by_ms: int, is_point: bool, formats: list[str]
) -> None:
    """What is dated too far ahead will be refused, so that it is no point."""
    directory, held = build_directory(demo, seed=1), HeldSamples(demo)
    skews = {
        index: [ClockSkew(T_MS, T_MS + 60_000, by_ms)] for index in range(len(directory.publishers))
    }
    world, speakers = World(demo, directory), speakers_of(directory, formats)
    reporter = Reporter(
        demo, directory, world, held, bundle_ms=1000, speakers=speakers, skews=skews
    )
    gateway = next(i for i, p in enumerate(directory.publishers) if p.role is PublisherRole.GATEWAY)
    behind = next(n for n, p in enumerate(directory.publisher_of) if p == gateway)
    for due_ms, error_ms in ((T_MS, by_ms), (T_MS + 60_000, 0)):
        sent = [
            *reporter.olt_due(0, due_ms),
            *reporter.device_due(behind, due_ms),
            *reporter.rest(),
        ]
        assert len(sent) == 2
        for _, message in sent:
            assert str(due_ms + error_ms).encode() in message.payload
            assert message.due_ms == due_ms
            assert bool(message.points) is (is_point or not error_ms)
        assert held.port_due_ms[directory.ports_of[0][0]] == due_ms
        assert held.device_due_ms[behind] == due_ms
