"""Reads a mapping file: what each key may be, and what keys must hold together."""

import difflib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_contract.identifiers import is_id
from gigacity_contract.safety import SAFETY_ROOT
from gigacity_contract.topics import PREFIX
from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.times import TimeRule, TimeUnit
from gigacity_ingest.mapping.definitions import (
    PON_PORT_KIND,
    IdentityDefinition,
    KindDefinition,
    SourceDefinition,
)
from gigacity_ingest.mapping.field_language import read_field
from gigacity_ingest.mapping.identity_language import check_kinds, read_identity, read_when
from gigacity_ingest.mapping.keys import VERSION, section_of
from gigacity_ingest.mapping.nodes import Place
from gigacity_ingest.mapping.party_language import read_owner, read_publishers
from gigacity_ingest.mapping.problems import not_known
from gigacity_ingest.mapping.property_paths import property_path
from gigacity_ingest.mapping.sources import RetainedPolicy, SourceOwner, SourcePublishers
from gigacity_ingest.mapping.topic_filters import TopicFilter

MAX_SOURCES = 200
MAX_KINDS = 100
MAX_TOPICS = 50
MAX_IGNORED = 500
_OWN_TOPICS = tuple(
    TopicFilter.parse(f"{root}/#") for root in (PREFIX, SAFETY_ROOT, "gigacity/alarms")
)
"""Reports, what workers say of life and safety, and alarms: no publisher of a source writes there.
"""
PORT_TECH = FieldSpec("tech", FieldType.STRING)
"""Of a port, if the message has it; else as the city file registered it."""
FIELDS_OF_KIND: Mapping[str, Mapping[str, FieldSpec]] = {
    **{kind: {field.name: field for field in fields} for kind, fields in KIND_FIELDS.items()},
    PON_PORT_KIND: {field.name: field for field in (PORT_TECH, *PORT_FIELDS)},
}
"""What a mapping may fill, by kind."""
_REQUIRED_OF_PORTS = ("admin", "oper")


class FileDefinition(NamedTuple):
    """One mapping file, read."""

    sources: tuple[SourceDefinition, ...]
    places: Mapping[str, "SourcePlaces"]
    """By source: for faults that only the whole can show."""
    tests: tuple[Place, ...]


class SourcePlaces(NamedTuple):
    """Where parts of a source stand in their file."""

    name: Place
    topics: tuple[Place, ...]
    decoder: Place
    dialect: Place | None


def read_file(place: Place) -> FileDefinition:
    """A mapping file; what is wrong with it is noted, and left out.

    Raises:
        PlaceError: it is no mapping of names to values, or a file of something else.
    """
    note = place.document.noting
    names = [str(entry.key) for entry in place.entries()]
    if not difflib.get_close_matches("sources", names):
        raise place.error(
            "is no mapping file, since it has no 'sources'. A worker takes every YAML file of its"
            " folder or none of them: keep others elsewhere, or name the files one by one"
        )
    given = section_of(place, "file")
    if "version" in given:
        with note():
            version = given["version"].scalar()
            if version != VERSION or isinstance(version, bool):
                raise given["version"].error(f"is not a version that is known: write {VERSION}")
    sources: list[SourceDefinition] = []
    places: dict[str, SourcePlaces] = {}
    with note():
        items = given["sources"].items() if "sources" in given else []
        if len(items) > MAX_SOURCES:
            raise given["sources"].error(f"has {len(items)} sources, at most {MAX_SOURCES}")
        for item in items:
            with note():
                source, where = _read_source(item)
                if source.name in places:
                    raise where.name.error(f"a source {source.name!r} stands in this file already")
                sources.append(source)
                places[source.name] = where
    tests: list[Place] = []
    with note():
        tests = given["tests"].items() if "tests" in given else []
    return FileDefinition(tuple(sources), places, tuple(tests))


def _read_source(place: Place) -> tuple[SourceDefinition, SourcePlaces]:
    given = section_of(place, "source")
    required = ("name", "topics", "decoder", "owner", "identity", "kinds")
    if not all(key in given for key in required):
        raise place.error("is not complete")
    note = place.document.noting
    name = given["name"].text()
    if not is_id(name):
        raise given["name"].error(f"{name!r} is no name: letters, digits, '.', '_' and '-'")
    topics = _read_topics(given["topics"])
    times, is_time_required, retained = TimeRule(), False, RetainedPolicy.IGNORE
    owner = SourceOwner()
    with note():
        owner = read_owner(given["owner"])
    publishers = SourcePublishers()
    if "publishers" in given:
        with note():
            publishers = read_publishers(given["publishers"], [topic for topic, _ in topics])
    if "time" in given:
        with note():
            times, is_time_required, retained = _read_time(given["time"])
    identity = read_identity(given["identity"])
    kinds = _read_kinds(given["kinds"], identity)
    dialect_place = given.get("dialect")
    if dialect_place is not None and not dialect_place.is_mapping:
        raise dialect_place.error("must be a mapping of names to values")
    source = SourceDefinition(
        name=name,
        topics=tuple(topic for topic, _ in topics),
        format=given["decoder"].choice(FORMATS),
        dialect={} if dialect_place is None else dialect_place.plain(),
        owner=owner,
        publishers=publishers,
        times=times,
        is_time_required=is_time_required,
        retained=retained,
        identity=identity,
        kinds=kinds,
        answers="answers" in given and given["answers"].flag(),
        sequence=given["sequence"].read(property_path) if "sequence" in given else None,
    )
    where = SourcePlaces(
        given["name"], tuple(at for _, at in topics), given["decoder"], dialect_place
    )
    return source, where


