"""Columns of the exported tables: the scorecard, and lists of evidence. Pure.

Headers name both languages; values are those of the JSON answers. Where a figure shows its bounds,
they stand in the value's place, as a text that no sum takes in.
"""

from collections.abc import Iterator

from gigacity_api.http.exporting.cells import Cell
from gigacity_api.http.exporting.files import Row
from gigacity_api.http.schemas.evidence import EvidenceEntry
from gigacity_api.http.schemas.figures import FigureOut
from gigacity_api.http.schemas.scorecard import Scorecard

SCORECARD_HEADER: Row = (
    "指标 indicator", "名称", "name", "层级 scope", "代码 code", "地区", "place", "单位 unit",
    "数值 value", "分子 numerator", "分母 denominator", "下界 lower", "上界 upper",
    "未知 unknown", "目标 target", "判定 verdict", "质量 grade", "截至 as of",
    "填报值 reported", "填报截至 reported as of", "来源 source", "填报人 reporter",
    "差值 gap", "城市版本 city version", "方法版本 method version",
)  # fmt: skip

EVIDENCE_HEADER: Row = (
    "类型 kind", "编号 id", "区县 area", "社区 community", "判定 verdict", "原因代码 reason",
    "原因", "why", "权重 weight", "最近上报 last report", "数值 values",
    "经过端口 ports", "标准条目 items",
)  # fmt: skip


def scorecard_rows(card: Scorecard) -> Iterator[Row]:
    """A row for each figure of the city and of its areas, then for each reported one."""
    yield SCORECARD_HEADER
    for item in card.items:
        for figure in (item.figure, *item.areas):
            own = figure is item.figure
            report = item.report if own else None
            yield (
                *_figure(figure),
                *(
                    (report.value, report.as_of, report.source, report.reporter)
                    if report
                    else (None, None, None, None)
                ),
                item.gap.difference if own and item.gap else None,
                figure.city_version, figure.method_version,
            )  # fmt: skip
    for line in card.reported:
        report = line.report
        yield (
            line.definition.id, line.definition.name.zh, line.definition.name.en, "city",
            card.city.code, card.city.name.zh, card.city.name.en, line.definition.unit,
            None, None, None, None, None, None, line.target, line.verdict, None, None,
            *(
                (report.value, report.as_of, report.source, report.reporter)
                if report
                else (None, None, None, None)
            ),
            None, card.city.version, None,
        )  # fmt: skip


def _figure(figure: FigureOut) -> tuple[Cell, ...]:
    place = figure.place
    shown = figure.display_text if figure.display == "bounds" else figure.value
    return (
        figure.indicator, figure.name.zh, figure.name.en, figure.scope, figure.code,
        place.zh if place else None, place.en if place else None, figure.unit, shown,
        figure.numerator, figure.denominator, figure.lower, figure.upper, figure.unknown,
        figure.target, figure.verdict, figure.quality.grade, figure.as_of,
    )  # fmt: skip


def evidence_row(entry: EvidenceEntry) -> Row:
    """One object behind a figure."""
    values = "; ".join(f"{key}={value}" for key, value in entry.values.items())
    ports = "; ".join(f"{p.id}:{p.verdict}:{p.reason.slug}" for p in entry.ports or ())
    items = "; ".join(f"{i.id}:{i.verdict}" for i in entry.items or ())
    return (
        entry.kind, entry.id, entry.area, entry.community, entry.verdict, entry.reason.slug,
        entry.reason.zh, entry.reason.en, entry.weight, entry.last_report, values, ports, items,
    )  # fmt: skip
