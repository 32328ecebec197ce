"""API keys: stored as SHA-256 hashes, compared in constant time. Pure.

The keys file has one JSON object a line: ``{"name": "board", "sha256": "<64 hex digits>", "scopes":
["read"]}``, and of one that reports, where it is to be bounded, ``indicators`` and ``codes``: ids,
or patterns such as ``industry.*``. A key carries enough randomness of its own (``new_key``: 256
bits) that a slow hash would add nothing but load.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from gigacity_contract.errors import ConfigError

_BOUND = re.compile(r"[A-Za-z0-9._*-]{1,64}\Z")
_HASH = re.compile(r"[0-9a-f]{64}\Z")


class Scope(StrEnum):
    """What a key may do; ``admin`` may do everything."""

    READ = "read"
    REPORT = "report"
    OPERATE = "operate"
    ADMIN = "admin"


class ApiKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the keys file."""

    name: str
    sha256: str
    scopes: list[Scope]
    indicators: list[str] = []
    """Figures that it may enter, by id or pattern (``industry.*``); empty: any."""
    codes: list[str] = []
    """Places that it may enter figures of, by code or pattern (``3716*``), an area with its
    communities; empty: any."""

    def may(self, scope: Scope) -> bool:
        """Whether the key has a scope."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


def is_among(bounds: Iterable[str], name: str) -> bool:
    """Whether an id or code is one of these, or fits a pattern; ``*`` stands for any text."""
    return any(fnmatchcase(name, bound) for bound in bounds)


def hash_key(key: str) -> str:
    """What the keys file holds of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def parse_keys(text: str, where: str) -> tuple[ApiKey, ...]:
    """The keys of a file's text; empty lines and lines that start with ``#`` are skipped.

    Raises:
        ConfigError: naming the line that is wrong, never what a hash or key on it says.
    """
    keys = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        try:
            key = msgspec.json.decode(line, type=ApiKey)
        except msgspec.MsgspecError as error:
            raise ConfigError(f"{where}:{number}: {error}") from error
        if not _HASH.match(key.sha256):
            raise ConfigError(f"{where}:{number}: sha256 must be 64 lower-case hex digits")
        for bound in (*key.indicators, *key.codes):
            if not _BOUND.match(bound):
                raise ConfigError(
                    f"{where}:{number}: {bound!r} is no id, code or pattern: letters, digits,"
                    " . _ - and * for any text"
                )
        keys.append(key)
    return tuple(keys)


def find_key(keys: tuple[ApiKey, ...], presented: str) -> ApiKey | None:
    """The key whose hash is that of the presented one.

    Every hash is compared, each in constant time, so that the time tells nothing of a near miss.
    """
    digest = hash_key(presented)
    found = None
    for key in keys:
        if hmac.compare_digest(key.sha256, digest):
            found = key
    return found
