"""One device's four values as each format writes them, on the topic and with the names it has.

What surrounds them is what the format's public examples have: of LoRaWAN what a network server says
about gateways, of Sparkplug births before the data.
"""

import json
from collections.abc import Iterator
from itertools import cycle, repeat
from typing import Any, NamedTuple

import cbor2

from gigacity_ingest.formats.sparkplug_b.births import BD_SEQ
from tests.support.city import COMMUNITY_A
from tests.support.protobuf_wire import WireField, wire

AT_MS = 1_767_225_600_000
METER = {"energy_total_kwh": 20480.5, "power_kw": 1.75, "voltage_v": 221, "current_a": 8}
DEVICE = "emeter-1"
_ISO = "2026-01-01T00:00:00.204511873Z"
_DOUBLE, _INT64 = 10, 4


class DeviceWay(NamedTuple):
    """How one format says the four values."""

    name: str
    """Of the source."""
    decoder: str
    topic: str
    """Filter of the source, in which ``{device}`` may stand."""
    body: bytes
    device: str = "{device}"
    """Template of the device's id."""
    below: str = ""
    """Path of the object that holds the values, with its dot."""
    before: tuple[tuple[str, bytes], ...] = ()
    """Topics and bodies of messages that come first."""
    bodies: tuple[bytes, ...] = ()
    """Other bodies that follow, over and over; empty: the same one again."""

    def stream(self) -> Iterator[bytes]:
        """Bodies without end."""
        return cycle(self.bodies) if self.bodies else repeat(self.body)

    def source(self, owner: str) -> str:
        """Its source in a mapping file."""
        fields = json.dumps({name: f"{self.below}{name}" for name in METER})
        return f"""\
  - name: {self.name}
    topics: ["{self.topic}"]
    decoder: {self.decoder}
    owner: {owner}
    identity: {{community: "{COMMUNITY_A}", device: "{self.device}"}}
    kinds: [{{kind: electricity_meter, fields: {fields}}}]
"""


def device_ways() -> list[DeviceWay]:
    """Every format that says several values at once."""
    return [*_platforms(), *_gateways(), *_lorawan(), *_sparkplug(), *_senml()]


def _platforms() -> list[DeviceWay]:
    wrapped = {name: {"value": value, "time": AT_MS} for name, value in METER.items()}
    service = {"service_id": "Meter", "properties": METER, "event_time": "20260101T000000Z"}
    report = {"method": "report", "clientToken": "c-1", "timestamp": AT_MS, "params": METER}
    alink = {"id": "1", "version": "1.0", "params": METER, "method": "thing.event.property.post"}
    return [
        DeviceWay(
            "alink_plain", "alink", "/sys/k2/{device}/thing/event/property/post",
            _json({**alink, "time": AT_MS}),
        ),
        DeviceWay(
            "iotda_device", "iotda", "$oc/devices/{device}/sys/properties/report",
            _json({"services": [service]}), below="Meter.",
        ),
        DeviceWay("tencent", "tencent", "$thing/up/property/p1/{device}", _json(report)),
        DeviceWay(
            "tuya", "tuya", "tylink/{device}/thing/property/report",
            _json({"msgId": "1", "time": AT_MS, "data": wrapped}),
        ),
        DeviceWay(
            "jetlinks", "jetlinks", "/p/{device}/properties/report",
            _json({"messageId": "1", "timestamp": AT_MS, "properties": METER}),
        ),
        DeviceWay(
            "thingsboard", "thingsboard", "tb/{device}/v1/devices/me/telemetry",
            _json({"ts": AT_MS, "values": METER}),
        ),
        DeviceWay(
            "json_plain", "json", "plain/{device}/up", _json({**METER, "ts": AT_MS}),
        ),
    ]  # fmt: skip


