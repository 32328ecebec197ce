"""Asks the API for what is wrong now. An unchanged list costs a 304."""

import httpx
import msgspec

from gigacity_contract.access import Address, Secret
from gigacity_contract.errors import GigacityError
from gigacity_notify.reconciling import AlarmListPage, ListedAlarm

TIMEOUT_S = 10.0
MAX_PAGES = 50
PAGE = 1_000
_NOT_MODIFIED, _NOT_FOUND = 304, 404

_page = msgspec.json.Decoder(AlarmListPage).decode
_alarm = msgspec.json.Decoder(ListedAlarm).decode


class ListingError(GigacityError):
    """The API cannot say what is wrong: ask again later."""


class AlarmList:
    """The API's list of alarms."""

    def __init__(self, address: Address, key: Secret) -> None:
        self._key = key
        base = f"{address.scheme}://{address.host}:{address.port}{address.path}/api/v1"
        self._http = httpx.Client(base_url=base, timeout=TIMEOUT_S, trust_env=False)
        self._etag = ""
        self.is_whole = True
        """Whether the last list was; not so before the API has read its log of alarms."""

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def open_alarms(self) -> list[ListedAlarm] | None:
        """Every open alarm; None if nothing changed since the last call.

        Raises:
            ListingError: the API is away, or refuses the key.
        """
        found: list[ListedAlarm] = []
        cursor, etag, is_whole = "", self._etag, True
        for _ in range(MAX_PAGES):
            params: dict[str, str | int] = {"state": "open", "limit": PAGE, "partial": "true"}
            if cursor:
                params["cursor"] = cursor
            answer = self._get("/alarms", params, etag if not cursor else "")
            if answer.status_code == _NOT_MODIFIED:
                return None
            page = self._read(answer)
            etag = etag if cursor else answer.headers.get("ETag", "")
            found += page.items
            is_whole &= page.is_whole
            if page.next_cursor is None:
                break
            cursor = page.next_cursor
        self._etag, self.is_whole = etag, is_whole
        return found

    def forget(self) -> None:
        """Ask for everything next time: what was read last has not been worked in."""
        self._etag = ""

    def is_over(self, alarm: str) -> bool | None:
        """Whether an alarm has cleared, or is part of another one now; None if it is not known.

        Raises:
            ListingError: the API is away, or refuses the key.
        """
        answer = self._get(f"/alarms/{alarm}", {}, "")
        if answer.status_code == _NOT_FOUND:
            return None
        self._check(answer)
        try:
            return _alarm(answer.content).state == "cleared"
        except msgspec.DecodeError as error:
            raise ListingError(f"the API's answer is no alarm: {error}") from error

    def _get(self, path: str, params: dict[str, str | int], etag: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._key.latest().reveal()}"}
        if etag:
            headers["If-None-Match"] = etag
        try:
            return self._http.get(path, params=params, headers=headers)
        except httpx.HTTPError as error:
            raise ListingError(f"the API cannot be reached: {type(error).__name__}") from error

    def _check(self, answer: httpx.Response) -> None:
        if answer.status_code in {401, 403}:
            raise ListingError("the API refuses the key: give GIGACITY_API_KEY the scope read")
        if answer.status_code != 200:
            raise ListingError(f"the API answers {answer.status_code}")

    def _read(self, answer: httpx.Response) -> AlarmListPage:
        self._check(answer)
        try:
            return _page(answer.content)
        except msgspec.DecodeError as error:
            raise ListingError(f"the API's answer is no list of alarms: {error}") from error
