"""Makes sources of what mapping files say, and checks what only all of them together can show."""

from collections.abc import Sequence
from typing import NamedTuple

from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.definition import DialectError
from gigacity_ingest.formats.readings import FormatDecoder
from gigacity_ingest.mapping.definitions import SourceDefinition
from gigacity_ingest.mapping.language import FileDefinition, SourcePlaces, read_file
from gigacity_ingest.mapping.mapper import CompiledMapper
from gigacity_ingest.mapping.nodes import Document, Place, PlaceError
from gigacity_ingest.mapping.problems import MappingFaults
from gigacity_ingest.mapping.sources import ForeignSource
from gigacity_ingest.mapping.topic_filters import TopicFilter, without_covered


def read_text(document: Document, text: str) -> FileDefinition | None:
    """What one file says; None, and faults, if it is no mapping file."""
    root = document.root(text)
    try:
        return None if root is None else read_file(root)
    except PlaceError as error:
        document.faults.add(error.problem)
        return None


def build_sources(files: Sequence[FileDefinition], faults: MappingFaults) -> list[ForeignSource]:
    """The sources of all files; what does not fit together is noted."""
    defined = [(source, file.places[source.name]) for file in files for source in file.sources]
    _check_names(defined)
    _check_topics(defined)
    if faults.found:
        # Compiled is only what is right.
        return []
    made = [_source(source, places) for source, places in defined]
    return [source for source in made if source is not None]


def _check_names(defined: Sequence[tuple[SourceDefinition, SourcePlaces]]) -> None:
    first: dict[str, Place] = {}
    for source, places in defined:
        known = first.setdefault(source.name, places.name)
        if known is not places.name:
            places.name.note(f"a source {source.name!r} stands in {known.document.file} already")


class _Taken(NamedTuple):
    topic: TopicFilter
    source: SourceDefinition
    place: Place


def _check_topics(defined: Sequence[tuple[SourceDefinition, SourcePlaces]]) -> None:
    """No topic may belong to two sources: which of them has it would be chance."""
    taken: list[_Taken] = []
    for source, places in defined:
        for topic, place in zip(source.topics, places.topics, strict=True):
            other = next(
                (t for t in taken if t.source is not source and t.topic.overlaps(topic)), None
            )
            if other is not None:
                at = other.place
                place.note(
                    f"{topic.text!r} can meet the same topic as {other.topic.text!r} of source"
                    f" {other.source.name!r} ({at.document.file}:{at.line}); make one of"
                    " them narrower, or both one source with kinds told apart by 'when'"
                )
            crossing = next(
                (t for t in taken if t.source is source and _cross(t.topic, topic)), None
            )
            if crossing is not None:
                place.note(
                    f"{topic.text!r} and {crossing.topic.text!r} meet some topics together: the"
                    " broker would send their messages twice; write one filter that meets both"
                )
            taken.append(_Taken(topic, source, place))


def _cross(one: TopicFilter, other: TopicFilter) -> bool:
    """Whether a topic is met by both, and neither filter can stand for the other."""
    asked = without_covered([one.subscription, other.subscription])
    return len(asked) == 2 and one.overlaps(other)


def _source(definition: SourceDefinition, places: SourcePlaces) -> ForeignSource | None:
    decoder = _decoder(definition, places)
    if decoder is None:
        return None
    return ForeignSource(
        name=definition.name,
        topics=definition.topics,
        format=definition.format,
        decoder=decoder,
        mapper=CompiledMapper(definition),
        owner=definition.owner,
        answers=definition.answers,
        publishers=definition.publishers,
        made_from=(definition.format, definition.dialect, definition.times),
    )


def _decoder(definition: SourceDefinition, places: SourcePlaces) -> FormatDecoder | None:
    try:
        return FORMATS[definition.format].make(definition.dialect, definition.times)
    except DialectError as error:
        (places.dialect or places.decoder).note(str(error))
        return None
