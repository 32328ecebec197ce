"""Maintenance windows: alarms inside are recorded as planned, and nobody is told.

Figures are not touched: an outage that was planned is an outage.
"""

import msgspec

from gigacity_api.alarms.model import AlarmResource, ResourceKind

MAX_WINDOWS = 1_000


class MaintenanceWindow(msgspec.Struct, frozen=True, kw_only=True):
    """Planned work on a resource and what hangs below it."""

    id: str
    resource: AlarmResource
    starts_ms: int
    ends_ms: int
    who: str
    why: str
    ticket: str = ""
    is_cancelled: bool = False

    def holds(self, resource: AlarmResource, at_ms: int) -> bool:
        """Whether a resource is worked on at a moment."""
        if self.is_cancelled or not self.starts_ms <= at_ms < self.ends_ms:
            return False
        kind, name = self.resource.kind, self.resource.id
        if kind is ResourceKind.CITY:
            return True
        if kind is ResourceKind.AREA:
            return resource.area == name
        return resource == self.resource or resource.id.startswith(f"{name}/")
