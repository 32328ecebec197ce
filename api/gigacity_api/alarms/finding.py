"""One cause that an instant shows, with what it explains."""

from dataclasses import dataclass, field

import numpy as np

from gigacity_api.alarms.model import NO_IMPACT, AlarmResource, Impact, RootCause, alarm_id
from gigacity_api.indicators.verdicts import Integers

NONE: Integers = np.zeros(0, dtype=np.int64)


@dataclass(slots=True)
class AlarmFinding:
    """What should be an alarm now."""

    type: str
    resource: AlarmResource
    since_ms: int
    cause: RootCause | None = None
    ports: Integers = field(default_factory=lambda: NONE)
    """Ports that do not work because of it, or that nobody hears."""
    powerless: Integers = field(default_factory=lambda: NONE)
    """Communities whose mains devices fell silent with it."""
    is_told: bool = True
    """False: nobody bears witness to the cause; what was known of it before holds."""
    devices: int = 0
    onus: int = 0
    covers: dict[str, Integers] = field(default_factory=dict)
    """By type the objects whose own condition it explains, as indices of their kind."""
    detail: tuple[str, ...] = ()
    """Names of members, where they are no conditions of their own (devices of a gateway)."""
    members: int = 0
    """How many there are."""
    impact: Impact = NO_IMPACT
    grade: float = 0.0
    """What the text says besides: a value, or a count."""
    is_due: bool = True
    """False: seen, but not for long enough; what it explains waits with it."""

    @property
    def id(self) -> str:
        """The alarm's id."""
        return alarm_id(self.type, self.resource)
