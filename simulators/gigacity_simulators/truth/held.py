"""The last sample of every object, held until the next."""

from array import array
from typing import Any, Final, Protocol

from gigacity_city.model import City

NEVER: Final = 0
"""The instant of a sample that has not been taken, or that an ended connection made void."""

_TEN_GIG: Final = frozenset({"10g-epon", "xg-pon", "xgs-pon", "ng-pon2", "25gs-pon", "50g-pon"})
"""Technologies of 10 Gbit/s downstream or more; kept here, apart from the contract's table."""


def is_ten_gig(tech: str) -> bool:
    """Whether one of the port's technologies carries 10 Gbit/s downstream or more."""
    return not _TEN_GIG.isdisjoint(tech.split("+"))


class PortSample(Protocol):
    """What counts of a port's sample here; the contract's code is not needed for it."""

    tech: Any
    admin: Any
    oper: Any


class HeldSamples:
    """What each port and device last sampled, with every field. Indices are the city's."""

    def __init__(self, city: City) -> None:
        self.port_due_ms = array("q", bytes(8 * len(city.ports)))
        self.port_values: list[Any] = [None] * len(city.ports)
        """Of each port its last sample, as published (``payloads.Port``); None before the first."""
        self.port_serves_10g = bytearray(len(city.ports))
        self.device_due_ms = array("q", bytes(8 * len(city.devices)))
        self.device_values: list[Any] = [None] * len(city.devices)
        """Of each device the last sample, as published (``kinds.py``); None before the first."""

    def port_sampled(self, port: int, due_ms: int, values: PortSample) -> None:
        """A port was sampled for a report due at this instant."""
        self.port_due_ms[port] = due_ms
        self.port_values[port] = values
        is_up = values.admin == "up" and values.oper == "up"
        self.port_serves_10g[port] = is_up and is_ten_gig(str(values.tech))

    def device_sampled(self, device: int, due_ms: int, values: object) -> None:
        """A device was sampled, and its connection holds."""
        self.device_due_ms[device] = due_ms
        self.device_values[device] = values

    def connection_ended(self, device: int) -> None:
        """The device's own connection ended: it is offline until it samples again."""
        self.device_due_ms[device] = NEVER
