"""``docs/asyncapi.yaml``: the native format as AsyncAPI 3 describes it, seen from a publisher."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES
from gigacity_contract.identifiers import AREA_PATTERN, COMMUNITY_PATTERN, ID_PATTERN
from gigacity_contract.kinds import CATALOGUE, PON_INTERVAL_S
from gigacity_contract.topics import (
    MessageKind,
    Publisher,
    device_identity,
    gateway_identity,
    olt_identity,
    topic_of,
)
from gigacity_deploy.broker import MAX_PACKET_BYTES

ROOT = Path(__file__).parents[2]
_HEAD = """\
# Generated from the contract by `python -m tests.docs`; payloads are the JSON Schemas beside it.
# What a publisher must do beyond what this can say: integrators.md.
"""
_IDENTITIES = {
    Publisher.OLT: (MessageKind.PON, olt_identity("{area}", "{olt}")),
    Publisher.DEVICE: (
        MessageKind.TELEMETRY,
        device_identity("{area}", "{community}", "{device}"),
    ),
    Publisher.GATEWAY: (MessageKind.BUNDLE, gateway_identity("{area}", "{gateway}")),
}
_PARAMETERS = {
    "area": (f"Area, GB/T 2260: {AREA_PATTERN}. 区县代码", "371602"),
    "community": (f"Community, statistical code: {COMMUNITY_PATTERN}. 社区代码", "371602001001"),
    "olt": (f"OLT, unique in the city: {ID_PATTERN}. OLT 编号", "olt-1"),
    "device": (f"Device, unique in its community: {ID_PATTERN}. 设备编号", "cam-7"),
    "gateway": (f"Gateway: {ID_PATTERN}. 网关编号", "gw-1"),
}
_TITLES = {
    "pon": ("PON port report", "PON 端口上报"),
    "bundle": ("Bundle of device reports, sent by a gateway", "网关汇聚上报"),
    "status": ("Birth, last will, or orderly end of a session", "上线、遗嘱或正常下线"),
}
_GOLDEN = {"status": ("status_birth", "status_will", "status_orderly")}
"""Files of ``tests/golden/messages`` that are examples, where they are not one of the same name."""
_BINDING = "0.2.0"
"""Version of the MQTT binding."""


class _Channel(NamedTuple):
    name: str
    address: str
    messages: list[str]
    is_retained: bool


def asyncapi_text() -> str:
    """The document."""
    text: str = yaml.safe_dump(
        asyncapi(), sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )
    return _HEAD + text


def asyncapi() -> dict[str, Any]:
    """The document as JSON values."""
    channels = _channels()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Gigacity: what field devices send",
            "version": "1.0.0",
            "description": (
                "Topics and payloads of the native format, seen from a publisher. MQTT 5 (3.1.1"
                " is accepted), QoS 1, UTF-8 JSON, at most"
                f" {MAX_PAYLOAD_BYTES >> 20} MiB a message. 设备侧原生格式的主题与载荷。"
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"broker": _server()},
        "channels": {channel.name: _channel(channel) for channel in channels},
        "operations": {f"send_{channel.name}": _operation(channel) for channel in channels},
        "components": {
            "messages": _messages(),
            "securitySchemes": {
                "identity": {
                    "type": "userPassword",
                    "description": "The user name is the identity path: the middle of the topic,"
                    " such as 371602/olt/olt-1.",
                }
            },
        },
    }


def _server() -> dict[str, Any]:
    will = {"session": 1_767_225_000_000, "state": "offline"}
    return {
        "host": "broker.example:8883",
        "protocol": "secure-mqtt",
        "protocolVersion": "5",
        "security": [{"$ref": "#/components/securitySchemes/identity"}],
        "bindings": {
            "mqtt": {
                "lastWill": {
                    "topic": "gigacity/v1/{identity}/status",
                    "qos": 1,
                    "message": json.dumps(will),
                    "retain": True,
                },
                "maximumPacketSize": MAX_PACKET_BYTES,
                "bindingVersion": _BINDING,
            }
        },
    }


def _channels() -> list[_Channel]:
    found = []
    for publisher, (kind, identity) in _IDENTITIES.items():
        reports = [kind.value]
        if kind is MessageKind.TELEMETRY:
            reports = [f"device_{name}" for name in CATALOGUE]
        name, status = f"{publisher}_{kind}", MessageKind.STATUS
        found.append(_Channel(name, topic_of(identity, kind), reports, is_retained=False))
        found.append(
            _Channel(
                f"{publisher}_{status}", topic_of(identity, status), [status], is_retained=True
            )
        )
    return found


def _channel(channel: _Channel) -> dict[str, Any]:
    levels = channel.address.split("/")
    names = [level[1:-1] for level in levels if level.startswith("{")]
    return {
        "address": channel.address,
        "parameters": {
            name: {"description": _PARAMETERS[name][0], "examples": [_PARAMETERS[name][1]]}
            for name in names
        },
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name in map(str, channel.messages)
        },
    }


def _operation(channel: _Channel) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "bindings": {"mqtt": {"qos": 1, "retain": channel.is_retained, "bindingVersion": _BINDING}},
    }


def _messages() -> dict[str, Any]:
    found = {
        name: _message(name, f"{en} ({zh})", PON_INTERVAL_S if name == "pon" else None)
        for name, (en, zh) in _TITLES.items()
    }
    for kind in CATALOGUE.values():
        title = f"Device report: {kind.en} ({kind.zh})"
        found[f"device_{kind.name}"] = _message(
            f"device_{kind.name}", title, kind.expected_interval_s
        )
    return found


def _message(name: str, title: str, interval_s: float | None) -> dict[str, Any]:
    """A message; ``x-expected-interval-s``: so often, unless the city file says otherwise."""
    files = _GOLDEN.get(name, (name.removeprefix("device_"),))
    folder = ROOT / "tests/golden/messages"
    texts = [(folder / f"{file}.json").read_text(encoding="utf-8") for file in files]
    return {
        "name": name,
        "title": title,
        "payload": {"$ref": f"schema/{name}.json"},
        "examples": [
            {"name": file, "payload": json.loads(text)}
            for file, text in zip(files, texts, strict=True)
        ],
        **({} if interval_s is None else {"x-expected-interval-s": interval_s}),
    }
