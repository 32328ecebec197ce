"""The AsyncAPI document says what the contract says, and follows its own specification."""

import json
import re
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.topics import MessageKind, Publisher, parse_topic

DOCS = Path(__file__).parents[3] / "docs"
DOCUMENT: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
FIELDS = {
    "": {"asyncapi", "info", "defaultContentType", "servers", "channels", "operations",
         "components"},
    "info": {"title", "version", "description", "license"},
    "servers/*": {"host", "protocol", "protocolVersion", "security", "bindings"},
    "channels/*": {"address", "parameters", "messages"},
    "channels/*/parameters/*": {"description", "examples"},
    "operations/*": {"action", "channel", "bindings"},
    "operations/*/bindings/mqtt": {"qos", "retain", "bindingVersion"},
    "components": {"messages", "securitySchemes"},
    "components/messages/*": {"name", "title", "payload", "examples", "x-expected-interval-s"},
    "components/messages/*/examples/*": {"name", "payload"},
}  # fmt: skip
"""What may stand where, by AsyncAPI 3.0.0, so far as the document uses it."""
CHANNELS = DOCUMENT["channels"]
MESSAGES = DOCUMENT["components"]["messages"]


def _at(path: str) -> Iterator[Any]:
    nodes: list[Any] = [DOCUMENT]
    for part in path.split("/") if path else ():
        nodes = [child for node in nodes for child in _children(node, part)]
    yield from nodes


def _children(node: Any, part: str) -> list[Any]:
    if part != "*":
        return [node[part]]
    return list(node.values()) if isinstance(node, dict) else list(node)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (node["$ref"] for _ in range("$ref" in node))
        for value in node.values():
            yield from _references(value)
    for value in node if isinstance(node, list) else ():
        yield from _references(value)


def _resolve(reference: str) -> Any:
    file, _, pointer = reference.partition("#")
    root = json.loads((DOCS / file).read_text(encoding="utf-8")) if file else DOCUMENT
    return reduce(lambda node, part: node[part], filter(None, pointer.split("/")), root)


@pytest.mark.parametrize("path", FIELDS)
def test_nothing_stands_where_asyncapi_does_not_know_it(path: str) -> None:
    nodes = list(_at(path))

    assert nodes
    assert {name for node in nodes for name in node} <= FIELDS[path]


def test_every_reference_leads_somewhere() -> None:
    references = set(_references(DOCUMENT))

    assert len(references) > 30
    assert all(_resolve(reference) for reference in references)


def test_names_are_such_as_references_can_hold() -> None:
    names = [*CHANNELS, *DOCUMENT["operations"], *MESSAGES, *DOCUMENT["servers"]]

    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9._-]+", name)] == []
    assert DOCUMENT["asyncapi"] == "3.0.0"


@pytest.mark.parametrize("name", CHANNELS)
def test_the_example_of_each_address_is_a_topic_of_the_contract(name: str) -> None:
    channel = CHANNELS[name]
    examples = {key: value["examples"][0] for key, value in channel["parameters"].items()}
    topic = parse_topic(channel["address"].format(**examples))

    assert set(re.findall(r"\{(\w+)\}", channel["address"])) == set(examples)
    assert name == f"{topic.publisher}_{topic.message}"


def test_every_topic_and_every_kind_is_there_once() -> None:
    reports = {"olt": "pon", "device": "telemetry", "gateway": "bundle"}
    wanted = {f"{p}_{kind}" for p in Publisher for kind in (reports[p], MessageKind.STATUS)}
    sent = [operation["channel"]["$ref"] for operation in DOCUMENT["operations"].values()]

    assert set(CHANNELS) == wanted
    assert sorted(sent) == sorted(f"#/channels/{name}" for name in wanted)
    assert set(CHANNELS["device_telemetry"]["messages"]) == {f"device_{k}" for k in CATALOGUE}
    assert {m for channel in CHANNELS.values() for m in channel["messages"]} == set(MESSAGES)


def test_statuses_alone_are_retained_and_all_is_of_qos_1() -> None:
    bindings = {
        operation["channel"]["$ref"].rpartition("_")[2]: operation["bindings"]["mqtt"]
        for operation in DOCUMENT["operations"].values()
    }

    assert {kind: b["retain"] for kind, b in bindings.items()} == {
        "pon": False, "telemetry": False, "bundle": False, "status": True,
    }  # fmt: skip
    assert {b["qos"] for b in bindings.values()} == {1}
    assert {op["action"] for op in DOCUMENT["operations"].values()} == {"send"}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_example_follows_its_schema(name: str) -> None:
    message = MESSAGES[name]
    schema = _resolve(message["payload"]["$ref"])

    assert message["examples"]
    for example in message["examples"]:
        jsonschema.validate(example["payload"], schema)
