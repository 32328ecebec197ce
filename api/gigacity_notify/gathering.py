"""Notices that belong together become one message. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from gigacity_notify.configuration import Grouping
from gigacity_notify.notice import AlarmNotice


class Waiting(NamedTuple):
    """A notice that waits for others of its group."""

    number: int
    """Of its row."""
    channel: str
    notice: AlarmNotice
    since_ms: int
    """When it came."""
    not_before_ms: int
    """End of the quiet hours, or when it came."""


class Gathered(NamedTuple):
    """One message to be."""

    channel: str
    notices: tuple[AlarmNotice, ...]
    """The worst first; empty where all cancelled each other out."""
    numbers: tuple[int, ...]
    """Rows that it makes up for."""


def gather(waiting: Iterable[Waiting], rules: Grouping, now_ms: int) -> list[Gathered]:
    """Messages that are due: one a channel and group, or one digest where there are many.

    A group is due once its first notice has waited long enough; whatever came to it since goes with
    it. An alarm that was raised and cleared in that time is told nobody.
    """
    by_channel: defaultdict[str, defaultdict[str, list[Waiting]]]
    by_channel = defaultdict(lambda: defaultdict(list))
    urgent: list[Gathered] = []
    for item in waiting:
        if item.notice.is_life_safety:
            urgent.append(Gathered(item.channel, (item.notice,), (item.number,)))
        elif item.not_before_ms <= now_ms:
            by_channel[item.channel][item.notice.group].append(item)
    found = urgent
    for channel, groups in by_channel.items():
        due = [
            items
            for items in groups.values()
            if now_ms >= min(max(i.since_ms, i.not_before_ms) for i in items) + rules.wait_s * 1000
        ]
        if sum(map(len, due)) >= rules.digest_from:
            due = [[item for items in due for item in items]]
        found += [_message(channel, items) for items in due]
    return found


def _message(channel: str, items: list[Waiting]) -> Gathered:
    newest: dict[str, AlarmNotice] = {}
    began: dict[str, bool] = {}
    for item in sorted(items, key=lambda item: item.number):
        notice = item.notice
        began.setdefault(notice.alarm, notice.act == "raise" and not notice.is_reminder)
        newest[notice.alarm] = notice
    # Raised and cleared before anybody was told: it never was, for them.
    told = [n for n in newest.values() if not (n.act == "clear" and began[n.alarm])]
    worst_first = sorted(told, key=lambda n: (-n.rank, -n.households, n.raised_ms))
    return Gathered(channel, tuple(worst_first), tuple(item.number for item in items))
