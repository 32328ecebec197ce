"""The base of every answer, names, times and problems.

A schema reads an object of the domain by its attributes (``Model.of``): what has the same name on
both sides is written once. Its example is beside it: at its fields, or as values of the whole.
"""

from functools import cache
from types import NoneType
from typing import Annotated, Any, ClassVar, Self, get_args

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from gigacity_contract.local_time import rfc3339

_ABSENT = object()

CURSOR_EXAMPLE = "WzE3OTU0ODU2MDAwMDAsIjZiODZiMjczZmYzNCIsMTAwMF0"


Time = Annotated[str, BeforeValidator(lambda v: rfc3339(v) if isinstance(v, int) else v)]
"""RFC 3339; taken from epoch milliseconds."""


def time_from(attribute: str, description: str | None = None) -> Any:
    """A field of type ``Time`` that is read from an attribute of another name.

    Args:
        attribute: with epoch milliseconds; the field's own name comes first.
        description: for the OpenAPI document.
    """
    name = attribute.removesuffix("_ms")
    return Field(validation_alias=AliasChoices(name, attribute), description=description)


class Model(BaseModel):
    """Base of the schemas."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    example: ClassVar[JsonDict] = {}
    """Values of the example that the fields do not give; a part gives its own, the rest is null."""

    @classmethod
    def of(cls, *sources: object, **more: object) -> Self:
        """Read objects of the domain.

        Args:
            sources: each field is read from the first of them that has an attribute of its name,
                and its parts in the same way.
            more: fields that none of them has, or has otherwise.
        """
        found: dict[str, object] = {}
        for name in cls._names():
            for source in sources:
                value = getattr(source, name, _ABSENT)
                if value is not _ABSENT:
                    found[name] = value
                    break
        return cls.model_validate(found | more)

    @classmethod
    @cache
    def _names(cls) -> list[str]:
        names: list[str] = []
        for name, field in cls.model_fields.items():
            alias = field.validation_alias
            names += map(str, alias.choices) if isinstance(alias, AliasChoices) else [name]
        return names

    @classmethod
    def whole_example(cls) -> JsonDict:
        """An answer with a value for every field."""
        given: JsonDict = {}
        for base in reversed(cls.__mro__):
            given |= vars(base).get("example", {})
        return {
            name: given[name] if name in given else _example_of(field)
            for name, field in cls.model_fields.items()
        }


def _example_of(field: FieldInfo) -> Any:
    """A field's own example, or that of its type."""
    return field.examples[0] if field.examples else _part(field.annotation)


def _part(annotation: Any) -> Any:
    """The example of a field's type: of a schema its own, of a list one entry, else null."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation.whole_example()
    arguments = [a for a in get_args(annotation) if a is not NoneType]
    if not arguments:
        return None
    inner = _part(arguments[0])
    return [inner] if getattr(annotation, "__origin__", None) is list else inner


class ResponseBody(Model):
    """A body, with its example in the OpenAPI document."""

    model_config = ConfigDict(
        json_schema_extra=lambda schema, model: schema.update(examples=[model.whole_example()])
    )


class Instant(Model):
    """What speaks of one instant."""

    as_of: Time = time_from("as_of_ms")
    as_of_ms: int

    example: ClassVar[JsonDict] = {
        "as_of": "2026-11-24T02:00:00.000Z", "as_of_ms": 1795485600000,
    }  # fmt: skip


class BilingualName(Model):
    """A name in the city's language and in English."""

    zh: str = Field(examples=["滨城区"])
    en: str = Field(examples=["Bincheng District"])


class PlaceName(Model):
    """A place's name; communities have no official English one."""

    zh: str = Field(examples=["市中街道示例社区01"])
    en: str | None = Field(default=None, examples=[None])

    example: ClassVar[JsonDict] = {"zh": "滨州市", "en": "Binzhou"}


class SourceNote(Model):
    """Where a number of the city file comes from."""

    text: str
    date: str = Field(description="ISO date of the source", examples=["2023-07-24"])
    confirmed: bool = Field(description="false: editable, and to be shown as unconfirmed")

    example: ClassVar[JsonDict] = {
        "text": "滨州市数字强市建设规划(2023-2025年)", "date": "2023-07-31", "confirmed": True,
    }  # fmt: skip


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
