"""Of which kind a reading is: by the conditions of the mapping, and by what its device is."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from gigacity_contract.topics import Publisher
from gigacity_ingest.mapping.city_objects import CityObjects
from gigacity_ingest.mapping.definitions import PON_PORT_KIND, KindDefinition
from gigacity_ingest.mapping.identities import NamesOf
from gigacity_ingest.mapping.reports import ReportTarget


class UnknownKindError(Exception):
    """No kind of the mapping fits; the message says what was asked."""


def choose_kind(
    kinds: Sequence[KindDefinition], value_of: NamesOf, target: ReportTarget, city: CityObjects
) -> int:
    """The number of the kind: of those whose ``when`` holds, that of the device, or the first.

    Raises:
        UnknownKindError: none holds.
    """
    is_port = target.publisher is Publisher.OLT
    holding = [
        number
        for number, kind in enumerate(kinds)
        if (kind.kind == PON_PORT_KIND) == is_port and _holds(kind, value_of)
    ]
    if not holding:
        asked = dict.fromkeys(name for kind in kinds for name, _ in kind.when)
        shown = ", ".join(f"{name}={value_of((name,))!r}" for name in asked)
        raise UnknownKindError(
            f"{target.id}: no entry of kinds holds"
            + (f" for {shown}" if shown else f" for {'an OLT' if is_port else 'a device'}")
        )
    known = None if is_port else city.devices.find(target.community, target.id)
    registered = None if known is None else known[0].kind
    return next((n for n in holding if kinds[n].kind == registered), holding[0])


def _holds(kind: KindDefinition, value_of: NamesOf) -> bool:
    return all(
        (value := value_of((name,))) is not None
        and any(fnmatchcase(value, pattern) for pattern in patterns)
        for name, patterns in kind.when
    )
