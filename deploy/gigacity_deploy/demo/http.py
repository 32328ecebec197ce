"""Asking our own processes and the database over HTTP on loopback."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlencode

from gigacity_contract.errors import GigacityError
from gigacity_contract.process.settings import Secret
from gigacity_deploy.demo.check import Key, Published, parse_published
from gigacity_deploy.sockets import LOOPBACK

PAGE = 5000


class AskError(GigacityError):
    """A process did not answer, or not as expected; asking again may help."""


def ask(
    port: int,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    timeout_s: float = 10.0,
) -> Any:
    """JSON of a GET, or of a POST of a form.

    Raises:
        AskError: no answer, another status than 200, or no JSON.
    """
    raw = _ask(port, path, headers=headers, body=body, timeout_s=timeout_s)
    try:
        return json.loads(raw)
    except ValueError as error:
        raise AskError(f"{path}: {error!r}") from error


def ask_text(port: int, path: str) -> str:
    """Text of a GET.

    Raises:
        AskError: no answer, or another status than 200.
    """
    return _ask(port, path).decode("utf-8", "replace")


def _ask(
    port: int,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    timeout_s: float = 10.0,
) -> bytes:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    sent = dict(headers or {})
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request("GET" if body is None else "POST", path, body, sent)
        answer = connection.getresponse()
        raw = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise AskError(f"{path}: {error!r}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise AskError(f"{path}: status {answer.status}: {raw[:200]!r}")
    return raw


class Figures:
    """The API's figures, always of one instant."""

    def __init__(self, port: int, key: Secret) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key.reveal()}"}

    def newest_instant_ms(self) -> int | None:
        """The instant of the newest published figures; None before the first.

        Raises:
            AskError: the API does not answer.
        """
        page = ask(self._port, "/api/v1/indicators?limit=1", headers=self._headers)
        return int(page["as_of_ms"]) if page["items"] else None

    def city_level(self) -> list[dict[str, Any]]:
        """Figures of the city as a whole, as the API shows them.

        Raises:
            AskError: the API does not answer.
        """
        path = f"/api/v1/indicators?scope=city&limit={PAGE}"
        items: list[dict[str, Any]] = ask(self._port, path, headers=self._headers)["items"]
        return items

    def all_of(self, instant_ms: int) -> dict[Key, Published] | None:
        """Every figure of the instant; None if a newer one was published meanwhile.

        Raises:
            AskError: the API does not answer.
        """
        figures: dict[Key, Published] = {}
        cursor = ""
        while True:
            query = {"limit": str(PAGE)} | ({"cursor": cursor} if cursor else {})
            path = f"/api/v1/indicators?{urlencode(query)}"
            page = ask(self._port, path, headers=self._headers, timeout_s=60)
            if int(page["as_of_ms"]) != instant_ms:
                return None
            figures |= parse_published(page["items"])
            cursor = page["next_cursor"] or ""
            if not cursor:
                return figures


def count_points(
    port: int, *, bucket: str, user: str, password: Secret, fields: dict[str, str]
) -> dict[str, int]:
    """Stored points by measurement, counted by one field each.

    Raises:
        AskError: the database does not answer, or reports an error.
    """
    login = base64.b64encode(f"{user}:{password.reveal()}".encode()).decode()
    counts = {}
    for measurement, field in fields.items():
        q = f'SELECT count("{field}") AS n FROM "{measurement}"'  # noqa: S608 - names of our table
        form = urlencode({"db": bucket, "rp": "raw", "q": q, "epoch": "ms"})
        answer = ask(
            port, "/query", headers={"Authorization": f"Basic {login}"}, body=form, timeout_s=120
        )
        result = answer["results"][0]
        if "error" in result:
            raise AskError(f"{q}: {result['error']}")
        series = result.get("series", [])
        counts[measurement] = int(series[0]["values"][0][1]) if series else 0
    return counts
