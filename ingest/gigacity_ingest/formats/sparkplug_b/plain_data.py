"""Data as most edge nodes send it: aliases, one time, and numbers, switches or texts.

An object for each metric costs several times what its bytes cost. Here a metric stays as it came:
alias, time and value in the order of their numbers, as every encoder writes them, and nothing
else. Whatever is otherwise goes as a whole message to the general reader, with which this one must
always agree.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from struct import Struct
from typing import Any

from gigacity_ingest.formats.sparkplug_b.births import BornMetric
from gigacity_ingest.formats.sparkplug_b.values import MetricValueError, integer_of

_STAMP_BYTES = 6
"""Of the number of a time between 1971 and 2109."""
_ALIAS_TAG, _TIME_TAG = b"\x10", b"\x18"
_INTEGER_TAGS = {0x50, 0x58}
_CONTINUES = 0x80
_FIXED = {"float_value": (0x65, Struct("<f")), "double_value": (0x69, Struct("<d"))}
"""Tag and form of a value; a switch is a number of one byte."""
_SWITCH, _TEXT = 0x70, 0x7A
_Reader = Callable[[bytes, int], Any]
"""Of a metric and the place of its value's tag; raises ``MetricValueError`` for anything else."""
PlainReaders = dict[bytes, tuple[str, _Reader]]
"""Name of a metric and how its value is read, by how the metric begins."""


def plain_readers(aliases: Mapping[int, BornMetric]) -> PlainReaders:
    """Readers of a birth's numbers, switches and texts, but for huge aliases."""
    return {
        _ALIAS_TAG + _varint(alias) + _TIME_TAG: (born.name, _reader_of(born.member, born.datatype))
        for alias, born in aliases.items()
        if born.ignored is None and alias < _CONTINUES**2 // 2
    }


def plain_values(
    metrics: Iterable[bytes], readers: PlainReaders
) -> tuple[int, dict[str, Any]] | None:
    """Time and values by name; None where a metric holds something else.

    Args:
        metrics: as they stand in the message.
        readers: of the birth in force.
    """
    stamp, values = b"", dict[str, Any]()
    try:
        for metric in metrics:
            at = 3 if metric[1] < _CONTINUES else 4
            name, read = readers[metric[:at]]
            stated = metric[at : at + _STAMP_BYTES]
            if stated != stamp:
                if stamp:
                    return None
                stamp = stated
            values[name] = read(metric, at + _STAMP_BYTES)
    except (KeyError, IndexError, MetricValueError, UnicodeDecodeError):
        return None
    if len(stamp) != _STAMP_BYTES:
        return None
    at_ms = _number(stamp)
    return None if at_ms is None else (at_ms, values)


@cache
def _reader_of(member: str, datatype: int) -> _Reader:
    """One for all metrics of a type: a city has many."""
    if member in _FIXED:
        return _real_reader(*_FIXED[member])
    return {"boolean_value": _switch, "string_value": _text}.get(member, _integer_reader(datatype))


def _real_reader(tag: int, form: Struct) -> _Reader:
    size, unpack = form.size + 1, form.unpack_from

    def real(metric: bytes, at: int) -> float | None:
        if metric[at] != tag or len(metric) - at != size:
            raise MetricValueError
        value: float = unpack(metric, at + 1)[0]
        return value if math.isfinite(value) else None

    return real


def _text(metric: bytes, at: int) -> str:
    if (
        metric[at] != _TEXT
        or metric[at + 1] >= _CONTINUES
        or len(metric) - at - 2 != metric[at + 1]
    ):
        raise MetricValueError
    return metric[at + 2 :].decode()


def _switch(metric: bytes, at: int) -> bool:
    if metric[at] != _SWITCH or len(metric) - at != 2 or metric[at + 1] > 1:
        raise MetricValueError
    return metric[at + 1] == 1


def _integer_reader(datatype: int) -> _Reader:
    def integer(metric: bytes, at: int) -> int:
        number = _number(metric[at + 1 :]) if metric[at] in _INTEGER_TAGS else None
        if number is None or (metric[at] == min(_INTEGER_TAGS) and number >> 32):
            raise MetricValueError
        return integer_of(number, datatype)

    return integer


def _number(written: bytes) -> int | None:
    """A number in seven bits a byte; None where the bytes are not exactly one of 64 bits."""
    number = 0
    for place, byte in enumerate(written):
        number |= (byte & 0x7F) << 7 * place
        if byte < _CONTINUES:
            return number if place + 1 == len(written) and not number >> 64 else None
    return None


def _varint(number: int) -> bytes:
    return bytes([number]) if number < _CONTINUES else bytes([number & 0x7F | 0x80, number >> 7])
