"""Baseline: the pipeline that one writes first, and correct as far as it goes.

Stock paho (MQTT 5, persistent session, acknowledged after the write), pydantic models with the
contract's types and ranges, ``influxdb_client``'s ``Point``, a synchronous post of 5,000 points.
Run as ``python -m tests.bench.ingest.plain SETTINGS.json``. No dead letters, ledgers or spool: a
bad message would end it.
"""

import json
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import GenericAlias
from typing import Annotated, Any, Literal

import paho.mqtt.client as paho
import urllib3
from influxdb_client.client.write import point as untyped
from influxdb_client.domain.write_precision import WritePrecision
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import ConfigDict, Field, TypeAdapter, create_model

from gigacity_contract import fields
from gigacity_contract.fields import FieldType

BATCH_POINTS = 5000
BATCH_AGE_S = 0.5
_PYTHON_TYPES: dict[FieldType, Any] = {
    FieldType.FLOAT: float,
    FieldType.INTEGER: int,
    FieldType.BOOLEAN: bool,
    FieldType.STRING: str,
}
Point: Any = untyped.Point
_STRICT = ConfigDict(strict=True, extra="forbid")


def _optional(field: fields.FieldSpec) -> tuple[Any, Any]:
    kind = _PYTHON_TYPES[field.type]
    if field.low is not None or field.high is not None:
        kind = Annotated[kind, Field(ge=field.low, le=field.high)]
    return (kind | None, None)


def _model(name: str, members: Mapping[str, Any]) -> Any:
    return create_model(name, __config__=_STRICT, **members)


_Port = _model(
    "_Port",
    {"slot": (int, ...), "port": (int, ...), "tech": (str, ...)}
    | {field.name: _optional(field) for field in fields.PORT_FIELDS},
)


_PonReport = _model(
    "_PonReport",
    {"ts": (int, ...), "seq": (int | None, None), "ports": (GenericAlias(list, _Port), ...)},
)


def _report_model(kind: str) -> Any:
    values = _model(f"{kind}_values", {f.name: _optional(f) for f in fields.KIND_FIELDS[kind]})
    members = {
        "kind": (Literal[kind], ...),
        "ts": (int, ...),
        "seq": (int | None, None),
        "values": (values, ...),
    }
    return _model(kind, members)


def _reports() -> TypeAdapter[Any]:
    union: Any = None
    for kind in fields.KIND_FIELDS:
        union = _report_model(kind) if union is None else union | _report_model(kind)
    return TypeAdapter(Annotated[union, Field(discriminator="kind")])


class Plain:
    """The whole pipeline."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._http = urllib3.PoolManager()
        self._reports = _reports()
        self._points: list[Any] = []
        self._waiting: list[tuple[int, int]] = []
        self._since_s = 0.0
        self._is_stopping = False
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=settings["client_id"],
            protocol=paho.MQTTv5,
            manual_ack=True,
        )
        if settings["username"]:
            client.username_pw_set(settings["username"], settings["password"])
        client.on_connect = self._on_connect
        client.on_message = self._on_message

    def _on_connect(self, *_: Any) -> None:
        self._client.subscribe(self._settings["filter"], 1)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        if not self._waiting:
            self._since_s = time.monotonic()
        levels = message.topic.split("/")
        if levels[-1] == "pon":
            self._take_pon(levels, message.payload)
        elif levels[-1] == "telemetry":
            self._take_device(levels, message.payload)
        self._waiting.append((message.mid, message.qos))
        if len(self._points) >= BATCH_POINTS:
            self._flush()

    def _take_pon(self, levels: list[str], payload: bytes | bytearray) -> None:
        report = _PonReport.model_validate_json(payload)
        for port in report.ports:
            point = Point("pon_port").tag("area", levels[2]).tag("olt", levels[4])
            point.tag("slot", port.slot).tag("port", port.port).tag("tech", port.tech)
            for field in fields.PORT_FIELDS:
                point.field(field.name, getattr(port, field.name))
            self._points.append(point.time(report.ts, WritePrecision.MS))

    def _take_device(self, levels: list[str], payload: bytes | bytearray) -> None:
        report = self._reports.validate_json(payload)
        point = Point(f"device_{report.kind}").tag("area", levels[2])
        point.tag("community", levels[4]).tag("device", levels[5])
        for name, value in report.values:
            point.field(name, value)
        self._points.append(point.time(report.ts, WritePrecision.MS))

    def _flush(self) -> None:
        body = "\n".join(point.to_line_protocol() for point in self._points)
        answer = self._http.request(
            "POST", self._settings["write_url"], body=body, headers=self._settings["headers"]
        )
        if answer.status != 204:
            raise RuntimeError(f"the database answers {answer.status}: {answer.data[:300]!r}")
        for mid, qos in self._waiting:
            self._client.ack(mid, qos)
        self._points.clear()
        self._waiting.clear()

    def stop(self, *_: object) -> None:
        """End after the current turn."""
        self._is_stopping = True

    def run(self) -> None:
        """Until stopped."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's gap
        properties.SessionExpiryInterval = 86_400
        properties.ReceiveMaximum = 10_000
        host, port = self._settings["host"], self._settings["port"]
        self._client.connect(host, port, clean_start=False, properties=properties)
        while not self._is_stopping and not self._client.loop(0.1):
            if self._waiting and time.monotonic() - self._since_s > BATCH_AGE_S:
                self._flush()
        self._client.disconnect()


if __name__ == "__main__":
    plain = Plain(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    signal.signal(signal.SIGTERM, plain.stop)
    plain.run()
