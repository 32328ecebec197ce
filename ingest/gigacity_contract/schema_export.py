"""JSON Schema of every payload, made from the structs that decode them.

Stricter than the worker in one thing: it forbids unknown members, which the worker ignores and
counts, so that a sender's typing error shows before it is sent.

``python -m gigacity_contract.schema_export docs`` rewrites what is generated under ``docs``:
the schemas, the storage page, and the tables inside the payload page. A test keeps them current.
"""

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from gigacity_contract.device_reports import REPORT_STRUCTS, Bundle
from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, Field
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.payloads import PonReport, Status
from gigacity_contract.reference_pages import fill_payload_page, storage_page

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TITLES = {
    "pon": "PON port report",
    "bundle": "Bundle of device reports, sent by a gateway",
    "status": "Birth, last will, or orderly end of a session",
}


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each payload by name: pon, bundle, status, ``device_<kind>``."""
    structs: dict[str, Any] = {"pon": PonReport, "bundle": Bundle, "status": Status}
    structs |= {f"device_{kind}": struct for kind, struct in REPORT_STRUCTS.items()}
    return {name: _schema(name, struct) for name, struct in structs.items()}


def schema_texts() -> dict[str, str]:
    """The files of ``docs/schema`` by name."""
    return {
        f"{name}.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas().items()
    }


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


def _add_units(definition: dict[str, Any] | None, fields: tuple[Field, ...]) -> None:
    for field in fields if definition else ():
        if definition and field.unit:
            definition["properties"][field.name]["x-unit"] = field.unit


def write_docs(docs: Path) -> None:
    """Rewrite everything under ``docs`` that is generated from the contract."""
    folder = docs / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    texts = schema_texts()
    for stale in {path.name for path in folder.glob("*.json")} - texts.keys():
        (folder / stale).unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    (docs / "storage.md").write_text(storage_page(), encoding="utf-8")
    page = docs / "payloads.md"
    page.write_text(fill_payload_page(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write_docs(Path(sys.argv[1]))
