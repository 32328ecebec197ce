"""The catalogue: device kinds with their fields, and every definition."""

from pydantic import Field

from gigacity_api.http.schemas.common import BilingualName, Model, SourceNote
from gigacity_api.http.schemas.figures import DefinitionOut
from gigacity_api.http.schemas.reports import ReportableOut


class FieldOut(Model):
    """One field of a kind's reports."""

    name: str
    type: str = Field(examples=["float"])
    unit: str
    low: float | None = Field(description="least plausible value")
    high: float | None


class KindOut(Model):
    """A kind of device, or the PON port."""

    kind: str = Field(examples=["camera"])
    name: BilingualName
    measurement: str
    expected_interval_s: float = Field(description="as the city file has it")
    window_s: float = Field(description="how long a report counts")
    registered: int
    fields: list[FieldOut]


class KindList(Model):
    """Every kind."""

    items: list[KindOut]


class ParameterOut(Model):
    """A named number of a formula."""

    name: str
    value: float
    source: SourceNote


class DefinitionList(Model):
    """Everything that is measured, and everything that is only reported."""

    city_version: str
    measured: list[DefinitionOut]
    reported: list[ReportableOut]
    parameters: list[ParameterOut]
