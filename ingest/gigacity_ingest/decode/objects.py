"""Reports and sessions of objects that did not come on their own topics.

Each goes the way of its own native topic from there on: the same prefixes, the same bounds on what
nobody registered, the same refusals, whichever way an object takes.
"""

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_contract.kinds import Values
from gigacity_contract.measurements import PRESENCE
from gigacity_contract.payloads import Port
from gigacity_contract.topics import (
    MessageKind,
    Publisher,
    device_identity,
    gateway_identity,
    olt_identity,
    topic_of,
)
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.instants import check_session, check_time
from gigacity_ingest.decode.outcome import Outcome
from gigacity_ingest.decode.points import TOO_MANY, add_device, add_own, add_ports
from gigacity_ingest.decode.presence import session_fields
from gigacity_ingest.decode.sessions import add_row, check_publisher
from gigacity_ingest.encode.port_lines import TooManyPortsError


def path_of(publisher: Publisher, identity: tuple[str, str, str]) -> str:
    """Identity path of an object: area, community (empty unless it is a device) and id."""
    area, community, name = identity
    if publisher is Publisher.DEVICE:
        return device_identity(area, community, name)
    if publisher is Publisher.OLT:
        return olt_identity(area, name)
    return gateway_identity(area, name)


def report_topic(publisher: Publisher, identity: tuple[str, str, str]) -> bytes:
    """The native topic of an object's reports; a gateway has none of its own here."""
    kind = MessageKind.PON if publisher is Publisher.OLT else MessageKind.TELEMETRY
    return topic_of(path_of(publisher, identity), kind).encode()


class ObjectEntry:
    """Takes what others found out about objects of the city."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder

    def add_device(
        self,
        topic: bytes,
        values: Values,
        ts: int,
        *,
        now_ms: int,
        out: Outcome,
        is_stamped: bool = False,
    ) -> None:
        """Add the point of one device report.

        Args:
            topic: its own native one (``report_topic``).
            values: checked.
            ts: epoch ms.
            now_ms: the worker's clock.
            out: gets the point.
            is_stamped: ``ts`` is the time of arrival, and the point is marked.

        Raises:
            PayloadError: implausible in time, registered in another area, without a value, or one
                unregistered object too many.
        """
        check_time(ts, now_ms)
        route = self._decoder.routes.find(topic)
        device = route.own
        if device is None or device.values is not values.__class__:
            device = self._decoder.new_devices.learn_own(route, values.__class__)
        if not (
            add_device(device.prefix, device.series, values, ts, out, is_stamped=True)
            if is_stamped
            else add_own(device, values, ts, out)
        ):
            raise PayloadError(RejectionReason.NO_VALUES, "values: none is usable")

    def add_ports(
        self,
        topic: bytes,
        ports: list[Port],
        ts: int,
        *,
        now_ms: int,
        out: Outcome,
        is_stamped: bool = False,
    ) -> None:
        """Add the points of ports of the OLT with this native topic; all of them or none.

        Raises:
            PayloadError: as for a device.
        """
        check_time(ts, now_ms)
        route = self._decoder.routes.find(topic)
        try:
            add_ports(route, ports, ts, out, is_stamped=is_stamped)
        except TooManyPortsError:
            raise PayloadError(
                RejectionReason.TOO_MANY_UNREGISTERED, f"{route.id}: {TOO_MANY}"
            ) from None

    def add_session(
        self,
        publisher: Publisher,
        identity: tuple[str, str, str],
        *,
        is_online: bool,
        at_ms: int,
        is_copy: bool,
        reason: str,
        now_ms: int,
        out: Outcome,
    ) -> None:
        """Add a birth or an end, as a session that begins at that instant.

        Each is a row of its own, so an older one that comes later changes nothing of a newer one.

        Args:
            publisher: what the object is.
            identity: area, community (empty unless it is a device) and id.
            is_online: a birth.
            at_ms: when, epoch ms.
            is_copy: a retained copy or a redelivery without a time of its own: of an end, only that
                it had come by then is known.
            reason: of the format, for people.
            now_ms: the worker's clock.
            out: gets the row.

        Raises:
            PayloadError: as for a device.
        """
        check_session(at_ms, now_ms)
        route = self._decoder.routes.find(
            topic_of(path_of(publisher, identity), MessageKind.STATUS).encode()
        )
        check_publisher(route, self._decoder.admission)
        fields = session_fields(at_ms, is_online=is_online, is_copy=is_copy, reason=reason)
        add_row(route, at_ms, fields, out)
        if not is_copy:
            out.note_time((PRESENCE.name, route.area), at_ms, 1)
