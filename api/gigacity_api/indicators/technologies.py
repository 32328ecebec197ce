"""Technologies of ports as masks of bits, so that they stand in a column.

What no known technology explains stays absent: a rule then says unknown rather than guess.
"""

from functools import lru_cache

from gigacity_api.indicators.verdicts import Flags, Integers
from gigacity_contract.technology import DOWNSTREAM_GBPS, TECHNOLOGIES, is_10g

_BIT = {token: 1 << i for i, token in enumerate(DOWNSTREAM_GBPS)}
_TEN_GIG_BITS = sum(bit for token, bit in _BIT.items() if is_10g(token))


@lru_cache(maxsize=4096)
def mask_of(tech: str | None) -> int:
    """The technologies of a port, such as ``gpon+xgs-pon``; 0 if one of them is not known."""
    tokens = (tech or "").split("+")
    return sum(_BIT[token] for token in tokens) if TECHNOLOGIES.issuperset(tokens) else 0


def names_of(mask: int) -> str | None:
    """The technologies again, for evidence."""
    return "+".join(sorted(token for token, bit in _BIT.items() if mask & bit)) or None


def any_10g(masks: Integers) -> Flags:
    """Whether one of the technologies carries 10 Gbit/s downstream or more."""
    found: Flags = (masks & _TEN_GIG_BITS) > 0
    return found
