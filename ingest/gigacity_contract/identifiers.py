r"""Grammar of the codes and ids that topics and tags carry.

Area codes are GB/T 2260 (6 digits), community codes the 12-digit statistical code.
Ids exclude every character that MQTT topics or line protocol treat specially, so that an id
which passed here never needs escaping. Patterns end in ``\Z``: ``$`` would let a newline through.
"""

import re

ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
AREA_PATTERN = r"[0-9]{6}"
COMMUNITY_PATTERN = r"[0-9]{12}"

_ID = re.compile(ID_PATTERN + r"\Z")
_AREA = re.compile(AREA_PATTERN + r"\Z")
_COMMUNITY = re.compile(COMMUNITY_PATTERN + r"\Z")

MAX_SAFE_INTEGER = 2**53 - 1
"""Largest integer that every JSON implementation carries exactly (RFC 8259, section 6)."""

EARLIEST_SESSION_MS = 1_577_836_800_000
"""2020-01-01T00:00:00Z: a session before it comes from a clock that was never set."""


def is_id(text: str) -> bool:
    """Whether the text can name an OLT, a gateway or a device."""
    return _ID.match(text) is not None


def is_area(text: str) -> bool:
    """Whether the text has the form of a GB/T 2260 code."""
    return _AREA.match(text) is not None


def is_community(text: str) -> bool:
    """Whether the text has the form of a 12-digit statistical code."""
    return _COMMUNITY.match(text) is not None
