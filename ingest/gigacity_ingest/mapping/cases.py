"""The tests that a mapping file brings: a message, and what must become of it.

They run in a city of their own, in which every code, OLT and port is registered (as ``gpon``, where
the message says nothing else) and the foreign ids are those of the test's ``registry``.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from gigacity_city.foreign_ids import ForeignIds, ForeignObject
from gigacity_city.model import Community
from gigacity_city.registry import DeviceRegistry
from gigacity_contract.decoding.document import JSON_ERRORS
from gigacity_contract.identifiers import is_community
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.mapping.explaining import MessageExplanation, explain
from gigacity_ingest.mapping.keys import section_of
from gigacity_ingest.mapping.nodes import Place
from gigacity_ingest.mapping.sources import ForeignSource

MAX_CASES = 1000
RECEIVED_MS = 1_764_504_000_000
"""2025-11-30T12:00:00Z: the arrival, where a test states none."""
_FILE, _HEX = "file:", "hex:"
ReadBytes = Callable[[str], bytes]
"""A file beside the mapping, by its name. Raises ``ValueError`` saying what is wrong."""


class _ImaginaryPorts(dict[tuple[int, int], str]):
    """Every port, as GPON."""

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ARG002 - as a mapping has it
        return "gpon"


class _ImaginaryOlt(NamedTuple):
    area: str
    ports: Mapping[tuple[int, int], str]


class _ImaginaryOlts(dict[str, _ImaginaryOlt]):
    """Every OLT."""

    def __init__(self, area: str) -> None:
        super().__init__()
        self._olt = _ImaginaryOlt(area, _ImaginaryPorts())

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ARG002 - as above
        return self._olt


class _EveryCode(dict[str, str]):
    """Every area code, as itself."""

    def get(self, key: Any, default: Any = None) -> Any:  # noqa: ARG002 - as above
        return key


class ImaginaryCity:
    """A city in which everything is registered.

    Args:
        area: in which its OLTs are.
        foreign_ids: of its objects.
    """

    def __init__(self, area: str, foreign_ids: ForeignIds) -> None:
        self.area_of_code: Mapping[str, str] = _EveryCode()
        self.community_by_code: Mapping[str, Community] = {}
        self.devices = DeviceRegistry([])
        self.olts: Mapping[str, _ImaginaryOlt] = _ImaginaryOlts(area)
        self.foreign_ids = foreign_ids


class MappingCase(NamedTuple):
    """One test of a mapping file."""

    place: Place
    source: str
    message: ForeignMessage
    registry: Mapping[str, str]
    expect: Mapping[str, Any]


def read_case(place: Place, names: Iterable[str], read: ReadBytes) -> MappingCase:
    """One test.

    Args:
        place: of the test.
        names: of the sources that it may be about.
        read: files beside the mapping.

    Raises:
        PlaceError: with what is wrong.
    """
    given = section_of(place, "test")
    if not all(key in given for key in ("source", "topic", "payload", "expect")):
        raise place.error("is not complete")
    received_ms = RECEIVED_MS
    if "received" in given:
        received_ms = given["received"].read(_instant_ms)
    message = ForeignMessage(
        topic=given["topic"].text(),
        payload=_payload(given["payload"], read),
        is_retained="retained" in given and given["retained"].flag(),
        now_ms=received_ms,
    )
    registry = {}
    if "registry" in given:
        registry = {str(key): value.text() for key, _, value in given["registry"].entries()}
    return MappingCase(
        place,
        given["source"].choice(list(names)),
        message,
        registry,
        _expected(given["expect"], read),
    )


def _instant_ms(text: str) -> int:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is no instant; write one such as 2026-01-31T12:00:00Z") from error
    if instant.tzinfo is None:
        raise ValueError("has no offset; end it with Z or +08:00")
    return round(instant.timestamp() * 1000)


def _payload(place: Place, read: ReadBytes) -> bytes:
    if place.is_mapping or place.is_list:
        return msgspec.json.encode(place.plain())
    value = place.scalar()
    if not isinstance(value, str):
        return msgspec.json.encode(value)
    if value.startswith(_FILE):
        return place.read(lambda text: read(text.removeprefix(_FILE)))
    if value.startswith(_HEX):
        return place.read(lambda text: bytes.fromhex(text.removeprefix(_HEX)))
    return value.encode()


def _expected(place: Place, read: ReadBytes) -> Mapping[str, Any]:
    if not place.is_mapping:
        content = place.read(lambda text: read(text.removeprefix(_FILE)))
        try:
            expected = msgspec.json.decode(content)
        except JSON_ERRORS as error:
            raise place.error(f"is no JSON: {error}") from error
        if not isinstance(expected, dict):
            raise place.error("must hold an object with stored, refused or counts")
        return expected
    return {key: value.plain() for key, value in section_of(place, "expect").items()}


def run_case(case: MappingCase, source: ForeignSource) -> list[str]:
    """What a test expects and is not so; empty: it passes."""
    area = owner_area(source)
    rows = [(source.name, key, foreign_object(text, area)) for key, text in case.registry.items()]
    source.mapper.follow(ImaginaryCity(area, ForeignIds(rows)))
    levels = case.message.topic.partition("?")[0].split("/")
    if not any(topic.matches(levels) for topic in source.topics):
        return [f"topic {case.message.topic!r} is none of source {source.name}"]
    explanation, _ = explain(source, case.message)
    return differences(case.expect, explanation)


def owner_area(source: ForeignSource) -> str:
    """The area in which the OLTs of an imaginary city are."""
    return next(iter(source.owner.areas), "000000")


def foreign_object(text: str, area: str) -> ForeignObject:
    """``371602001001/smoke-7``, ``olt-a`` or ``olt-a/1/3``.

    Args:
        text: as it was written.
        area: of an OLT; a device has that of its community's code.
    """
    first, *others = text.split("/")
    if is_community(first) and len(others) == 1:
        return ForeignObject(first[:6], first, others[0])
    if len(others) == 2 and all(part.isdecimal() for part in others):
        return ForeignObject(area, "", first, int(others[0]), int(others[1]))
    return ForeignObject(area, "", first)


def differences(expect: Mapping[str, Any], found: MessageExplanation) -> list[str]:
    """In words; what ``expect`` does not name of a report is not compared."""
    actual = msgspec.to_builtins(found)
    problems: list[str] = []
    wanted = expect.get("stored", [])
    if len(wanted) != len(actual["stored"]):
        problems.append(f"stored: {len(actual['stored'])} report(s), expected {len(wanted)}")
    for number, (one, other) in enumerate(zip(wanted, actual["stored"], strict=False)):
        problems += _compare(one, other, f"stored[{number}]")
    reasons = [refusal["reason"] for refusal in actual["refused"]]
    if reasons != list(expect.get("refused", [])):
        told = "; ".join(f"{one['reason']}: {one['error']}" for one in actual["refused"])
        problems.append(f"refused: {told or 'nothing'}, expected {expect.get('refused', [])}")
    for outcome, counts in expect.get("counts", {}).items():
        problems += _compare(counts, actual["counts"].get(outcome, {}), f"counts.{outcome}")
    return problems


_WHOLE = ("values", "ports")
"""Of these nothing may be there that is not expected."""


def _compare(wanted: Any, found: Any, path: str) -> list[str]:
    if isinstance(wanted, dict) and isinstance(found, dict):
        problems = []
        for key, value in wanted.items():
            if key not in found:
                problems.append(f"{path}.{key}: missing, expected {value!r}")
            else:
                problems += _compare(value, found[key], f"{path}.{key}")
        if any(f".{part}" in path for part in _WHOLE):
            problems += [
                f"{path}.{key}: {found[key]!r}, not expected" for key in found if key not in wanted
            ]
        return problems
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [
            problem
            for number, (one, other) in enumerate(zip(wanted, found, strict=True))
            for problem in _compare(one, other, f"{path}[{number}]")
        ]
    if _is_same(wanted, found, path):
        return []
    return [f"{path}: {found!r}, expected {wanted!r}"]


def _is_same(wanted: Any, found: Any, path: str) -> bool:
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, int | float) and isinstance(found, int | float):
        return abs(wanted - found) <= 1e-9 * max(1.0, abs(wanted))
    if path.endswith(".time") and isinstance(wanted, str) and isinstance(found, str):
        try:
            return datetime.fromisoformat(wanted) == datetime.fromisoformat(found)
        except (ValueError, TypeError):
            return False
    return bool(wanted == found)
