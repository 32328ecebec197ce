"""Lines of ``device_<kind>``: a cached prefix for each device and the contract's template."""

from msgspec.structs import astuple

from gigacity_contract.kinds import KIND_OF_VALUES, Values
from gigacity_contract.line_protocol import PointTemplate, tag_prefix
from gigacity_contract.measurements import DEVICE_MEASUREMENTS

_TEMPLATES = {
    values: PointTemplate(DEVICE_MEASUREMENTS[kind]) for values, kind in KIND_OF_VALUES.items()
}
MEASUREMENT_OF_VALUES = {
    values: DEVICE_MEASUREMENTS[kind].name for values, kind in KIND_OF_VALUES.items()
}
"""Measurement name by values struct."""


def device_prefix(values: type[Values], area: str, community: str, device: str) -> bytes:
    """Measurement and tags of a device's lines; keep it, it never changes."""
    tags = {"area": area, "community": community, "device": device}
    return tag_prefix(DEVICE_MEASUREMENTS[KIND_OF_VALUES[values]], tags).encode()


def device_line(prefix: bytes, values: Values, ts: int) -> bytes | None:
    """One line, or None if no value is present."""
    return _TEMPLATES[values.__class__].format(prefix, astuple(values), ts)
