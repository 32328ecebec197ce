"""Topic filters of sources: ``+``, ``#`` and named levels such as ``site/{community}/+/up``.

A level's name is a part of the identity of whatever the topic speaks of. What stands behind ``?``
in a topic is a query string (Huawei's) and no part of its levels; a leading slash is an empty first
level; topics that begin with ``$`` are met by filters that begin so, as the broker has it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

ONE, REST = "+", "#"
_NAMED = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,63})\}")
_SHARED = "$share"


def levels_of(topic: str) -> list[str]:
    """The levels of a topic, its query string cut off."""
    return topic.partition("?")[0].split("/")


class TopicFilter(NamedTuple):
    """One filter of a source."""

    text: str
    """As it was written."""
    levels: tuple[str, ...]
    """A word, ``+`` or, as the last, ``#``."""
    names: tuple[tuple[int, str], ...]
    """Place and name of each level that has one."""

    @classmethod
    def parse(cls, text: str) -> "TopicFilter":
        """Read a filter.

        Raises:
            ValueError: MQTT has no such filter, or a name stands twice; says what to write.
        """
        levels, names = [], []
        for place, level in enumerate(text.split("/")):
            match = _NAMED.fullmatch(level)
            if match is not None:
                names.append((place, match[1]))
            levels.append(ONE if match is not None else level)
        _check(text, levels, [name for _, name in names])
        return cls(text, tuple(levels), tuple(names))

    @property
    def subscription(self) -> str:
        """As the broker is asked for it. A query string counts as a part of the last level there.

        So a filter whose last level is a word asks for every last level, where the topic begins
        with ``$``: ``$oc/devices/+/sys/properties/report`` has to meet ``report?request_id=9``.
        """
        *path, last = self.levels
        if self.levels[0].startswith("$") and last not in {ONE, REST}:
            last = ONE
        return "/".join([*path, last])

    def matches(self, levels: list[str]) -> bool:
        """Whether a topic with these levels is met."""
        own = self.levels
        if levels[0][:1] == "$" and own[0] != levels[0]:
            return False
        if own[-1] == REST:
            own = own[:-1]
            # "a/#" meets "a" as well.
            if len(levels) < len(own):
                return False
        elif len(levels) != len(own):
            return False
        return all(mine in {ONE, level} for mine, level in zip(own, levels, strict=False))

    def named(self, levels: list[str]) -> Mapping[str, str]:
        """The named levels of a topic that is met."""
        return {name: levels[place] for place, name in self.names}

    def overlaps(self, other: "TopicFilter") -> bool:
        """Whether one topic may be met by both."""
        mine, theirs = self.levels, other.levels
        if "$" in {mine[0][:1], theirs[0][:1]} and mine[0] != theirs[0]:
            return False
        for ours, others in zip(mine, theirs, strict=False):
            if REST in {ours, others}:
                return True
            if ours != others and ONE not in {ours, others}:
                return False
        longer = mine if len(mine) > len(theirs) else theirs
        rest = longer[min(len(mine), len(theirs)) :]
        return not rest or rest == (REST,)


def without_covered(filters: Iterable[str]) -> tuple[str, ...]:
    """Filters without those of which another one meets every topic.

    A broker may send a message once for each filter that meets it, and nothing would tell the
    second copy of one without a time from another message.
    """
    found = list(dict.fromkeys(filters))
    return tuple(
        one for one in found if not any(other != one and covers(other, one) for other in found)
    )


def covers(other: str, one: str) -> bool:
    """Whether a filter meets every topic that another one meets."""
    wide, narrow = other.split("/"), one.split("/")
    if "$" in {wide[0][:1], narrow[0][:1]} and wide[0] != narrow[0]:
        return False
    for place, level in enumerate(wide):
        if level == REST:
            return True
        if place >= len(narrow) or narrow[place] == REST:
            return False
        if level not in {ONE, narrow[place]}:
            return False
    return len(wide) == len(narrow)


def _check(text: str, levels: list[str], names: list[str]) -> None:
    # A line break would be another line of the broker's access list.
    if not text.isprintable() or not 0 < len(text.encode()) <= 512:
        raise ValueError("is no topic filter: 1 to 512 bytes, without NUL and line breaks")
    if "?" in text:
        raise ValueError("holds '?': leave the query string out, it is cut off before matching")
    if levels[0] == _SHARED:
        raise ValueError("is a shared subscription; name the topics, the worker subscribes to them")
    for place, level in enumerate(levels):
        if level == REST and place + 1 != len(levels):
            raise ValueError("has '#' before its last level; only the last may be '#'")
        if level not in {ONE, REST} and set("+#{}") & set(level):
            raise ValueError(
                f"level {level!r} mixes words and marks; a level is a word, '+', '#' or '{{name}}'"
            )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"names two levels {twice!r}; give each its own name")
