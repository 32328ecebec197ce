"""What an alarm is, after RFC 8632: a resource and a type, with a life that comes and goes.

The same alarm (the same resource and type) is raised and cleared many times; what operators do with
it is a state of its own, which the resource does not touch. ``AlarmEvent`` is one change: the log
and the stream tell it. Whom to tell of what, the notifier makes out from the list.
"""

import hashlib
from enum import StrEnum
from typing import Literal

import msgspec

MAX_HISTORY = 32
"""Status changes that an alarm keeps: the default of RFC 8632."""

MAX_CHILDREN = 200
"""Children that an alarm names; of more it has the count."""


class Severity(StrEnum):
    """Perceived severity of ITU-T X.733; cleared is no severity but a state."""

    INDETERMINATE = "indeterminate"
    WARNING = "warning"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """The greater the worse."""
        return list(Severity).index(self)


class ResourceKind(StrEnum):
    """What an alarm may speak of."""

    CITY = "city"
    AREA = "area"
    OLT = "olt"
    CARD = "card"
    PORT = "port"
    COMMUNITY = "community"
    GATEWAY = "gateway"
    DEVICE = "device"
    FIGURE = "figure"
    WORKER = "worker"
    DATABASE = "database"
    EVALUATOR = "evaluator"


class Act(StrEnum):
    """What a row of the log says: a change of the resource, or what an operator did."""

    RAISE = "raise"
    CHANGE = "change"
    CLEAR = "clear"
    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    COMMENT = "comment"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    CLOSE = "close"
    REPEAT = "repeat"
    """Nothing changed: written once a day, so that a bounded range shows what is active."""


OperatorState = Literal["none", "ack", "closed", "shelved"]
"""Of RFC 8632; a shelf that has run out is ``none`` again."""

Certainty = Literal["confirmed", "suspected"]


class AlarmText(msgspec.Struct, frozen=True):
    """A sentence in both languages."""

    zh: str
    en: str


class AlarmResource(msgspec.Struct, frozen=True, order=True):
    """What an alarm speaks of."""

    kind: ResourceKind
    id: str
    """``olt-1``, ``olt-1/2`` (card), ``olt-1/2/3`` (port), ``community/device``,
    ``indicator/scope/code``; of everything else its code or name."""
    area: str = ""
    """Code of its area; empty where it belongs to none."""


def alarm_id(type_id: str, resource: AlarmResource) -> str:
    """The name of an alarm in addresses: the same resource and type, the same name, for ever."""
    text = f"{type_id}\n{resource.kind}\n{resource.id}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class RootCause(msgspec.Struct, frozen=True):
    """Why, as far as it can be told."""

    slug: str
    """Of ``catalogue.CAUSES``."""
    certainty: Certainty
    candidates: tuple[str, ...] = ()
    """Of a suspected one every cause that explains what is seen, this one first."""


class FigureShift(msgspec.Struct, frozen=True):
    """How much lower the lower bound of a figure stands than it would without the alarm."""

    indicator: str
    scope: str
    code: str
    by: float
    """Negative; in the unit of the figure, a share as a fraction."""


class Impact(msgspec.Struct, frozen=True):
    """Whom an alarm hits.

    A household is hit when a 10G port of the alarm passes its building and no other 10G port that
    does still works. ``households`` are those that are known to be without; with the ports that
    nobody hears, or that lost only some of their ONUs, it may be up to ``households_at_most``.
    Households of two alarms are counted in both.
    """

    households: int = 0
    households_at_most: int = 0
    buildings: int = 0
    """With such households, at most."""
    ports: int = 0
    onus: int = 0
    """ONUs that went offline."""
    devices: int = 0
    """That are silent, or speak of the alarm."""
    figures: tuple[FigureShift, ...] = ()

    @property
    def exceeds_nothing(self) -> bool:
        """Whether nobody is hit."""
        return self.households_at_most == 0 and self.devices == 0


NO_IMPACT = Impact()


class ChildCondition(msgspec.Struct, frozen=True):
    """What an alarm explains, so that it is no alarm of its own."""

    type: str
    resource: AlarmResource


class OperatorView(msgspec.Struct, frozen=True):
    """What operators made of an alarm."""

    state: OperatorState = "none"
    who: str = ""
    """Name of the API key, or what it said of its user."""
    at_ms: int = 0
    why: str = ""
    until_ms: int = 0
    """Of a shelf."""


UNTOUCHED = OperatorView()


class StatusChange(msgspec.Struct, frozen=True):
    """One entry of an alarm's history."""

    at_ms: int
    """When it was noticed, or done."""
    act: Act
    severity: Severity
    who: str = ""
    """Of an operator's act."""
    why: str = ""
    until_ms: int = 0
    cause: str = ""


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm as it stands. It never changes: a changed one takes its place."""

    id: str
    type: str
    """Of ``catalogue.ALARM_TYPES``."""
    resource: AlarmResource
    severity: Severity
    is_cleared: bool = False
    first_raised_ms: int
    raised_ms: int
    """Last time, by the reports: when the condition began."""
    reported_ms: int
    """Last time, by this process: when it was noticed."""
    changed_ms: int
    cleared_ms: int | None = None
    times_raised: int = 1
    text: AlarmText
    cause: RootCause | None = None
    parent: str | None = None
    """Id of the alarm that explains it."""
    impact: Impact = NO_IMPACT
    children_by_type: dict[str, int] = {}
    """How many conditions it explains."""
    children: tuple[ChildCondition, ...] = ()
    """The first of them (``MAX_CHILDREN``)."""
    is_planned: bool = False
    """Inside a maintenance window: recorded, and nobody is told."""
    is_flapping: bool = False
    """It came and went too often: told once, and again when it rests."""
    operator: OperatorView = UNTOUCHED
    history: tuple[StatusChange, ...] = ()
    """Newest first, the last ``MAX_HISTORY``."""

    @property
    def is_open(self) -> bool:
        """Whether it is one of those that operators look at: active, and not part of another."""
        return not self.is_cleared and self.parent is None

    @property
    def is_shelved(self) -> bool:
        """Whether it changes silently."""
        return self.operator.state == "shelved"


class AlarmEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one alarm, as the log and the stream tell it."""

    number: int
    """Grows by one with each event of the process."""
    act: Act
    alarm: Alarm
    """As it stands after the act: severity, resource, cause, impact, operator's state."""
    at_ms: int
    """When it was noticed, or done."""
    is_life_safety: bool
    """A call for help."""
