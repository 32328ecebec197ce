"""All figures of an instant, from the held samples.

A module of this folder that needs nothing of the others has ``INDICATOR`` and two functions of
``FurtherTruth``; the oracle finds it.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from gigacity_city.model import City
from gigacity_simulators import truth
from gigacity_simulators.truth.communities import CommunityFigures
from gigacity_simulators.truth.devices import DeviceFigures
from gigacity_simulators.truth.figures import TruthFigure
from gigacity_simulators.truth.held import HeldSamples
from gigacity_simulators.truth.homes import HomeFigures
from gigacity_simulators.truth.ports import PortFigures


class FurtherTruth(Protocol):
    """What such a module has."""

    INDICATOR: str

    def window_ms(self, city: City) -> int:
        """How far back the samples reach that the figure is made of."""
        ...

    def figures(self, city: City, held: HeldSamples, at_ms: int) -> Iterable[TruthFigure]:
        """The figure at each of its places, at an instant."""
        ...


def _found() -> Iterator[FurtherTruth]:
    for module in iter_modules(truth.__path__, f"{truth.__name__}."):
        found: Any = None if module.name == __name__ else import_module(module.name)
        if hasattr(found, "INDICATOR"):
            yield cast("FurtherTruth", found)


_FURTHER = tuple(_found())


class Oracle:
    """Knows what an evaluator that missed nothing would publish."""

    def __init__(self, city: City) -> None:
        self._city = city
        self.held = HeldSamples(city)
        self._ports = PortFigures(city)
        self._homes = HomeFigures(city)
        self._devices = DeviceFigures(city)
        self._communities = CommunityFigures(city)

    def figures(self, at_ms: int) -> list[TruthFigure]:
        """Every figure at this instant; call it before anything later is sampled."""
        in_service = self._ports.in_service(self.held, at_ms)
        served = self._homes.served(in_service)
        cameras = self._devices.cameras(self.held, at_ms)
        return [
            *self._ports.figures(in_service),
            *self._homes.figures(served),
            *self._communities.figures(served, self._homes.households, cameras),
            *self._devices.figures(self.held, at_ms),
            *(row for more in _FURTHER for row in more.figures(self._city, self.held, at_ms)),
        ]


def indicator_windows(city: City) -> dict[str, int]:
    """By indicator, how far back the samples reach that it is made of, in milliseconds."""
    cadence = city.cadence
    pon_ms = cadence.pon_window_ms()
    kinds = {row.kind: cadence.window_ms(row.kind) for row in city.devices.ranges}
    windows = {f"device.online.{kind}": window_ms for kind, window_ms in sorted(kinds.items())}
    windows |= dict.fromkeys(("pon.ports_10g", "pon.port_share_10g", "home.gigabit_access"), pon_ms)
    windows["community.smart_coverage"] = max(pon_ms, kinds.get("camera", 0))
    windows["device.online"] = max(kinds.values(), default=0)
    return windows | {more.INDICATOR: more.window_ms(city) for more in _FURTHER}
