"""What the stream says of a new evaluation."""

from gigacity_api.schemas.common import Model
from gigacity_api.schemas.figures import FigureOut


class EvaluationEvent(Model):
    """The data of an event: the figures of the city as a whole."""

    as_of: str
    as_of_ms: int
    revision: int
    city_version: str
    figures: list[FigureOut]