def _gateways() -> list[DeviceWay]:
    metadata = {"title": "ETH", "ts": AT_MS / 1000, "serial_no": "S1", "device_id": DEVICE}
    metrics = {name: float(value) for name, value in METER.items()}
    event = {"ts": AT_MS / 1000, "slice_data": [{"metadata": metadata, "metrics": metrics}]}
    written: list[WireField] = [
        (2, AT_MS / 1000),
        (3, [
            (1, [(1, "ETH"), (2, AT_MS / 1000), (4, "S1"), (5, DEVICE)]),
            *((2, [(1, name), (2, value)]) for name, value in metrics.items()),
        ]),
    ]  # fmt: skip
    tags = {"node": DEVICE, "group": "g", "timestamp": AT_MS, "values": METER, "errors": {}}
    meter = {"media": "electricity", "meter": "amiplus", "name": DEVICE, "id": "1", **METER}
    return [
        DeviceWay("neuron", "neuron", "/neuron/mqtt/{device}/g", _json(tags)),
        DeviceWay(
            "kura", "kura", "kura/{device}/meter",
            _json({"sentOn": AT_MS, "metrics": METER}), device="{client}",
        ),
        DeviceWay(
            "tasmota", "tasmota", "tele/{device}/SENSOR",
            _json({"Time": "2026-01-01T00:00:00", "ENERGY": METER}), below="ENERGY.",
        ),
        DeviceWay(
            "zigbee2mqtt", "zigbee2mqtt", "zigbee2mqtt/{device}",
            _json({**METER, "linkquality": 120, "last_seen": "2026-01-01T00:00:00Z"}),
        ),
        DeviceWay(
            "shelly", "shelly", "{device}/events/rpc",
            _json({
                "src": "shelly-1", "dst": "x", "method": "NotifyStatus",
                "params": {"ts": AT_MS / 1000, "em:0": {"id": 0, **METER}},
            }), below="em:0.",
        ),
        DeviceWay(
            "wmbusmeters", "wmbusmeters", "wmbus/{device}",
            _json({**meter, "timestamp": "2026-01-01T00:00:00Z"}),
        ),
        DeviceWay("voltha_json", "voltha", "voltha/json", _json(event), device="{device_id}"),
        DeviceWay(
            "voltha_protobuf", "voltha", "voltha/protobuf",
            wire([(1, [(1, "e1")]), (7, written)]), device="{device_id}",
        ),
    ]  # fmt: skip


def _lorawan() -> list[DeviceWay]:
    eui = "a1b2c3d4e5f60718"
    chirpstack = {
        "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
        "time": _ISO,
        "deviceInfo": {
            "tenantId": "t1", "tenantName": "binzhou", "applicationId": "7d1c",
            "applicationName": "meters", "deviceProfileId": "p9", "deviceProfileName": "class-a",
            "deviceName": DEVICE, "devEui": eui, "tags": {"building": "b-12"},
        },
        "devAddr": "00189440", "dr": 1, "fPort": 1, "data": "qg==", "object": METER,
        "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -71, "snr": 8.2}],
    }  # fmt: skip
    stack = {
        "end_device_ids": {
            "device_id": DEVICE, "application_ids": {"application_id": "meters"},
            "dev_eui": eui.upper(), "dev_addr": "260B1234",
        },
        "correlation_ids": ["as:up:01"],
        "received_at": "2026-01-01T00:00:00.404Z",
        "uplink_message": {
            "f_port": 85, "frm_payload": "AXVk", "decoded_payload": METER,
            "rx_metadata": [{"gateway_ids": {"gateway_id": "g1"}, "rssi": -71, "snr": 8.2}],
            "settings": {"frequency": "471900000"}, "received_at": _ISO,
        },
    }  # fmt: skip
    codec = {"devEUI": eui, "deviceName": DEVICE, "fCnt": 12, "timestamp": AT_MS // 1000, **METER}
    return [
        DeviceWay(
            "chirpstack", "chirpstack", f"application/7d1c/device/{eui}/event/up",
            _json(chirpstack),
        ),
        DeviceWay("ttn", "ttn", f"v3/meters@t/devices/{DEVICE}/up", _json(stack)),
        DeviceWay("milesight", "milesight", "milesight/up", _json(codec)),
        DeviceWay("dragino", "dragino", "dragino/up", _json(codec)),
    ]  # fmt: skip


def _sparkplug() -> list[DeviceWay]:
    born: list[WireField] = [
        (2, [(1, name), (2, n), (3, AT_MS), (4, _DOUBLE), (13, 1.5)])
        for n, name in enumerate(METER)
    ]
    number: WireField = (2, [(1, BD_SEQ), (4, _INT64), (11, 1)])
    birth = wire([(1, AT_MS), number, *born, (3, 255)])
    values: list[WireField] = [
        (2, [(2, n), (3, AT_MS), (13, float(value))]) for n, value in enumerate(METER.values())
    ]
    data = tuple(wire([(1, AT_MS), *values, (3, seq)]) for seq in range(256))
    topic = f"spBv1.0/meters/NDATA/{DEVICE}"
    return [
        DeviceWay(
            "sparkplug_b", "sparkplug_b", "spBv1.0/meters/+/{device}", data[0],
            before=((topic.replace("NDATA", "NBIRTH"), birth),), bodies=data,
        ),
    ]  # fmt: skip


def _senml() -> list[DeviceWay]:
    (first, value), *others = METER.items()
    base = {"bn": f"{DEVICE}:", "bt": AT_MS // 1000, "n": first, "u": "kWh", "v": value}
    pack = [base, *({"n": name, "u": "W", "v": number} for name, number in others)]
    labels = {"bn": -2, "bt": -3, "n": 0, "u": 1, "v": 2}
    packed = [{labels[name]: member for name, member in record.items()} for record in pack]
    return [
        DeviceWay("senml", "senml", "senml/json", _json(pack)),
        DeviceWay("senml_cbor", "senml", "senml/cbor", cbor2.dumps(packed)),
    ]


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
