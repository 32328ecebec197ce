"""An Atom feed (RFC 4287) of new figures: an entry for each day, the newest first. Pure.

An entry is renewed while its day lasts, and so is its ``updated``. Addresses are relative to the
feed, since only the reader knows by which name it reached this service.
"""

from collections import defaultdict
from dataclasses import dataclass

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.levels import Level
from gigacity_api.site.figure_view import amount, shown_text
from gigacity_api.site.rendering import render_text
from gigacity_api.site.snapshot import SiteSnapshot
from gigacity_api.site.times import Month, day
from gigacity_api.site.words import Words
from gigacity_contract.local_time import rfc3339

MAX_ENTRIES = 31


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A day."""

    id: str
    title: str
    updated: str
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class FeedView:
    """What the template shows."""

    id: str
    title: str
    author: str
    updated: str
    entries: tuple[FeedEntry, ...]


def atom_feed(snapshot: SiteSnapshot) -> str:
    """The feed; Chinese and English in each entry."""
    city, as_of_ms = snapshot.city, snapshot.publication.as_of_ms
    zh, en = Words("zh"), Words("en")
    days = _stored(snapshot, zh, en)
    days[day(as_of_ms)] = (as_of_ms, _newest(snapshot, zh, en))
    newest = sorted(days.items(), reverse=True)[:MAX_ENTRIES]
    entries = tuple(
        FeedEntry(
            id=f"urn:gigacity:{city.code}:figures:{date}",
            title=f"{city.name.zh} {city.name.en} {date}",
            updated=rfc3339(at_ms),
            href="zh/" if date == day(as_of_ms) else f"zh/report/{Month.of(at_ms)}",
            text="\n".join(lines),
        )
        for date, (at_ms, lines) in newest
    )
    view = FeedView(
        id=f"urn:gigacity:{city.code}:figures",
        title=f"{city.name.zh}: {zh.product} / {city.name.en}: {en.product}",
        author=city.name.zh,
        updated=rfc3339(as_of_ms),
        entries=entries,
    )
    return render_text("feed.atom", feed=view)


def _newest(snapshot: SiteSnapshot, zh: Words, en: Words) -> list[str]:
    lines = []
    for definition in snapshot.scope.definitions():
        figure = snapshot.of_city(definition)
        if figure is not None:
            shown = (shown_text(words, definition, figure) for words in (zh, en))
            lines.append(_line(definition, *shown))
    return lines


def _stored(snapshot: SiteSnapshot, zh: Words, en: Words) -> dict[str, tuple[int, list[str]]]:
    found: dict[str, tuple[int, list[str]]] = defaultdict(lambda: (0, []))
    for definition in snapshot.scope.definitions():
        remembered = snapshot.remembered.get(definition.id)
        if remembered is None:
            continue
        target = definition.target(snapshot.city, Level.CITY, snapshot.city.code)
        limit, is_ratio = None if target is None else target.value, definition.is_ratio
        for one in remembered.days[-MAX_ENTRIES:]:
            lower, upper, value = (
                amount(number, is_ratio=is_ratio, target=limit)
                for number in (one.lower, one.upper, one.value)
            )
            is_known = not is_ratio or one.upper - one.lower <= 0.5
            shown = (
                value if is_known else words("between", lower=lower, upper=upper)
                for words in (zh, en)
            )
            at_ms, lines = found[day(one.at_ms)]
            lines.append(_line(definition, *shown))
            found[day(one.at_ms)] = (max(at_ms, one.at_ms), lines)
    return dict(found)


def _line(definition: Definition, zh: str, en: str) -> str:
    return f"{definition.name.zh} {definition.name.en}: {zh}" + ("" if zh == en else f" ({en})")
