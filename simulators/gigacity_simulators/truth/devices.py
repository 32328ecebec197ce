"""Truth of ``device.online``, in all and by kind, and of what the cameras of a community show."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from gigacity_city.model import City
from gigacity_simulators.truth.figures import SumsByCode, TruthFigure
from gigacity_simulators.truth.held import HeldSamples


class Cameras(NamedTuple):
    """Cameras of one community: registered, and how many of them are well in each respect."""

    registered: int = 0
    online: int = 0
    intact: int = 0
    picture: int = 0


class _Row(NamedTuple):
    community: str
    area: str
    kind: str
    first: int
    last: int
    window_ms: int


class DeviceFigures:
    """A device is online if it sampled within its window and its connection has not ended since."""

    def __init__(self, city: City) -> None:
        self._city = city.code
        self._rows = [
            _Row(
                row.community,
                city.community_by_code[row.community].area,
                row.kind,
                row.offset,
                row.offset + len(row.ids),
                city.cadence.window_ms(row.kind),
            )
            for row in city.devices.ranges
        ]

    def figures(self, held: HeldSamples, at_ms: int) -> Iterator[TruthFigure]:
        """``device.online`` at city, area and community; by kind at city and area."""
        tallies: defaultdict[tuple[str, str], SumsByCode] = defaultdict(SumsByCode)
        for row in self._rows:
            window = held.device_due_ms[row.first : row.last]
            online = sum(map((at_ms - row.window_ms).__lt__, window))
            parts = online, len(window)
            by_kind = f"device.online.{row.kind}"
            tallies["device.online", "city"].add(self._city, *parts)
            tallies["device.online", "area"].add(row.area, *parts)
            tallies["device.online", "community"].add(row.community, *parts)
            tallies[by_kind, "city"].add(self._city, *parts)
            tallies[by_kind, "area"].add(row.area, *parts)
        for (indicator, scope), tally in tallies.items():
            yield from tally.rows(indicator, scope)

    def cameras(self, held: HeldSamples, at_ms: int) -> dict[str, Cameras]:
        """The cameras of every community that has any."""
        found: dict[str, Cameras] = {}
        for row in self._rows:
            if row.kind != "camera":
                continue
            before = found.get(row.community, Cameras())
            oldest_ms = at_ms - row.window_ms
            devices = range(row.first, row.last)
            online = [held.device_values[i] for i in devices if held.device_due_ms[i] > oldest_ms]
            found[row.community] = Cameras(
                before.registered + row.last - row.first,
                before.online + len(online),
                before.intact + sum(camera.intact for camera in online),
                before.picture + sum(camera.picture for camera in online),
            )
        return found
