"""Hypothesis strategies for payloads: valid ones, built from the structs, and damaged ones."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from hypothesis import strategies as st

from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_contract.identifiers import MAX_SAFE_INTEGER
from gigacity_contract.payloads import CanonicalTech
from gigacity_contract.sentinels import ANY_SENTINELS
from gigacity_contract.technology import TECHNOLOGIES

timestamps = st.integers(0, MAX_SAFE_INTEGER)
sequences = st.none() | st.integers(0, MAX_SAFE_INTEGER)
ids = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
communities = st.from_regex(r"\A[0-9]{12}\Z")
techs = st.sampled_from(get_args(CanonicalTech)) | st.lists(
    st.sampled_from(sorted(TECHNOLOGIES)), min_size=1, max_size=4, unique=True
)

_STATE = ("admin", "oper")


def values_of(field: FieldSpec) -> st.SearchStrategy[Any]:
    """What the field may hold, apart from its sentinels."""
    if field.type is FieldType.BOOLEAN:
        return st.booleans()
    low, high = field.low or 0, field.high or 0
    numbers: st.SearchStrategy[Any] = st.integers(int(low), int(high))
    if field.type is FieldType.FLOAT:
        numbers |= st.floats(low, high, allow_nan=False)
    return numbers.filter(lambda number: number not in ANY_SENTINELS)


def members_of(fields: tuple[FieldSpec, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """Any subset of the fields; some explicitly null."""
    optional = {f.name: st.none() | values_of(f) for f in fields if f.name not in _STATE}
    return st.fixed_dictionaries({}, optional=optional)


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name != "seq" or value is not None}


@st.composite
def ports(draw: st.DrawFn, key: tuple[int, int] | None = None) -> dict[str, Any]:
    """One port."""
    slot, port = key or (draw(st.integers(0, 255)), draw(st.integers(0, 255)))
    states = st.sampled_from(["up", "down"])
    required = {"slot": slot, "port": port, "tech": draw(techs)}
    required |= {name: draw(states) for name in _STATE}
    return required | draw(members_of(PORT_FIELDS))


@st.composite
def pon_reports(draw: st.DrawFn, min_ports: int = 0) -> dict[str, Any]:
    """A PON report of distinct ports."""
    keys = st.tuples(st.integers(0, 255), st.integers(0, 255))
    chosen = draw(st.lists(keys, min_size=min_ports, max_size=6, unique=True))
    return _present(
        {
            "ts": draw(timestamps),
            "seq": draw(sequences),
            "ports": [draw(ports(key=key)) for key in chosen],
        }
    )


@st.composite
def device_reports(draw: st.DrawFn) -> dict[str, Any]:
    """A device report of any kind."""
    kind = draw(st.sampled_from(sorted(KIND_FIELDS)))
    return _present(
        {
            "ts": draw(timestamps),
            "seq": draw(sequences),
            "kind": kind,
            "values": draw(members_of(KIND_FIELDS[kind])),
        }
    )


@st.composite
def bundles(draw: st.DrawFn, min_reports: int = 0) -> dict[str, Any]:
    """A bundle of device reports."""
    reports = draw(st.lists(device_reports(), min_size=min_reports, max_size=5))
    named = [r | {"community": draw(communities), "device": draw(ids)} for r in reports]
    return _present({"seq": draw(sequences), "reports": named})


@st.composite
def statuses(draw: st.DrawFn) -> dict[str, Any]:
    """A birth, will or orderly end."""
    optional = {"ts": st.none() | timestamps, "reason": st.none() | st.text(max_size=256)}
    required = {"session": timestamps, "state": st.sampled_from(["online", "offline"])}
    return draw(st.fixed_dictionaries(required, optional=optional))


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([2_147_483_647, -2_147_483_648, 65_535, 2**64 - 2, 2**200, 1e308, -0.0, 5.0])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
"""Any JSON value, and ``NaN`` and ``Infinity``, which Python writes and JSON does not know."""


def encode(value: Any) -> bytes:
    """As a device would send it: lone surrogates are escaped, NaN and Infinity are written."""
    return json.dumps(value).encode()


_PROTOTYPES = pon_reports() | device_reports() | bundles() | statuses()


@st.composite
def damaged(draw: st.DrawFn, base: st.SearchStrategy[Any] = _PROTOTYPES) -> bytes:
    """A valid payload in which members were exchanged for anything, or bytes were changed."""
    value = draw(base)
    for _ in range(draw(st.integers(0, 3))):
        value = draw(_exchanged(value))
    text = bytearray(encode(value))
    for _ in range(draw(st.integers(0, 2))):
        position = draw(st.integers(0, len(text)))
        text[position : position + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(text)


@st.composite
def _exchanged(draw: st.DrawFn, value: Any) -> Any:
    """The value with one member, at any depth, exchanged, added or removed."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        return value | {key: draw(_exchanged(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], draw(_exchanged(value[index])), *value[index + 1 :]]
    if isinstance(value, dict) and draw(st.booleans()):
        removed = draw(st.sampled_from(sorted(value))) if value else ""
        kept = {name: member for name, member in value.items() if name != removed}
        return kept | draw(st.dictionaries(st.text(max_size=8), json_values, max_size=2))
    return draw(json_values)
