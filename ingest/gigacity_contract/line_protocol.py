r"""Line protocol, driven by the measurement table.

``encode_point`` is the checked, general encoder. ``PointTemplate`` is the fast one for telemetry:
it formats the fields of one measurement in one step and leaves absent fields out.
Both write field types from the table only. What one of the servers would refuse, or they would
not read alike (an empty tag value, a backslash in a tag, NaN, a line break, a string over 64 KiB,
a time beyond 64 bits of nanoseconds), is an error here.
"""

import re
import sys
from collections.abc import Mapping, Sequence

from gigacity_contract.errors import EncodeError
from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.measurements import Measurement

FieldValue = float | int | bool | str

MAX_STRING_BYTES = 65_536
MAX_KEY_BYTES = 65_000
"""Measurement and tags together; both servers refuse keys over 65,535 bytes, with the field."""
_MAX_INT64 = 2**63 - 1
_MAX_TIME_NS = 9_223_372_036_854_775_806
_MAX_TIME = {"ns": _MAX_TIME_NS, "ms": _MAX_TIME_NS // 10**6, "s": _MAX_TIME_NS // 10**9}
_BREAKS_TAG = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
_BREAKS_STRING = re.compile(r"[\x00\r\n\ud800-\udfff]")
# A line break inside a string is stored by InfluxDB, breaks the line on openGemini, and would break
# our own spool, whose batches are cut at line feeds. Surrogates are no UTF-8.
_TAG_ESCAPES = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_STRING_ESCAPES = str.maketrans({'"': r"\"", "\\": r"\\"})


def escape_tag(value: str) -> str:
    """A tag value ready for a line.

    Raises:
        EncodeError: the value is empty, or holds a control character or a backslash.
    """
    if not value or _BREAKS_TAG.search(value):
        raise EncodeError(f"tag value {value[:80]!r} is empty, or holds a control or a backslash")
    return value.translate(_TAG_ESCAPES)


def _string(value: str) -> str:
    if _BREAKS_STRING.search(value):
        raise EncodeError(f"string field holds a line break or no Unicode: {value[:80]!r}")
    if len(value.encode()) > MAX_STRING_BYTES:
        raise EncodeError(f"string field over {MAX_STRING_BYTES} bytes")
    return f'"{value.translate(_STRING_ESCAPES)}"'


def format_field(field: FieldSpec, value: FieldValue) -> str:
    """The value in the field's own type.

    Raises:
        EncodeError: the value is not of that type, not finite, or beyond 64 bits.
    """
    kind = field.type
    if kind is FieldType.BOOLEAN and isinstance(value, bool):
        return "true" if value else "false"
    if kind is FieldType.STRING and isinstance(value, str):
        return _string(value)
    if isinstance(value, bool | str):
        raise EncodeError(f"field {field.name} is a {kind}, not {value!r}")
    if kind is FieldType.INTEGER and isinstance(value, int) and abs(value) <= _MAX_INT64:
        return f"{value}i"
    if kind is FieldType.FLOAT and abs(value) <= sys.float_info.max:  # False for NaN.
        return repr(float(value))
    raise EncodeError(f"field {field.name} is a {kind}, not {value!r}")


def tag_prefix(measurement: Measurement, tags: Mapping[str, str]) -> str:
    """Measurement and tags of a line; a tag whose value is empty is left out.

    Raises:
        EncodeError: a tag that the table does not name, a value that a tag cannot hold, or too much
            altogether.
    """
    unknown = tags.keys() - set(measurement.tags)
    if unknown:
        raise EncodeError(f"{measurement.name} has no tag {min(unknown)!r}")
    parts = [f",{name}={escape_tag(tags[name])}" for name in measurement.tags if tags.get(name)]
    prefix = measurement.name + "".join(parts)
    if len(prefix.encode()) > MAX_KEY_BYTES:
        raise EncodeError(f"the tags of a point of {measurement.name} exceed {MAX_KEY_BYTES} bytes")
    return prefix


def encode_point(
    measurement: Measurement,
    tags: Mapping[str, str],
    fields: Mapping[str, FieldValue | None],
    time: int,
) -> bytes:
    """One line, without a line break; fields that are None are left out.

    Args:
        measurement: a row of the storage table.
        tags: values by name; an empty one is left out.
        fields: values by name.
        time: epoch time in the measurement's precision.

    Raises:
        EncodeError: an unknown tag or field, no field at all, a value of the wrong type, or a time
            beyond what the servers hold.
    """
    if abs(time) > _MAX_TIME[measurement.precision]:
        raise EncodeError(f"time {time} is beyond 64 bits of nanoseconds")
    unknown = fields.keys() - {f.name for f in measurement.fields}
    if unknown:
        raise EncodeError(f"{measurement.name} has no field {min(unknown)!r}")
    values = ((field, fields.get(field.name)) for field in measurement.fields)
    parts = [f"{field.name}={format_field(field, v)}" for field, v in values if v is not None]
    if not parts:
        raise EncodeError(f"a point of {measurement.name} needs at least one field")
    return f"{tag_prefix(measurement, tags)} {','.join(parts)} {time}".encode()


_CONVERSIONS = {
    FieldType.FLOAT: b"%a",
    FieldType.INTEGER: b"%di",
    FieldType.BOOLEAN: b"%a",
    FieldType.STRING: b'"%b"',
}
# InfluxDB reads True and False, which is what ``%a`` writes, on 1.x and 2.x alike.


class PointTemplate:
    """Formats points of one measurement from values that a payload struct has already validated.

    One template is kept for each set of present fields, so that absent fields cost a look-up, not a
    loop. The values come in the order of the measurement's fields; strings must be literals of the
    contract (they are not escaped).
    """

    MAX_TEMPLATES = 4096

    def __init__(self, measurement: Measurement) -> None:
        self.fields = measurement.fields
        self._names = [field.name.encode() for field in measurement.fields]
        self._conversions = [_CONVERSIONS[field.type] for field in measurement.fields]
        self._any_string = any(f.type is FieldType.STRING for f in measurement.fields)
        self._full = self._build([True] * len(self.fields))
        self._partial: dict[tuple[bool, ...], bytes] = {}

    def _build(self, present: Sequence[bool]) -> bytes:
        chosen = zip(self._names, self._conversions, present, strict=True)
        parts = [name + b"=" + conversion for name, conversion, there in chosen if there]
        return b"%b " + b",".join(parts) + b" %d"

    def format(self, prefix: bytes, values: Sequence[FieldValue | None], time: int) -> bytes | None:
        """One line, or None if every value is absent.

        A whole number in a float field (JSON ``5``) is written as an integer literal without the
        suffix ``i``, which InfluxDB reads as a float.
        """
        encoded: Sequence[object] = values
        if self._any_string:
            encoded = [v.encode() if isinstance(v, str) else v for v in values]
        if None not in values:
            return self._full % (prefix, *encoded, time)
        present = tuple([value is not None for value in values])
        template = self._partial.get(present)
        if template is None:
            if not any(present):
                return None
            if len(self._partial) >= self.MAX_TEMPLATES:
                self._partial.clear()
            template = self._partial[present] = self._build(present)
        return template % (prefix, *[v for v in encoded if v is not None], time)
