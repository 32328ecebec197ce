"""Bad input: what is stored, what is dead-lettered, and that the neighbours live."""

import json
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, COMMUNITY_ZONE, TABLES, write_city
from tests.unit.ingest.messages import (
    BUNDLE_TOPIC,
    DAY_MS,
    DEVICE_TOPIC,
    NOW_MS,
    PON_TOPIC,
    bundle,
    decode,
    device,
    entry,
    points,
    pon,
    port,
    reasons,
    status,
)

GOOD_PORT = b'{"slot":1,"port":0,"tech":"gpon","admin":"up","oper":"up"}'


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        (PON_TOPIC, b"not json", "not_json"),
        (PON_TOPIC, b"", "not_json"),
        (PON_TOPIC, pon(port())[:-3], "not_json"),
        (PON_TOPIC, b'{"ts":1,"ports":[],"x":"\xff"}', "not_utf8"),
        (PON_TOPIC, b"[" * 1_000_000, "not_json"),
        (PON_TOPIC, b"[]", "bad_envelope"),
        (PON_TOPIC, pon(port(), ts="now"), "bad_envelope"),
        (PON_TOPIC, pon(port(), ts=2**70), "bad_envelope"),
        (PON_TOPIC, pon(port(), ts=True), "bad_envelope"),
        (PON_TOPIC, b'{"ports":[]}', "bad_envelope"),
        (PON_TOPIC, json.dumps({"ts": NOW_MS, "ports": "none"}).encode(), "bad_envelope"),
        (PON_TOPIC, pon(port(), ts=0), "implausible_timestamp"),
        (PON_TOPIC, pon(port(), ts=4_102_444_800_000), "implausible_timestamp"),
        (PON_TOPIC, pon(port(), ts=NOW_MS + 5 * 60_000 + 1), "implausible_timestamp"),
        (PON_TOPIC, pon(port(), ts=NOW_MS - 30 * DAY_MS - 1), "implausible_timestamp"),
        (DEVICE_TOPIC, device(kind="teapot"), "unknown_kind"),
        (DEVICE_TOPIC, device(values=[1]), "bad_envelope"),
        (DEVICE_TOPIC, device(values={}), "no_values"),
        (DEVICE_TOPIC, device(values={"floor": None}), "no_values"),
        (DEVICE_TOPIC, device(ts=0), "implausible_timestamp"),
        ("gigacity/v1/999999/olt/olt-a/pon", pon(port()), "unknown_area"),
        ("gigacity/v1/371602/olt/olt a/pon", pon(port()), "bad_topic"),
        ("gigacity/v1/371602/olt/olt-a/gossip", pon(port()), "bad_topic"),
        ("gigacity/v1/371602", pon(port()), "bad_topic"),
        ("gigacity/v1/371602/olt/olt-a/status", b'{"session":5,"state":"online"}',
         "implausible_timestamp"),
        ("gigacity/v1/371602/olt/olt-a/status", b'{"state":"online"}', "bad_envelope"),
    ],
)  # fmt: skip
def test_a_message_that_cannot_be_used_is_one_dead_letter(
    decoder: Decoder, topic: str, payload: bytes, reason: str
) -> None:
    out = decode(decoder, topic, payload)

    assert (out.points, reasons(out)) == (0, [(reason, "message")])
    (dead_letter,) = out.dead_letters
    assert (dead_letter.topic, dead_letter.payload, dead_letter.received_ms) == (
        topic,
        payload,
        NOW_MS,
    )
    assert dead_letter.error


def test_a_topic_that_is_not_text_is_a_dead_letter(decoder: Decoder) -> None:
    out = decode(decoder, b"gigacity/v1/\xff/olt/a/pon", pon(port()))

    assert reasons(out) == [("bad_topic", "message")]
    assert out.dead_letters[0].topic == "gigacity/v1/\\xff/olt/a/pon"


@pytest.mark.parametrize(
    ("bad", "where"),
    [
        (port(1, 1) | {"slot": None}, "slot"),
        ({"slot": 1, "tech": "gpon", "admin": "up", "oper": "up"}, "port"),
        (port(1, 1, oper="sideways"), "oper"),
        (port(1, 1, tech="morse"), "tech"),
        (port(1, 1, tech="gpon\n"), "tech"),
        ("a port", "ports[1]"),
    ],
)
def test_a_port_without_identity_or_state_is_left_out(
    decoder: Decoder, bad: Any, where: str
) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(1, 0), bad, port(1, 2)))

    assert [p.tags["port"] for p in points(out)] == ["0", "2"]
    assert reasons(out) == [("bad_entry", "entry")]
    (dead_letter,) = out.dead_letters
    assert where in dead_letter.error
    assert (json.loads(dead_letter.payload), dead_letter.ts) == (bad, NOW_MS)


