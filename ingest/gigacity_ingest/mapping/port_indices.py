"""Slot and port in what OLTs call their PON ports: index formulas of vendors, and labels.

Huawei MA5600T and MA5800: ``0xFA000000 + slot * 0x2000 + port * 0x100``, frame 0, ports from 0.
ZTE: the tree 3902.1082 has ``0x11010000 + slot * 256 + port``, the tree 3902.1012
``0x10000000 + slot * 0x10000 + port * 0x100``; C300 and C320 answer in both. Ports from 1.
FiberHome AN5516: ``slot << 25 | port << 19 | onu << 8 | lan port``;
AN5116: ``slot << 27 | port << 22 | onu << 13 | lan port << 4``.
Sources: HUAWEI-XPON-MIB with public pollers, zte-go and LibreNMS, FiberHome's SNMP interface
specification. Cards of other types have other bases: what is no index of the formula is refused.
"""

import re
from collections.abc import Callable
from types import MappingProxyType

PortPlace = tuple[int, int]
"""Slot and port."""

_LABEL = re.compile(r"(\d{1,3})/(\d{1,3})(?![\d/])")
"""The last two numbers of ``0/1/3``, ``1/2``; behind ``:`` an ONU may follow."""


def _huawei(index: int) -> PortPlace | None:
    if index >> 24 != 0xFA or index & 0xFF:
        return None
    rest = index & 0xFFFFFF
    return (rest >> 13, (rest >> 8) & 0x1F) if rest >> 13 < 64 else None


def _zte(index: int) -> PortPlace | None:
    if index >> 16 == 0x1101:
        slot, port = (index >> 8) & 0xFF, index & 0xFF
    elif index >> 24 == 0x10 and not index & 0xFF:
        slot, port = (index >> 16) & 0xFF, (index >> 8) & 0xFF
    else:
        return None
    return (slot, port) if slot and port else None


def _fiberhome(index: int) -> PortPlace | None:
    return (index >> 25, (index >> 19) & 0x3F) if 0 < index < 2**32 else None


def _fiberhome_5116(index: int) -> PortPlace | None:
    return (index >> 27, (index >> 22) & 0x1F) if 0 < index < 2**32 else None


FORMULAS: MappingProxyType[str, Callable[[int], PortPlace | None]] = MappingProxyType(
    {
        "huawei": _huawei,
        "zte": _zte,
        "fiberhome": _fiberhome,
        "fiberhome-5116": _fiberhome_5116,
    }
)
"""Slot and port of an index by the vendor's name; None: it is no index of a PON port."""


def place_of_index(formula: str, text: str) -> PortPlace | None:
    """Slot and port of an index as it stands in a message, such as ``4194312960`` or ``...960.7``.

    What follows a dot is the ONU or the row within the port.
    """
    digits = text.partition(".")[0]
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10):
        return None
    return FORMULAS[formula](int(digits))


def place_of_label(text: str) -> PortPlace | None:
    """Slot and port of ``GPON 0/1/3``, ``PON 11/4`` or ``gpon-olt_1/2/16``."""
    found = _LABEL.findall(text)
    if not found:
        return None
    slot, port = map(int, found[-1])
    return slot, port
