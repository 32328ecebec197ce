"""Mosquitto's password file, written without ``mosquitto_passwd``. Pure.

A line is ``user:$7$iterations$salt$hash`` with PBKDF2-HMAC-SHA512, salt and hash in base64.
"""

import base64
import hashlib
import secrets
from collections.abc import Iterable

ITERATIONS = 101
"""What ``mosquitto_passwd`` 2.0 uses. The passwords here have 256 random bits, so that stretching
adds nothing, and the broker pays this cost at each of thousands of connects."""

SALT_BYTES = 12


def password_line(user: str, password: str, *, salt: bytes | None = None) -> str:
    """One line of a password file, without the newline.

    Raises:
        ValueError: the name or the password holds what the file or the protocol cannot carry.
    """
    if not user or any(c in user for c in ":\r\n"):
        raise ValueError(f"user name {user!r} is empty or holds a colon or a line break")
    if not password:
        raise ValueError(f"the password of {user} is empty")
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    encoded = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{user}:$7${ITERATIONS}$" + "$".join(encoded)


def password_file(users: Iterable[tuple[str, str]]) -> str:
    """A whole password file of (user, password) pairs."""
    return "".join(password_line(user, password) + "\n" for user, password in users)
