"""Every decoder by the name that a mapping gives it."""

from types import MappingProxyType

from gigacity_ingest.formats import (
    generic_json,
    influx_line,
    iotda,
    jetlinks,
    neuron,
    telegraf_json,
    thingsboard,
)
from gigacity_ingest.formats.alink import decoder as alink
from gigacity_ingest.formats.definition import Format
from gigacity_ingest.formats.sparkplug_b import decoder as sparkplug_b

_ROWS: tuple[Format, ...] = (
    alink.FORMAT,
    generic_json.FORMAT,
    influx_line.FORMAT,
    iotda.FORMAT,
    jetlinks.FORMAT,
    neuron.FORMAT,
    telegraf_json.FORMAT,
    thingsboard.FORMAT,
    sparkplug_b.FORMAT,
)
"""``FORMAT`` of each decoder's module, by name."""

FORMATS: MappingProxyType[str, Format] = MappingProxyType({row.name: row for row in _ROWS})
"""Every format by name."""