@pytest.mark.parametrize("bad", ["N/A", True, 99.0, [1], 2**70, 1e300])
def test_an_optional_field_that_is_wrong_is_absent_and_counted(decoder: Decoder, bad: Any) -> None:
    wrong = port(1, 1, rx_dbm=bad, onu_online=4)
    out = decode(decoder, PON_TOPIC, pon(port(1, 0), wrong))

    assert out.points == 2
    assert set(points(out)[1].fields) == {"admin", "oper", "onu_online"}
    assert reasons(out) == [("bad_field", "partial")]
    assert json.loads(out.dead_letters[0].payload) == wrong
    assert "ports[1].rx_dbm" in out.dead_letters[0].error
    assert out.absent_fields == 1


def test_nan_is_absent_and_its_neighbours_live(decoder: Decoder) -> None:
    payload = b'{"ts":%d,"ports":[%b,%b]}' % (
        NOW_MS, GOOD_PORT, GOOD_PORT.replace(b'"port":0', b'"port":1,"rx_dbm":NaN'),
    )  # fmt: skip
    out = decode(decoder, PON_TOPIC, payload)

    assert out.points == 2
    assert (out.absent_fields, out.dead_letters) == (1, [])


def test_an_olt_that_scales_its_sentinels_makes_no_dead_letters(decoder: Decoder) -> None:
    scaled = port(rx_dbm=21474836.47, temp_c=2147483.647, volt_v=214748.3647, bias_ma=655.35)
    out = decode(decoder, PON_TOPIC, pon(scaled, port(1, 1, tx_dbm=-32.768)))

    assert (out.absent_fields, out.dead_letters) == (4, [])
    assert points(out)[1].fields["tx_dbm"] == ("float", -32.768)


def test_a_sentinel_is_absent_and_counted_but_no_dead_letter(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(rx_dbm=2147483647, rx_bytes=2147483647)))

    assert set(points(out)[0].fields) == {"admin", "oper"}
    assert (out.absent_fields, out.dead_letters) == (2, [])


def test_a_port_named_twice_is_stored_once(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(1, 0, rx_dbm=-20.0), port(1, 0), port(1, 1)))

    assert [p.tags["port"] for p in points(out)] == ["0", "1"]
    assert "rx_dbm" in points(out)[0].fields
    assert reasons(out) == [("duplicate_entry", "entry")]


def test_unknown_fields_are_ignored_and_counted(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(vendor="x", colour=3), firmware="v1"))

    assert (out.points, out.unknown_fields, out.dead_letters) == (1, 3, [])


def test_a_device_report_whose_every_value_is_wrong_is_one_dead_letter_not_two(
    decoder: Decoder,
) -> None:
    out = decode(decoder, DEVICE_TOPIC, device(values={"floor": "top", "moving": 3}))

    assert (out.points, reasons(out)) == (0, [("no_values", "message")])
    assert out.absent_fields == 2


def test_a_gateway_must_not_speak_for_anothers_device(decoder: Decoder) -> None:
    foreign = entry("camera-2", community=COMMUNITY_ZONE)
    own_connection = entry("elevator-1", kind="elevator", values={"floor": 1})
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry("camera-1"), foreign, own_connection))

    assert [p.tags["device"] for p in points(out)] == ["camera-1"]
    assert reasons(out) == [("not_yours", "entry"), ("not_yours", "entry")]
    assert "gw-z" in out.dead_letters[0].error
    assert "itself" in out.dead_letters[1].error


def test_a_gateway_must_not_invent_devices_in_anothers_area(decoder: Decoder) -> None:
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry("camera-99", community=COMMUNITY_ZONE)))

    assert reasons(out) == [("not_yours", "entry")]