def _read_topics(place: Place) -> list[tuple[TopicFilter, Place]]:
    found: list[tuple[TopicFilter, Place]] = []
    places = place.one_or_more()
    if not 0 < len(places) <= MAX_TOPICS:
        raise place.error(f"has {len(places)} topics; give 1 to {MAX_TOPICS}")
    for one in places:
        topic = one.read(TopicFilter.parse)
        own = next((own for own in _OWN_TOPICS if topic.overlaps(own)), None)
        if own is not None:
            raise one.error(
                f"{topic.text!r} would meet {own.text}, the platform's own topics; begin with a"
                " word that only this source has"
            )
        found.append((topic, one))
    return found


def _read_time(place: Place) -> tuple[TimeRule, bool, RetainedPolicy]:
    given = section_of(place, "time")
    rule: dict[str, object] = {}
    if "unit" in given:
        rule["unit"] = TimeUnit(given["unit"].choice([unit.value for unit in TimeUnit]))
    if "zone" in given:
        rule["zone"] = given["zone"].read(_zone)
    if "format" in given:
        rule["format"] = given["format"].read(_format)
    is_required = "missing" in given and given["missing"].choice(("arrival", "refuse")) == "refuse"
    retained = RetainedPolicy.IGNORE
    if "retained" in given:
        retained = RetainedPolicy(given["retained"].choice([p.value for p in RetainedPolicy]))
    return TimeRule(**rule), is_required, retained  # type: ignore[arg-type]  # by its fields


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is no time zone; write a name such as Asia/Shanghai or UTC") from error


def _format(text: str) -> str:
    sample = datetime(2026, 11, 30, 12, 34, 56, tzinfo=UTC)
    try:
        is_read = "%" in text and bool(datetime.strptime(sample.strftime(text), text))  # noqa: DTZ007
    except (ValueError, re.error):
        # Some of what a time can be written in cannot be read, or not twice in one text.
        is_read = False
    if not is_read:
        raise ValueError("is no form of a time; write one such as %Y-%m-%d %H:%M:%S")
    return text


def _read_kinds(place: Place, identity: IdentityDefinition) -> tuple[KindDefinition, ...]:
    items = place.items()
    if not 0 < len(items) <= MAX_KINDS:
        raise place.error(f"has {len(items)} kinds; give 1 to {MAX_KINDS}")
    kinds: list[KindDefinition] = []
    places: list[tuple[str, Place]] = []
    for item in items:
        with place.document.noting():
            kind, where = _read_kind(item)
            kinds.append(kind)
            places.append((kind.kind, where))
    check_kinds(identity, places)
    return tuple(kinds)


def _read_kind(place: Place) -> tuple[KindDefinition, Place]:
    given = section_of(place, "kind")
    if not ("kind" in given and "fields" in given):
        raise place.error("is not complete")
    note = place.document.noting
    kind = given["kind"].choice(FIELDS_OF_KIND)
    known = FIELDS_OF_KIND[kind]
    fields = []
    for name, at, field_place in given["fields"].entries():
        with note():
            if name not in known:
                raise at.error(not_known(str(name), known, f"a field of {kind}"))
            fields.append(read_field(field_place, known[str(name)]))
    if not fields:
        given["fields"].note(f"has no field; {kind} has {', '.join(known)}")
    if kind == PON_PORT_KIND:
        for name in _REQUIRED_OF_PORTS:
            if name not in {field.spec.name for field in fields}:
                given["fields"].note(f"lacks {name!r}: a port is stored with both states")
    when = read_when(given["when"]) if "when" in given else ()
    ignored: list[str] = []
    if "ignore" in given:
        ignored = [one.text() for one in given["ignore"].one_or_more()]
        if len(ignored) > MAX_IGNORED:
            raise given["ignore"].error(f"has {len(ignored)} patterns, at most {MAX_IGNORED}")
    return KindDefinition(kind, when, tuple(fields), tuple(ignored)), given["kind"]
