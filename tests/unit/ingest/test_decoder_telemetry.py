"""Good messages: PON reports, device reports and bundles become lines."""

import pytest

from gigacity_ingest.decode.decoder import Decoder
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, RETIRED_A
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
)


def test_each_port_of_a_report_becomes_a_point(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(1, 0, rx_dbm=-19.5, onu_online=31), port(2, 7)))

    first, second = points(out)
    assert (first.measurement, first.time) == ("pon_port", NOW_MS)
    assert first.tags == {
        "area": AREA_A, "olt": "olt-a", "port": "0", "slot": "1", "tech": "xgs-pon",
    }  # fmt: skip
    assert first.fields == {
        "admin": ("string", "up"),
        "oper": ("string", "up"),
        "rx_dbm": ("float", -19.5),
        "onu_online": ("integer", 31),
    }
    assert (second.tags["slot"], second.tags["port"]) == ("2", "7")
    assert out.points == 2
    assert out.dead_letters == []


def test_a_combo_port_is_tagged_with_all_its_technologies_in_order(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(tech=["xgs-pon", "gpon"])))

    assert points(out)[0].tags["tech"] == "gpon+xgs-pon"


def test_state_changes_are_fields_and_never_another_series(decoder: Decoder) -> None:
    up = points(decode(decoder, PON_TOPIC, pon(port(oper="up"))))[0]
    down = points(decode(decoder, PON_TOPIC, pon(port(oper="down"))))[0]

    assert up.tags == down.tags
    assert down.fields["oper"] == ("string", "down")


def test_a_whole_number_in_a_float_field_stays_a_float(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, b'{"ts":%d,"ports":[%b]}' % (
        NOW_MS,
        b'{"slot":1,"port":0,"tech":"gpon","admin":"up","oper":"up","rx_dbm":-20}',
    ))  # fmt: skip

    assert points(out)[0].fields["rx_dbm"][0] == "float"


def test_a_report_without_ports_gives_nothing_and_is_no_error(decoder: Decoder) -> None:
    out = decode(decoder, PON_TOPIC, pon())

    assert (out.points, out.dead_letters, out.spans()) == (0, [], {})


def test_a_device_report_becomes_a_point_of_its_kind(decoder: Decoder) -> None:
    out = decode(decoder, DEVICE_TOPIC, device(values={"floor": -1, "moving": False}))

    (point,) = points(out)
    assert point.measurement == "device_elevator"
    assert point.tags == {"area": AREA_A, "community": COMMUNITY_A, "device": "elevator-1"}
    assert point.fields == {"floor": ("integer", -1), "moving": ("boolean", False)}


def test_a_bundle_gives_a_point_for_each_of_its_gateways_devices(decoder: Decoder) -> None:
    smoke = entry("smoke-3", kind="smoke_detector", values={"alarm": True}, ts=NOW_MS - 5)
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry("camera-1"), smoke))

    assert [(p.measurement, p.tags["device"], p.time) for p in points(out)] == [
        ("device_camera", "camera-1", NOW_MS),
        ("device_smoke_detector", "smoke-3", NOW_MS - 5),
    ]


def test_a_retired_area_code_is_mapped_to_the_present_one(decoder: Decoder) -> None:
    topic = PON_TOPIC.replace(AREA_A, RETIRED_A)

    assert points(decode(decoder, topic, pon(port())))[0].tags["area"] == AREA_A


def test_reporters_that_nobody_registered_are_stored(decoder: Decoder) -> None:
    topic = f"gigacity/v1/{AREA_B}/olt/unheard-of/pon"

    assert points(decode(decoder, topic, pon(port())))[0].tags["olt"] == "unheard-of"


def test_the_same_message_again_gives_the_same_lines(decoder: Decoder) -> None:
    payload = pon(port(rx_dbm=-19.5), port(1, 1))

    assert decode(decoder, PON_TOPIC, payload).raw == decode(decoder, PON_TOPIC, payload).raw


def test_times_are_noted_by_measurement_and_area(decoder: Decoder) -> None:
    out = decode(decoder, BUNDLE_TOPIC, bundle(entry(ts=NOW_MS), entry("camera-2", NOW_MS - 9)))

    (span,) = out.spans()["device_camera", AREA_A]
    assert (span.first_ms, span.last_ms, span.points) == (NOW_MS - 9, NOW_MS, 2)


@pytest.mark.parametrize(
    "ts",
    [NOW_MS + 5 * 60_000, NOW_MS - 30 * DAY_MS],
    ids=["five minutes ahead", "thirty days old"],
)
def test_the_limits_of_plausible_times_are_plausible(decoder: Decoder, ts: int) -> None:
    out = decode(decoder, PON_TOPIC, pon(port(), ts=ts))

    assert (points(out)[0].time, reasons(out)) == (ts, [])


def test_every_kind_of_the_catalogue_can_be_encoded(decoder: Decoder) -> None:
    from gigacity_contract.fields import KIND_FIELDS, FieldType  # noqa: PLC0415 - used here alone.

    samples = {FieldType.FLOAT: 1.5, FieldType.INTEGER: 0, FieldType.BOOLEAN: True}
    for kind, fields in KIND_FIELDS.items():
        values = {f.name: samples[f.type] for f in fields}
        out = decode(decoder, DEVICE_TOPIC, device(kind=kind, values=values))
        assert set(points(out)[0].fields) == set(values), kind
