"""Asks a running API by its key, from wherever its address leads."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from gigacity_contract.access import Secret
from gigacity_contract.errors import ConfigError, GigacityError


class ApiAnswerError(GigacityError):
    """The API did not answer, or refused; the text says what to do."""


class ApiClient:
    """One address and one key."""

    def __init__(self, url: str, key: Secret, *, timeout_s: float = 15.0) -> None:
        """Remember where to ask.

        Raises:
            ConfigError: an address that is none, or no key.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise ConfigError("GIGACITY_API_URL must be http://host:port or https://host")
        if not key.reveal():
            raise ConfigError("GIGACITY_API_KEY (or its _FILE) must be set: the API asks for a key")
        self._parts, self._key, self._timeout_s = parts, key, timeout_s
        self._etags: dict[str, str] = {}

    def get(self, path: str) -> Any:
        """JSON of a GET. Raises ApiAnswerError."""
        return self._ask("GET", path, None)

    def news(self, path: str) -> Any | None:
        """JSON of a GET; None: it is what the last call gave. Raises ApiAnswerError."""
        return self._ask("GET", path, None, is_repeated=True)

    def post(self, path: str, body: Any) -> Any:
        """JSON of a POST. Raises ApiAnswerError."""
        return self._ask("POST", path, json.dumps(body).encode())

    def _ask(self, method: str, path: str, body: bytes | None, *, is_repeated: bool = False) -> Any:
        kind = (
            http.client.HTTPSConnection
            if self._parts.scheme == "https"
            else http.client.HTTPConnection
        )
        connection = kind(str(self._parts.hostname), self._parts.port, timeout=self._timeout_s)
        headers = {
            "Authorization": f"Bearer {self._key.reveal()}", "Content-Type": "application/json",
        }  # fmt: skip
        if is_repeated and self._etags.get(path):
            headers["If-None-Match"] = self._etags[path]
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, body, headers)
            answer = connection.getresponse()
            raw = answer.read()
            found = json.loads(raw) if raw else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ApiAnswerError(f"{path}: {type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if answer.status == http.client.NOT_MODIFIED:
            return None
        if answer.status >= 300:
            detail = found.get("detail") or found.get("title") or ""
            raise ApiAnswerError(f"{path}: {answer.status}: {detail}")
        if is_repeated:
            self._etags[path] = answer.headers.get("ETag", "")
        return found
