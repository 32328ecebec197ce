"""PON technologies: names, rates, and what counts as 10G-PON or more.

Sources: ITU-T G.984 (GPON), G.987 (XG-PON), G.9807.1 (XGS-PON), G.989 (NG-PON2), G.9804 (50G-PON),
IEEE 802.3ah (EPON), IEEE 802.3av (10G-EPON), 25GS-PON MSA. A port counts by its nominal
*downstream* line rate; one physical combo port counts once, as the highest technology it carries.
"""

from types import MappingProxyType
from typing import Literal, get_args

Tech = Literal["epon", "gpon", "10g-epon", "xg-pon", "xgs-pon", "ng-pon2", "25gs-pon", "50g-pon"]

DOWNSTREAM_GBPS = MappingProxyType(
    {
        "epon": 1.25,
        "gpon": 2.48832,
        "10g-epon": 10.3125,
        "xg-pon": 9.95328,
        "xgs-pon": 9.95328,
        "ng-pon2": 9.95328,
        "25gs-pon": 25.0,
        "50g-pon": 49.7664,
    }
)
"""Nominal downstream line rate by technology, Gbit/s."""

_TEN_GIG_GBPS = 9.9  # XG-PON and XGS-PON carry 9.95328 Gbit/s and are sold, and counted, as 10G.

TECHNOLOGIES: frozenset[str] = frozenset(get_args(Tech))


def canonical_tech(tokens: list[str]) -> str:
    """The tag value of a port: its technologies in lower case, sorted, joined by ``+``.

    Raises:
        ValueError: no technology, a repeated one, or one that is not known.
    """
    lowered = [token.lower() for token in tokens]
    unknown = sorted(set(lowered) - TECHNOLOGIES)
    if unknown:
        known = ", ".join(sorted(TECHNOLOGIES))
        raise ValueError(f"unknown technology {unknown[0]!r}; known are {known}")
    if not lowered or len(set(lowered)) != len(lowered):
        raise ValueError("a port names each of its technologies once, and at least one")
    return "+".join(sorted(lowered))


def parse_tech(text: str) -> str:
    """``xgs-pon+gpon`` in any order and case, made canonical.

    Raises:
        ValueError: as ``canonical_tech``.
    """
    return canonical_tech(text.split("+"))


def is_10g(tech: str) -> bool:
    """Whether a canonical technology is 10G downstream or more."""
    return any(DOWNSTREAM_GBPS[token] >= _TEN_GIG_GBPS for token in tech.split("+"))
