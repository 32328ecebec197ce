"""Finds whose a reading is: by registered foreign ids, or by codes and ids that it carries."""

from collections.abc import Callable, Iterable

from gigacity_city.foreign_ids import ForeignObject
from gigacity_contract.decoding import Extent, RejectionReason
from gigacity_contract.identifiers import is_community, is_id
from gigacity_contract.topics import Publisher
from gigacity_ingest.mapping.city_objects import CityObjects
from gigacity_ingest.mapping.definitions import IdentityDefinition, PortDefinition
from gigacity_ingest.mapping.port_indices import PortPlace, place_of_index, place_of_label
from gigacity_ingest.mapping.reports import MappingFault, ReportTarget
from gigacity_ingest.mapping.templates import IdentityTemplate, Lookup

_MAX_SLOT = 255
NamesOf = Callable[[Lookup], str | None]


class IdentityError(Exception):
    """It cannot be told whose a reading is; the message says what was looked for, and where."""


class IdentityResolver:
    """Resolves identities of one source.

    Args:
        source: its name, under which ``foreign_ids.csv`` knows the ids.
        definition: of its identities.
    """

    def __init__(self, source: str, definition: IdentityDefinition) -> None:
        self._source = source
        self._definition = definition

    def target(self, value_of: NamesOf, city: CityObjects) -> ReportTarget:
        """The object that names stand for.

        Raises:
            IdentityError: there is none.
        """
        definition = self._definition
        if definition.registry is not None:
            known = self._registered(definition.registry, value_of, city)
            publisher = Publisher.DEVICE if known.community else Publisher.OLT
            return ReportTarget(publisher, known.area, known.community, known.id)
        if definition.olt is not None:
            return self._olt(definition.olt, value_of, city)
        return self._device(value_of, city)

    def port_place(self, value_of: NamesOf, city: CityObjects) -> PortPlace:
        """Slot and port of a port of an OLT.

        Raises:
            IdentityError: they cannot be told.
        """
        if self._definition.registry is not None:
            known = self._registered(self._definition.registry, value_of, city)
            if known.slot is not None and known.port is not None:
                return known.slot, known.port
        place = _place(self._definition.port, value_of)
        if place is None:
            raise IdentityError(
                "port: the message does not say which; see identity.port, or give slot and port in"
                " foreign_ids.csv"
            )
        return place

    def _registered(
        self, template: IdentityTemplate, value_of: NamesOf, city: CityObjects
    ) -> ForeignObject:
        foreign_id = _filled(template, value_of, "registry")
        known = city.foreign_ids.of_source(self._source).get(foreign_id)
        if known is None:
            raise IdentityError(
                f"{foreign_id!r} of source {self._source} is not in foreign_ids.csv; add its row"
            )
        return known

    def _olt(
        self, template: IdentityTemplate, value_of: NamesOf, city: CityObjects
    ) -> ReportTarget:
        olt = _filled(template, value_of, "olt")
        if not is_id(olt):
            raise IdentityError(f"olt: {olt!r} is no id; say in foreign_ids.csv which OLT it is")
        registered = city.olts.get(olt)
        if registered is not None:
            return ReportTarget(Publisher.OLT, registered.area, "", olt)
        if self._definition.area is None:
            raise IdentityError(
                f"olt: {olt!r} is not in the city file, so its area is unknown; register it, or"
                " give identity.area"
            )
        return ReportTarget(Publisher.OLT, self._area(value_of, city), "", olt)

    def _device(self, value_of: NamesOf, city: CityObjects) -> ReportTarget:
        definition = self._definition
        if definition.community is None or definition.device is None:
            raise IdentityError("identity: names no device")
        community = _filled(definition.community, value_of, "community")
        device = _filled(definition.device, value_of, "device")
        if not is_community(community):
            raise IdentityError(f"community: {community!r} is no 12-digit code")
        if not is_id(device):
            raise IdentityError(f"device: {device!r} is no id; foreign_ids.csv can give it one")
        known = city.community_by_code.get(community)
        if known is not None:
            area = known.area
        elif definition.area is not None:
            area = self._area(value_of, city)
        else:
            area = _current(community[:6], city)
        return ReportTarget(Publisher.DEVICE, area, community, device)

    def _area(self, value_of: NamesOf, city: CityObjects) -> str:
        if self._definition.area is None:
            raise IdentityError("area: unknown")
        return _current(_filled(self._definition.area, value_of, "area"), city)


def _current(code: str, city: CityObjects) -> str:
    area = city.area_of_code.get(code)
    if area is None:
        raise IdentityError(f"area: {code[:64]!r} is not in the city file")
    return area


def _filled(template: IdentityTemplate, value_of: NamesOf, what: str) -> str:
    text = template.fill(value_of)
    if text is None:
        raise IdentityError(f"{what}: the message has no {template.missing(value_of)}")
    return text


def _place(definition: PortDefinition, value_of: NamesOf) -> PortPlace | None:
    """Slot and port; None: the source does not say where they stand, or not for this reading."""
    if definition == PortDefinition():
        return None
    if definition.slot is not None and definition.port is not None:
        slot, port = definition.slot.fill(value_of), definition.port.fill(value_of)
        if slot is not None and port is not None:
            return _checked((_number(slot, "slot"), _number(port, "port")))
    label = definition.label and definition.label.fill(value_of)
    if label and (place := place_of_label(label)) is not None:
        return _checked(place)
    index = definition.index and definition.index.fill(value_of)
    if index and (place := place_of_index(definition.formula, index)) is not None:
        return _checked(place)
    shown = ", ".join(repr(text[:64]) for text in (label, index) if text)
    if not shown:
        return None
    raise IdentityError(
        f"port: {shown} is no PON port"
        + (f" by the formula {definition.formula}" if definition.formula else "")
    )


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 3):
        raise IdentityError(f"{what}: {text[:64]!r} is no number in 0..{_MAX_SLOT}")
    return int(text)


def _checked(place: PortPlace) -> PortPlace:
    if max(place) > _MAX_SLOT:
        raise IdentityError(f"port: {place[0]}/{place[1]} is not in 0..{_MAX_SLOT}")
    return place


def identity_fault(source: str, error: IdentityError) -> MappingFault:
    """The fault of a reading that is nobody's."""
    return MappingFault(RejectionReason.UNKNOWN_IDENTITY, Extent.ENTRY, f"{source}: {error}")


def lookups_of(definition: IdentityDefinition, conditions: Iterable[str]) -> tuple[Lookup, ...]:
    """Everything that identity and conditions ask of a reading, each once."""
    port = definition.port
    templates = (
        definition.registry, definition.area, definition.community, definition.device,
        definition.olt, port.slot, port.port, port.label, port.index,
    )  # fmt: skip
    found = [lookup for template in templates if template for lookup in template.lookups]
    found += [(name,) for name in conditions]
    return tuple(dict.fromkeys(found))
