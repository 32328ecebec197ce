"""The lines of one retention policy on their way: as text, as one compressed body, or as both.

A body is compressed once, whether it is posted, posted again or spooled. It is cut into lines only
when the database refuses some of them. No line holds a line break.
"""

import gzip

from isal import igzip

from gigacity_contract.measurements import POLICIES, RetentionPolicy

_GZIP_LEVEL = 1
"""36 times as fast as zlib's level 9, and 4.8 times smaller instead of 5.9; level 0 saves another
tenth of the time and costs a quarter more bytes."""
POLICY_OF_NAME = {policy.name: policy for policy in POLICIES}


class Body:
    """Lines of line protocol, one for each point.

    Args:
        policy: where they go.
        points: how many they are.
        text: the lines, joined by line feeds.
        packed: the same, compressed by gzip; either may be left out.
        precision: unit of the times; the policy's own if it is left out.
    """

    __slots__ = ("_packed", "_text", "points", "policy", "precision")

    def __init__(
        self,
        policy: str,
        points: int,
        *,
        text: bytes | None = None,
        packed: bytes | None = None,
        precision: str = "",
    ) -> None:
        self.policy = policy
        self.precision = precision or POLICY_OF_NAME[policy].precision
        self.points = points
        self._text = text
        self._packed = packed

    @classmethod
    def of_lines(cls, policy: RetentionPolicy, lines: list[bytes]) -> "Body":
        """A body of these lines."""
        return cls(policy.name, len(lines), text=b"\n".join(lines), precision=policy.precision)

    def packed(self) -> bytes:
        """The lines compressed; the text is given up, for it is the larger of the two."""
        if self._packed is None:
            self._packed = igzip.compress(self._text or b"", _GZIP_LEVEL)
            self._text = None
        return self._packed

    def lines(self) -> list[bytes]:
        """The lines apart."""
        text = self._text
        if text is None:
            text = gzip.decompress(self._packed or b"")
        return text.split(b"\n") if text else []

    def of_some(self, lines: list[bytes]) -> "Body":
        """A body of some of the lines, for the same place."""
        return Body(self.policy, len(lines), text=b"\n".join(lines), precision=self.precision)
