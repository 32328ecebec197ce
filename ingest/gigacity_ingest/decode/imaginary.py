"""A registry for whoever tries a message without a city file at hand."""

from collections.abc import Iterable

from gigacity_city.registry import DeviceRange, DeviceRegistry, IdRange
from gigacity_contract.payloads import Port
from gigacity_ingest.decode.field_registry import FieldRegistry, OltPorts

DeviceName = tuple[str, str, str]
"""Community, id and kind."""


def imaginary_registry(
    areas: Iterable[str],
    devices: Iterable[DeviceName] = (),
    olts: Iterable[tuple[str, str, list[Port]]] = (),
) -> FieldRegistry:
    """A registry of these objects alone.

    Args:
        areas: codes.
        devices: that are registered.
        olts: id, area and ports of each.
    """
    ranges = [
        DeviceRange(community, kind, IdRange(device, None, 0), "", number)
        for number, (community, device, kind) in enumerate(devices)
    ]
    return FieldRegistry(
        version="",
        areas=(),
        area_of_code={code: code for code in areas},
        community_by_code={},
        devices=DeviceRegistry(ranges),
        olts={
            olt: OltPorts(area, {(p.slot, p.port): str(p.tech) for p in ports})
            for olt, area, ports in olts
        },
        gateways={},
    )
