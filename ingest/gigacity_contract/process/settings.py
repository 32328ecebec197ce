"""Settings that every process reads the same way: secrets, addresses, names of before. Pure."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import ConfigError

_ONE_WORKER = (
    "a process is one worker; start several, each with a GIGACITY_MQTT_CLIENT_ID, a"
    " GIGACITY_STATE_DIR and GIGACITY_MQTT_AREAS of its own (docs/scale-out.md)"
)
RENAMED_SETTINGS: dict[str, str] = {
    "GIGACITY_WORKERS": _ONE_WORKER,
    "GIGACITY_MQTT_FILTERS": _ONE_WORKER,
    "GIGACITY_EVALUATE_GRID_S": "GIGACITY_EVALUATE_TICK_S",
    "GIGACITY_GRID_S": "GIGACITY_EVALUATE_TICK_S",  # For the simulators' flag --grid-s.
    "GIGACITY_EVALUATE_SETTLE_S": "GIGACITY_EVALUATE_ALLOWED_LATENESS_S",
}
"""Names of before: to the name of today, or to a sentence for those that have no successor.

A sentence says what to do instead. Rows stay: an old configuration is refused, never ignored.
"""


def _spellings(name: str) -> tuple[str, ...]:
    """How a setting may be given: its variable, the file of a secret, its flag on or off."""
    flag = name.removeprefix("GIGACITY_").lower().replace("_", "-")
    return name, f"{name}_FILE", f"--{flag}", f"--no-{flag}"


def refuse_renamed(
    environ: Mapping[str, str],
    arguments: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> None:
    """Refuse settings that have another name now; a variable that is empty is not set.

    Args:
        environ: the environment of the process.
        arguments: its command line, whose flags are named like the variables.
        renamed: in place of ``RENAMED_SETTINGS``.

    Raises:
        ConfigError: naming every old name that is used, and what it is called now.
    """
    given = {name for name, value in environ.items() if value}
    given |= {argument.partition("=")[0] for argument in arguments}
    found = []
    for old, new in (RENAMED_SETTINGS if renamed is None else renamed).items():
        spelled = zip(_spellings(old), _spellings(new), strict=True)
        is_name = new.startswith("GIGACITY_") and " " not in new
        found += [
            f"{before} is now {now}" if is_name else f"{before}: {new}"
            for before, now in spelled
            if before in given
        ]
    if found:
        raise ConfigError("settings that have changed:\n  " + "\n  ".join(found))


def read_secret(name: str, environ: Mapping[str, str]) -> Secret:
    """A secret from ``NAME`` or from the file that ``NAME_FILE`` names; empty if neither is set.

    Raises:
        ConfigError: both are set, or the file cannot be read.
    """
    value, path = environ.get(name, ""), environ.get(f"{name}_FILE", "")
    if value and path:
        raise ConfigError(f"{name} and {name}_FILE are both set; set one of them")
    if not path:
        return Secret(value, origin=name)
    file, origin = Path(path), f"{name}_FILE={path}"
    try:
        return Secret(file.read_text(encoding="utf-8").strip(), origin=origin, file=file)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name}_FILE={path}: cannot be read: {error}") from error


DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883, "http": 80, "https": 443}


def parse_url(name: str, text: str, schemes: tuple[str, ...]) -> Address:
    """Read an address setting.

    Raises:
        ConfigError: naming the setting; also when the URL carries credentials, which would show in
            process lists and logs.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{name}={text!r}: {error}") from error
    if "@" in parts.netloc:
        raise ConfigError(
            f"{name} must not carry a user name or password; set the _USERNAME and _PASSWORD"
            " (or _TOKEN) variables instead, or their _FILE forms"
        )
    if parts.scheme not in schemes or not parts.hostname:
        allowed = " or ".join(f"{s}://host:port" for s in schemes)
        raise ConfigError(f"{name}={text!r}: expected {allowed}")
    return Address(
        parts.scheme, parts.hostname, port or DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/")
    )


def parse_listen(name: str, text: str) -> tuple[str, int]:
    """Read ``host:port``.

    Raises:
        ConfigError: naming the setting.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"{name}={text!r}: expected host:port, such as 127.0.0.1:8080")
    return host.strip("[]"), int(port)


def field_password(secret: Secret, identity: str, generation: int = 0) -> Secret:
    """The MQTT password of one publisher, derived from the city's field secret.

    HMAC-SHA256 of the identity path, base64url without padding: one secret stands for the passwords
    of a whole city, each differs, and none tells anything of another. A publisher whose password
    was renewed has another generation, which is part of what is hashed.

    Raises:
        ConfigError: the secret is shorter than 16 characters.
    """
    if len(secret.reveal()) < 16:
        raise ConfigError("the field secret must have at least 16 characters")
    text = f"{identity} {generation}" if generation else identity
    digest = hmac.new(secret.reveal().encode(), text.encode(), hashlib.sha256).digest()
    return Secret(base64.urlsafe_b64encode(digest).rstrip(b"=").decode())
