"""What the catalogue says of a type of alarm, and of a cause."""

from dataclasses import dataclass
from enum import StrEnum

from gigacity_api.alarms.model import AlarmText, ResourceKind, Severity


class XType(StrEnum):
    """Alarm types of ITU-T X.733, as TMF642 writes them."""

    COMMUNICATIONS = "communicationsAlarm"
    EQUIPMENT = "equipmentAlarm"
    ENVIRONMENT = "environmentalAlarm"
    QUALITY = "qualityOfServiceAlarm"
    PROCESSING = "processingErrorAlarm"


class SeverityRule(StrEnum):
    """How the severity of an alarm is found."""

    FIXED = "fixed"
    """That of the type."""
    HOUSEHOLDS = "households"
    """By households that may be without gigabit (``severity``)."""


@dataclass(frozen=True, slots=True)
class Knob:
    """A number that the city file may set as a parameter; without it the default holds."""

    parameter: str
    default: float
    low: float
    high: float
    unit: str
    meaning: AlarmText


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmType:
    """One type of alarm: everything about it that is no code."""

    id: str
    """It never changes its meaning."""
    name: AlarmText
    x_type: XType
    kinds: tuple[ResourceKind, ...]
    severity: Severity
    rule: SeverityRule = SeverityRule.FIXED
    on_delay_s: int = 120
    """For which the condition must hold before it is raised."""
    off_delay_s: int = 180
    """For which it must be known to be gone before it is cleared."""
    dead_band: AlarmText | None = None
    """How far the value must come back from the limit before the condition counts as gone."""
    knobs: tuple[Knob, ...] = ()
    will_clear: bool = True
    """Whether it clears by itself once the resource is known to be well."""
    is_life_safety: bool = False
    """An alarm at once: never delayed, never part of another one, never held back."""
    runbook: str
    """Anchor of ``docs/runbook.md``."""
    next_step: AlarmText


@dataclass(frozen=True, slots=True)
class CauseText:
    """What a cause is called."""

    slug: str
    name: AlarmText
