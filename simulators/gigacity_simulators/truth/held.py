"""The last sample of every object, held until the next."""

from array import array
from typing import Final

from gigacity_city.model import City

NEVER: Final = 0
"""The instant of a sample that has not been taken, or that an ended connection made void."""

_TEN_GIG: Final = frozenset({"10g-epon", "xg-pon", "xgs-pon", "ng-pon2", "25gs-pon", "50g-pon"})
"""Technologies of 10 Gbit/s downstream or more; kept here, apart from the contract's table."""


def is_ten_gig(tech: str) -> bool:
    """Whether one of the port's technologies carries 10 Gbit/s downstream or more."""
    return not _TEN_GIG.isdisjoint(tech.split("+"))


class HeldSamples:
    """What each port and device last sampled. Indices are the city's."""

    def __init__(self, city: City) -> None:
        self.port_due_ms = array("q", bytes(8 * len(city.ports)))
        self.port_serves_10g = bytearray(len(city.ports))
        self.device_due_ms = array("q", bytes(8 * len(city.devices)))
        self.camera_intact = bytearray(len(city.devices))
        self.camera_picture = bytearray(len(city.devices))

    def port_sampled(self, port: int, due_ms: int, *, tech: str, admin: str, oper: str) -> None:
        """A port was sampled for a report due at this instant."""
        self.port_due_ms[port] = due_ms
        self.port_serves_10g[port] = is_ten_gig(tech) and admin == "up" and oper == "up"

    def device_sampled(self, device: int, due_ms: int) -> None:
        """A device was sampled, and its connection holds."""
        self.device_due_ms[device] = due_ms

    def camera_sampled(self, device: int, *, intact: bool, picture: bool) -> None:
        """What a camera's sample says of it."""
        self.camera_intact[device] = intact
        self.camera_picture[device] = picture

    def connection_ended(self, device: int) -> None:
        """The device's own connection ended: it is offline until it samples again."""
        self.device_due_ms[device] = NEVER
