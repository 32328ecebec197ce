"""Names, times and problems."""

from datetime import UTC, datetime

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Base of the schemas."""

    model_config = ConfigDict(frozen=True)


class BilingualName(Model):
    """A name in the city's language and in English."""

    zh: str = Field(examples=["滨城区"])
    en: str = Field(examples=["Bincheng District"])


class PlaceName(Model):
    """A place's name; communities have no official English one."""

    zh: str = Field(examples=["市中街道示例社区01"])
    en: str | None = Field(default=None, examples=[None])


class SourceNote(Model):
    """Where a number of the city file comes from."""

    text: str
    date: str = Field(description="ISO date of the source", examples=["2023-07-24"])
    confirmed: bool = Field(description="false: editable, and to be shown as unconfirmed")


class FieldError(Model):
    """One part of a request that is wrong."""

    field: str = Field(examples=["query.limit"])
    message: str = Field(examples=["Input should be less than or equal to 5000"])
    zh: str | None = Field(default=None, description="the same in Chinese, where there is one")
    row: int | None = Field(default=None, description="of an uploaded table; the header is row 1")


class Problem(BaseModel):
    """An error (RFC 9457, ``application/problem+json``)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:gigacity:problem:unknown-indicator"])
    title: str = Field(examples=["No such indicator"])
    status: int = Field(examples=[404])
    detail: str = Field(default="", examples=["there is no indicator 'pon.ports'"])
    instance: str = Field(default="", examples=["/api/v1/indicators/pon.ports"])
    errors: list[FieldError] | None = None


def rfc3339(epoch_ms: int) -> str:
    """Epoch milliseconds as RFC 3339, UTC."""
    moment = datetime.fromtimestamp(epoch_ms / 1000, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
