"""Gathers the ports of one message into a report for each OLT and instant."""

from typing import NamedTuple, get_args

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_contract.payloads import CanonicalTech, Port
from gigacity_ingest.mapping.port_indices import PortPlace
from gigacity_ingest.mapping.reports import (
    Mapped,
    MappingFault,
    ReportTarget,
    TimeOrigin,
    field_fault,
)

_CANONICAL = frozenset(get_args(CanonicalTech))


class _OltReport(NamedTuple):
    report: Mapped
    places: set[PortPlace]


class OltReports:
    """Reports of the OLTs of one message.

    Args:
        source: its name.
        found: gets the reports, each when its first port comes.
    """

    def __init__(self, source: str, found: list[Mapped]) -> None:
        self._source = source
        self._found = found
        self._reports: dict[tuple[ReportTarget, tuple[int, TimeOrigin]], _OltReport] = {}

    def add(
        self,
        port: Port | None,
        wrong: list[str],
        olt: ReportTarget,
        time: tuple[int, TimeOrigin],
        *,
        place: PortPlace,
        tech: str,
    ) -> None:
        """Add one port.

        Args:
            port: without slot and port; None: all of its fields are wrong.
            wrong: what is wrong with its fields.
            olt: whose it is.
            time: epoch ms, and where that comes from.
            place: slot and port.
            tech: registered; empty: it is not.
        """
        known = self._reports.get((olt, time))
        if known is None:
            known = self._reports[olt, time] = _OltReport(Mapped(olt, *time), set())
            self._found.append(known.report)
        faults = known.report.faults
        if wrong:
            faults.append(field_fault(self._name(olt, place), wrong, is_all=port is None))
        if port is None:
            return
        own_tech = port.tech or tech
        if not (own_tech and port.admin and port.oper):
            lacking = [name for name in ("admin", "oper") if not getattr(port, name)]
            lacking += [] if own_tech else ["tech (the port is not registered either)"]
            text = f"{self._name(olt, place)}: has no {', '.join(lacking)}"
            faults.append(MappingFault(RejectionReason.BAD_ENTRY, Extent.ENTRY, text))
        elif place in known.places:
            text = f"{self._name(olt, place)}: stands in this message twice"
            faults.append(MappingFault(RejectionReason.DUPLICATE_ENTRY, Extent.ENTRY, text))
        else:
            known.places.add(place)
            port.slot, port.port = place
            is_usual = own_tech in _CANONICAL
            port.tech = own_tech if is_usual else str(own_tech).split("+")  # type: ignore[assignment]
            known.report.ports.append(port)

    def _name(self, olt: ReportTarget, place: PortPlace) -> str:
        return f"{self._source}: {olt.id}/{place[0]}/{place[1]}"
