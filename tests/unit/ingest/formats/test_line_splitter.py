"""Line protocol is split the same way by the quick way and by the scanner."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigacity_ingest.formats.line_scanner import LineError, LineScanner, ProtocolLine
from gigacity_ingest.formats.line_splitter import end_of_line, parse_head, split_line

_NAMES = st.text("ab ,=é湖", min_size=1, max_size=5)
_TEXTS = st.text('ab ,="\\\n湖', max_size=6)
_SCALARS = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    _TEXTS,
)


def _split(text: str, start: int = 0) -> ProtocolLine:
    return split_line(text, start, end_of_line(text, start))


def _escaped(name: str) -> str:
    for mark in " ,=":
        name = name.replace(mark, f"\\{mark}")
    return name


def _written(value: object) -> str:
    if isinstance(value, str):
        inner = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{inner}"'
    return f"{value}i" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@given(
    _NAMES,
    st.dictionaries(_NAMES, _NAMES, max_size=3),
    st.dictionaries(_NAMES, _SCALARS, min_size=1, max_size=3),
    st.none() | st.integers(0, 2**62),
)
def test_what_is_written_is_read(
    measurement: str, tags: dict[str, str], fields: dict[str, object], time: int | None
) -> None:
    head = "".join(f",{_escaped(name)}={_escaped(value)}" for name, value in tags.items())
    body = ",".join(f"{_escaped(name)}={_written(value)}" for name, value in fields.items())
    text = f"{_escaped(measurement)}{head} {body}{'' if time is None else f' {time}'}\nnext v=1"
    line = _split(text)

    assert (parse_head(line.head), line[1:3]) == ((measurement, tags), (fields, time))
    assert _split(text, line.end + 1)[:2] == ("next", {"v": 1.0})


def _outcome(split: Callable[[], ProtocolLine]) -> ProtocolLine | None:
    try:
        return split()
    except LineError:
        return None


@given(st.text('ma,= \\"1i\n\0\1\2', max_size=24).map(lambda text: f"m,a=1 {text}"))
def test_both_ways_agree(text: str) -> None:
    quick = _outcome(lambda: _split(text))
    scanned = _outcome(lambda: LineScanner(text, 0).line())

    if quick is not None and scanned is not None:
        assert quick == scanned
    assert (quick is None) == (scanned is None)


@pytest.mark.parametrize(
    "text",
    [
        "m", "m ", ",t=1 v=1", "m,t v=1", "m,=1 v=1", "m v", "m =1", "m v=", "m v=1 x", "m v=1 2 3",
        "m v=nan", "m v=inf", "m v=1_0", "m v=0x1i", "m v=yes", 'm v="a', 'm "v"=1,w="x"',
        'm "v"=1', 'm v="a"b', "m v=1" + "0" * 5000 + "i",
    ],
)  # fmt: skip
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(LineError):
        parse_head(_split(text).head)
