"""The sheet that says what a file is: of which instant, made when, by which method. Pure."""

from collections.abc import Iterable, Iterator

from gigacity_api.http.exporting.files import Row
from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.registry import REGISTRY
from gigacity_contract.local_time import rfc3339

ABOUT = "说明 about"

_HEADER: Row = ("项目 item", "内容 value", "value", "方法 method", "method", "版本 version")
_BOUNDS: Row = (
    "上下界 bounds", "下界把未知全部计为否,上界全部计为是",
    "lower counts everything unknown as out, upper as in",
)  # fmt: skip


def about_rows(
    *,
    address: str,
    made_ms: int,
    as_of_ms: int | None,
    city_version: str,
    indicators: Iterable[str],
) -> Iterator[Row]:
    """What the other sheet holds.

    Args:
        address: path and query that give it again.
        made_ms: when it was made.
        as_of_ms: the instant that it speaks of; None: each row says its own.
        city_version: of the city file.
        indicators: whose method is said; an unknown one, which only offices know, has none.
    """
    yield _HEADER
    yield ("来源 source", address, "Gigacity API")
    yield ("生成时间 made at", rfc3339(made_ms), "UTC")
    yield ("截至 as of", "逐行 each row" if as_of_ms is None else rfc3339(as_of_ms), "UTC")
    yield ("城市版本 city version", city_version, "")
    yield _BOUNDS
    for name in dict.fromkeys(indicators):
        if name in REGISTRY:
            yield _method(REGISTRY[name])


def _method(definition: Definition) -> Row:
    return (
        definition.id, definition.name.zh, definition.name.en, definition.formula.zh,
        definition.formula.en, definition.method_version,
    )  # fmt: skip
