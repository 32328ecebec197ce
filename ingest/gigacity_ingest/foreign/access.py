"""What the broker's access lists must hold for foreign sources, as lines for Mosquitto. Pure.

A publisher of one source must not write another's topics, nor another publisher's of its own. Where
its user name stands in the topic, one pattern holds for all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gigacity_ingest.foreign.answers import answer_topics
from gigacity_ingest.mapping.sources import ForeignSource
from gigacity_ingest.mapping.topic_filters import TopicFilter

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
    lines, named = AccessLines(), dict[str, list[str]]()
    for source in sources:
        lines.workers += _for_workers(source)
        publishers = source.publishers
        lines.users += publishers.users
        if publishers.levels:
            text = f"# Source {source.name}: a publisher's user name stands in its topics."
            bound = (_bound(topic, publishers.levels) for topic in source.topics)
            lines.publishers += [text, *(f"pattern write {name}" for name in bound)]
        elif publishers.users:
            for user in publishers.users:
                named.setdefault(user, []).extend(source.subscriptions)
        else:
            lines.problems.append(
                f"source {source.name}: publishers is missing, so nobody may write its topics; name"
                " the levels of its topics that are the user name, or the users that publish it"
            )
    lines.users = sorted(set(lines.users))
    for user, filters in sorted(named.items()):
        lines.publishers += [
            f"user {user}",
            *(f"topic write {name}" for name in dict.fromkeys(filters)),
        ]
    return lines


def _for_workers(source: ForeignSource) -> list[str]:
    reads = [f"pattern read {name}" for name in source.subscriptions]
    return [f"# Source {source.name}.", *reads, *_answers(source)]


def _answers(source: ForeignSource) -> list[str]:
    return [f"pattern write {topic.text}" for topic in answer_topics(source)]


def _bound(topic: TopicFilter, names: tuple[str, ...]) -> str:
    """The filter with the user name in the place of the levels that are it."""
    place_of = {name: place for place, name in topic.names}
    first = place_of[names[0]]
    levels = topic.subscription.split("/")
    return "/".join([*levels[:first], _USER, *levels[first + len(names) :]])
