"""Properties by instant: nothing is lost, nothing is doubled, and each has its own time."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_ingest.formats.gathering import Gathering
from gigacity_ingest.formats.properties import add_properties, is_wrapped
from gigacity_ingest.formats.readings import Decoded
from gigacity_ingest.formats.times import TimeRule

T0 = 1_767_225_600_000
_TIMES = st.sampled_from([T0, T0 + 1000, (T0 + 1000) // 1000, "2026-01-01T00:00:00Z"])
_VALUES = st.one_of(st.integers(0, 9), st.text(max_size=3), st.lists(st.integers(0, 3), max_size=2))
_WRAPPED = st.builds(
    lambda value, key, time: {"value": value, key: time},
    _VALUES,
    st.sampled_from(["time", "timestamp", "ts"]),
    _TIMES,
)
_PROPERTIES = st.dictionaries(
    st.text("abc", min_size=1, max_size=2), _VALUES | _WRAPPED, min_size=1, max_size=6
)


def _add(properties: dict[str, Any], time_ms: int | None = None) -> Decoded:
    gathering = Gathering()
    add_properties(gathering, {"d": "1"}, properties, TimeRule(), time_ms=time_ms, sent_as="7")
    return gathering.finish()


@given(_PROPERTIES, st.sampled_from([None, T0 + 5000]))
def test_each_property_has_its_value_at_its_time(
    properties: dict[str, Any], time_ms: int | None
) -> None:
    decoded = _add(properties, time_ms)
    found = {name: r.time_ms for r in decoded.readings for name in r.values}
    values = {name: value for r in decoded.readings for name, value in r.values.items()}

    for name, value in properties.items():
        if is_wrapped(value):
            stated = next(value[key] for key in value if key != "value")
            assert (values[name], found[name]) == (value["value"], TimeRule().instant_ms(stated))
        else:
            assert (values[name], found[name]) == (value, time_ms)
    assert sum(len(r.values) for r in decoded.readings) == len(properties)
    assert max(Counter(r.time_ms for r in decoded.readings).values()) == 1, "one for each instant"
    assert {r.message_id for r in decoded.readings} == {"7"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"value": 1}, True),
        ({"value": 1, "time": 2}, True),
        ({"value": 1, "ts": None}, True),
        ({"value": 1, "unit": "V"}, False),
        ({"value": 1, "time": 2, "unit": "V"}, False),
        ({"time": 2}, False),
        ([], False),
        (None, False),
    ],
    ids=repr,
)
def test_only_value_and_time_are_a_wrapper(value: object, expected: bool) -> None:
    assert is_wrapped(value) is expected


def test_a_wrong_time_is_that_of_the_message() -> None:
    (reading,) = _add({"a": {"value": 1, "time": 0}, "b": {"value": 2, "time": []}}, T0).readings

    assert (reading.time_ms, reading.values) == (T0, {"a": 1, "b": 2})


def test_a_history_is_a_list_of_wrappers_alone() -> None:
    wrapped = [{"value": 1, "time": T0}, {"value": 2, "time": T0 + 1000}]
    history = _add({"a": wrapped}).readings
    mixed = _add({"a": [*wrapped, 3]}).readings

    assert [(r.time_ms, r.values) for r in history] == [(T0, {"a": 1}), (T0 + 1000, {"a": 2})]
    assert [(r.time_ms, r.values) for r in mixed] == [(None, {"a": [*wrapped, 3]})]


def test_two_values_of_one_instant_are_counted_and_the_last_holds() -> None:
    decoded = _add({"a": [{"value": 1, "time": T0}, {"value": 2, "time": T0}]})

    assert [r.values for r in decoded.readings] == [{"a": 2}]
    assert decoded.ignored == {"repeated": 1}


def test_nothing_is_counted_as_nothing() -> None:
    assert _add({}).ignored == {"empty": 1}
