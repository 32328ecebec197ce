"""Where the field's broker is, and how a publisher proves who it is to it."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import field_password, parse_url


@dataclass(frozen=True, slots=True)
class Broker:
    """Address, TLS context and the secret that the field's passwords are derived from."""

    address: Address
    tls: ssl.SSLContext | None
    field_secret: Secret

    def password_of(self, identity: str) -> str | None:
        """The MQTT password of a publisher; None if the broker needs none."""
        if not self.field_secret:
            return None
        return field_password(self.field_secret, identity).reveal()


def broker_from(
    url: str,
    field_secret: Secret,
    *,
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
) -> Broker:
    """Read the broker's settings.

    Raises:
        ConfigError: naming the setting that is wrong.
    """
    address = parse_url("GIGACITY_MQTT_URL", url, ("mqtt", "mqtts"))
    if field_secret:
        field_password(
            field_secret, ""
        )  # Refuses a secret that is too short, before any client starts.
    tls = _tls_context(ca, cert, key) if address.is_tls else None
    if tls is None and (ca or cert or key):
        raise ConfigError("GIGACITY_MQTT_CA, _CERT and _KEY need a GIGACITY_MQTT_URL of mqtts://")
    return Broker(address, tls, field_secret)


def _tls_context(ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"GIGACITY_MQTT_CA={ca}: no usable certificates: {error}") from error
    if cert is not None:
        try:
            context.load_cert_chain(cert, key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"GIGACITY_MQTT_CERT={cert}: {error}") from error
    return context
