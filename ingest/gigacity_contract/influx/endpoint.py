"""Where a database is, and with which credentials it is asked."""

from dataclasses import dataclass

from gigacity_contract.process.settings import Address, Secret


@dataclass(frozen=True, slots=True)
class InfluxEndpoint:
    """Where the database is, and with which credentials."""

    address: Address
    bucket: str
    """On 1.x the database."""
    username: str
    secret: Secret
    """Password, or API token."""
    ca_file: str = ""

    @property
    def has_credentials(self) -> bool:
        """Whether any are sent."""
        return bool(self.username) and bool(self.secret)
