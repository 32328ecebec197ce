"""An SNMP v2c agent over UDP that serves objects which are made anew for each poll.

The one module that knows pysnmp.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902
from pysnmp.proto.rfc1905 import endOfMibView, noSuchObject
from pysnmp.smi.instrum import AbstractMibInstrumController

from gigacity_contract.clock import Clock
from gigacity_simulators.snmp.tables import Counter, Oid, Value

_FRESH_S = 1.0
"""A walk sees one state, as long as it asks again within this time."""
_SECURITY = "field"


class _Objects(AbstractMibInstrumController):  # type: ignore[misc] # pysnmp ships no types.
    def __init__(self, sample: Callable[[], Mapping[Oid, Value]], clock: Clock) -> None:
        self._sample = sample
        self._clock = clock
        self._asked_s = -_FRESH_S
        self._objects: Mapping[Oid, Value] = {}
        self._order: list[Oid] = []

    def read_variables(self, *names: Any, **_context: Any) -> list[Any]:
        objects = self._now()
        wanted = [(name, objects.get(tuple(name))) for name, _ in names]
        return [(name, noSuchObject if v is None else _encoded(v)) for name, v in wanted]

    def read_next_variables(self, *names: Any, **_context: Any) -> list[Any]:
        objects, found = self._now(), list[Any]()
        for name, _ in names:
            at = bisect_right(self._order, tuple(name))
            if at == len(self._order):
                found.append((name, endOfMibView))
            else:
                oid = self._order[at]
                found.append((rfc1902.ObjectName(oid), _encoded(objects[oid])))
        return found

    def _now(self) -> Mapping[Oid, Value]:
        now_s = self._clock.monotonic_s()
        if now_s - self._asked_s >= _FRESH_S:
            self._objects = self._sample()
            self._order = sorted(self._objects)
        self._asked_s = now_s
        return self._objects


def _encoded(value: Value) -> Any:
    if isinstance(value, str):
        return rfc1902.OctetString(value)
    return rfc1902.Counter64(value) if isinstance(value, Counter) else rfc1902.Integer32(value)


class SnmpAgent:
    """Answers GET, GETNEXT and GETBULK.

    Args:
        sample: every object as it is now, by its OID.
        community: whoever knows it may read everything.
        clock: tells one poll from the next.
    """

    def __init__(
        self, sample: Callable[[], Mapping[Oid, Value]], community: str, clock: Clock
    ) -> None:
        self._objects = _Objects(sample, clock)
        self._community = community

    async def serve(self, host: str, port: int, until: asyncio.Event) -> None:
        """Answer on this address until the event is set.

        Raises:
            OSError: the address is taken.
        """
        made = engine.SnmpEngine()
        transport = udp.UdpAsyncioTransport().open_server_mode((host, port))
        config.add_transport(made, udp.DOMAIN_NAME, transport)
        config.add_v1_system(made, _SECURITY, self._community)
        config.add_vacm_user(made, 2, _SECURITY, "noAuthNoPriv", (1, 3, 6))
        known = context.SnmpContext(made)
        known.unregister_context_name(b"")
        known.register_context_name(b"", self._objects)
        for responder in (
            cmdrsp.GetCommandResponder,
            cmdrsp.NextCommandResponder,
            cmdrsp.BulkCommandResponder,
        ):
            responder(made, known)
        try:
            await until.wait()
        finally:
            made.close_dispatcher()
