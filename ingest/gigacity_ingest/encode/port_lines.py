"""Lines of ``pon_port``: prefixes of tags and state, cached for each port; ports are most points.

Identity and state of a port rarely change, so tags, admin and oper together are one cached prefix.
A report that names the same ports in the same state as one before it needs no look-up at all.
"""

from typing import Any

from msgspec.structs import astuple

from gigacity_contract.line_protocol import tag_prefix
from gigacity_contract.measurements import PON_PORT
from gigacity_contract.payloads import Port
from gigacity_contract.technology import canonical_tech
from gigacity_ingest.encode.line_builder import FieldSuffixes, LineBuilder, escape

_IDENTITY = 5
"""slot, port, tech, admin and oper come first in the struct; the numbers follow."""
_STATE = PON_PORT.fields[:2]
_SUFFIXES = FieldSuffixes(PON_PORT.fields[2:], first=b",")
_FULL = _SUFFIXES.full.suffix
_MAX_PREFIXES = 4096
_MAX_REPORTS = 64


class OltPrefixes:
    """What the worker remembers of one OLT's ports.

    Args:
        area: current area code.
        olt: OLT id.
    """

    __slots__ = ("_area", "_olt", "_prefixes", "_reports")

    def __init__(self, area: str, olt: str) -> None:
        self._area = area
        self._olt = olt
        self._prefixes: dict[tuple[Any, ...], bytes] = {}
        self._reports: dict[tuple[int, int], tuple[list[tuple[Any, ...]], list[bytes]]] = {}
        """By first slot and port, for an OLT may report its ports in several messages: identities
        in order, and the pieces of a template where every number is present."""

    def add_known(self, ports: list[Port], ts: int, lines: LineBuilder) -> bool:
        """Add the ports of a report like one before it; False, and nothing added, if there is none.

        Ports that were reported together before are different ones: that was checked then.
        """
        if not ports:
            return False
        rows = [astuple(port) for port in ports]
        known = self._reports.get(rows[0][:2])
        if known is None or [row[:_IDENTITY] for row in rows] != known[0]:
            return False
        pieces, numbers = known[1], lines.numbers
        for at, row in enumerate(rows):
            values = row[_IDENTITY:]
            if None in values:
                if pieces is known[1]:
                    pieces = pieces.copy()
                shape = _SUFFIXES.shape_of(values)
                pieces[2 * at + 1] = shape.suffix
                numbers += shape.pick(values)
            else:
                numbers += values
            numbers.append(ts)
        lines.pieces += pieces
        lines.count += len(rows)
        return True

    def add(self, ports: list[Port], ts: int, lines: LineBuilder) -> None:
        """Add the ports of any report, and remember it."""
        identities, pieces = [], []
        for port in ports:
            row = astuple(port)
            prefix = self._prefix(row[:_IDENTITY])
            lines.add(prefix, _SUFFIXES, row[_IDENTITY:], ts)
            identities.append(row[:_IDENTITY])
            pieces += [prefix, _FULL]
        if ports:
            if len(self._reports) >= _MAX_REPORTS:
                self._reports.clear()
            self._reports[ports[0].slot, ports[0].port] = (identities, pieces)

    def _prefix(self, identity: tuple[Any, ...]) -> bytes:
        slot, number, tech, admin, oper = identity
        if tech.__class__ is list:
            tech = canonical_tech(list(tech))
        key = (slot, number, tech, admin, oper)
        prefix = self._prefixes.get(key)
        if prefix is None:
            if len(self._prefixes) >= _MAX_PREFIXES:
                self._prefixes.clear()
            tags = {
                "area": self._area,
                "olt": self._olt,
                "slot": str(slot),
                "port": str(number),
                "tech": tech,
            }
            state = f'{_STATE[0].name}="{admin}",{_STATE[1].name}="{oper}"'
            prefix = escape(f"{tag_prefix(PON_PORT, tags)} {state}".encode())
            self._prefixes[key] = prefix
        return prefix
