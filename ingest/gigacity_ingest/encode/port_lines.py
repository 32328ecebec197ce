"""Lines of ``pon_port``: prefixes of tags and state, cached for each port; ports are most points.

Identity and state of a port rarely change, so tags, admin and oper together are one cached prefix.
A report that names the same ports in the same state as one before it needs no look-up at all.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec.structs import astuple

from gigacity_contract.measurements import PON_PORT, STAMPED
from gigacity_contract.payloads import Port
from gigacity_contract.technology import canonical_tech
from gigacity_ingest.encode.line_builder import FieldShapes, LineBuilder, Shape, marked

_IDENTITY = 5
"""slot, port, tech, admin and oper come first in the struct; the numbers follow."""
_SHAPES = FieldShapes(PON_PORT.fields[2:], first=",", skip=_IDENTITY)
_STAMP = marked(f",{STAMPED.name}=true")
_MAX_PREFIXES = 4096
_MAX_REPORTS = 64


AdmitsPort = Callable[[str, str, tuple[int, int, str]], bool]
"""Area, OLT, and slot, number and technology of a port: whether it may have a series."""


class TooManyPortsError(Exception):
    """An OLT reports a port that may not have a series."""


class _Report(NamedTuple):
    """Ports that were reported together."""

    identities: list[tuple[Any, ...]]
    prefixes: list[str]
    shape: Shape
    """Of the first port; the others of an OLT nearly always report the same fields."""
    stop: int
    """Where its values end, if those that it has are the first ones; 0: they are others. A slice
    costs less than picking, and most OLTs report none of the fields that came last."""
    tail: tuple[None, ...]
    """What a row has from there on."""


class OltPrefixes:
    """What the worker remembers of one OLT's ports.

    Args:
        area: current area code.
        olt: OLT id.
        admits: asked about each port that it did not report before.
    """

    __slots__ = ("_admits", "_area", "_olt", "_prefixes", "_reports")

    def __init__(self, area: str, olt: str, admits: AdmitsPort) -> None:
        self._area = area
        self._admits = admits
        self._olt = olt
        self._prefixes: dict[tuple[Any, ...], str] = {}
        self._reports: dict[tuple[int, int], _Report] = {}
        """By first slot and port, for an OLT may report its ports in several messages."""

    def add_known(self, ports: list[Port], ts: int, lines: LineBuilder) -> bool:
        """Add the ports of a report like one before it; False, and nothing added, if there is none.

        Ports that were reported together before are different ones: that was checked then.
        """
        if not ports:
            return False
        rows = [astuple(port) for port in ports]
        known = self._reports.get(rows[0][:2])
        if known is None or [row[:_IDENTITY] for row in rows] != known.identities:
            return False
        add, (absent, pick, make) = lines.points.append, known.shape
        stop, tail = known.stop, known.tail
        values: Sequence[Any]
        for prefix, row in zip(known.prefixes, rows, strict=True):
            if stop:
                values = row[_IDENTITY:stop]
                is_other = row[stop:] != tail
            else:
                values, is_other = pick(row), row.count(None) != absent
            if is_other or None in values:
                lines.add(prefix, _SHAPES, row, ts)
            else:
                add(make(prefix, *values, ts))
        return True

    def add(
        self, ports: list[Port], ts: int, lines: LineBuilder, *, is_stamped: bool = False
    ) -> None:
        """Add the ports of any report, and remember it.

        One with the time of its arrival is marked, and not remembered: it is a foreign one.

        Raises:
            TooManyPortsError: one of them may not have a series; none is added.
        """
        rows = [astuple(port) for port in ports]
        prefixes = [self._prefix(row[:_IDENTITY]) for row in rows]
        mark = _STAMP if is_stamped else ""
        for prefix, row in zip(prefixes, rows, strict=True):
            lines.add(prefix + mark, _SHAPES, row, ts)
        if rows and not is_stamped:
            if len(self._reports) >= _MAX_REPORTS:
                self._reports.clear()
            identities = [row[:_IDENTITY] for row in rows]
            shape, row = _SHAPES.shape_of(rows[0]), rows[0]
            stop = len(row) - shape.absent
            is_head = None not in row[:stop] and stop > _IDENTITY
            tail = (None,) * shape.absent
            self._reports[row[:2]] = _Report(
                identities, prefixes, shape, stop if is_head else 0, tail
            )

    def admits(self, port: Port) -> bool:
        """Whether ``add`` takes this port."""
        try:
            self._prefix(astuple(port)[:_IDENTITY])
        except TooManyPortsError:
            return False
        return True

    def moved(self, area: str) -> "OltPrefixes":
        """What is remembered of it in another area: nothing yet."""
        return OltPrefixes(area, self._olt, self._admits)

    def _prefix(self, identity: tuple[Any, ...]) -> str:
        slot, number, tech, admin, oper = identity
        if tech.__class__ is list:
            tech = canonical_tech(list(tech))
        key = (slot, number, tech, admin, oper)
        prefix = self._prefixes.get(key)
        if prefix is None:
            if not self._admits(self._area, self._olt, (slot, number, tech)):
                raise TooManyPortsError
            if len(self._prefixes) >= _MAX_PREFIXES:
                self._prefixes.clear()
            # Codes, ids and technologies hold nothing that a tag would have to escape.
            tags = f"area={self._area};olt={self._olt};port={number};slot={slot};tech={tech}"
            prefix = f"{PON_PORT.name};{tags}~admin=`{admin}`;oper=`{oper}`"
            self._prefixes[key] = prefix
        return prefix
