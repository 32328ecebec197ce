"""The simulators' truth of a random city at an instant, to be laid beside ``random_truth``."""

from gigacity_simulators.truth.oracle import Oracle
from tests.support.random_lives import CameraState, PortState, World
from tests.support.random_truth import Parts, Place, held_at


def simulators_truth(world: World, at_ms: int) -> dict[Place, Parts]:
    """Every figure that it knows."""
    oracle = Oracle(world.city)
    for port, reports in enumerate(world.ports):
        report = held_at(reports, at_ms)
        if report is not None and isinstance(said := report.state, PortState):
            oracle.held.port_sampled(
                port, report.due_ms, tech=said.tech, admin=said.admin, oper=said.oper
            )
    for index, device in enumerate(world.devices):
        report = held_at(device.reports, at_ms)
        if report is None or any(report.due_ms < end <= at_ms for end in device.ended_ms):
            continue
        oracle.held.device_sampled(index, report.due_ms)
        if isinstance(camera := report.state, CameraState):
            oracle.held.camera_sampled(index, intact=camera.intact, picture=camera.picture)
    return {
        (row.indicator, row.scope, row.code): Parts(row.numerator, row.denominator, row.unknown)
        for row in oracle.figures(at_ms)
    }
