"""Where a server listens, and the secret that opens it. Pure."""

from dataclasses import dataclass
from pathlib import Path


class Secret:
    """A value that shows itself only when asked for by name; its repr and str never do.

    Args:
        value: what is secret.
        origin: the setting that it came from, for messages.
        file: the file that it came from, if it did.
    """

    __slots__ = ("_file", "_value", "origin")

    def __init__(self, value: str, *, origin: str = "", file: Path | None = None) -> None:
        self._value = value
        self._file = file
        self.origin = origin

    def reveal(self) -> str:
        """The value itself; pass it on at once, and never into a log."""
        return self._value

    @property
    def file(self) -> Path | None:
        """The file that it came from."""
        return self._file

    def latest(self) -> "Secret":
        """What its file holds now; itself if it came from none, or that cannot be read now.

        So a secret that was renewed is taken without a restart, at the next attempt to use it.
        """
        if self._file is None:
            return self
        try:
            value = self._file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return self
        return Secret(value or self._value, origin=self.origin, file=self._file)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def is_tls(self) -> bool:
        """Whether the scheme asks for TLS."""
        return self.scheme in {"mqtts", "https"}

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}{self.path}"
