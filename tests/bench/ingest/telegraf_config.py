"""Telegraf's configuration for the same work, as text. Pure.

json_v2 with the contract's types, MQTT with QoS 1 and a persistent session, InfluxDB with gzip. Its
limits are raised so far that it does not stand still on a long queue: with its defaults it does,
since points that overflow the buffer are never acknowledged.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_contract.measurements import RAW
from gigacity_contract.topics import PREFIX

_TYPES = {
    FieldType.FLOAT: "float",
    FieldType.INTEGER: "int",
    FieldType.BOOLEAN: "bool",
    FieldType.STRING: "string",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegrafConfig:
    """What differs from one run to another."""

    broker: str
    client_id: str
    mqtt_username: str
    mqtt_password: str
    influx_url: str
    database: str
    influx_username: str
    influx_password: str
    messages: int
    points: int


def _types(fields: Iterable[FieldSpec]) -> str:
    kinds = {field.name: _TYPES[field.type] for field in fields}
    return "\n".join(f'      {name} = "{kind}"' for name, kind in kinds.items())


def _login(username: str, password: str) -> str:
    if not username:
        return ""
    return f"  username = {json.dumps(username)}\n  password = {json.dumps(password)}\n"


def _input(
    config: TelegrafConfig, topic: str, tags: str, parser: str, *, reads_all: bool = True
) -> str:
    topics, client_id = f"{PREFIX}/#", config.client_id
    if not reads_all:
        topics, client_id = topic, f"{client_id}-{topic.rsplit('/', 1)[-1]}"
    return f"""\
[[inputs.mqtt_consumer]]
  servers = ["{config.broker}"]
  topics = ["{topics}"]
  topic_tag = ""
  qos = 1
  persistent_session = true
  client_id = "{client_id}"
{_login(config.mqtt_username, config.mqtt_password)}\
  max_undelivered_messages = {config.messages + 1}
  data_format = "json_v2"
{parser}
  [[inputs.mqtt_consumer.topic_parsing]]
    topic = "{topic}"
    tags = "{tags}"
"""


_PON = f"""\
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "pon_port"
    timestamp_path = "ts"
    timestamp_format = "unix_ms"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "ports"
      tags = ["slot", "port", "tech"]
      [inputs.mqtt_consumer.json_v2.object.fields]
{_types(PORT_FIELDS)}
"""

_DEVICE = f"""\
  name_prefix = "device_"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name_path = "kind"
    timestamp_path = "ts"
    timestamp_format = "unix_ms"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "values"
      [inputs.mqtt_consumer.json_v2.object.fields]
{_types(field for fields in KIND_FIELDS.values() for field in fields)}
"""


_BUNDLE = f"""\
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "device"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "reports"
      timestamp_key = "ts"
      timestamp_format = "unix_ms"
      tags = ["community", "device", "kind"]
      disable_prepend_keys = true
      [inputs.mqtt_consumer.json_v2.object.fields]
{_types(field for fields in KIND_FIELDS.values() for field in fields)}
"""
"""All kinds in one measurement: it has no means to name it after a member of each report."""
_PON_SOURCE = (f"{PREFIX}/+/olt/+/pon", "_/_/area/_/olt/_", _PON)
_DEVICE_SOURCE = (
    f"{PREFIX}/+/community/+/+/telemetry", "_/_/area/_/community/device/_", _DEVICE,
)  # fmt: skip
_BUNDLE_SOURCE = (f"{PREFIX}/+/gateway/+/bundle", "_/_/area/_/_/_", _BUNDLE)


def telegraf_conf(config: TelegrafConfig, shape: str) -> str:
    """The text of ``telegraf.conf`` for one shape of message; ``city``: ports and bundles."""
    if shape == "city":
        source = "\n".join(
            _input(config, *one, reads_all=False) for one in (_PON_SOURCE, _BUNDLE_SOURCE)
        )
    elif shape.startswith("bundle"):
        source = _input(config, *_BUNDLE_SOURCE)
    else:
        source = _input(config, *(_PON_SOURCE if shape == "pon" else _DEVICE_SOURCE))
    return f"""\
[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = {2 * config.points + 5000}
  omit_hostname = true

{source}
[[outputs.influxdb]]
  urls = ["{config.influx_url}"]
  database = "{config.database}"
  retention_policy = "{RAW.name}"
  skip_database_creation = true
  content_encoding = "gzip"
  timeout = "30s"
{_login(config.influx_username, config.influx_password)}"""
