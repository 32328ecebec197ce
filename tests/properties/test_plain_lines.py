"""Line protocol: the quick reader of plain lines says what the splitter says."""

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from gigacity_contract.decoding import PayloadError
from gigacity_ingest.formats import influx_line
from gigacity_ingest.formats.plain_lines import plain_lines
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_NOW_MS = 1_767_225_660_000
_HEADS = st.sampled_from(
    ["pon", "pon,a=b", "pon,if=GPON\\ 0/1", "p\\,q", "", ",a=b", "pon,a=", "pi"]
)
_NAMES = st.sampled_from(["tx", "i", "a.i", "é", "", "x\\ y", "n_1", 'q"', "null", "e"])
_VALUES = st.one_of(
    st.integers(-(10**20), 10**20).map("{}i".format),
    st.floats(-1e9, 1e9).map(str),
    st.sampled_from(
        [
            "5",
            "-0",
            "1e3",
            "1e3i",
            "4.5i",
            "-3i",
            "1E5",
            "t",
            "T",
            "true",
            "False",
            "null",
            "nan",
            "1_0",
        ]
    ),
    st.sampled_from(['"a"', '"a,b=1"', "[1]", "{}", "i", "+1", ".5", "5.", "01", "7u", "i,i=1"]),
    st.sampled_from(["", "5\t"]),
)
_FIELDS = st.lists(st.tuples(_NAMES, _VALUES), min_size=1, max_size=4).map(
    lambda pairs: ",".join(f"{name}={value}" for name, value in pairs)
)
_TIMES = st.sampled_from(
    ["", " 1767225600000000000", " 1767225601", " -5", " 1.5", "  1767225600", " "]
)
_LINES = st.one_of(
    st.tuples(_HEADS, _FIELDS, _TIMES).map(lambda parts: f"{parts[0]} {parts[1]}{parts[2]}"),
    st.sampled_from(["", "# a comment", "pon", " ", "pon  tx=1", "pon tx=1\r", "pon tx"]),
)
_USUAL = "pon,host=a,if=GPON\\ 0/1 tx=5.2,onu=34i,up=true,e=1e3 1767225600000000000"


@given(st.lists(_LINES, max_size=4).map("\n".join))
@example(_USUAL)
@settings(max_examples=400)
def test_the_quick_reader_says_what_the_splitter_says(text: str) -> None:
    message = ForeignMessage("t", text.encode(), False, _NOW_MS)
    quick = _said(message)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(influx_line, "plain_lines", lambda _text: None)
        assert quick == _said(message)


def _said(message: ForeignMessage) -> Any:
    try:
        return influx_line.FORMAT.make({}, TimeRule()).decode(message)
    except PayloadError as error:
        return error.reason, error.error


def test_usual_lines_are_plain() -> None:
    lines = plain_lines(f"{_USUAL}\n# a comment\n\n{_USUAL}\n")

    assert lines is not None
    assert [line.fields for line in lines] == [{"tx": 5.2, "onu": 34, "up": True, "e": 1000.0}] * 2
