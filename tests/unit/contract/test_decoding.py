"""Decoding by example: what is kept, what is refused, and with which words."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from gigacity_contract.decoding import (
    DecodingNotes,
    Extent,
    PayloadError,
    RejectionReason,
    decode_bundle,
    decode_device,
    decode_pon,
    decode_status,
)
from gigacity_contract.kinds import Camera, WaterMeter
from gigacity_contract.payloads import Port, Status
from gigacity_contract.technology import canonical_tech

PORT: dict[str, Any] = {"slot": 1, "port": 2, "tech": "gpon", "admin": "up", "oper": "up"}
ENTRY: dict[str, Any] = {
    "community": "371602001001", "device": "cam-1", "ts": 1, "kind": "camera",
    "values": {"intact": True},
}  # fmt: skip


def pon(*ports: Any, **members: Any) -> bytes:
    return json.dumps({"ts": 1, "ports": list(ports)} | members).encode()


def device(kind: Any, values: Any, **members: Any) -> bytes:
    return json.dumps({"ts": 1, "kind": kind, "values": values} | members).encode()


def bundle(*reports: Any, **members: Any) -> bytes:
    return json.dumps({"reports": list(reports)} | members).encode()


def refused(decode: Any, payload: bytes) -> tuple[RejectionReason, str]:
    with pytest.raises(PayloadError) as caught:
        decode(payload)
    return caught.value.reason, caught.value.error


def said(notes: DecodingNotes | None) -> list[tuple[RejectionReason, Extent, str]]:
    assert notes is not None
    return [(r.reason, r.extent, r.error) for r in notes.rejections]


# The envelope: the whole message.


@pytest.mark.parametrize("decode", [decode_pon, decode_device, decode_bundle, decode_status])
@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", RejectionReason.NOT_JSON),
        (b"{", RejectionReason.NOT_JSON),
        (b"{} {}", RejectionReason.NOT_JSON),
        (b"\xff", RejectionReason.NOT_UTF8),
        (b'{"ts":"\xe9"}', RejectionReason.NOT_UTF8),
        (b'{"x":"\xed\xa0\x80","y":NaN}', RejectionReason.NOT_UTF8),
        (b'{"x":"\\ud800","y":NaN}', RejectionReason.NOT_JSON),
        (b'{"x":NaN', RejectionReason.NOT_JSON),
        (b"[" * 50_000 + b"]" * 50_000, RejectionReason.NOT_JSON),
        (b'{"x":' * 50_000 + b"NaN" + b"}" * 50_000, RejectionReason.NOT_JSON),
        (b"[]", RejectionReason.BAD_ENVELOPE),
        (b"null", RejectionReason.BAD_ENVELOPE),
        (b"{}", RejectionReason.BAD_ENVELOPE),
    ],
)
def test_what_is_no_message(decode: Any, payload: bytes, reason: RejectionReason) -> None:
    assert refused(decode, payload)[0] is reason


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        (b'{"ports":[]}', "ts: missing"),
        (pon(ts="1"), "ts: Expected `int`, got `str`"),
        (pon(ts=1.5), "ts: Expected `int`, got `float`"),
        (pon(ts=-1), "ts: Expected `int` >= 0"),
        (pon(ts=2**53), "ts: Expected `int` <= 9007199254740991"),
        (pon(ts=None), "ts: Expected `int`, got `null`"),
        (b'{"ts":-nan,"ports":[]}', "ts: no value, such as nan"),
        (b'{"ts":1}', "ports: missing"),
        (pon(ports={}), "ports: Expected `array`, got `object`"),
        (pon(*[PORT] * 4097), "ports: 4097 entries, limit 4096"),
    ],
)
def test_a_bad_envelope_names_its_member(payload: bytes, error: str) -> None:
    assert refused(decode_pon, payload) == (RejectionReason.BAD_ENVELOPE, error)


@pytest.mark.parametrize(
    ("payload", "reason", "error"),
    [
        (device(None, {}), RejectionReason.BAD_ENVELOPE, "kind: Expected `str`, got `null`"),
        (
            device("toaster", {}),
            RejectionReason.UNKNOWN_KIND,
            "kind: 'toaster' is not a kind of the catalogue",
        ),
        (device("camera", []), RejectionReason.BAD_ENVELOPE, "values: expected an object"),
        (b'{"ts":1,"kind":"camera"}', RejectionReason.BAD_ENVELOPE, "values: missing"),
    ],
)
def test_a_device_report_without_kind_or_values(
    payload: bytes, reason: RejectionReason, error: str
) -> None:
    assert refused(decode_device, payload) == (reason, error)


def test_a_bundle_has_a_limit() -> None:
    payload = b'{"reports":[' + b",".join([b"0"] * 10_001) + b"]}"

    assert refused(decode_bundle, payload)[1] == "reports: 10001 entries, limit 10000"


# Ports.


def test_a_good_report_takes_the_fast_path() -> None:
    report, notes = decode_pon(pon(PORT, PORT | {"port": 3, "rx_dbm": -18}, seq=4))

    assert notes is None
    assert (report.ts, report.seq) == (1, 4)
    assert report.ports[1] == Port(slot=1, port=3, tech="gpon", admin="up", oper="up", rx_dbm=-18.0)
    assert isinstance(report.ports[1].rx_dbm, float)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"slot": "1"}, "ports[1].slot: Expected `int`, got `str`"),
        ({"slot": 256}, "ports[1].slot: Expected `int` <= 255"),
        ({"port": True}, "ports[1].port: Expected `int`, got `bool`"),
        ({"admin": "UP"}, "ports[1].admin: Invalid enum value 'UP'"),
        ({"oper": None}, "ports[1].oper: Expected `str`, got `null`"),
        ({"tech": "adsl"}, "ports[1].tech: unknown technology 'adsl'"),
        ({"tech": []}, "ports[1].tech: a port names each"),
        ({"tech": ["gpon", "gpon"]}, "ports[1].tech: a port names each"),
        ({"tech": ["gpon", 1]}, "ports[1].tech[1]: Expected `str`, got `int`"),
        ({"tech": 10}, "ports[1].tech: Expected `str | array`, got `int`"),
    ],
)
def test_a_port_bad_in_identity_or_state_is_refused_and_its_neighbours_kept(
    change: dict[str, Any], error: str
) -> None:
    good = PORT | {"port": 9}
    report, notes = decode_pon(pon(PORT, PORT | {"port": 3} | change, good))

    assert [p.port for p in report.ports] == [2, 9]
    ((reason, extent, text),) = said(notes)
    assert (reason, extent) == (RejectionReason.BAD_ENTRY, Extent.ENTRY)
    assert text.startswith(error)
    assert notes is not None
    assert json.loads(notes.rejections[0].raw) == PORT | {"port": 3} | change


def test_each_refused_port_keeps_its_own_text() -> None:
    bad = [PORT | {"slot": -1}, PORT | {"slot": -2}]
    _, notes = decode_pon(pon(bad[0], PORT, bad[1]))

    assert notes is not None
    assert [json.loads(r.raw) for r in notes.rejections] == bad


def test_a_missing_member_of_identity_is_named() -> None:
    _, notes = decode_pon(pon({k: v for k, v in PORT.items() if k != "oper"}))

    assert said(notes)[0][2] == "ports[0]: Object missing required field `oper`"


def test_a_port_that_stands_twice_counts_once_and_the_first_wins() -> None:
    report, notes = decode_pon(pon(PORT | {"rx_dbm": -10}, PORT | {"rx_dbm": -20}))

    assert [p.rx_dbm for p in report.ports] == [-10.0]
    assert said(notes) == [
        (
            RejectionReason.DUPLICATE_ENTRY,
            Extent.ENTRY,
            "ports[1]: slot 1 port 2 stands in this report twice",
        )
    ]


@pytest.mark.parametrize(
    ("tech", "canonical"),
    [
        ("XGS-PON", "xgs-pon"),
        ("xgs-pon+gpon", "gpon+xgs-pon"),
        (["XGS-PON", "gpon"], "gpon+xgs-pon"),
        (["gpon+xgs-pon"], "gpon+xgs-pon"),
        (["epon", "gpon"], "epon+gpon"),
    ],
)
def test_technologies_in_any_spelling(tech: Any, canonical: str) -> None:
    report, _ = decode_pon(pon(PORT | {"tech": tech}))
    found = report.ports[0].tech

    assert (found if isinstance(found, str) else canonical_tech(list(found))) == canonical


# Optional fields.


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"rx_dbm": "N/A"}, "rx_dbm: Expected `float | null`, got `str`"),
        ({"rx_dbm": True}, "rx_dbm: Expected `float | null`, got `bool`"),
        ({"rx_dbm": 31}, "rx_dbm: Expected `float` <= 30.0"),
        ({"rx_dbm": "12.5"}, "rx_dbm: Expected `float | null`, got `str`: numbers, true and false"),
        ({"onu_online": 2.5}, "onu_online: Expected `int | null`, got `float`"),
        ({"onu_online": -1}, "onu_online: Expected `int` >= 0"),
        ({"rx_bytes": 2**53}, "rx_bytes: Expected `int` <= 9007199254740991"),
        ({"rx_bytes": 10**400}, "rx_bytes: "),
        ({"rx_bytes": []}, "rx_bytes: Expected `int | null`, got `array`"),
    ],
)
def test_a_bad_optional_field_is_absent_and_the_port_kept(
    change: dict[str, Any], error: str
) -> None:
    report, notes = decode_pon(pon(PORT | {"tx_dbm": 5} | change))
    (name,) = change

    assert report.ports[0].tx_dbm == 5.0
    assert getattr(report.ports[0], name) is None
    ((reason, extent, text),) = said(notes)
    assert (reason, extent) == (RejectionReason.BAD_FIELD, Extent.PARTIAL)
    assert text.startswith(f"ports[0].{error}")
    assert notes is not None
    assert notes.absent_fields == {name: 1}
    assert json.loads(notes.rejections[0].raw)["tx_dbm"] == 5


def test_all_bad_fields_of_an_entry_make_one_dead_letter() -> None:
    _, notes = decode_pon(pon(PORT | {"rx_dbm": "x", "temp_c": "y"}))

    ((_, _, text),) = said(notes)
    assert text.count("; ") == 1


@pytest.mark.parametrize("value", [5.0, 5])
def test_a_whole_number_may_be_written_with_a_point(value: float) -> None:
    report, notes = decode_pon(pon(PORT | {"onu_online": value}))

    assert report.ports[0].onu_online == 5
    assert isinstance(report.ports[0].onu_online, int)
    assert (notes or DecodingNotes()) == DecodingNotes()


@pytest.mark.parametrize("sentinel", [2_147_483_647, 2_147_483_646, 4_294_967_294, 2**64 - 2])
@pytest.mark.parametrize("field", ["rx_dbm", "onu_online", "bip_errors", "down_bps"])
def test_a_sentinel_is_absent_counted_and_no_dead_letter(field: str, sentinel: int) -> None:
    report, notes = decode_pon(pon(PORT | {field: sentinel}))

    assert getattr(report.ports[0], field) is None
    assert notes == DecodingNotes(absent_fields={field: 1})


def test_a_sentinel_as_a_counter_of_a_neighbours_digits_is_a_reading() -> None:
    """The byte search finds it inside a longer number; only the slow path decides."""
    report, notes = decode_pon(pon(PORT | {"rx_bytes": 121_474_836_470}))

    assert report.ports[0].rx_bytes == 121_474_836_470
    assert (notes or DecodingNotes()) == DecodingNotes()


def test_small_sentinels_are_readings_of_a_counter() -> None:
    report, notes = decode_pon(pon(PORT | {"bip_errors": 65_535, "temp_c": 65_535}))

    assert (report.ports[0].bip_errors, report.ports[0].temp_c) == (65_535, None)
    assert notes == DecodingNotes(absent_fields={"temp_c": 1})


def test_null_is_absent_and_nothing_to_count() -> None:
    report, notes = decode_pon(pon(PORT | {"rx_dbm": None}))

    assert report.ports[0].rx_dbm is None
    assert notes is None


def test_unknown_members_are_counted_at_every_level_with_bounded_names() -> None:
    _, notes = decode_pon(pon(PORT | {"vendor": 1}, vendor=2, **{"x" * 100: 3}))

    assert notes == DecodingNotes(unknown_fields={"vendor": 2, "x" * 64: 1})


# Devices and bundles.


def test_a_device_report_keeps_its_good_values() -> None:
    report, notes = decode_device(device("camera", {"intact": True, "bitrate_kbps": "fast"}, seq=3))

    assert (report.values, report.seq) == (Camera(intact=True), 3)
    ((reason, extent, text),) = said(notes)
    assert (reason, extent) == (RejectionReason.BAD_FIELD, Extent.PARTIAL)
    assert text.startswith("values.bitrate_kbps: ")


def test_a_sentinel_of_a_meter_is_absent() -> None:
    report, notes = decode_device(device("water_meter", {"volume_total_m3": 2_147_483_647}))

    assert report.values == WaterMeter()
    assert notes == DecodingNotes(absent_fields={"volume_total_m3": 1})


def test_a_sentinel_in_the_range_of_a_counter_leaves_the_fast_path() -> None:
    report, notes = decode_device(device("access_gate", {"passes_total": 2_147_483_647}))
    entry = ENTRY | {"kind": "access_gate", "values": {"passes_total": 4_294_967_294}}
    in_bundle, bundle_notes = decode_bundle(bundle(entry))

    assert report.values.passes_total is None  # type: ignore[attr-defined]
    assert in_bundle.reports[0].values.passes_total is None
    assert notes == bundle_notes == DecodingNotes(absent_fields={"passes_total": 1})


@pytest.mark.parametrize(
    ("change", "reason", "error"),
    [
        ({"community": "3716"}, RejectionReason.BAD_ENTRY, "reports[1].community: "),
        ({"device": "a b"}, RejectionReason.BAD_ENTRY, "reports[1].device: "),
        ({"device": "a\n"}, RejectionReason.BAD_ENTRY, "reports[1].device: "),
        ({"ts": None}, RejectionReason.BAD_ENTRY, "reports[1].ts: Expected `int`, got `null`"),
        ({"kind": 5}, RejectionReason.BAD_ENTRY, "reports[1].kind: Expected `str`, got `int`"),
        (
            {"kind": "toaster"},
            RejectionReason.UNKNOWN_KIND,
            "reports[1].kind: 'toaster' is not a kind",
        ),
        ({"values": 5}, RejectionReason.BAD_ENTRY, "reports[1].values: expected an object"),
    ],
)
def test_a_bad_entry_is_refused_and_its_neighbours_kept(
    change: dict[str, Any], reason: RejectionReason, error: str
) -> None:
    found, notes = decode_bundle(bundle(ENTRY, ENTRY | change, ENTRY | {"device": "cam-2"}, seq=9))

    assert [entry.device for entry in found.reports] == ["cam-1", "cam-2"]
    assert found.seq == 9
    ((found_reason, extent, text),) = said(notes)
    assert (found_reason, extent) == (reason, Extent.ENTRY)
    assert text.startswith(error)


def test_an_entry_keeps_its_good_values_and_its_raw_text_is_its_own() -> None:
    bad = ENTRY | {"device": "cam-2", "values": {"intact": True, "temp_c": "hot"}, "vendor": 1}
    found, notes = decode_bundle(bundle(ENTRY, bad))

    assert [entry.values for entry in found.reports] == [Camera(intact=True), Camera(intact=True)]
    assert notes is not None
    assert notes.unknown_fields == {"vendor": 1}
    assert json.loads(notes.rejections[0].raw) == bad


def test_the_raw_text_of_an_entry_is_json_though_its_message_was_not() -> None:
    bad = b'{"slot":1,"port":3,"tech":"gpon","admin":"up","oper":"up","rx_dbm":NaN,"temp_c":99999}'
    payload = pon(PORT).replace(b"]}", b"," + bad + b"]}")

    report, notes = decode_pon(payload)

    assert [p.port for p in report.ports] == [2, 3]
    assert notes is not None
    assert notes.absent_fields == {"rx_dbm": 1, "temp_c": 1}
    assert json.loads(notes.rejections[0].raw)["temp_c"] == 99999


# Numbers as C and Lua write them.


@pytest.mark.parametrize(
    "text", ["nan", "-nan", "NaN", "inf", "-inf", "Infinity", "-nan(ind)", "1.#QNAN", "1e999"]
)
def test_what_is_no_number_is_absent_counted_and_harms_no_neighbour(text: str) -> None:
    payload = pon(PORT | {"rx_dbm": 77777, "tx_dbm": 5}, PORT | {"port": 9}).replace(
        b"77777", text.encode()
    )
    report, notes = decode_pon(payload)

    assert [(p.port, p.rx_dbm, p.tx_dbm) for p in report.ports] == [(2, None, 5.0), (9, None, None)]
    assert notes == DecodingNotes(absent_fields={"rx_dbm": 1})


@pytest.mark.parametrize("text", ["1767225600000.0", "1767225600000", "1.7672256e12"])
def test_a_whole_number_is_one_however_it_is_written(text: str) -> None:
    ts = 1_767_225_600_000
    number = text.encode()
    status, _ = decode_status(b'{"session":%b,"state":"offline","ts":%b}' % (number, number))
    device_report, _ = decode_device(
        b'{"ts":%b,"seq":4e0,"kind":"camera","values":{"intact":true}}' % number
    )
    entry = json.dumps(ENTRY | {"seq": 7.0}).encode().replace(b'"ts": 1,', b'"ts":%b,' % number)
    in_bundle, _ = decode_bundle(b'{"seq":3.0,"reports":[%b]}' % entry)
    ports = json.dumps([PORT | {"slot": 5.0, "port": 0.0}]).encode()
    report, notes = decode_pon(b'{"ts":%b,"seq":41.0,"ports":%b}' % (number, ports))

    assert (status.session, status.ts) == (ts, ts)
    assert (device_report.ts, device_report.seq) == (ts, 4)
    assert (in_bundle.seq, in_bundle.reports[0].ts, in_bundle.reports[0].seq) == (3, ts, 7)
    assert (report.ts, report.seq, report.ports[0].slot, report.ports[0].port) == (ts, 41, 5, 0)
    assert notes == DecodingNotes()
    whole = (report.ts, report.seq, report.ports[0].slot, report.ports[0].port, status.session)
    assert {type(number) for number in whole} == {int}


@pytest.mark.parametrize("ts", [1.5, 2.0**53, 1e300])
def test_a_number_that_is_not_whole_or_too_large_is_no_time(ts: float) -> None:
    assert refused(decode_pon, pon(ts=ts))[0] is RejectionReason.BAD_ENVELOPE


@pytest.mark.parametrize(
    "seq", ["-1", "1.5", '"7"', "nan", "1e999", "true", "[]", "9007199254740992"]
)
def test_seq_never_costs_a_message(seq: str) -> None:
    text = seq.encode()
    values = b'"kind":"camera","values":{"intact":true}'
    entry = json.dumps(ENTRY | {"seq": 77777}).encode().replace(b"77777", text)
    for decode, payload in (
        (decode_pon, pon(PORT, seq=77777).replace(b"77777", text)),
        (decode_device, b'{"ts":1,"seq":%b,%b}' % (text, values)),
        (decode_bundle, b'{"seq":%b,"reports":[]}' % text),
        (decode_bundle, b'{"reports":[%b]}' % entry),
    ):
        report, notes = decode(payload)

        assert report is not None
        assert getattr(report, "seq", None) is None
        assert notes == DecodingNotes(absent_fields={"seq": 1})


@pytest.mark.parametrize(("number", "flag"), [(0, False), (1, True), (1.0, True)])
def test_a_flag_may_be_0_or_1_since_c_has_no_other(number: float, flag: bool) -> None:
    report, notes = decode_device(device("camera", {"intact": number}))

    assert report.values == Camera(intact=flag)
    assert notes == DecodingNotes()


@pytest.mark.parametrize("value", [2, -1, 0.5, "true", "on", "1"])
def test_no_other_number_and_no_text_is_a_flag(value: Any) -> None:
    report, notes = decode_device(device("camera", {"intact": value}))

    assert report.values == Camera()
    assert len(said(notes)) == 1


# Text from small firmware.


PADDED: dict[str, Callable[[bytes], bytes]] = {
    "mark": lambda text: b"\xef\xbb\xbf" + text,
    "nul": lambda text: text + b"\0",
    "nuls": lambda text: text + b"\0" * 40 + b"\r\n",
    "left over": lambda text: text + b"\0" + b'e":1}]}',
    "all": lambda text: b"\xef\xbb\xbf \r\n" + text + b"\n\0",
    "commas": lambda text: text.replace(b"}", b",}").replace(b"]", b" , ]"),
}


@pytest.mark.parametrize("pad", PADDED.values(), ids=PADDED)
def test_byte_order_marks_nuls_and_last_commas_are_understood_in_every_message(pad: Any) -> None:
    for decode, payload in (
        (decode_pon, pon(PORT, seq=1)),
        (decode_device, device("camera", {"intact": True})),
        (decode_bundle, bundle(ENTRY)),
        (decode_status, b'{"session":5,"state":"offline","reason":"a, b"}'),
    ):
        assert _report(decode(pad(payload))) == _report(decode(payload))


def _report(answer: Any) -> Any:
    return answer[0] if isinstance(answer, tuple) else answer


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        (b"", "not_json", "empty"),
        (b"\xef\xbb\xbf\0\0", "not_json", "empty"),
        (b"{'ts': 1}", "not_json", "double quotes"),
        (b'{"ts": 1} // now', "not_json", "no comments"),
        ('{"ts": 1}'.encode("utf-16"), "not_utf8", "send UTF-8"),
        ('{"ts": 1}'.encode("utf-16-be"), "not_utf8", "send UTF-8"),
        ('{"ts": 1}'.encode("utf-32"), "not_utf8", "send UTF-8"),
        ('{"reason": "停电"}'.encode("gbk"), "not_utf8", "GBK"),
        (b"\x1f\x8b\x08\x00", "not_utf8", "gzip"),
        (b'{"ts": 1, "x": 1,5,}', "not_json", "malformed"),
    ],
)
@pytest.mark.parametrize("decode", [decode_pon, decode_device, decode_bundle, decode_status])
def test_what_is_not_understood_is_named_in_words_that_help(
    decode: Any, payload: bytes, reason: str, words: str
) -> None:
    found, error = refused(decode, payload)

    assert found == reason
    assert words in error


# Statuses.


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"session": 5, "state": "online"}, Status(session=5, state="online")),
        (
            {"session": 5, "state": "offline", "ts": 6, "reason": "x", "vendor": 1},
            Status(session=5, state="offline", ts=6, reason="x"),
        ),
    ],
)
def test_a_status(payload: dict[str, Any], expected: Status) -> None:
    assert decode_status(json.dumps(payload).encode())[0] == expected


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"session": "5"}, "session: Expected `int`, got `str`"),
        ({"state": "away"}, "state: Invalid enum value 'away'"),
        ({"session": float("nan")}, "session: no value, such as nan"),
    ],
)
def test_a_status_without_session_or_state_is_none(change: dict[str, Any], error: str) -> None:
    reason, text = refused(
        decode_status, json.dumps({"session": 5, "state": "online"} | change).encode()
    )

    assert reason is RejectionReason.BAD_ENVELOPE
    assert text.startswith(error)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"ts": 1.5}, "ts: Expected `int"),
        ({"ts": "now"}, "ts: Expected `int"),
        ({"ts": float("nan")}, ""),
        ({"reason": 5}, "reason: Expected `str"),
        ({"reason": "x" * 257}, "reason: "),
    ],
)
def test_that_a_session_ended_counts_though_when_or_why_cannot_be_read(
    change: dict[str, Any], error: str
) -> None:
    payload = json.dumps({"session": 5, "state": "offline"} | change).encode()
    status, notes = decode_status(payload)

    assert status == Status(session=5, state="offline")
    assert notes is not None
    assert notes.absent_fields == dict.fromkeys(change, 1)
    assert [r.raw for r in notes.rejections] == [payload] * bool(error)
    assert all(r.error.startswith(error) for r in notes.rejections)
