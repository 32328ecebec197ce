"""What a watch found: one finding for each thing that the contract asks."""

from enum import StrEnum

import msgspec


class Conformity(StrEnum):
    """How one thing stands."""

    GOOD = "good"
    WARNING = "warning"
    """It works, and something should be better."""
    BAD = "bad"
    """Figures suffer from it."""
    UNSEEN = "unseen"
    """Nothing came that would show it."""


class BilingualText(msgspec.Struct, frozen=True):
    """The same in Chinese and English."""

    zh: str
    en: str


class ConformanceFinding(msgspec.Struct, frozen=True):
    """One thing that the contract asks, and what was seen of it."""

    check: str
    """Its name for programs."""
    conformity: Conformity
    title: BilingualText
    detail: BilingualText


class ConformanceReport(msgspec.Struct, frozen=True):
    """All findings about one publisher."""

    identity: str
    from_ms: int
    to_ms: int
    messages: int
    """That came while it was watched."""
    findings: list[ConformanceFinding]

    @property
    def is_good(self) -> bool:
        """Whether nothing is bad."""
        return all(finding.conformity is not Conformity.BAD for finding in self.findings)
