"""Payload structs of the native JSON format, apart from device kinds (``kinds``).

Structs forbid unknown fields so that the fast path notices them; the slow path then ignores and
counts them, as the contract promises. ``gc=False``: the structs hold no cycles, and a worker keeps
thousands of them for a moment.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gigacity_contract import units
from gigacity_contract.technology import Tech

CanonicalTech = Literal[
    "epon", "gpon", "10g-epon", "xg-pon", "xgs-pon", "ng-pon2", "25gs-pon", "50g-pon",
    "10g-epon+epon", "gpon+xg-pon", "gpon+xgs-pon", "50g-pon+xgs-pon", "50g-pon+gpon",
    "50g-pon+gpon+xgs-pon", "gpon+xg-pon+xgs-pon",
]  # fmt: skip
"""Technologies of one physical port: tokens in lower case, sorted, joined by ``+``."""

PortState = Literal["up", "down"]


class Port(msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True, omit_defaults=True):
    """One physical PON port of an OLT, as sampled at the message's ``ts``.

    Identity (slot, port, tech) and state (admin, oper) are required; the rest is optional.
    Counters only grow until the port restarts. ``onu_rx_p10_dbm``: a tenth of the ONUs receive
    less. ``onu_off_power``, ``onu_off_los``: ONUs that are offline now, by what was heard of them
    last: dying gasp (their power went), or loss of signal (their light went).
    """

    slot: units.SlotNumber
    port: units.SlotNumber
    tech: CanonicalTech | Annotated[list[Tech], Meta(min_length=1, max_length=8)]
    admin: PortState
    oper: PortState
    tx_dbm: units.Dbm | None = None
    rx_dbm: units.Dbm | None = None
    onu_rx_min_dbm: units.Dbm | None = None
    bias_ma: units.Milliampere | None = None
    temp_c: units.Celsius | None = None
    volt_v: units.Volt | None = None
    onu_total: units.OnuCount | None = None
    onu_online: units.OnuCount | None = None
    down_bps: units.BitPerSecond | None = None
    up_bps: units.BitPerSecond | None = None
    rx_bytes: units.ByteCounter | None = None
    tx_bytes: units.ByteCounter | None = None
    bip_errors: units.Counter | None = None
    fec_corrected: units.Counter | None = None
    fec_uncorrectable: units.Counter | None = None
    onu_rx_p10_dbm: units.Dbm | None = None
    onu_off_power: units.OnuCount | None = None
    onu_off_los: units.OnuCount | None = None


class PonMessage(
    msgspec.Struct, forbid_unknown_fields=True, gc=False, kw_only=True, omit_defaults=True
):
    """All PON ports of one OLT (or some of them) at one instant."""

    ts: units.EpochMs
    ports: Annotated[list[Port], Meta(max_length=4096)]
    seq: units.Sequence | None = None


class Status(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Birth, last will, or orderly end of one MQTT session; always retained.

    ``session`` is the epoch ms of the CONNECT and the same in all three. A will cannot know when it
    will be sent, so only an orderly end carries ``ts`` and ``reason``.
    """

    session: units.EpochMs
    state: Literal["online", "offline"]
    ts: units.EpochMs | None = None
    reason: Annotated[str, Meta(max_length=256)] | None = None
