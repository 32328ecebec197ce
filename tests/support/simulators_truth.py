"""The simulators' truth of a random city at an instant, to be laid beside ``random_truth``."""

from gigacity_contract.kinds import Values
from gigacity_contract.payloads import Port
from gigacity_simulators.truth.oracle import Oracle
from tests.support.random_lives import PortState, World
from tests.support.random_truth import Parts, Place, held_at


def simulators_truth(world: World, at_ms: int) -> dict[Place, Parts]:
    """Every figure that it knows."""
    oracle = Oracle(world.city)
    for port, reports in enumerate(world.ports):
        report = held_at(reports, at_ms)
        if report is not None and isinstance(said := report.state, PortState):
            key, values = world.city.ports[port].key, said._asdict()
            sample = Port(slot=key.slot, port=key.port, **values)
            oracle.held.port_sampled(port, report.due_ms, sample)
    for index, device in enumerate(world.devices):
        report = held_at(device.reports, at_ms)
        if report is None or any(report.due_ms < end <= at_ms for end in device.ended_ms):
            continue
        assert isinstance(report.state, Values)
        oracle.held.device_sampled(index, report.due_ms, report.state)
    return {
        (row.indicator, row.scope, row.code): Parts(row.numerator, row.denominator, row.unknown)
        for row in oracle.figures(at_ms)
    }
