"""YAML 1.2's words, units of field hardware, indices of ports, templates and paths."""

import math
from fractions import Fraction

import pytest

from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_ingest.mapping.port_indices import FORMULAS, place_of_index, place_of_label
from gigacity_ingest.mapping.property_paths import PropertyPath, property_path
from gigacity_ingest.mapping.templates import IdentityTemplate
from gigacity_ingest.mapping.units import UNITS, conversion_to
from gigacity_ingest.mapping.yaml_scalars import scalar_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on", "on"), ("off", "off"), ("yes", "yes"), ("No", "No"), ("y", "y"), ("1:30", "1:30"),
        ("2026-01-01", "2026-01-01"), ("1_000", "1_000"), ("0x1F", 31), ("0o17", 15), ("017", 17),
        ("+3", 3), ("-2.5", -2.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("true", True),
        ("FALSE", False), ("~", None), ("", None), ("null", None), (".inf", math.inf),
        ("-.inf", -math.inf), ("1e", "1e"), (".", "."), ("0x", "0x"),
    ],
)  # fmt: skip
def test_a_plain_scalar_is_what_yaml_1_2_says(text: str, expected: object) -> None:
    found = scalar_of(text, is_plain=True)
    assert (found, type(found)) == (expected, type(expected))
    assert scalar_of(text, is_plain=False) == text


def test_nan_is_a_number() -> None:
    assert math.isnan(scalar_of(".nan", is_plain=True))  # type: ignore[arg-type]


def test_every_unit_of_a_field_is_known_and_is_itself() -> None:
    fields = [field for own in (*KIND_FIELDS.values(), PORT_FIELDS) for field in own]
    units = {field.unit for field in fields if field.unit}
    assert units <= set(UNITS)
    for unit in units:
        assert UNITS[unit][unit] == (Fraction(1), Fraction(0))


@pytest.mark.parametrize(
    ("unit", "of", "number", "expected"),
    [
        ("kWh", "Wh", 1500, 1.5), ("kWh", "MJ", 36, 10), ("kW", "W", 250, 0.25),
        ("m³", "L", 1, 0.001), ("m³/h", "L/min", 10, 0.6), ("m³/h", "L/s", 1, 3.6),
        ("mA", "A", 0.25, 250), ("mA", "uA", 500, 0.5), ("V", "mV", 3300, 3.3),
        ("%", "1", 0.5, 50), ("cm", "mm", 15, 1.5), ("cm", "in", 1, 2.54),
        ("kbit/s", "Mbit/s", 2, 2000), ("bit/s", "kB/s", 1, 8000), ("B", "bit", 8, 1),
        ("ppm", "ppb", 1000, 1), ("µg/m³", "mg/m3", 1, 1000), ("°C", "degF", -40, -40),
    ],
)  # fmt: skip
def test_a_unit_becomes_that_of_the_field(
    unit: str, of: str, number: float, expected: float
) -> None:
    field = FieldSpec("x", FieldType.FLOAT, unit, 0, 1)
    factor, offset = conversion_to(field, of)
    assert float(Fraction(number) * factor + offset) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "text", "expected"),
    [
        ("huawei", "4194304000", (0, 0)), ("huawei", "4194312192", (1, 0)),
        ("huawei", "4194312960", (1, 3)), ("huawei", "4194312960.7", (1, 3)),
        ("huawei", "4194312961", None), ("huawei", "285278736", None), ("huawei", "1", None),
        ("zte", "285278736", (2, 16)), ("zte", "268501248", (1, 1)), ("zte", "268566784", (2, 1)),
        ("zte", "4194312192", None), ("zte", "285278720", None),
        ("fiberhome", "606089733", (18, 4)), ("fiberhome", "0", None),
        ("fiberhome-5116", str(3 << 27 | 2 << 22), (3, 2)),
        ("huawei", "x", None), ("huawei", "-1", None), ("huawei", "", None),
        ("huawei", "99999999999", None), ("huawei", "４１９４", None),
    ],
)  # fmt: skip
def test_an_index_is_slot_and_port(
    formula: str, text: str, expected: tuple[int, int] | None
) -> None:
    assert place_of_index(formula, text) == expected


def test_every_formula_refuses_what_no_index_can_be() -> None:
    assert {formula(-1) for formula in FORMULAS.values()} == {None}
    assert {formula(2**40) for formula in FORMULAS.values()} == {None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GPON 0/1/3", (1, 3)), ("PON 11/4", (11, 4)), ("gpon-olt_1/2/16", (2, 16)),
        ("gpon_onu-1/2/16:5", (2, 16)), ("gpon", None), ("1/2/", None), ("", None),
    ],
)  # fmt: skip
def test_a_label_is_slot_and_port(text: str, expected: tuple[int, int] | None) -> None:
    assert place_of_label(text) == expected


def test_a_template_is_filled_or_names_what_is_missing() -> None:
    template = IdentityTemplate.parse("a-{x}/{y|z}")
    known = {("x",): "1", ("y", "z"): "2"}
    assert template.fill(known.__getitem__) == "a-1/2"
    assert template.fill(lambda names: known.get(names[:1])) is None
    assert template.missing(lambda names: known.get(names[:1])) == "y|z"
    assert IdentityTemplate.parse("fixed").fill(lambda _: None) == "fixed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", PropertyPath(("a",))),
        ("a.0.b", PropertyPath(("a", "0", "b"))),
        ("../../a", PropertyPath(("a",), 2)),
        (r"\.1\.3", PropertyPath((".1.3",))),
        ("@ifName", PropertyPath((), 0, "ifName")),
        ("fire:Smoke", PropertyPath(("fire:Smoke",))),
    ],
)
def test_a_path_is_read(text: str, expected: PropertyPath) -> None:
    assert property_path(text) == expected


@pytest.mark.parametrize("text", ["@", ".", "a..b", "../", "../" * 9 + "a"])
def test_a_path_that_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"name|up more"):
        property_path(text)
