"""Credentials: the broker's password file of a whole city's field, and API keys. Pure.

An API key is shown once; the file of keys holds only its SHA-256. The key has 256 random bits, so
that a slow hash would protect nothing.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError
from gigacity_contract.process.settings import field_password
from gigacity_deploy.generations import Generation, Generations
from gigacity_deploy.passwords import password_line

SCOPES = ("read", "report", "operate", "admin")


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A new key and the line that stands for it in the file of keys."""

    key: Secret
    line: str


def new_api_key(
    name: str,
    scopes: Iterable[str],
    *,
    indicators: Iterable[str] = (),
    codes: Iterable[str] = (),
) -> NewApiKey:
    """Make a key.

    Args:
        name: who uses it.
        scopes: what it allows.
        indicators: figures that it may enter; none: any.
        codes: places that it may enter figures of, an area with its communities; none: any.

    Raises:
        ConfigError: an unknown scope, or none.
    """
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise ConfigError(
            f"scope {', '.join(unknown) or '(none)'}: choose from {', '.join(SCOPES)}"
        )
    key = f"gck_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    members: dict[str, object] = {"name": name, "sha256": digest, "scopes": wanted}
    bounds = {"indicators": sorted(set(indicators)), "codes": sorted(set(codes))}
    members |= {what: allowed for what, allowed in bounds.items() if allowed}
    line = json.dumps(members, ensure_ascii=False)
    return NewApiKey(Secret(key), line)


def password_lines(
    identities: Iterable[str], *, field_secret: Secret, generations: Generations
) -> Iterator[str]:
    """Lines of the password file of the field's listener; who was revoked has none."""
    for identity in identities:
        of = generations.get(identity, Generation())
        if not of.is_revoked:
            password = field_password(field_secret, identity, of.number)
            yield password_line(identity, password.reveal())
