"""What the broker's access lists must hold for foreign sources, as lines for Mosquitto. Pure.

A publisher of one source must not write another's topics, nor another publisher's of its own. Where
its user name stands in the topic, one pattern holds for all of them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from gigacity_ingest.foreign.answers import answer_topics
from gigacity_ingest.mapping.sources import ForeignSource

_USER = "%u"


@dataclass(slots=True)
class AccessLines:
    """Of all sources."""

    publishers: list[str] = field(default_factory=list)
    """Of the listener of the field: who may write what."""
    workers: list[str] = field(default_factory=list)
    """Of the workers' listener: what they read, and where they answer."""
    users: list[str] = field(default_factory=list)
    """Accounts that sources name."""
    problems: list[str] = field(default_factory=list)
    """Sources whose topics nobody may write yet, and what to do."""


def access_lines(sources: Iterable[ForeignSource]) -> AccessLines:
    """Lines for all sources. Patterns come first: what stands below a user holds for it alone."""
    lines, named = AccessLines(), defaultdict[str, list[str]](list)
    for source in sources:
        lines.workers += _for_workers(source)
        publishers = source.publishers
        lines.users += publishers.users
        if publishers.levels:
            lines.publishers += _for_publishers(source)
        elif publishers.users:
            for user in publishers.users:
                named[user] += [f"topic write {name}" for name in source.subscriptions]
                named[user] += [f"topic read {topic.text}" for topic in answer_topics(source)]
        else:
            lines.problems.append(
                f"source {source.name}: publishers is missing, so nobody may write its topics; name"
                " the levels of its topics that are the user name, or the users that publish it"
            )
    lines.users = sorted(set(lines.users))
    for user, topics in sorted(named.items()):
        lines.publishers += [f"user {user}", *dict.fromkeys(topics)]
    return lines


def _for_workers(source: ForeignSource) -> list[str]:
    return [
        f"# Source {source.name}.",
        *(f"pattern read {name}" for name in source.subscriptions),
        *(f"pattern write {topic.text}" for topic in answer_topics(source)),
    ]


def _for_publishers(source: ForeignSource) -> list[str]:
    """Each writes, and is answered, where its user name stands."""
    names = source.publishers.levels
    first_of = [{name: place for place, name in topic.names}[names[0]] for topic in source.topics]
    writes = [
        _bound(topic.subscription, first, len(names))
        for topic, first in zip(source.topics, first_of, strict=True)
    ]
    answers = [_bound(topic.text, first_of[0], len(names)) for topic in answer_topics(source)]
    return [
        f"# Source {source.name}: a publisher's user name stands in its topics.",
        *(f"pattern write {name}" for name in writes if _USER in name),
        *(f"pattern read {name}" for name in answers if _USER in name),
    ]


def _bound(text: str, first: int, count: int) -> str:
    """The filter with the user name in the place of the levels that are it, if it has them."""
    levels = text.split("/")
    if levels[first : first + count] != ["+"] * count:
        return text
    return "/".join([*levels[:first], _USER, *levels[first + count :]])
