"""What becomes of one property: taken, or one of five counts."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.mappings import MappingScene, source_text

TAKEN: dict[str, tuple[str, Any, str, Any]] = {
    "true": ("{alarm: a}", True, "alarm", True),
    "one for true": ("{alarm: a}", 1, "alarm", True),
    "zero for false": ("{alarm: a}", 0, "alarm", False),
    "a form": ('{alarm: {from: a, map: {"on": true, "off": false}}}', "on", "alarm", True),
    "a number as a form": ("{alarm: {from: a, map: {7: true}}}", 7, "alarm", True),
    "a whole float is that form": ("{alarm: {from: a, map: {7: true}}}", 7.0, "alarm", True),
    "true is the form 1": ("{alarm: {from: a, map: {1: false}}}", True, "alarm", False),
    "a real number": ("{temp_c: a}", 21.5, "temp_c", 21.5),
    "a whole number in a real field": ("{temp_c: a}", 21, "temp_c", 21.0),
    "a tenth is divided by ten": ("{temp_c: {from: a, scale: 0.1}}", 3, "temp_c", 0.3),
    "Fahrenheit": ("{temp_c: {from: a, unit: °F}}", 212, "temp_c", 100.0),
    "Kelvin": ("{temp_c: {from: a, unit: K}}", 293.15, "temp_c", 20.0),
    "scale before unit": ("{temp_c: {from: a, scale: 0.1, unit: K}}", 2931.5, "temp_c", 20.0),
    "offset": ("{temp_c: {from: a, scale: 0.5, offset: -40}}", 130, "temp_c", 25.0),
    "negative scale": ("{rssi_dbm: {from: a, scale: -1}}", 71, "rssi_dbm", -71),
    "the nearest whole number": ("{battery_pct: a}", 87.6, "battery_pct", 88),
    "a share as percent": ('{battery_pct: {from: a, unit: "1"}}', 0.87, "battery_pct", 87),
    "a path": ("{temp_c: x.y.z}", {"y": {"z": 5}}, "temp_c", 5.0),
    "a place in a list": ("{temp_c: x.1.z}", [{}, {"z": 5}], "temp_c", 5.0),
    "a name with a dot": (r"{temp_c: 'x.a\.b'}", {"a.b": 5}, "temp_c", 5.0),
}


@pytest.mark.parametrize(("fields", "raw", "name", "expected"), TAKEN.values(), ids=TAKEN.keys())
def test_a_property_is_taken(
    tmp_path: Path, fields: str, raw: Any, name: str, expected: Any
) -> None:
    scene = MappingScene(tmp_path, source_text(fields))
    (found,) = scene.take({"x" if "x." in fields else "a": raw})

    value = getattr(found.values, name)
    assert (value, type(value)) == (expected, type(expected))
    assert (scene.counts(), found.faults) == ({}, [])


NOT_TAKEN: dict[str, tuple[str, Any, str]] = {
    "null": ("{temp_c: a}", None, "null"),
    "empty text": ("{temp_c: a}", " ", "null"),
    "nan as text": ("{temp_c: a}", "NaN", "null"),
    "none as text": ("{temp_c: {from: a, map: {1: 2}}}", "None", "null"),
    "word": ("{temp_c: a}", "warm", "wrong_type"),
    "full-width digits": ("{temp_c: a}", "２１", "wrong_type"),
    "underscore": ("{temp_c: a}", "2_1", "wrong_type"),
    "too hot": ("{temp_c: a}", 151, "wrong_type"),
    "too hot by its scale": ("{temp_c: {from: a, scale: 0.1}}", 1501, "wrong_type"),
    "true as a number": ("{temp_c: a}", True, "wrong_type"),
    "object": ("{temp_c: a}", {"b": 1}, "wrong_type"),
    "list": ("{temp_c: a}", [1], "wrong_type"),
    "two for true": ("{alarm: a}", 2, "wrong_type"),
    "text for true": ("{alarm: a}", "true", "wrong_type"),
    "no form": ("{alarm: {from: a, map: {1: true}}}", 2, "wrong_type"),
    "text of a form": ("{alarm: {from: a, map: {1: true}}}", "1", "wrong_type"),
    "object for a form": ("{alarm: {from: a, map: {1: true}}}", {}, "wrong_type"),
    "stated sentinel": ("{battery_pct: {from: a, sentinel: 99}}", 99, "sentinel"),
    "stated sentinel as text": ("{battery_pct: {from: a, sentinel: 99}}", "99", "sentinel"),
    "sentinel that is a text": ("{battery_pct: {from: a, sentinel: [--]}}", "--", "sentinel"),
    "sentinel beside a map": (
        "{alarm: {from: a, map: {1: true}, sentinel: 255}}", 255, "sentinel"),
    "vendor's sentinel": ("{temp_c: a}", 2147483647, "sentinel"),
    "vendor's sentinel that somebody scaled": ("{temp_c: a}", 21474836.47, "sentinel"),
    "16 bits": ("{temp_c: {from: a, scale: 0.1}}", 32767, "sentinel"),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "raw", "outcome"), NOT_TAKEN.values(), ids=NOT_TAKEN.keys())
def test_a_property_is_counted(tmp_path: Path, fields: str, raw: Any, outcome: str) -> None:
    name = fields.strip("{").partition(":")[0]
    scene = MappingScene(tmp_path, source_text(f"{fields[:-1]}, rssi_dbm: r}}"))
    (found,) = scene.take({"a": raw, "r": -70})

    assert getattr(found.values, name) is None
    assert scene.counts() == {f"{name}.{outcome}": 1}
    faults = [(fault.reason.value, fault.extent.value) for fault in found.faults]
    assert faults == ([("bad_field", "partial")] if outcome == "wrong_type" else [])


def test_an_absent_property_is_a_count_of_its_own(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: a, alarm: {from: b, map: {1: true}}}"))
    assert scene.take({"b": 1})[0].values is not None
    assert scene.counts() == {"temp_c.absent": 1}


@pytest.mark.parametrize(
    ("raw", "expected"), [("21.5", 21.5), (" -3 ", -3.0), ("007", 7.0), ("1e1", 10.0)]
)
def test_a_number_in_quotes_is_taken_and_counted(tmp_path: Path, raw: str, expected: float) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: a}"))
    (found,) = scene.take({"a": raw})

    assert getattr(found.values, "temp_c") == expected  # noqa: B009 - of one of many kinds
    assert scene.counts() == {"temp_c.text_number": 1}


@pytest.mark.parametrize(
    ("payload", "expected", "counts"),
    [
        ({"a": 1, "b": 2}, 1.0, {}),
        ({"b": 2}, 2.0, {}),
        ({"a": None, "b": 2}, 2.0, {}),
        ({"a": None, "r": -1}, None, {"temp_c.null": 1}),
        ({"a": 1, "b": None}, 1.0, {}),
        ({"r": -1}, None, {"temp_c.absent": 1}),
        ({"a": "x", "b": 2, "r": -1}, None, {"temp_c.wrong_type": 1}),
    ],
)
def test_the_first_property_that_is_there_is_the_field(
    tmp_path: Path, payload: dict[str, Any], expected: float | None, counts: dict[str, int]
) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: [a, b], rssi_dbm: r}"))
    (found,) = scene.take(payload)

    assert getattr(found.values, "temp_c") == expected  # noqa: B009 - as above
    assert {key: n for key, n in scene.counts().items() if "rssi" not in key} == counts


def test_what_nobody_maps_is_counted_by_its_name(tmp_path: Path) -> None:
    text = source_text("{temp_c: x.t}", rest='ignore: [iccid, "fire:*", x.skip]')
    scene = MappingScene(tmp_path, text)
    for _ in range(2):
        scene.take({"x": {"t": 1, "u": 2, "skip": 3}, "iccid": 4, "fire:a": 5, "n" * 99: 6})

    assert scene.unmapped() == {"x.u": 2, "n" * 64: 2}


@pytest.mark.parametrize(
    "name", ["'", '"', "\\", "a\nb", "'); import os  #", '"""', "名", "a b", "%s", "v", "{"]
)
def test_a_name_is_never_code(tmp_path: Path, name: str) -> None:
    """Names stand in the text of compiled functions: as constants, whatever they hold."""
    path = json.dumps(name, ensure_ascii=False)
    nested = json.dumps(f"o.{name}", ensure_ascii=False)
    second = "o.n" if name == "{" else name
    template = json.dumps(f"{{o.k}}-{{{second}|o.k}}", ensure_ascii=False)
    text = source_text(
        f"{{temp_c: {path}, rssi_dbm: {nested}, battery_pct: [q, {json.dumps('@' + name)}]}}",
        identity=f'{{community: "371602001001", device: {template}}}',
        topics='["up"]',
    )
    scene = MappingScene(tmp_path, text)
    (found,) = scene.take({name: 1, "o": {name: -5, "k": "smoke", "n": 1}, "x": 1, "u'": 2}, "up")
    assert (getattr(found.values, "temp_c"), getattr(found.values, "rssi_dbm")) == (1.0, -5)  # noqa: B009 - of one of many kinds
    assert {key: n for key, n in scene.unmapped().items() if key != "o.n"} == {"u'": 1, "x": 1}


def test_names_that_a_message_invents_are_bounded(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: t}"))
    scene.take({"t": 1} | {f"n{number}": 0 for number in range(600)})

    assert len(scene.unmapped()) == 501
    assert scene.unmapped()["…"] == 100


def test_everything_may_be_ignored(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: t}", rest='ignore: "*"'))
    scene.take({"t": 1, "u": 2})
    assert scene.unmapped() == {}


def test_nothing_for_any_field_is_nothing_and_no_fault(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: t, battery_pct: b}"))
    assert scene.take({"t": None, "u": 1}) == []
    assert scene.sources["here"].mapper.counts.empty == 1


def test_a_report_in_which_all_is_wrong_is_refused(tmp_path: Path) -> None:
    scene = MappingScene(tmp_path, source_text("{temp_c: t}"))
    (found,) = scene.take({"t": "warm"})

    assert not found.is_stored
    assert [(f.reason.value, f.extent.value) for f in found.faults] == [("bad_field", "entry")]
    assert found.faults[0].error == "here: smoke-1: temp_c: 'warm' is no number in -60..150 °C"
