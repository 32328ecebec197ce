"""Reads how the object of a reading is found, and when a reading is of a kind."""

from collections.abc import Collection, Mapping

from gigacity_ingest.mapping.definitions import (
    PON_PORT_KIND,
    IdentityDefinition,
    PortDefinition,
)
from gigacity_ingest.mapping.keys import section_of
from gigacity_ingest.mapping.nodes import Place
from gigacity_ingest.mapping.port_indices import FORMULAS
from gigacity_ingest.mapping.templates import IdentityTemplate

MAX_CONDITIONS = 10
MAX_PATTERNS = 200
_UNKNOWN = ("dead_letter", "ignore")
_WAYS = (
    "say one of: registry (a text that foreign_ids.csv knows), community and device, or olt; ports"
    " need port beside olt or registry"
)


def read_identity(place: Place) -> IdentityDefinition:
    """How objects are found.

    Raises:
        PlaceError: with what is wrong.
    """
    given = section_of(place, "identity")
    templates = {
        key: given[key].read(IdentityTemplate.parse)
        for key in ("registry", "area", "community", "device", "olt")
        if key in given
    }
    ways = [
        "registry" in templates,
        "community" in templates or "device" in templates,
        "olt" in templates,
    ]
    if sum(ways) != 1:
        raise place.error(_WAYS)
    if ("community" in templates) != ("device" in templates):
        raise place.error("community and device belong together; give both")
    if "area" in templates and "registry" in templates:
        raise given["area"].error("has no place beside registry: foreign_ids.csv has the area")
    return IdentityDefinition(
        **templates,
        port=_read_port(given["port"]) if "port" in given else PortDefinition(),
        is_unknown_ignored=("unknown" in given and given["unknown"].choice(_UNKNOWN) == "ignore"),
    )


def _read_port(place: Place) -> PortDefinition:
    given = section_of(place, "port")
    templates = {
        key: given[key].read(IdentityTemplate.parse)
        for key in ("slot", "port", "label", "index")
        if key in given
    }
    if not templates:
        raise place.error("say where slot and port stand: slot and port, label, or index")
    if ("slot" in templates) != ("port" in templates):
        raise place.error("slot and port belong together; give both")
    if ("index" in templates) != ("formula" in given):
        raise place.error(f"index and formula belong together; formulas: {', '.join(FORMULAS)}")
    formula = given["formula"].choice(FORMULAS) if "formula" in given else ""
    return PortDefinition(**templates, formula=formula)


def check_kinds(identity: IdentityDefinition, kinds: Collection[tuple[str, Place]]) -> None:
    """That what is found can be of these kinds; notes what cannot."""
    has_port = identity.port != PortDefinition()
    for kind, place in kinds:
        is_port = kind == PON_PORT_KIND
        if is_port and identity.device is not None:
            place.note("is a kind of OLTs, but identity finds a device; use olt or registry")
        if is_port and identity.olt is not None and not has_port:
            place.note("needs identity.port: which slot and port it is")
        if not is_port and (identity.olt is not None or has_port):
            place.note(
                f"is a kind of devices, but identity finds an OLT; say {PON_PORT_KIND}, or"
                " community and device"
            )


def read_when(place: Place) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Conditions on names: each has one of some patterns.

    Raises:
        PlaceError: with what is wrong.
    """
    entries = place.entries()
    if len(entries) > MAX_CONDITIONS:
        raise place.error(f"has {len(entries)} conditions, at most {MAX_CONDITIONS}")
    found: dict[str, tuple[str, ...]] = {}
    for name, _, value in entries:
        patterns = value.one_or_more()
        if not 0 < len(patterns) <= MAX_PATTERNS:
            raise value.error(f"has {len(patterns)} values; give 1 to {MAX_PATTERNS}")
        found[str(name)] = tuple(_condition_text(pattern) for pattern in patterns)
    return tuple(_checked(place, found).items())


def _checked(place: Place, found: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    for name in found:
        try:
            IdentityTemplate.parse(f"{{{name}}}")
        except ValueError as error:
            raise place.error(f"{name!r} is no name: {error}") from error
    return found


def _condition_text(place: Place) -> str:
    """As the name is compared: booleans in JSON's words."""
    value = place.scalar()
    return str(value).lower() if isinstance(value, bool) else place.text()
