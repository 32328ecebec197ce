"""All figures of an instant, from the held samples."""

from gigacity_contract.city.model import City
from gigacity_simulators.truth.communities import CommunityFigures
from gigacity_simulators.truth.devices import DeviceFigures
from gigacity_simulators.truth.figures import Figure
from gigacity_simulators.truth.held import HeldSamples
from gigacity_simulators.truth.homes import HomeFigures
from gigacity_simulators.truth.ports import PortFigures


class Oracle:
    """Knows what an evaluator that missed nothing would publish."""

    def __init__(self, city: City) -> None:
        self.held = HeldSamples(city)
        self._ports = PortFigures(city)
        self._homes = HomeFigures(city)
        self._devices = DeviceFigures(city)
        self._communities = CommunityFigures(city)

    def figures(self, at_ms: int) -> list[Figure]:
        """Every figure at this instant; call it before anything later is sampled."""
        in_service = self._ports.in_service(self.held, at_ms)
        served = self._homes.served(in_service)
        cameras = self._devices.cameras(self.held, at_ms)
        return [
            *self._ports.figures(in_service),
            *self._homes.figures(served),
            *self._communities.figures(served, self._homes.households, cameras),
            *self._devices.figures(self.held, at_ms),
        ]
