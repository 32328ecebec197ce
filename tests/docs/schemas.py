"""JSON Schema of every payload, made from the structs that decode them.

Stricter than the worker in one thing: it forbids unknown members, which the worker ignores and
counts, so that a sender's typing error shows before it is sent.
"""

import inspect
from typing import Any

import msgspec

from gigacity_contract.device_messages import MESSAGE_STRUCTS, Bundle
from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.payloads import PonMessage, Status

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TITLES = {
    "pon": "PON port report",
    "bundle": "Bundle of device reports, sent by a gateway",
    "status": "Birth, last will, or orderly end of a session",
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each payload by name: pon, bundle, status, ``device_<kind>``."""
    structs: dict[str, Any] = {"pon": PonMessage, "bundle": Bundle, "status": Status}
    structs |= {f"device_{kind}": struct for kind, struct in MESSAGE_STRUCTS.items()}
    return {name: _schema(name, struct) for name, struct in structs.items()}


def _schema(name: str, struct: Any) -> dict[str, Any]:
    made = msgspec.json.schema(struct)
    definitions = made.pop("$defs")
    for definition in definitions.values():
        _tidy(definition)
    for kind, fields in KIND_FIELDS.items():
        _add_units(definitions.get(CATALOGUE[kind].values.__name__), fields)
    _add_units(definitions.get("Port"), PORT_FIELDS)
    if "Port" in definitions:
        # The worker refuses a port that names a technology twice; a schema made from types cannot.
        definitions["Port"]["properties"]["tech"]["anyOf"][1]["uniqueItems"] = True
    kind = name.removeprefix("device_")
    title = _TITLES.get(name) or f"Device report: {CATALOGUE[kind].en} ({CATALOGUE[kind].zh})"
    return {
        "$schema": _DIALECT,
        "$id": f"https://gigacity.example/v1/{name}.json",
        "title": title,
        **made,
        "$defs": definitions,
    }


def _tidy(node: Any) -> None:
    """Make regular expressions portable, and take the indentation out of descriptions."""
    for name, value in node.items() if isinstance(node, dict) else ():
        if name == "pattern" and isinstance(value, str):
            node[name] = value.replace(r"\Z", "$")
        elif name == "description" and isinstance(value, str):
            node[name] = inspect.cleandoc(value)
        else:
            _tidy(value)
    for value in node if isinstance(node, list) else ():
        _tidy(value)


def _add_units(definition: dict[str, Any] | None, fields: tuple[FieldSpec, ...]) -> None:
    for field in fields if definition else ():
        if definition and field.unit:
            definition["properties"][field.name]["x-unit"] = field.unit
