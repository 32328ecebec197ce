"""Asking our own processes and the database over HTTP on loopback."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlencode

from gigacity_contract.access import Secret
from gigacity_contract.errors import GigacityError
from gigacity_deploy.demo.check import Key, Published, parse_published
from gigacity_deploy.sockets import LOOPBACK

PAGE = 5000
_NO_ROWS = "measurement not found"
"""openGemini's word for what both InfluxDB answer with no rows."""


class AskError(GigacityError):
    """A process did not answer, or not as expected; asking again may help."""


def ask(
    port: int,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
    timeout_s: float = 10.0,
) -> Any:
    """JSON of a GET, or of a POST of a form.

    Raises:
        AskError: no answer, another status than 200, or no JSON.
    """
    sent = dict(headers or {})
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=timeout_s)
    try:
        body = None if form is None else urlencode(form)
        connection.request("GET" if body is None else "POST", path, body, sent)
        answer = connection.getresponse()
        raw = answer.read()
        if answer.status != 200:
            raise AskError(f"{path}: status {answer.status}: {raw[:200]!r}")
        return json.loads(raw)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise AskError(f"{path}: {error!r}") from error
    finally:
        connection.close()


class Figures:
    """The API's figures, always of one instant.

    Every method raises ``AskError`` if the API does not answer.
    """

    def __init__(self, port: int, key: Secret) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {key.reveal()}"}

    def _page(self, **query: str | int) -> dict[str, Any]:
        path = f"/api/v1/indicators?{urlencode(query)}"
        page: dict[str, Any] = ask(self._port, path, headers=self._headers, timeout_s=60)
        return page

    def newest_instant_ms(self) -> int | None:
        """The instant of the newest published figures; None before the first."""
        page = self._page(limit=1)
        return int(page["as_of_ms"]) if page["items"] else None

    def city_level(self) -> list[dict[str, Any]]:
        """Figures of the city as a whole, as the API shows them."""
        items: list[dict[str, Any]] = self._page(scope="city", limit=PAGE)["items"]
        return items

    def all_of(self, instant_ms: int) -> dict[Key, Published] | None:
        """Every figure of the instant; None if a newer one was published meanwhile."""
        figures: dict[Key, Published] = {}
        page = self._page(limit=PAGE)
        while int(page["as_of_ms"]) == instant_ms:
            figures |= parse_published(page["items"])
            if not page["next_cursor"]:
                return figures
            page = self._page(limit=PAGE, cursor=page["next_cursor"])
        return None


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
        form = {"db": bucket, "rp": "raw", "q": q, "epoch": "ms"}
        headers = {"Authorization": f"Basic {login}"}
        result = ask(port, "/query", headers=headers, form=form, timeout_s=120)["results"][0]
        error = result.get("error", "")
        if error and not error.endswith(_NO_ROWS):
            raise AskError(f"{q}: {error}")
        series = result.get("series", [])
        counts[measurement] = int(series[0]["values"][0][1]) if series else 0
    return counts
