"""Homie: what is remembered stays bounded, and is given back."""

import msgspec
import pytest

from gigacity_contract.decoding import PayloadError
from gigacity_ingest.formats.homie import devices
from gigacity_ingest.formats.homie.decoder import FORMAT
from gigacity_ingest.formats.readings import Decoded, ForeignMessage, FormatDecoder
from gigacity_ingest.formats.times import TimeRule


def _send(decoder: FormatDecoder, topic: str, payload: bytes) -> Decoded:
    return decoder.decode(ForeignMessage(f"homie/5/{topic}", payload, True, 0))


def _description(*names: str, root: str = "") -> bytes:
    properties = {name: {"datatype": "string"} for name in names}
    return msgspec.json.encode({"nodes": {"n": {"properties": properties}}, "root": root})


def _value(decoder: FormatDecoder, topic: str) -> object:
    """``7`` is a text where the type is remembered, and a number where it is not."""
    return _send(decoder, topic, b"7").readings[0].values["n/a"]


def test_types_of_too_many_devices_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "MAX_DEVICES", 1)
    decoder = FORMAT.make({}, TimeRule())
    for device in ("one", "two"):
        _send(decoder, f"{device}/$description", _description("a"))

    assert [_value(decoder, f"{device}/n/a") for device in ("one", "two")] == ["7", 7]


def test_devices_with_endless_names_are_not_remembered() -> None:
    decoder, device = FORMAT.make({}, TimeRule()), "d" * 300
    _send(decoder, f"{device}/$description", _description("a"))

    assert _value(decoder, f"{device}/n/a") == 7


def test_room_is_given_back_when_a_device_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "MAX_TYPES", 2)
    decoder = FORMAT.make({}, TimeRule())
    for number in range(5):
        _send(decoder, f"d{number}/$description", _description("a", "b"))
        _send(decoder, f"d{number}/$description", _description("a"))
        _send(decoder, f"d{number}/n/c/$datatype", b"string")
        assert _value(decoder, f"d{number}/n/a") == "7"
        _send(decoder, f"d{number}/$state", b"")


def test_a_deleted_root_takes_its_children_with_it() -> None:
    decoder = FORMAT.make({}, TimeRule())
    for device, root in (("r", ""), ("c", "r")):
        _send(decoder, f"{device}/$description", _description("a", root=root))
        _send(decoder, f"{device}/$state", b"ready")
    ended = _send(decoder, "r/$state", b"").sessions

    assert [(change.names["device"], change.is_online) for change in ended] == [
        ("c", False),
        ("r", False),
    ]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [("d/$description", b"[]"), ("d/n/p", b"\xff"), ("d", b"1"), ("d/$state", b"x" * 70_000)],
)
def test_what_cannot_be_read_is_refused(topic: str, payload: bytes) -> None:
    with pytest.raises(PayloadError):
        _send(FORMAT.make({}, TimeRule()), topic, payload)


def test_descriptions_of_strange_shapes_teach_nothing() -> None:
    decoder = FORMAT.make({}, TimeRule())
    bodies: tuple[dict[str, object], ...] = (
        {},
        {"nodes": []},
        {"nodes": {"n": 1}},
        {"nodes": {"n": {"properties": 1}}},
        {"nodes": {"n": {"properties": {"a": 1}}}, "root": 1, "parent": {}},
        {"root": "d"},
    )
    for body in bodies:
        _send(decoder, "d/$description", msgspec.json.encode(body))
    assert _value(decoder, "d/n/a") == 7
