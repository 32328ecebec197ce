"""Maps the readings of one source: whose they are, of which kind, at which time, with which values.

What a source's names stand for is looked up once and remembered, so that a reading costs a few
look-ups and one call of the function that was compiled for its kind.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_contract.topics import Publisher
from gigacity_ingest.formats.memo import Memo
from gigacity_ingest.formats.paths import FieldPath
from gigacity_ingest.formats.readings import ForeignMessage, Reading
from gigacity_ingest.mapping.city_objects import CityObjects
from gigacity_ingest.mapping.compiler import compile_kind
from gigacity_ingest.mapping.counts import SourceCounts
from gigacity_ingest.mapping.definitions import (
    SourceDefinition,
)
from gigacity_ingest.mapping.identities import (
    IdentityError,
    IdentityResolver,
    NamesOf,
    identity_fault,
    lookups_of,
)
from gigacity_ingest.mapping.kind_choice import UnknownKindError, choose_kind
from gigacity_ingest.mapping.lookups import MAX_TEXT, LookupKey, compile_lookups
from gigacity_ingest.mapping.port_reports import OltReports
from gigacity_ingest.mapping.property_paths import PropertyPath, property_path, sequence_number
from gigacity_ingest.mapping.reports import (
    Mapped,
    MappingFault,
    ReportTarget,
    TimeOrigin,
    field_fault,
)
from gigacity_ingest.mapping.route_memory import MappedRoute, RouteMemory
from gigacity_ingest.mapping.sources import RetainedPolicy
from gigacity_ingest.mapping.templates import Lookup
from gigacity_ingest.mapping.topic_filters import levels_of

MAX_TOPICS = 20_000
_DECODER_PATHS = ("time", "message_id")
"""Keys of dialects that hold the path of a property."""
_NOTHING: Mapping[str, Any] = {}
_NO_NAMES: Mapping[str, str] = {}


class CompiledMapper:
    """The mapping of one source, compiled; a ``SourceMapper``.

    Args:
        definition: of the source.
    """

    def __init__(self, definition: SourceDefinition) -> None:
        self._name = definition.name
        self._definition = definition
        self._counts = SourceCounts(
            [(k.kind, tuple(f.spec.name for f in k.fields)) for k in definition.kinds]
        )
        conditions = [name for kind in definition.kinds for name, _ in kind.when]
        lookups = lookups_of(definition.identity, conditions)
        topic_names = {name for topic in definition.topics for _, name in topic.names}
        self._place_of = {lookup: place for place, lookup in enumerate(lookups)}
        self._key = compile_lookups(lookups, topic_names)
        used = _used_elsewhere(lookups, definition.dialect, definition.sequence)
        self._functions = [
            compile_kind(kind, self._counts, number, used)[0]
            for number, kind in enumerate(definition.kinds)
        ]
        self._resolver = IdentityResolver(definition.name, definition.identity)
        self._city: CityObjects | None = None
        self._memory = RouteMemory()
        self._topics = Memo(self._named_levels, MAX_TOPICS)

    @property
    def counts(self) -> SourceCounts:
        """What became of fields and properties, and names that nobody maps."""
        return self._counts

    def follow(self, city: CityObjects) -> None:
        """Look identities up in this version of the city from now on."""
        self._city = city
        self._memory.clear()

    def map(self, readings: Iterable[Reading], message: ForeignMessage) -> list[Mapped]:
        """What the readings of one message are; never raises for what a message contains."""
        named = self._topics[message.topic]
        key_of, routes, counts = self._key, self._memory.routes, self._counts
        found: list[Mapped] = []
        olts: OltReports | None = None
        sequence = self._definition.sequence
        for reading in readings:
            time_ms, origin = reading.time_ms, TimeOrigin.STATED
            if time_ms is None:
                if not self._is_stamped(message, found):
                    continue
                time_ms, origin = message.now_ms, TimeOrigin.ARRIVAL
            values, around, names = reading.values, reading.parents, reading.names
            key = key_of(values, around, names, named)
            route = routes.get(key) or self._learn(key)
            if isinstance(route, MappingFault):
                self._refuse(route, Mapped(None, time_ms, origin), found)
                continue
            wrong: list[str] = []
            made = route.apply(values, around, names, named, wrong)
            if made is None and not wrong:
                counts.empty += 1
                continue
            if route.is_port:
                olts = olts or OltReports(self._name, found)
                target, time = route.target, (time_ms, origin)
                olts.add(made, wrong, target, time, place=route.place, tech=route.tech)
                continue
            report = Mapped(route.target, time_ms, origin, made, message_id=reading.message_id)
            if sequence is not None:
                report.sequence = sequence_number(sequence, reading, named)
            if wrong:
                what = f"{self._name}: {route.target.id}"
                report.faults.append(field_fault(what, wrong, is_all=made is None))
            found.append(report)
        return found

    def whose(self, names: Mapping[str, str], topic: str) -> ReportTarget | MappingFault | None:
        """The object whose session begins or ends; None: nobody's, and the source ignores that."""
        key = self._key(_NOTHING, (), names, self._topics[topic])
        try:
            return self._resolver.target(self._value_of(key), self._objects())
        except IdentityError as error:
            fault = identity_fault(self._name, error)
            if not self._is_ignored(fault):
                return fault
            self._counts.unknown_ignored += 1
            return None

    def _is_ignored(self, fault: MappingFault) -> bool:
        is_unknown = fault.reason is RejectionReason.UNKNOWN_IDENTITY
        return is_unknown and self._definition.identity.is_unknown_ignored

    def _is_stamped(self, message: ForeignMessage, found: list[Mapped]) -> bool:
        """Whether a reading without a time of its own gets that of its arrival."""
        if message.is_retained and self._definition.retained is RetainedPolicy.IGNORE:
            self._counts.retained_ignored += 1
            return False
        if self._definition.is_time_required:
            text = f"{self._name}: the message states no time, and time.missing says refuse"
            fault = MappingFault(RejectionReason.IMPLAUSIBLE_TIMESTAMP, Extent.ENTRY, text)
            found.append(Mapped(None, faults=[fault]))
            return False
        return True

    def _refuse(self, fault: MappingFault, report: Mapped, found: list[Mapped]) -> None:
        if self._is_ignored(fault):
            self._counts.unknown_ignored += 1
        else:
            report.faults.append(fault)
            found.append(report)

    def _named_levels(self, topic: str) -> Mapping[str, str]:
        levels = levels_of(topic)
        filters = self._definition.topics
        return next((one.named(levels) for one in filters if one.matches(levels)), _NO_NAMES)

    def _learn(self, key: LookupKey) -> MappedRoute | MappingFault:
        """What names stand for, remembered."""
        known = self._memory.doubtful(key)
        if known is not None:
            return known
        found: MappedRoute | MappingFault
        try:
            found = self._route(self._value_of(key))
        except IdentityError as error:
            found = identity_fault(self._name, error)
        except UnknownKindError as error:
            text = f"{self._name}: {error}"
            found = MappingFault(RejectionReason.UNKNOWN_KIND, Extent.ENTRY, text)
        is_registered = isinstance(found, MappedRoute) and self._is_registered(found.target)
        self._memory.remember(key, found, is_registered=is_registered)
        return found

    def _is_registered(self, target: ReportTarget) -> bool:
        if self._definition.identity.registry is not None:
            # The city file has no foreign id of an object that it does not have.
            return True
        city = self._objects()
        if target.publisher is Publisher.OLT:
            return target.id in city.olts
        return city.devices.find(target.community, target.id) is not None

    def _route(self, value_of: NamesOf) -> MappedRoute:
        city = self._objects()
        target = self._resolver.target(value_of, city)
        number = choose_kind(self._definition.kinds, value_of, target, city)
        apply = self._functions[number]
        if target.publisher is not Publisher.OLT:
            return MappedRoute(target, apply, is_port=False)
        place = self._resolver.port_place(value_of, city)
        olt = city.olts.get(target.id)
        tech = "" if olt is None else olt.ports.get(place, "")
        return MappedRoute(target, apply, is_port=True, place=place, tech=tech)

    def _value_of(self, key: LookupKey) -> NamesOf:
        def value_of(lookup: Lookup) -> str | None:
            text = key[self._place_of[lookup]]
            # What is longer names nothing that could be registered.
            return text if text is None or len(text) <= MAX_TEXT else None

        return value_of

    def _objects(self) -> CityObjects:
        if self._city is None:
            raise IdentityError("no city is in force yet")
        return self._city


def _used_elsewhere(
    lookups: Iterable[Lookup], dialect: Mapping[str, Any], sequence: PropertyPath | None
) -> list[FieldPath]:
    """Properties that are no field and yet used: for identity, time, or as the sequence."""
    names = [name for lookup in lookups for name in lookup]
    names += [path for key in _DECODER_PATHS if isinstance(path := dialect.get(key), str)]
    paths = [property_path(name).steps for name in names if not name.startswith("../")]
    return paths if sequence is None or sequence.ups else [*paths, sequence.steps]
