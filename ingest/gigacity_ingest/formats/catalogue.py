"""Every decoder by the name that a mapping gives it."""

from types import MappingProxyType

from gigacity_ingest.formats import (
    chirpstack,
    esphome,
    generic_json,
    influx_line,
    iotda,
    jetlinks,
    kura,
    lora_gateways,
    neuron,
    shelly,
    tasmota,
    telegraf_json,
    tencent,
    the_things_stack,
    thingsboard,
    tuya,
    voltha,
    wmbusmeters,
    zigbee2mqtt,
)
from gigacity_ingest.formats.alink import decoder as alink
from gigacity_ingest.formats.definition import Format
from gigacity_ingest.formats.homie import decoder as homie
from gigacity_ingest.formats.senml import decoder as senml
from gigacity_ingest.formats.sparkplug_b import decoder as sparkplug_b

_ROWS: tuple[Format, ...] = (
    alink.FORMAT,
    generic_json.FORMAT,
    influx_line.FORMAT,
    iotda.FORMAT,
    jetlinks.FORMAT,
    neuron.FORMAT,
    telegraf_json.FORMAT,
    tencent.FORMAT,
    thingsboard.FORMAT,
    tuya.FORMAT,
    sparkplug_b.FORMAT,
    chirpstack.FORMAT,
    the_things_stack.FORMAT,
    lora_gateways.MILESIGHT_FORMAT,
    lora_gateways.DRAGINO_FORMAT,
    zigbee2mqtt.FORMAT,
    tasmota.FORMAT,
    shelly.FORMAT,
    esphome.FORMAT,
    homie.FORMAT,
    wmbusmeters.FORMAT,
    senml.FORMAT,
    kura.FORMAT,
    voltha.FORMAT,
)
"""``FORMAT`` of each decoder's module, by name."""

FORMATS: MappingProxyType[str, Format] = MappingProxyType({row.name: row for row in _ROWS})
"""Every format by name."""
