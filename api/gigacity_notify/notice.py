"""What people are told of: one change of one alarm, apart from how it is told. Pure."""

from typing import Literal

import msgspec

NoticeAct = Literal["raise", "change", "clear", "acknowledge"]

SEVERITIES = ("indeterminate", "warning", "minor", "major", "critical")
"""Perceived severities of ITU-T X.733, the worst last."""

Severity = Literal["indeterminate", "warning", "minor", "major", "critical"]
Language = Literal["zh", "en"]


class Sentence(msgspec.Struct, frozen=True):
    """A sentence in both languages."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """The sentence in one of them."""
        return self.zh if language == "zh" else self.en


class AlarmNotice(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one alarm."""

    alarm: str
    """Its id: the same resource and type, the same id, for ever."""
    act: NoticeAct
    type: str
    kind: str
    """Of its resource: ``olt``, ``port``, ``device`` and the like."""
    resource: str
    area: str = ""
    """Code; empty where it belongs to none."""
    severity: Severity
    title: Sentence
    next_step: Sentence
    at_ms: int
    """When it was noticed."""
    raised_ms: int
    """When the condition began, by the reports."""
    households: int = 0
    """That lost gigabit access."""
    cause: str = ""
    is_suspected: bool = False
    """Whether the cause is a suspicion only."""
    runbook: str = ""
    """Anchor of the runbook."""
    group: str
    """Notices of one group belong into one message."""
    is_life_safety: bool = False
    """Told at once: past quiet hours, grouping and digests."""
    is_reminder: bool = False
    """Told before; it is still open."""

    @property
    def key(self) -> str:
        """What makes two notices the same: told once, however often they come."""
        return f"{self.alarm}/{self.act}/{self.severity}/{self.raised_ms}"

    @property
    def rank(self) -> int:
        """Of its severity; the greater the worse."""
        return SEVERITIES.index(self.severity)


def key_range(alarm: str, act: str = "") -> tuple[str, str]:
    """The first key of an alarm, or of one of its acts, and what is behind the last one."""
    first = f"{alarm}/{act}/" if act else f"{alarm}/"
    return first, first[:-1] + chr(ord("/") + 1)
