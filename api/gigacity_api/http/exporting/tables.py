"""Columns of the exported tables: the scorecard, and lists of evidence. Pure.

Headers name both languages; values are those of the JSON answers. Where a figure shows its bounds,
they stand in the value's place, as a text that no sum takes in.
"""

from collections.abc import Iterator

from gigacity_api.http.exporting.cells import Cell
from gigacity_api.http.exporting.files import Row
from gigacity_api.http.schemas.evidence import EvidenceEntry
from gigacity_api.http.schemas.figures import FigureOut, HistorySample
from gigacity_api.http.schemas.gaps import GapItem
from gigacity_api.http.schemas.reports import ReportOut
from gigacity_api.http.schemas.scorecard import Scorecard

FIGURE_HEADER: Row = (
    "指标 indicator", "名称", "name", "层级 scope", "代码 code", "地区", "place", "单位 unit",
    "数值 value", "分子 numerator", "分母 denominator", "下界 lower", "上界 upper",
    "未知 unknown", "目标 target", "判定 verdict", "质量 grade", "截至 as of",
)  # fmt: skip

SCORECARD_HEADER: Row = (
    *FIGURE_HEADER,
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
                *figure_cells(figure),
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


def figure_cells(figure: FigureOut) -> tuple[Cell, ...]:
    """A measured figure, in the columns of ``FIGURE_HEADER``."""
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


HISTORY_HEADER: Row = (
    "截至 as of", "数值 value", "最小 least", "最大 greatest", "分子 numerator", "分母 denominator",
    "下界 lower", "上界 upper", "未知 unknown", "判定 verdict", "质量 grade", "修订 revision",
    "发布时间 published at", "城市版本 city version", "方法版本 method version",
)  # fmt: skip

GAP_HEADER: Row = (
    "指标 indicator", "名称", "name", "层级 scope", "代码 code", "填报值 reported",
    "填报截至 reported as of", "来源 source", "填报人 reporter", "实测值 measured", "下界 lower",
    "上界 upper", "差值 gap", "判断 standing", "说明", "meaning", "组成 parts",
)  # fmt: skip

COMMUNITY_HEADER: Row = (
    "代码 code", "名称 name", "区县 area", "城乡分类 urban class", "城镇 urban",
    "住户 households", "设备 devices", "智慧社区 smart", "原因代码 reason", "原因", "why",
)  # fmt: skip

REPORT_HEADER: Row = (
    "指标 indicator", "名称", "name", "层级 scope", "代码 code", "单位 unit", "截至 as of",
    "数值 value", "分子 numerator", "分母 denominator", "来源文件 source", "填报人 reporter",
    "填报时间 entered at", "修订 revision", "撤回原因 withdrawn",
)  # fmt: skip


def history_row(sample: HistorySample) -> Row:
    """One point of a history."""
    shown = sample.display_text if sample.display == "bounds" else sample.value
    return (
        sample.as_of, shown, sample.value_min, sample.value_max, sample.numerator,
        sample.denominator, sample.lower, sample.upper, sample.unknown,
        sample.verdict, sample.grade, sample.revision, sample.published_at, sample.city_version,
        sample.method_version,
    )  # fmt: skip


def gap_row(item: GapItem) -> Row:
    """A figure that is both measured and reported."""
    report, figure, gap = item.report, item.figure, item.gap
    shown = figure.display_text if figure.display == "bounds" else figure.value
    parts = "; ".join(f"{part.slug}={part.count}" for part in gap.parts)
    return (
        report.indicator, report.name.zh, report.name.en, report.scope, report.code, report.value,
        report.as_of, report.source, report.reporter, shown, figure.lower, figure.upper,
        gap.difference, gap.standing, gap.zh, gap.en, parts,
    )  # fmt: skip


def report_row(report: ReportOut) -> Row:
    """An entry, or a withdrawal."""
    return (
        report.indicator, report.name.zh, report.name.en, report.scope, report.code, report.unit,
        report.as_of, report.value, report.numerator, report.denominator, report.source,
        report.reporter, report.entered_at, report.revision, report.withdrawn,
    )  # fmt: skip
