"""The words of a message, in Chinese and English, as plain text and as Markdown. Pure."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from gigacity_notify.notice import AlarmNotice, Language, Sentence

SHOWN = 5
"""Alarms that a digest names."""

_ACTS = {
    "raise": Sentence("告警", "ALARM"),
    "change": Sentence("变化", "CHANGED"),
    "clear": Sentence("恢复", "CLEARED"),
    "acknowledge": Sentence("已确认", "ACKNOWLEDGED"),
}
_SEVERITIES = {
    "indeterminate": Sentence("未定", "indeterminate"),
    "warning": Sentence("警告", "warning"),
    "minor": Sentence("次要", "minor"),
    "major": Sentence("重要", "major"),
    "critical": Sentence("紧急", "critical"),
}
_SINCE, _HOMES = Sentence("始于", "Since"), Sentence("失去千兆的家庭", "Households without gigabit")
_CAUSE, _SUSPECTED = Sentence("根因", "Cause"), Sentence("（疑似）", " (suspected)")
_NEXT, _AREA = Sentence("建议", "Next step"), Sentence("区域", "Area")
_MORE = Sentence("另有 {0} 条", "and {0} more")
_MANY = Sentence("{0} 条告警，最高级别：{1}", "{0} alarms, the worst {1}")
_CALLS = Sentence("{0} 条求助与险情，最高级别：{1}", "{0} calls for help, the worst {1}")
_BOARD = Sentence("看板", "Board")


class Wording(NamedTuple):
    """One message in one language."""

    subject: str
    """One line."""
    plain: str
    markdown: str


class Teller:
    """Words messages for one city."""

    def __init__(self, zone: tzinfo, board_url: str = "") -> None:
        self._zone = zone
        self.lead_to(board_url)

    def lead_to(self, board_url: str) -> None:
        """Name boards at another address from now on; empty: name none."""
        self._board_url = board_url.rstrip("/")

    def word(self, notices: Sequence[AlarmNotice], language: Language) -> Wording:
        """The message about notices, the worst first.

        Raises:
            ValueError: there is none.
        """
        if not notices:
            raise ValueError("a message is about at least one notice")
        subject = self._subject(notices, language)
        plain, marked = [subject], [f"**{_marked(subject)}**"]
        if len(notices) > 1 and all(notice.is_life_safety for notice in notices):
            # Somebody must go to each of them: none is left out, and details give way.
            lines = [_headline(notice, language) for notice in notices]
            plain += [f"- {line}" for line in lines]
            marked += [f"> {_marked(line)}" for line in lines]
        else:
            self._tell_worst(notices, language, plain, marked)
        if self._board_url:
            url = f"{self._board_url}/d/gigacity-operations-{language}"
            plain.append(f"{_BOARD.in_language(language)}: {url}")
            marked.append(f"\n[{_BOARD.in_language(language)}]({url})")
        return Wording(subject, "\n".join(plain), "\n".join(marked))

    def _tell_worst(
        self, notices: Sequence[AlarmNotice], language: Language, plain: list[str],
        marked: list[str],
    ) -> None:  # fmt: skip
        shown = notices[:SHOWN]
        for notice in shown:
            lines = self._details(notice, language)
            if len(notices) > 1:
                plain.append(f"- {_headline(notice, language)}")
                marked.append(f"\n**{_marked(_headline(notice, language))}**")
            plain += [f"{name}: {value}" for name, value in lines]
            marked += [f"> {name}: {_marked(value)}" for name, value in lines]
        if len(notices) > len(shown):
            more = _MORE.in_language(language).format(len(notices) - len(shown))
            plain.append(more)
            marked.append(f"\n{more}")

    def _subject(self, notices: Sequence[AlarmNotice], language: Language) -> str:
        if len(notices) == 1:
            return _headline(notices[0], language)
        worst = max(notices, key=lambda notice: notice.rank)
        many = _CALLS if all(notice.is_life_safety for notice in notices) else _MANY
        severity = _SEVERITIES[worst.severity].in_language(language)
        return many.in_language(language).format(len(notices), severity)

    def _details(self, notice: AlarmNotice, language: Language) -> list[tuple[str, str]]:
        since = datetime.fromtimestamp(notice.raised_ms / 1000, self._zone)
        lines = [(_SINCE.in_language(language), since.strftime("%Y-%m-%d %H:%M:%S"))]
        if notice.area:
            lines.append((_AREA.in_language(language), notice.area))
        if notice.households:
            lines.append((_HOMES.in_language(language), f"{notice.households:,}"))
        if notice.cause:
            doubt = _SUSPECTED.in_language(language) if notice.is_suspected else ""
            lines.append((_CAUSE.in_language(language), notice.cause + doubt))
        step = notice.next_step.in_language(language)
        if step and notice.act != "clear":
            lines.append((_NEXT.in_language(language), step))
        return lines


def _headline(notice: AlarmNotice, language: Language) -> str:
    act = _ACTS[notice.act].in_language(language)
    severity = _SEVERITIES[notice.severity].in_language(language)
    title = " ".join(notice.title.in_language(language).split())
    return f"[{act} · {severity}] {title}"


_SPECIAL = str.maketrans("`*[]<>", "｀＊［］＜＞")


def _marked(text: str) -> str:
    """Text whose signs mean nothing in Markdown: names come from devices and offices.

    Wide forms, since not every robot knows the backslash.
    """
    return text.translate(_SPECIAL)


def cut(text: str, limit_bytes: int) -> str:
    """As much of a text as a channel takes, whole characters only, with dots where it ends."""
    raw = text.encode()
    if len(raw) <= limit_bytes:
        return text
    return raw[: limit_bytes - 3].decode(errors="ignore") + "…"
