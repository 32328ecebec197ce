"""Sources of foreign messages: what a mapping file declares, ready for the worker."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple, Protocol

from gigacity_ingest.formats.readings import ForeignMessage, FormatDecoder, Reading
from gigacity_ingest.mapping.city_objects import CityObjects
from gigacity_ingest.mapping.counts import SourceCounts
from gigacity_ingest.mapping.reports import Mapped, MappingFault, ReportTarget
from gigacity_ingest.mapping.topic_filters import TopicFilter, levels_of, without_covered


class RetainedPolicy(StrEnum):
    """What a retained message is good for whose reading states no time."""

    IGNORE = "ignore"
    """Nothing: it may be months old. Sessions in it count all the same."""
    STATE = "state"
    """Stored as of its arrival, if the source's values are states that hold until they change."""


class SourceOwner(NamedTuple):
    """Who reads a source: a foreign topic carries no area. Exactly one of the two is given."""

    areas: tuple[str, ...] = ()
    """The worker that owns all of these areas."""
    worker: str = ""
    """The worker with this client id."""


class SourcePublishers(NamedTuple):
    """How the broker knows who publishes on a source's topics."""

    levels: tuple[str, ...] = ()
    """Names of neighbouring levels of its topics that are, joined by ``/``, the user name."""
    users: tuple[str, ...] = ()
    """Accounts that are made for it. Without ``levels`` each may publish all of it."""


class SourceMapper(Protocol):
    """The compiled mapping of one source. Remembers identities it has met, within bounds."""

    @property
    def counts(self) -> SourceCounts:
        """What became of fields and properties, and names that nobody maps."""
        ...  # pragma: no cover

    def follow(self, city: CityObjects) -> None:
        """Look identities up in this version of the city from now on; needed before the first."""
        ...  # pragma: no cover

    def map(self, readings: Iterable[Reading], message: ForeignMessage) -> list[Mapped]:
        """What the readings of one message are; never raises for what a message contains.

        A reading of a retained message without a time of its own gives nothing, unless the source
        says otherwise.
        """
        ...  # pragma: no cover

    def whose(self, names: Mapping[str, str], topic: str) -> ReportTarget | MappingFault | None:
        """The object whose session begins or ends (``SessionChange.names``).

        None: it is nobody's, and the source ignores that.
        """
        ...  # pragma: no cover


class ForeignSource(NamedTuple):
    """One source of a mapping file, checked and compiled."""

    name: str
    topics: tuple[TopicFilter, ...]
    format: str
    """Name of its decoder in the catalogue of formats."""
    decoder: FormatDecoder
    """Its own: decoders may keep state, such as the aliases of Sparkplug."""
    mapper: SourceMapper
    owner: SourceOwner
    answers: bool = False
    """Whether ``Decoded.answers`` may be sent, once the readings are durable."""
    publishers: SourcePublishers = SourcePublishers()
    """For the broker's access list."""
    made_from: tuple[object, ...] = ()
    """What its decoder was made of: format, dialect and times. Empty: it is like no other."""

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """Filters to ask the broker for, ordinary ones: sources are never shared."""
        return without_covered(topic.subscription for topic in self.topics)


class SourceSet:
    """All sources of a mapping folder: no topic belongs to two of them.

    Swapped as a whole when the folder changes; ``find`` remembers topics, within bounds.
    """

    def __init__(self, sources: Iterable[ForeignSource] = (), version: str = "") -> None:
        """Take the sources, and the hash over the files that they came from."""
        self._sources = {source.name: source for source in sources}
        self._known: dict[str, ForeignSource | None] = {}
        self.version = version

    def __iter__(self) -> Iterator[ForeignSource]:
        return iter(self._sources.values())

    def __len__(self) -> int:
        return len(self._sources)

    def __getitem__(self, name: str) -> ForeignSource:
        return self._sources[name]

    def find(self, topic: str) -> ForeignSource | None:
        """The source of a topic (as it arrived, query string included); None: no source has it."""
        try:
            return self._known[topic]
        except KeyError:
            pass
        levels = levels_of(topic)
        source = next((s for s in self if any(f.matches(levels) for f in s.topics)), None)
        if len(self._known) >= _MAX_TOPICS:
            self._known.clear()
        if len(topic) <= _MAX_TOPIC_CHARACTERS:
            self._known[topic] = source
        return source

    def keep_decoders(self, before: "SourceSet") -> None:
        """Take over the decoders of sources that are read as before, with what they know.

        A change of one mapping would otherwise make every edge node of Sparkplug be born again.
        """
        known = {source.name: source for source in before}
        for name, source in self._sources.items():
            old = known.get(name)
            if old is not None and source.made_from and old.made_from == source.made_from:
                self._sources[name] = source._replace(decoder=old.decoder)
        self._known.clear()

    def follow(self, city: CityObjects) -> None:
        """Another version of the city is in force."""
        for source in self:
            source.mapper.follow(city)


_MAX_TOPICS = 100_000
_MAX_TOPIC_CHARACTERS = 256
