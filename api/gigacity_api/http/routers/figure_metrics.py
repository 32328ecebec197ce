"""Figures as Prometheus metrics, for those who watch and alarm with it."""

from collections.abc import Iterator

from fastapi.responses import PlainTextResponse

from gigacity_api.evaluator.publication import Publication
from gigacity_api.http.dependencies import InContext, read_router
from gigacity_api.http.etag import InConditional
from gigacity_api.http.responses import responses
from gigacity_api.indicators.display import display_of
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.levels import Level
from gigacity_api.indicators.registry import REGISTRY
from gigacity_api.metrics import CONTENT_TYPE

router = read_router("operation", "")

_HELP = {
    "gigacity_figure": "The figure; absent where its bounds stand in its place.",
    "gigacity_figure_lower": "Its lower bound: everything unknown counts as out.",
    "gigacity_figure_upper": "Its upper bound: everything unknown counts as in.",
    "gigacity_figure_target": "Its target.",
    "gigacity_figure_fresh_share": "Share of the expected reporters that are fresh.",
}
_EXAMPLE = 'gigacity_figure{indicator="pon.ports_10g",scope="city",code="371600"} 40160.0\n'


@router.get(
    "/metrics/figures",
    summary="Figures as Prometheus metrics",
    response_class=PlainTextResponse,
    responses=responses(cached=True)
    | {200: {"content": {"text/plain": {"schema": {"type": "string"}, "example": _EXAMPLE}}}},
)
def get_figure_metrics(shared: InContext, conditional: InConditional) -> PlainTextResponse:
    """Figures of the city and of its areas at the newest instant; what is not known is absent.

    `gigacity_figures_as_of_seconds` is their instant: alarm on its age, too.
    """
    publication = shared.publication()
    headers = conditional.check_publication(publication)
    text = "".join(_lines(publication))
    return PlainTextResponse(text, media_type=CONTENT_TYPE, headers=headers)


def _lines(publication: Publication) -> Iterator[str]:
    figures = [f for f in publication.figures if f.scope in {Level.CITY, Level.AREA}]
    for name, meaning in _HELP.items():
        yield f"# HELP {name} {meaning}\n# TYPE {name} gauge\n"
        for figure in figures:
            value = _values(figure)[name]
            if value is not None:
                labels = f'indicator="{figure.indicator}",scope="{figure.scope}"'
                yield f'{name}{{{labels},code="{figure.code}"}} {float(value)!r}\n'
    name = "gigacity_figures_as_of_seconds"
    yield f"# HELP {name} The instant that they speak of.\n# TYPE {name} gauge\n"
    yield f"{name} {publication.as_of_ms / 1000!r}\n"


def _values(figure: Figure) -> dict[str, float | None]:
    shown = display_of(figure, is_ratio=REGISTRY[figure.indicator].is_ratio)
    return {
        "gigacity_figure": shown.display_value, "gigacity_figure_lower": figure.lower,
        "gigacity_figure_upper": figure.upper, "gigacity_figure_target": figure.target,
        "gigacity_figure_fresh_share": figure.quality.fresh_share,
    }  # fmt: skip
