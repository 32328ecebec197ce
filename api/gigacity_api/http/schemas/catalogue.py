"""The catalogue: device kinds with their fields, and every definition."""

from typing import ClassVar

from pydantic import Field
from pydantic.config import JsonDict

from gigacity_api.http.schemas.common import BilingualName, Model, ResponseBody, SourceNote
from gigacity_api.http.schemas.figures import DefinitionOut
from gigacity_api.http.schemas.reports import ReportableOut


class FieldOut(Model):
    """One field of a kind's reports."""

    name: str = Field(examples=["rx_dbm"])
    type: str = Field(examples=["float"])
    unit: str = Field(examples=["dBm"])
    low: float | None = Field(description="least plausible value", examples=[-50.0])
    high: float | None = Field(examples=[10.0])


class KindOut(Model):
    """A kind of device, or the PON port."""

    kind: str = Field(examples=["camera"])
    name: BilingualName
    measurement: str
    expected_interval_s: float = Field(description="as the city file has it")
    window_s: float = Field(description="how long a report counts")
    registered: int
    fields: list[FieldOut]

    example: ClassVar[JsonDict] = {
        "kind": "port", "name": {"zh": "PON端口", "en": "PON port"}, "measurement": "pon_port",
        "expected_interval_s": 60.0, "window_s": 180.0, "registered": 41000,
    }  # fmt: skip


class KindList(ResponseBody):
    """Every kind."""

    total: int = Field(description="entries of the whole list", examples=[1])
    items: list[KindOut]
    next_cursor: str | None = Field(default=None, description="null: it is one page")


class ParameterOut(Model):
    """A named number of a formula."""

    name: str = Field(examples=["households_per_10g_port"])
    value: float = Field(examples=[40.0])
    source: SourceNote


class DefinitionList(ResponseBody):
    """Everything that is measured, and everything that is only reported."""

    city_version: str = Field(examples=["9f2c4e1b7a5d3360"])
    measured: list[DefinitionOut]
    reported: list[ReportableOut]
    parameters: list[ParameterOut]
