"""Truth of ``pon.ports_10g`` and ``pon.port_share_10g``: at city, area and OLT."""

from collections.abc import Iterator

from gigacity_city.model import City
from gigacity_simulators.truth.figures import SumsByCode, TruthFigure
from gigacity_simulators.truth.held import HeldSamples


class PortFigures:
    """Ports of 10G or more that work, over all registered ports."""

    def __init__(self, city: City) -> None:
        self._city = city.code
        self._window_ms = city.cadence.pon_window_ms()
        area_of = {olt.id: olt.area for olt in city.olts}
        self._places = [(port.key.olt, area_of[port.key.olt]) for port in city.ports]

    def in_service(self, held: HeldSamples, at_ms: int) -> bytearray:
        """By port: 1 if its last sample within the window shows 10G in service."""
        oldest_ms = at_ms - self._window_ms
        pairs = zip(held.port_due_ms, held.port_serves_10g, strict=True)
        return bytearray(serves and due_ms > oldest_ms for due_ms, serves in pairs)

    def figures(self, in_service: bytearray) -> Iterator[TruthFigure]:
        """Both indicators at every level; they differ only in how they are read."""
        olts, areas, city = SumsByCode(), SumsByCode(), SumsByCode()
        for is_in, (olt, area) in zip(in_service, self._places, strict=True):
            olts.add(olt, is_in, 1)
            areas.add(area, is_in, 1)
        city.add(self._city, sum(in_service), len(in_service))
        for indicator in ("pon.ports_10g", "pon.port_share_10g"):
            yield from city.rows(indicator, "city")
            yield from areas.rows(indicator, "area")
            yield from olts.rows(indicator, "olt")
