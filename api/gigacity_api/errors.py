"""Errors of the API process, one class per reaction.

GigacityError (of the contract)
  StoreError                  the database did not do what it was asked
    StoreUnavailableError     try again; serve the last evaluation meanwhile
    StoreRefusedError         credentials, rights or storage are missing: say it, try slowly
  ApiProblem                  answered to the caller as problem+json
  NotModifiedError            answered as 304
"""

from typing import Any

from gigacity_contract.errors import GigacityError


class StoreError(GigacityError):
    """The database did not do what it was asked."""


class StoreUnavailableError(StoreError):
    """No answer, or one that says to try again later."""


class StoreRefusedError(StoreError):
    """The request is at fault, or credentials, rights or storage are missing."""


class ApiProblem(GigacityError):  # noqa: N818 - RFC 9457 calls it a problem.
    """What went wrong with a request, as the caller reads it (RFC 9457)."""

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str = "",
        *,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{status} {slug}: {detail or title}")
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.headers = headers or {}
        self.more = more


class NotModifiedError(GigacityError):
    """The caller already has this answer."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag
