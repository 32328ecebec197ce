"""Where a database is, and with which credentials it is asked."""

from dataclasses import dataclass

from gigacity_contract.access import Address, Secret
from gigacity_contract.influx.server import TOKEN_USER, basic_auth


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

    def authorization(self) -> str:
        """The value of the header ``Authorization``, by what the secret's file holds now.

        Raises:
            ConfigError: the user name holds a colon.
        """
        return basic_auth(self.username or TOKEN_USER, self.secret.latest())

    @property
    def has_credentials(self) -> bool:
        """Whether any are sent."""
        return bool(self.username) and bool(self.secret)
