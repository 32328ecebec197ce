"""Conditional answers: every answer names its version, and a caller who has it gets 304.

Tags are weak (RFC 9110, 8.8.1): two answers of one tag say the same of the city, though they may
differ in what only tells the time, as ``age_s`` does.
"""

import hashlib
import re
from importlib.metadata import version
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from pydantic.main import IncEx

from gigacity_api.evaluator.publication import Publication
from gigacity_contract.errors import GigacityError

SOFTWARE = version("gigacity")
"""Part of every tag: another release may say the same in another shape."""

CACHE_CONTROL = "private, no-cache"
"""Kept by the caller alone, and asked for again before it is used."""

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class NotModifiedError(GigacityError):
    """The caller already has this answer; answered as 304."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def headers_of(etag: str) -> dict[str, str]:
    """What an answer with a tag says of itself, whether it is sent or 304."""
    return {"ETag": etag, "Cache-Control": CACHE_CONTROL}


def has(given: str, etag: str) -> bool:
    """Whether an ``If-None-Match`` names a tag, by the weak comparison.

    Args:
        given: ``*``, or tags with commas between them; a tag may hold a comma.
        etag: of the answer.
    """
    return given.strip() == "*" or etag.removeprefix("W/") in _TAG.findall(given)


class Conditional:
    """Answers 304 to a caller who already has this answer."""

    def __init__(self, request: Request, response: Response, given: str) -> None:
        self._url = (request.url.path, request.url.query)
        self._response = response
        self._given = given

    @property
    def headers(self) -> dict[str, str]:
        """What the answer says of itself so far."""
        return dict(self._response.headers)

    def check(self, *says: object) -> dict[str, str]:
        """Mark the answer with the version of what it says; the URL is part of it.

        Returns:
            The headers, for a route that makes its response itself.

        Raises:
            NotModifiedError: the caller has it.
        """
        text = repr((SOFTWARE, self._url, says))
        etag = f'W/"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'
        if has(self._given, etag):
            raise NotModifiedError(etag)
        headers = headers_of(etag)
        self._response.headers.update(headers)
        return headers

    def check_publication(self, publication: Publication, *more: object) -> dict[str, str]:
        """As ``check``, for what follows from a publication, and from what else is named.

        A replica, which has no evaluation, leaves out what only the evaluating process knows.
        """
        return self.check(
            publication.as_of_ms, publication.revision, publication.city_version,
            publication.evaluation is None, *more,
        )  # fmt: skip

    def answer(self, body: BaseModel, *, telling_time: IncEx | None = None) -> Response:
        """A body that is its own version, for what is made anew for every request.

        Args:
            body: the answer.
            telling_time: fields that move with the clock and say nothing else, as pydantic's
                ``exclude`` takes them.

        Raises:
            NotModifiedError: the caller has it.
        """
        headers = self.check(body.model_dump_json(exclude=telling_time))
        return Response(body.model_dump_json(), media_type="application/json", headers=headers)


async def conditional(
    request: Request,
    response: Response,
    if_none_match: Annotated[
        str,
        Header(
            description="ETags of answers that the caller has; 304 if this one is among them",
            examples=['W/"0f1e2d3c4b5a69788796a5b4"'],
        ),
    ] = "",
) -> Conditional:
    """The conditions of the request."""
    # A header on several lines is one list.
    given = ",".join(request.headers.getlist("if-none-match")) or if_none_match
    return Conditional(request, response, given)


InConditional = Annotated[Conditional, Depends(conditional)]
