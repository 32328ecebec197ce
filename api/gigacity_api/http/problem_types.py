"""The catalogue of problems: every slug that the service answers with, said once. Pure.

The OpenAPI document, the reference page and the answers follow it (RFC 9457).
"""

from dataclasses import dataclass, field
from typing import Any

from gigacity_contract.errors import GigacityError

TYPE_PREFIX = "urn:gigacity:problem:"

CATALOGUE: dict[str, "ProblemType"] = {}
"""By slug, in the order of their status."""


@dataclass(frozen=True, slots=True, eq=False)
class ProblemType:
    """A kind of problem; adds itself to the catalogue."""

    slug: str
    status: int
    title: str
    meaning: str
    """When it is answered, and what the caller does about it."""
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take a place in the catalogue."""
        if self.slug in CATALOGUE:
            raise ValueError(f"two problems have the slug {self.slug!r}")
        CATALOGUE[self.slug] = self

    @property
    def type(self) -> str:
        """The URI in answers."""
        return TYPE_PREFIX + self.slug


class ApiProblem(GigacityError):  # noqa: N818 - RFC 9457 calls it a problem.
    """What went wrong with a request, as the caller reads it."""

    def __init__(self, kind: ProblemType, detail: str = "", **more: Any) -> None:
        """Raise a kind of problem.

        Args:
            kind: of the catalogue.
            detail: what is wrong in this request, and what to do about it.
            more: further members of the body, such as ``errors``.
        """
        super().__init__(f"{kind.status} {kind.slug}: {detail or kind.title}")
        self.kind = kind
        self.detail = detail
        self.more = more
        self.headers = kind.headers

    def later(self, seconds: int) -> "ApiProblem":
        """The problem, with the time after which another try is worth it."""
        self.headers = {**self.headers, **_later(seconds)}
        return self


def _later(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


BAD_CURSOR = ProblemType(
    "bad-cursor",
    400,
    "Not a cursor",
    "pass next_cursor of the last answer, unchanged, with the path and filters that it came from",
)
BAD_REQUEST = ProblemType(
    "bad-request", 400, "Bad request", "the body cannot be taken apart, such as a broken form"
)
MISSING_KEY = ProblemType(
    "missing-key",
    401,
    "API key needed",
    "send Authorization: Bearer <key>; `gigacity credentials api-key` makes one",
    {"WWW-Authenticate": 'Bearer realm="gigacity"'},
)
UNKNOWN_KEY = ProblemType(
    "unknown-key",
    401,
    "The API key is not known",
    "the keys file has no such key: it was mistyped, replaced or withdrawn",
    {"WWW-Authenticate": 'Bearer realm="gigacity", error="invalid_token"'},
)
VOID_TICKET = ProblemType(
    "void-ticket",
    401,
    "The ticket is void",
    "a ticket holds once and for 60 s; POST /api/v1/stream/tickets gives a new one",
    {"WWW-Authenticate": 'Bearer realm="gigacity"'},
)
SCOPE_MISSING = ProblemType(
    "scope-missing", 403, "The key may not do this", "the key lacks the scope of the route"
)
KEY_BOUNDED = ProblemType(
    "key-bounded",
    403,
    "The key may not enter this figure",
    "the keys file bounds the key to some indicators or places, which detail names",
)
NOT_FOUND = ProblemType("not-found", 404, "Not Found", "there is no such path")
UNKNOWN_INDICATOR = ProblemType(
    "unknown-indicator", 404, "No such indicator", "GET /api/v1/definitions lists them"
)
NO_MAP = ProblemType(
    "no-map",
    404,
    "The city supplies no boundaries",
    "put a reviewed map.geojson, with its review number, into the city's folder",
)
UNKNOWN_FIGURE = ProblemType(
    "unknown-figure", 404, "No such figure", "the indicator has no figure at that level or code"
)
UNKNOWN_AREA = ProblemType(
    "unknown-area", 404, "No such area", "the city file has no area of that code"
)
UNKNOWN_COMMUNITY = ProblemType(
    "unknown-community", 404, "No such community", "the city file has no community of that code"
)
UNKNOWN_OLT = ProblemType("unknown-olt", 404, "No such OLT", "the city file has no OLT of that id")
UNKNOWN_DEVICE = ProblemType(
    "unknown-device", 404, "No such device", "the city file has no device of that id there"
)
UNKNOWN_PORT = ProblemType(
    "unknown-port", 404, "No such port", "the city file has no such port of the OLT"
)
UNKNOWN_KIND = ProblemType(
    "unknown-kind", 404, "No such kind", "GET /api/v1/kinds lists the kinds of device"
)
NO_REPORT = ProblemType(
    "no-report",
    404,
    "Not both measured and reported",
    "no office has entered that figure, so that there is nothing to compare",
)
NO_ENTRY = ProblemType(
    "no-entry",
    404,
    "Nothing is entered there",
    "no office has entered that figure for that day; GET /api/v1/reports lists the entries",
)
NOT_PUBLISHED = ProblemType(
    "not-published",
    404,
    "Nothing was published for that instant",
    "take an instant that the history of a figure lists",
)
UNKNOWN_ALARM = ProblemType(
    "unknown-alarm", 404, "No such alarm",
    "GET /api/v1/alarms?state=all lists those that are kept",
)  # fmt: skip
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed", 405, "Method Not Allowed", "the header Allow names the methods"
)
REQUEST_TIMEOUT = ProblemType(
    "request-timeout",
    408,
    "Request Timeout",
    "the request's headers did not come in time; send them at once",
)
REQUEST_IN_PROGRESS = ProblemType(
    "idempotency-in-progress",
    409,
    "That request is still being worked on",
    "the first request with this Idempotency-Key has no answer yet; try again",
    _later(1),
)
EVALUATION_GONE = ProblemType(
    "evaluation-gone",
    410,
    "That evaluation is gone",
    "the list speaks of an instant that is no longer kept; start again without a cursor",
)
CONTENT_TOO_LARGE = ProblemType(
    "content-too-large",
    413,
    "Content Too Large",
    "a body has at most 2,200,000 bytes, a table of reports 2,000,000 of them",
)
EXPORT_TOO_LARGE = ProblemType(
    "export-too-large", 413, "Too many rows for XLSX", "take format=csv, or a smaller scope"
)
INVALID_REQUEST = ProblemType(
    "invalid-request",
    422,
    "Invalid request",
    "a parameter or field is wrong or unknown; errors names each, with what is expected",
)
REPORT_REFUSED = ProblemType(
    "report-refused", 422, "Nothing was stored", "errors names each wrong field, or row and column"
)
KEY_REUSED = ProblemType(
    "idempotency-key-reused",
    422,
    "The Idempotency-Key stands for another request",
    "a key goes with one body; take a new one for a new request",
)
AS_OF_OUT_OF_RANGE = ProblemType(
    "as-of-out-of-range",
    422,
    "That instant cannot be recomputed",
    "it has not settled yet, or lies before the raw data that is kept",
)
AS_OF_BUSY = ProblemType(
    "as-of-busy",
    429,
    "Other instants are being recomputed",
    "one is recomputed at a time, and few wait; try again in a few seconds",
    _later(5),
)
TOO_MANY_REQUESTS = ProblemType(
    "too-many-requests",
    429,
    "Too many requests of one key at once",
    "wait for the answers that are under way; a key has its share of the service",
    _later(1),
)
WORK_USED_UP = ProblemType(
    "work-used-up",
    429,
    "The key has used its share of computing",
    "large lists and exports cost computing, which a key saves up over time; Retry-After says when",
    _later(60),
)
TOO_MANY_WINDOWS = ProblemType(
    "too-many-windows", 429, "Too many maintenance windows",
    "1,000 that have not ended are kept; cancel one", _later(3_600),
)  # fmt: skip
TOO_MANY_EXPORTS = ProblemType(
    "too-many-exports", 429, "Too many exports at once", "try again in a few seconds", _later(5)
)
TOO_MANY_UPLOADS = ProblemType(
    "too-many-uploads", 429, "Too many uploads at once", "try again in a few seconds", _later(5)
)
TOO_MANY_SUBSCRIBERS = ProblemType(
    "too-many-subscribers",
    429,
    "Too many subscribers",
    "every place is taken; ask /api/v1/indicators instead",
    _later(30),
)
HEADERS_TOO_LARGE = ProblemType(
    "headers-too-large",
    431,
    "Request Header Fields Too Large",
    "a request's line and headers have at most 16 kB together",
)
INTERNAL_ERROR = ProblemType(
    "internal-error", 500, "Internal error", "a fault of the service; its log says more"
)
EVIDENCE_ELSEWHERE = ProblemType(
    "evidence-elsewhere",
    501,
    "No evidence here",
    "this process runs with --no-evaluate; ask the one that evaluates",
)
REPORTS_ELSEWHERE = ProblemType(
    "reports-elsewhere",
    501,
    "Reports are entered elsewhere",
    "this process runs with --no-evaluate and only serves; enter reports at the one that evaluates,"
    " so that each gets a revision of its own",
)
ALARMS_ELSEWHERE = ProblemType(
    "alarms-elsewhere", 501, "Alarms are looked after elsewhere",
    "this process runs with --no-evaluate and only shows alarms; ask the one that evaluates",
)  # fmt: skip
PUBLIC_BUSY = ProblemType(
    "public-busy",
    503,
    "The public pages are asked too much",
    "visitors without a key share a small part of the service; try again in a few seconds",
    _later(5),
)
NOT_EVALUATED_YET = ProblemType(
    "not-evaluated-yet", 503, "No figures yet", "the first evaluation has not come yet", _later(5)
)
DATABASE_UNAVAILABLE = ProblemType(
    "database-unavailable", 503, "The database cannot answer now", "try again later", _later(5)
)
AS_OF_CALLED_OFF = ProblemType(
    "as-of-called-off", 503, "The recomputation was called off",
    "it took too long or too much memory, its caller went away, or the process that answers"
    " ended or does not start", _later(30),
)  # fmt: skip
