"""Whatever a mapping says, the function that is compiled from it does what its words mean.

The interpreter here is written from the page of the language alone: it takes one step after the
other, and shares no code with the product but the catalogue of fields and the sentinels.
"""

import math
import re
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gigacity_city.foreign_ids import ForeignIds
from gigacity_contract.fields import KIND_FIELDS, FieldSpec, FieldType
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.sentinels import ANY_SENTINELS, SENTINELS
from gigacity_ingest.formats.readings import ForeignMessage, Reading
from gigacity_ingest.mapping.cases import ImaginaryCity
from gigacity_ingest.mapping.explaining import explain
from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.mapping.reports import Mapped

TOPIC = "site/371602001001/d-1/up"
UNIT_OF: dict[str, dict[str, tuple[Fraction, Fraction]]] = {
    "°C": {"°F": (Fraction(5, 9), Fraction(-160, 9)), "K": (Fraction(1), Fraction("-273.15"))},
    "kWh": {"Wh": (Fraction(1, 1000), Fraction(0))},
    "%": {"1": (Fraction(100), Fraction(0))},
    "V": {"mV": (Fraction(1, 1000), Fraction(0))},
}
_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)
_MISSING = object()

scalars = (
    st.integers(-5, 5)
    | st.sampled_from([True, False, 1.0, 0.0, 255, 65535, 2147483647, -32768, 21474836.47])
    | st.floats(-2000, 2000)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.sampled_from(["", " ", "nan", "None", "on", "off", "1", "0", " 23.5 ", "-7", "1e2", "abc"])
    | st.none()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "b", "y", "0"]), inner, max_size=3)
    ),
    max_leaves=5,
)
nearly = st.integers(-5, 60) | st.sampled_from([True, None, 0.5, 22.5, "7", "on"])
"""What most messages hold."""
objects = st.fixed_dictionaries(
    {},
    optional={
        "a": nearly,
        "b": nearly | values,
        "c": values,
        "on": nearly,
        "x": st.fixed_dictionaries({}, optional={"y": nearly | values, "a": values}) | values,
        "n": values,
        "other": values,
    },
)
paths = st.sampled_from(
    ["a", "b", "a", "b", "c", "on", "x.y", "x.a.b", "x.0", "a.1.b", "../a", "../../x.y", "@word"]
)


@st.composite
def field_configs(draw: st.DrawFn, spec: FieldSpec) -> dict[str, Any]:
    config: dict[str, Any] = {
        "from": draw(st.lists(paths, min_size=1, max_size=3, unique=True)),
    }
    is_flag = spec.type is FieldType.BOOLEAN
    if draw(st.booleans()):
        made = st.booleans() if is_flag else st.just(int(spec.low or 0))
        keys = st.sampled_from([0, 1, 2, "0", "1", "on", "off", 0.5])
        config["map"] = draw(st.dictionaries(keys, made, min_size=1, max_size=4))
    elif not is_flag:
        if draw(st.booleans()):
            config["scale"] = draw(st.sampled_from([0.1, 0.01, 2, -1, 0.5, 10]))
        if draw(st.booleans()):
            config["offset"] = draw(st.sampled_from([-40, 0.5, 100]))
        if draw(st.booleans()) and spec.unit in UNIT_OF:
            config["unit"] = draw(st.sampled_from(sorted(UNIT_OF[spec.unit])))
    if draw(st.booleans()):
        known = config.get("map", {})
        pool = [v for v in (255, 3, "abc", "off", 65535, -7.5) if v not in known]
        config["sentinel"] = draw(st.lists(st.sampled_from(pool), max_size=3, unique=True))
    return config


@st.composite
def kind_configs(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(CATALOGUE)))
    specs = {spec.name: spec for spec in KIND_FIELDS[kind]}
    names = draw(st.lists(st.sampled_from(sorted(specs)), min_size=1, unique=True))
    fields = {name: draw(field_configs(specs[name])) for name in names}
    ignored = draw(st.lists(st.sampled_from(["other", "x.*", "n", "a.b"]), max_size=2))
    return {"kind": kind, "fields": fields, "ignore": ignored}


def _step(value: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step, _MISSING)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _MISSING
    return value


def _property(path: str, reading: Reading) -> Any:
    if path.startswith("@"):
        return reading.names.get(path[1:], _MISSING)
    ups = path.count("../")
    around = (reading.values, *reading.parents)
    return _step(around[ups], path.replace("../", "")) if ups < len(around) else _MISSING


def _interpret(config: dict[str, Any], spec: FieldSpec, reading: Reading) -> tuple[Any, str]:
    """The field's value and what is counted; empty: nothing is."""
    found = [_property(path, reading) for path in config["from"]]
    there = [value for value in found if value is not _MISSING]
    raw = next((value for value in there if value is not None), None)
    if not there:
        return None, "absent"
    if raw is None or (isinstance(raw, float) and math.isnan(raw)):
        return None, "null"
    if isinstance(raw, dict | list):
        return None, "wrong_type"
    for form, value in config.get("map", {}).items():
        if form == raw and isinstance(form, str) == isinstance(raw, str):
            return _typed(value, spec), ""
    return _interpret_scalar(raw, config, spec)


