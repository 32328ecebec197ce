"""Who of a city publishes by itself: the user names that the broker must know. Pure."""

from collections.abc import Iterator

from gigacity_city.model import City
from gigacity_contract.topics import device_identity, gateway_identity, olt_identity


def _codes(city: City, *, retired: bool) -> dict[str, tuple[str, ...]]:
    return {a.code: (a.code, *(a.retired if retired else ())) for a in city.areas}


def field_identities(city: City, *, retired: bool = False) -> Iterator[str]:
    """Identity paths of every OLT, gateway and device that connects by itself.

    Args:
        city: The universe; nobody else gets a credential.
        retired: Also under an area's former codes, for hardware that still uses them.
    """
    codes = _codes(city, retired=retired)
    for olt in city.olts:
        yield from (olt_identity(code, olt.id) for code in codes[olt.area])
    for gateway in city.gateways:
        yield from (gateway_identity(code, gateway.id) for code in codes[gateway.area])
    for row in city.devices.ranges:
        if row.gateway:
            continue
        area = city.community_by_code[row.community].area
        for device in row.ids.ids():
            yield from (device_identity(code, row.community, device) for code in codes[area])
