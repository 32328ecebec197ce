"""Who uses the database, and what each may do: the same on every flavour."""

from dataclasses import dataclass

from gigacity_contract.access import Secret
from gigacity_contract.errors import GigacityError

PRIVILEGES = {"worker": "WRITE", "api": "ALL", "grafana": "READ"}
"""1.x and openGemini: role to its privilege on the database."""
ACTIONS = {"worker": ("write",), "api": ("read", "write"), "grafana": ("read",)}
"""2.x: role to what its token may do with the platform's buckets, and with nothing else.

A write token may resolve its own mapping (recorded: ``access.write_write_x``)."""


class ProvisioningError(GigacityError):
    """The database refuses what is asked of it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class DatabaseRole:
    """One user of the database."""

    name: str
    password: Secret

    @property
    def user(self) -> str:
        """User name on 1.x, description of the token on 2.x."""
        return f"gigacity-{self.name}"
