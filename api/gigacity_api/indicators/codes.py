"""How the values that predicates need are packed into the integer code of ``Newest``.

A value that a report lacks, or that no known technology explains, stays absent: the predicate then
says unknown rather than guess.
"""

from typing import NamedTuple

import numpy as np

from gigacity_api.indicators.verdicts import IN, OUT, UNKNOWN, Flags, Integers, Verdicts
from gigacity_contract.technology import DOWNSTREAM_GBPS, TECHNOLOGIES, is_10g

TOKENS: tuple[str, ...] = tuple(DOWNSTREAM_GBPS)
_BIT = {token: 1 << i for i, token in enumerate(TOKENS)}
_TEN_GIG_BITS = sum(_BIT[token] for token in TOKENS if is_10g(token))
_STATE = {"down": 1, "up": 2}
_STATE_NAME = {1: "down", 2: "up"}
_FLAG = {False: 1, True: 2}
_FLAG_VALUE = {1: False, 2: True}


class PortValues(NamedTuple):
    """What a port's newest report says."""

    tech: str | None
    admin: str | None
    oper: str | None


def pack_port(tech: str | None, admin: str | None, oper: str | None) -> int:
    """Technologies, administrative and operational state."""
    tokens = (tech or "").split("+")
    mask = sum(_BIT[t] for t in tokens) if TECHNOLOGIES.issuperset(tokens) else 0
    return mask << 4 | _STATE.get(admin or "", 0) << 2 | _STATE.get(oper or "", 0)


def unpack_port(code: int) -> PortValues:
    """The values again, for evidence."""
    tokens = sorted(token for token in TOKENS if (code >> 4) & _BIT[token])
    return PortValues(
        "+".join(tokens) or None, _STATE_NAME.get((code >> 2) & 3), _STATE_NAME.get(code & 3)
    )


def port_in_service_10g(code: Integers) -> Verdicts:
    """10G downstream or more, administratively and operationally up; freshness apart.

    A port that is known to be down is out, whatever else its report lacks.
    """
    mask, admin, oper = code >> 4, (code >> 2) & 3, code & 3
    is_out = (admin == 1) | (oper == 1) | ((mask > 0) & ((mask & _TEN_GIG_BITS) == 0))
    is_in = ((mask & _TEN_GIG_BITS) > 0) & (admin == 2) & (oper == 2)
    return np.where(is_in, IN, np.where(is_out, OUT, UNKNOWN)).astype(np.int8)


def port_available(code: Integers) -> Verdicts:
    """Operationally up, of a port that is known to be administratively up; freshness apart."""
    meant = ((code >> 2) & 3) == _STATE["up"]
    return np.where(meant, (code & 3) - 1, UNKNOWN).astype(np.int8)


def port_switched_off(code: Integers) -> Flags:
    """Known to be administratively down: not meant to work."""
    off: Flags = ((code >> 2) & 3) == _STATE["down"]
    return off


def port_oper_down(code: Integers) -> Flags:
    """Known to be operationally down."""
    down: Flags = (code & 3) == _STATE["down"]
    return down


def port_oper_up(code: Integers) -> Flags:
    """Known to be operationally up."""
    up: Flags = (code & 3) == _STATE["up"]
    return up


def port_is_complete(code: Integers) -> Flags:
    """Technology and both states are known."""
    complete: Flags = (code >> 4 > 0) & ((code >> 2) & 3 > 0) & (code & 3 > 0)
    return complete


def pack_camera(intact: bool | None, picture: bool | None) -> int:
    """The two camera fields that the smart-community standard asks for."""
    first = 0 if intact is None else _FLAG[intact]
    second = 0 if picture is None else _FLAG[picture]
    return first << 2 | second


def unpack_camera(code: int) -> dict[str, bool | None]:
    """The values again, for evidence."""
    return {"intact": _FLAG_VALUE.get((code >> 2) & 3), "picture": _FLAG_VALUE.get(code & 3)}


def camera_intact(code: Integers) -> Verdicts:
    """Verdict of the field ``intact`` alone."""
    return (((code >> 2) & 3) - 1).astype(np.int8)


def camera_picture(code: Integers) -> Verdicts:
    """Verdict of the field ``picture`` alone."""
    return ((code & 3) - 1).astype(np.int8)
