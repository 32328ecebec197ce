"""The integrators' pages: every example valid and decodable."""

import json
import re
import shlex
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from gigacity_contract.decoding import (
    PayloadError,
    RejectionReason,
    decode_bundle,
    decode_device,
    decode_pon,
    decode_status,
)
from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.measurements import MEASUREMENTS, POLICIES
from gigacity_contract.topics import MessageKind, parse_topic
from tests.docs.reference_pages import storage_page
from tests.docs.schemas import schemas
from tests.support.payload_strategies import bundles, device_reports, pon_reports, statuses

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGE = (DOCS / "integrators.md").read_text(encoding="utf-8")
FIELDS = (DOCS / "payloads.md").read_text(encoding="utf-8")
GOLDEN = ROOT / "tests" / "golden" / "messages"

SCHEMAS = schemas()
VALIDATORS = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "pon": lambda payload: _clean(decode_pon(payload)),
    "device": lambda payload: _clean(decode_device(payload)),
    "bundle": lambda payload: _clean(decode_bundle(payload)),
    "status": lambda payload: _clean(decode_status(payload)),
}
_BESIDE_THE_SCHEMA = {"pon_sentinels", "pon_numbers"}
"""Golden messages as devices write them, which is more than we ask for."""
MESSAGES = {
    MessageKind.PON: "pon",
    MessageKind.TELEMETRY: "device",
    MessageKind.BUNDLE: "bundle",
    MessageKind.STATUS: "status",
}

EXAMPLES = re.findall(r"<!-- example: (\w+) -->\n```json\n(.*?)```", PAGE, flags=re.DOTALL)
COMMANDS = [
    shlex.split(text.replace("\\\n", " "))
    for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    for text in re.split(r"\n(?=\S)", block)
    if text.startswith("mosquitto_pub")
]


def _clean(decoded: tuple[Any, Any]) -> Any:
    report, notes = decoded
    assert notes is None, "an example must not need the slow path"
    return report


def _validator(name: str, payload: dict[str, Any]) -> Draft202012Validator:
    return VALIDATORS[f"device_{payload['kind']}" if name == "device" else name]


# Completeness.


def test_every_field_of_every_payload_is_on_the_page() -> None:
    fields = [*PORT_FIELDS, *(f for fields in KIND_FIELDS.values() for f in fields)]

    assert [f.name for f in fields if f"| `{f.name}` |" not in FIELDS] == []
    assert [kind for kind in CATALOGUE if f"## `{kind}`:" not in FIELDS] == []


def test_every_reason_of_a_dead_letter_is_on_the_page() -> None:
    """Apart from what only the database can refuse."""
    reasons = set(RejectionReason) - {RejectionReason.SINK_REJECTED}

    assert [reason for reason in sorted(reasons) if f"`{reason}`" not in PAGE] == []


def test_every_measurement_and_policy_is_on_the_storage_page() -> None:
    page = storage_page()

    assert [name for name in MEASUREMENTS if f"### `{name}`\n" not in page] == []
    assert [p.name for p in POLICIES if f"| `{p.name}` |" not in page] == []


# Examples.


def test_the_page_has_examples_of_everything() -> None:
    assert {name for name, _ in EXAMPLES} == set(DECODERS)
    assert len(COMMANDS) == 3


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_an_example_is_valid_and_decodes(name: str, text: str) -> None:
    payload = json.loads(text)

    _validator(name, payload).validate(payload)
    DECODERS[name](text.encode())


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[words.index("-t") + 1])
def test_a_command_publishes_what_the_worker_takes(command: list[str]) -> None:
    options = dict(pairwise(command))
    topic = parse_topic(options["-t"])
    text = options.get("-m") or options["--will-payload"]
    name = MESSAGES[topic.message]

    assert options["-u"] == topic.identity
    assert options["-q"] == "1"
    _validator(name, json.loads(text)).validate(json.loads(text))
    DECODERS[name](text.encode())
    if "--will-topic" in options:
        assert (options["--will-topic"], options["--will-qos"]) == (options["-t"], "1")
        assert {"-r", "--will-retain"} <= set(command)


# The schemas against the decoders.


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])
    assert r"\Z" not in json.dumps(SCHEMAS[name]), "no regular expression of JSON Schema"


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(GOLDEN.glob("*.json")) if p.stem not in _BESIDE_THE_SCHEMA],
    ids=lambda p: p.stem,
)
def test_golden_messages_are_valid(path: Path) -> None:
    payload = json.loads(path.read_bytes())
    name = next((n for n in ("pon", "bundle", "status") if path.stem.startswith(n)), "device")

    _validator(name, payload).validate(payload)


@given(pon_reports())
def test_what_the_decoder_takes_the_schema_takes_pon(report: dict[str, Any]) -> None:
    VALIDATORS["pon"].validate(report)


@given(device_reports())
def test_what_the_decoder_takes_the_schema_takes_device(report: dict[str, Any]) -> None:
    _validator("device", report).validate(report)


@given(bundles())
def test_what_the_decoder_takes_the_schema_takes_bundle(bundle: dict[str, Any]) -> None:
    VALIDATORS["bundle"].validate(bundle)


@given(statuses())
def test_what_the_decoder_takes_the_schema_takes_status(status: dict[str, Any]) -> None:
    VALIDATORS["status"].validate(status)


_PORT = {"slot": 1, "port": 1, "tech": "gpon", "admin": "up", "oper": "up"}
_ENTRY = {"community": "371602001001", "device": "a", "ts": 1, "kind": "camera", "values": {}}


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("pon", {"ts": 1, "ports": [_PORT | {"tech": "adsl"}]}),
        ("pon", {"ts": 1, "ports": [_PORT | {"tech": ["gpon", "gpon"]}]}),
        ("pon", {"ts": 1, "ports": [{"slot": 1, "port": 1, "tech": "gpon", "admin": "up"}]}),
        ("pon", {"ts": 1, "ports": [_PORT | {"rx_dbm": 31}]}),
        ("pon", {"ts": -1, "ports": []}),
        ("pon", {"ports": []}),
        ("bundle", {"reports": [_ENTRY | {"device": "a b"}]}),
        ("bundle", {"reports": [_ENTRY | {"community": "3716"}]}),
        ("bundle", {"reports": [_ENTRY | {"kind": "toaster"}]}),
        ("device_camera", {"ts": 1, "kind": "camera", "values": {"temp_c": 151}}),
        ("status", {"session": 1, "state": "asleep"}),
    ],
)
def test_what_is_not_taken_whole_the_schema_refuses(name: str, payload: dict[str, Any]) -> None:
    decode: dict[str, Callable[[bytes], Any]] = {
        "pon": decode_pon, "bundle": decode_bundle, "device_camera": decode_device,
        "status": decode_status,
    }  # fmt: skip

    assert not VALIDATORS[name].is_valid(payload)
    try:
        _, notes = decode[name](json.dumps(payload).encode())
    except PayloadError:
        return
    assert notes.rejections


def test_units_stand_in_the_schemas() -> None:
    port = SCHEMAS["pon"]["$defs"]["Port"]["properties"]

    assert port["rx_dbm"]["x-unit"] == "dBm"
    assert (
        SCHEMAS["device_air_quality"]["$defs"]["AirQuality"]["properties"]["co2_ppm"]["x-unit"]
        == "ppm"
    )