def test_an_unregistered_device_of_a_gateway_is_stored(decoder: Decoder) -> None:
    assert decode(decoder, BUNDLE_TOPIC, bundle(entry("camera-99"))).points == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (entry("camera-2", ts=0), "implausible_timestamp"),
        (entry("camera-2", ts="late"), "bad_entry"),
        (entry("camera-2", kind="teapot"), "unknown_kind"),
        (entry("camera 2"), "bad_entry"),
        (entry("camera-2", values={}), "no_values"),
        (entry("camera-2", community="371602"), "bad_entry"),
        (entry("camera-1"), "duplicate_entry"),
        (17, "bad_entry"),
    ],
)
def test_a_bad_entry_of_a_bundle_leaves_the_others(decoder: Decoder, bad: Any, reason: str) -> None:
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry("camera-1"), bad, entry("camera-3")))

    assert [p.tags["device"] for p in points(out)] == ["camera-1", "camera-3"]
    assert reasons(out) == [(reason, "entry")]


def test_a_field_takes_its_type_from_the_table_even_if_its_first_value_ever_is_wrong(
    decoder: Decoder,
) -> None:
    first = decode(decoder, DEVICE_TOPIC, device(kind="camera", values={"temp_c": "warm"}))
    then = decode(decoder, DEVICE_TOPIC, device(kind="camera", values={"temp_c": 30}))

    assert first.points == 0
    assert points(then)[0].fields["temp_c"] == ("float", 30.0)


def test_a_fault_of_our_own_dead_letters_the_message_and_is_counted(
    decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(_payload: bytes) -> Any:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("gigacity_ingest.decode.decoder.decode_pon", explode)
    out = decode(decoder, PON_TOPIC, pon(port()))

    assert reasons(out) == [("bad_envelope", "message")]
    assert "ZeroDivisionError: boom" in out.dead_letters[0].error
    assert decoder.internal_errors == 1


def test_messages_of_one_batch_add_up(decoder: Decoder) -> None:
    out = Outcome()
    for topic, payload in (
        (PON_TOPIC, b"junk"),
        (PON_TOPIC, pon(port())),
        (DEVICE_TOPIC, device(values={})),
        (BUNDLE_TOPIC, bundle(entry())),
    ):
        decoder.decode(ReceivedMessage(topic.encode(), payload, False, NOW_MS), out)

    assert (out.points, len(out.dead_letters)) == (2, 2)
    assert set(out.spans()) == {("pon_port", AREA_A), ("device_camera", AREA_A)}
    assert COMMUNITY_A.encode() in out.raw[1]


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        (PON_TOPIC, pon(port())),
        (DEVICE_TOPIC, device()),
        (BUNDLE_TOPIC, bundle(entry())),
        (PON_TOPIC.replace("/pon", "/status"), status(NOW_MS - 5000, "online")),
    ],
)
def test_a_registered_publisher_is_refused_under_another_area(
    decoder: Decoder, topic: str, payload: bytes
) -> None:
    """Its state is kept under its id alone, whatever area the topic names."""
    elsewhere = topic.replace(f"/{AREA_A}/", f"/{AREA_B}/")
    assert reasons(decode(decoder, topic, payload)) == []
    out = decode(decoder, elsewhere, payload)
    assert reasons(out) == [("not_yours", "message")]
    assert f"is registered in area {AREA_A}, not in {AREA_B}" in out.dead_letters[0].error
    assert not out.points


def test_every_device_of_a_community_is_refused_under_another_area(decoder: Decoder) -> None:
    """What was found of the first one is not forgotten with the second."""
    elsewhere = DEVICE_TOPIC.replace(f"/{AREA_A}/", f"/{AREA_B}/")
    second = elsewhere.replace("/telemetry", "2/telemetry")
    for topic in (elsewhere, second, elsewhere, second):
        assert reasons(decode(decoder, topic, device())) == [("not_yours", "message")]
    assert len(decoder.routes) == 0


def test_a_publisher_that_moves_to_another_area_is_asked_for_there(
    decoder: Decoder, tmp_path: Path
) -> None:
    assert reasons(decode(decoder, PON_TOPIC, pon(port()))) == []
    olts = TABLES["olts.csv"].replace(f"olt-a,{AREA_A}", f"olt-a,{AREA_B}")
    decoder.follow(FieldRegistry.of(load_city(write_city(tmp_path / "moved", olts=olts))))
    assert reasons(decode(decoder, PON_TOPIC, pon(port()))) == [("not_yours", "message")]
    assert reasons(decode(decoder, PON_TOPIC.replace(AREA_A, AREA_B), pon(port()))) == []