def _interpret_scalar(raw: Any, config: dict[str, Any], spec: FieldSpec) -> tuple[Any, str]:
    if _is_sentinel(raw, config):
        return None, "sentinel"
    is_text = isinstance(raw, str)
    if is_text and raw.strip().lower() in {"", "nan", "none", "null"}:
        return None, "null"
    if "map" in config or (is_text and not _PLAIN.fullmatch(raw.strip())):
        return None, "wrong_type"
    number = float(raw) if is_text else raw
    if is_text and _is_sentinel(number, config):
        return None, "sentinel"
    value = _converted(number, config, spec)
    if value is not None:
        return value, "text_number" if is_text else ""
    is_vendors = not isinstance(number, bool) and number in SENTINELS
    return None, "sentinel" if is_vendors else "wrong_type"


def _is_sentinel(raw: Any, config: dict[str, Any]) -> bool:
    return not isinstance(raw, bool) and any(
        raw == one and isinstance(raw, str) == isinstance(one, str)
        for one in (*config.get("sentinel", []), *ANY_SENTINELS)
    )


def _converted(number: Any, config: dict[str, Any], spec: FieldSpec) -> Any:
    if spec.type is FieldType.BOOLEAN:
        return bool(number) if number in {0, 1} else None
    if isinstance(number, bool) or not math.isfinite(number):
        return None
    exact = Fraction(number) * Fraction(str(config.get("scale", 1)))
    exact += Fraction(str(config.get("offset", 0)))
    if "unit" in config:
        factor, offset = UNIT_OF[spec.unit][config["unit"]]
        exact = exact * factor + offset
    if not Fraction(spec.low or 0) <= exact <= Fraction(spec.high or 0):
        return None
    return _typed(round(exact) if spec.type is FieldType.INTEGER else exact, spec)


def _typed(value: Any, spec: FieldSpec) -> Any:
    return float(value) if spec.type is FieldType.FLOAT else value


@settings(max_examples=150)
@given(
    config=kind_configs(),
    found=st.lists(st.tuples(objects, st.lists(objects, max_size=2)), min_size=4, max_size=9),
)
def test_what_is_compiled_is_what_the_words_mean(
    config: dict[str, Any], found: list[tuple[dict[str, Any], list[dict[str, Any]]]]
) -> None:
    source = _load(config)
    specs = {spec.name: spec for spec in KIND_FIELDS[config["kind"]]}
    expected: Counter[tuple[str, str]] = Counter()
    for own, around in found:
        reading = Reading({"word": "7"}, own, time_ms=1_764_504_000_000, parents=tuple(around))
        wanted = {}
        for name, how in config["fields"].items():
            value, why = _interpret(how, specs[name], reading)
            wanted[name] = value
            if why:
                expected[name, why] += 1
        message = ForeignMessage(TOPIC, b"", is_retained=False, now_ms=1_764_504_000_000)
        mapped = source.mapper.map([reading], message)
        _compare(mapped, wanted)
    counts = source.mapper.counts.of_fields()
    assert {(c.field, c.outcome.value): n for c, n in counts.items()} == expected


def _compare(mapped: list[Mapped], wanted: dict[str, Any]) -> None:
    if all(value is None for value in wanted.values()):
        assert all(not one.is_stored for one in mapped)
        return
    (one,) = mapped
    for name, value in wanted.items():
        got = getattr(one.values, name)
        assert type(got) is type(value), name
        if isinstance(value, float):
            assert math.isclose(got, value, rel_tol=1e-12, abs_tol=1e-12), name
        elif not isinstance(value, int) or isinstance(value, bool):
            assert got == value, name
        else:
            # A half is rounded to either side, as its last bit falls.
            assert abs(got - value) <= 1, name


@given(config=kind_configs(), body=objects | values | st.binary(max_size=50))
def test_no_message_trips_a_mapping(config: dict[str, Any], body: Any) -> None:
    source = _load(config)
    payload = body if isinstance(body, bytes) else yaml.safe_dump(body).encode()
    explain(source, ForeignMessage(TOPIC, payload, is_retained=False, now_ms=1_764_504_000_000))


def _load(config: dict[str, Any]) -> Any:
    file = {
        "version": 1,
        "sources": [
            {
                "name": "here",
                "topics": ["site/{community}/{device}/up"],
                "decoder": "json",
                "owner": {"areas": ["371602"]},
                "identity": {"community": "{community}", "device": "{device}"},
                "kinds": [config],
            }
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.yaml"
        path.write_text(yaml.safe_dump(file, allow_unicode=True), encoding="utf-8")
        source = load_sources(path)["here"]
    source.mapper.follow(ImaginaryCity("371602", ForeignIds()))
    return source
