"""Draws a board for a terminal of so many lines. Pure.

Texts of the API are shown as they are: no markup is read in them, and no control character passes.
"""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gigacity_deploy.watching.board import WatchBoard

OLD_AFTER_S = 300.0
"""Figures that are older are not of now; the API's own alarm comes about then, too."""

FRAME_LINES = 12
"""Head, titles and frames of two tables, foot."""
LEAST_ALARMS = 3
_STEPS = 10_000
"""Of 0.01 % in the whole."""

WORDS = {
    "en": {
        "as of": "as of", "ago": "ago", "old": "NOTHING NEW", "nothing": "no evaluation yet",
        "figure": "figure", "figures": "figures", "value": "value", "bounds": "bounds",
        "target": "target", "verdict": "verdict", "met": "met", "missed": "MISSED",
        "undetermined": "undetermined",
        "no_target": "no target", "open": "open alarms", "households": "households",
        "since": "since (UTC)", "alarm": "alarm", "state": "state", "none": "no alarm",
        "keys": "j/k move   a acknowledge   f filter   q quit", "filter": "from", "ack": "ack",
        "closed": "closed", "shelved": "shelved", "of": "of", "trouble": "API",
        "critical": "critical", "major": "major", "minor": "minor", "warning": "warning",
        "indeterminate": "unclear",
    },
    "zh": {
        "as of": "截至", "ago": "前", "old": "没有新数据", "nothing": "尚无评估结果",
        "figure": "指标", "figures": "个指标", "value": "值", "bounds": "上下界", "target": "目标",
        "verdict": "结论", "met": "达标", "missed": "未达标", "undetermined": "无法判定",
        "no_target": "无目标", "open": "未恢复告警", "households": "户数",
        "since": "开始(UTC)", "alarm": "告警", "state": "状态", "none": "无告警",
        "keys": "j/k 移动   a 确认   f 筛选   q 退出", "filter": "不低于", "ack": "已确认",
        "closed": "已关闭", "shelved": "已搁置", "of": "/", "trouble": "API",
        "critical": "紧急", "major": "重要", "minor": "次要", "warning": "警告",
        "indeterminate": "不明",
    },
}  # fmt: skip

_STYLE = {
    "met": "green", "missed": "bold red", "undetermined": "yellow", "critical": "bold red",
    "major": "red", "minor": "yellow",
}  # fmt: skip


def plain(text: str) -> str:
    """Without control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)


def amount(value: float | None, unit: str, target: float | None = None) -> str:
    """A bound or a target as people read it; a share is never rounded onto a limit it has not."""
    if value is None:
        return "-"
    if unit != "ratio":
        return f"{value:,.0f}"
    shown = round(value * _STEPS)
    for limit in (0.0, 1.0, target):
        if limit is not None and value != limit and shown == round(limit * _STEPS):
            shown += 1 if value > limit else -1
    return f"{shown / _STEPS:.2%}"


def draw(board: WatchBoard, language: str, *, now_s: float, height: int | None) -> RenderableType:
    """The whole picture; without a height everything."""
    words = WORDS[language]
    reading = board.reading
    items = reading.scorecard["items"] if reading.scorecard else []
    # Those with a target are what the city has promised: on a low screen they stay.
    figures = sorted((item["figure"] for item in items), key=lambda f: f["target"] is None)
    room = None
    if height is not None:
        figures = figures[: max(1, height - LEAST_ALARMS - FRAME_LINES)]
        room = max(LEAST_ALARMS, height - len(figures) - FRAME_LINES)
    parts: list[RenderableType] = [_head(board, words, language, now_s)]
    if figures:
        parts.append(_scoreboard(figures, len(items), words, language))
    parts.append(_alarm_table(board, words, language, room))
    if height is not None:
        parts.append(Text(words["keys"], style="dim", no_wrap=True))
    return Group(*parts)


def _head(board: WatchBoard, words: dict[str, str], language: str, now_s: float) -> Text:
    reading, age_s = board.reading, board.reading.age_s(now_s)
    line = Text(no_wrap=True, overflow="ellipsis")
    if reading.scorecard is None or age_s is None:
        line.append(words["nothing"])
    else:
        at = reading.scorecard["as_of"][:19].replace("T", " ")
        line.append(plain(reading.scorecard["city"]["name"][language]), style="bold")
        line.append(f"   {words['as of']} {at}Z, {age_s:,.0f} s {words['ago']}")
        if age_s > OLD_AFTER_S:
            line.append(f"   {words['old']}", style="bold red")
    if reading.trouble:
        line.append(f"   {words['trouble']}: {plain(reading.trouble)}", style="bold red")
    if board.note:
        line.append(f"   {plain(board.note)}", style="yellow")
    return line


def _scoreboard(
    figures: list[dict[str, Any]], total: int, words: dict[str, str], language: str
) -> Table:
    title = f"{len(figures)} {words['of']} {total} {words['figures']}"
    table = Table(title=title, title_justify="left", expand=True)
    table.add_column(words["figure"], ratio=1, no_wrap=True, overflow="ellipsis")
    for name in ("value", "bounds", "target"):
        table.add_column(words[name], justify="right", no_wrap=True)
    table.add_column(words["verdict"], no_wrap=True)
    for figure in figures:
        unit, verdict, target = figure["unit"], figure["verdict"], figure["target"]
        bounds = [amount(figure[name], unit, target) for name in ("lower", "upper")]
        table.add_row(
            Text(plain(figure["name"][language])),
            # Where less than half is known this text is the bounds: the API decides.
            Text(figure["display_text"]),
            Text(" .. ".join(bounds)),
            Text(amount(target, unit)),
            Text(words.get(verdict, plain(verdict)), style=_STYLE.get(verdict, "")),
        )
    return table


def _alarm_table(
    board: WatchBoard, words: dict[str, str], language: str, room: int | None
) -> RenderableType:
    alarms, row = board.alarms, board.row
    total = f"{len(alarms)} {words['of']} {board.reading.total} {words['open']}"
    if board.filter != "indeterminate":
        total += f" ({words['filter']} {words[board.filter]})"
    if not alarms:
        return Text(f"{total}: {words['none']}" if board.reading.total else words["none"])
    first = 0 if room is None else min(max(0, row - room + 1), max(0, len(alarms) - room))
    shown = alarms if room is None else alarms[first : first + room]
    table = Table(title=total, title_justify="left", expand=True)
    table.add_column("", no_wrap=True)
    table.add_column(words["households"], justify="right", no_wrap=True)
    table.add_column(words["since"], no_wrap=True)
    table.add_column(words["alarm"], ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(words["state"], no_wrap=True)
    table.add_column("id", no_wrap=True)
    for number, alarm in enumerate(shown, first):
        is_chosen = room is not None and number == row
        table.add_row(*_row(alarm, words, language), style="reverse" if is_chosen else "")
    return table


def _row(alarm: dict[str, Any], words: dict[str, str], language: str) -> list[Text]:
    severity, impact = alarm["perceivedSeverity"], alarm["impact"]
    least, most = impact["households"], impact["householdsAtMost"]
    state = alarm["operatorState"]
    return [
        Text(words.get(severity, plain(severity)), style=_STYLE.get(severity, "")),
        Text(f"{least:,}" if least == most else f"{least:,} .. {most:,}"),
        Text(alarm["alarmRaisedTime"][5:16].replace("T", " ")),
        Text(plain(alarm["alarmDetails"][language])),
        Text("" if state == "none" else words.get(state, plain(state))),
        Text(alarm["id"][:8]),
    ]
