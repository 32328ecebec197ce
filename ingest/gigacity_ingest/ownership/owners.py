"""Whether every area has exactly one owner, by what all workers say of themselves. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gigacity_city.model import Area
from gigacity_contract.topics import EVERY_AREA, SHARE

SILENT_AFTER_S = 60
"""Six of the intervals at which workers report by default."""


@dataclass(frozen=True, slots=True)
class OwnRow:
    """The newest row of one worker."""

    worker: str
    time_ms: int
    areas: str
    """What it owns, as ``owned_areas`` writes it."""
    is_connected: bool
    sources: str = ""
    """Names of the foreign sources that it reads, separated by commas."""


def ownership_problems(areas: Sequence[Area], rows: Iterable[OwnRow], now_ms: int) -> list[str]:
    """What keeps areas from having one owner each, and what to do about it; none if all is well.

    A worker that is silent still owns: its session at the broker goes on collecting.
    """
    owners = [row for row in rows if row.areas]
    problems = [problem for area in areas for problem in _of_area(area, owners)]
    for row in owners:
        silent_s = (now_ms - row.time_ms) / 1000
        if silent_s > SILENT_AFTER_S:
            problems.append(
                f"{row.worker} owns {row.areas} and has written no row for {silent_s:.0f} s: what"
                " comes waits at the broker; start it, or drain it once others own its areas"
            )
        elif not row.is_connected:
            problems.append(f"{row.worker} is not connected to its broker; its /readyz says why")
    return problems


def _of_area(area: Area, owners: Sequence[OwnRow]) -> Iterator[str]:
    for code in (area.code, *area.retired):
        name = code if code == area.code else f"{code} (a retired code of {area.code})"
        holders = {row.worker: group for row in owners for group in _groups(row.areas, code)}
        if not holders:
            yield (
                f"nobody owns {name}: what is published there is not kept; name {area.code} in the"
                " GIGACITY_MQTT_AREAS of one worker, which must be ready"
            )
        elif len(holders) > 1 and (set(holders.values()) == {""} or len(set(holders.values())) > 1):
            yield (
                f"{' and '.join(sorted(holders))} own {name}: every message is written more than"
                " once; end one's ownership as docs/scale-out.md says"
            )


def _groups(areas: str, code: str) -> Iterator[str]:
    """The group through which a worker has this code; empty where it has it for itself."""
    for entry in areas.split(","):
        share, _, owned = entry.rpartition("/")
        if owned in {code, EVERY_AREA}:
            yield share.removeprefix(SHARE)
