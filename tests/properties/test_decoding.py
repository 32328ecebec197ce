"""Decoding meets anything: it never raises but PayloadError, and keeps what is good."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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
from gigacity_contract.decoding.slow import slow_bundle, slow_device, slow_status
from gigacity_contract.decoding.slow_ports import slow_pon
from gigacity_contract.device_messages import AnyDeviceMessage, Bundle
from gigacity_contract.payloads import PonMessage, Status
from gigacity_contract.technology import canonical_tech, parse_tech
from tests.support.payload_strategies import (
    bundles,
    damaged,
    device_reports,
    encode,
    json_values,
    pon_reports,
    scalars,
    statuses,
)

Decode = Callable[[bytes], Any]
WITH_NOTES: tuple[tuple[Decode, Any], ...] = (
    (decode_pon, PonMessage),
    (slow_pon, PonMessage),
    (decode_device, AnyDeviceMessage),
    (slow_device, AnyDeviceMessage),
    (decode_bundle, Bundle),
    (slow_bundle, Bundle),
)


def _check_notes(notes: DecodingNotes) -> None:
    """What goes into dead letters, metrics and logs must be text that they can carry."""
    for rejection in notes.rejections:
        assert isinstance(rejection.reason, RejectionReason)
        assert rejection.extent is not Extent.MESSAGE
        assert rejection.error
        rejection.error.encode()
        assert rejection.raw
    for name in (*notes.unknown_fields, *notes.absent_fields):
        name.encode()


def _decode_all(payload: bytes) -> None:
    for decode, struct in WITH_NOTES:
        try:
            report, notes = decode(payload)
        except PayloadError as error:
            error.error.encode()
            continue
        _check_notes(notes or DecodingNotes())
        # What the slow path lets through is what the fast path would have taken.
        again = msgspec.json.decode(msgspec.json.encode(report), type=struct)
        assert again == report
    for decode_one in (decode_status, slow_status):
        try:
            status, _ = decode_one(payload)
        except PayloadError as error:
            error.error.encode()
            continue
        assert msgspec.json.decode(msgspec.json.encode(status), type=Status) == status


@given(damaged())
@example(b"")
@example(b"\xef\xbb\xbf{}")
@example(b'{"ts":1,"kind":"camera","values":{"temp_c":-nan,"bitrate_kbps":007,},}\0')
@example(b'{"ts":nan,"ports":[{"slot":inf}]}')
@example(b"[" * 100_000)
@example(b'{"ts":' * 50_000)
@example(b'{"ts":NaN,"ports":[]}')
@example(b'{"ts":1,"ports":[{"slot":"\\ud800"}],"x":NaN}')
@example(b'{"ts":1,"kind":"\\ud800","values":{"\\udfff":NaN}}')
@example(b'{"ts":1,"kind":"camera","values":{"temp_c":1' + b"0" * 5000 + b"}}")
@example(b'{"ts":1,"kind":"camera","values":{"bitrate_kbps":1e400,"temp_c":NaN}}')
@example('{"ts":1,"ports":[],"é":NaN}'.encode("utf-16"))
@example(b'{"session":1,"state":"online","reason":"\xed\xa0\x80","x":NaN}')
def test_anything_is_decoded_or_a_payload_error(payload: bytes) -> None:
    _decode_all(payload)


@given(st.binary(max_size=200) | json_values.map(encode))
def test_noise_is_decoded_or_a_payload_error(payload: bytes) -> None:
    _decode_all(payload)


@pytest.mark.parametrize("decode", [decode_pon, decode_device, decode_bundle, decode_status])
def test_a_payload_over_the_limit_is_refused_unread(decode: Decode) -> None:
    with pytest.raises(PayloadError) as caught:
        decode(b" " * (4 * 1024 * 1024 + 1))

    assert caught.value.reason is RejectionReason.TOO_LARGE


# Valid input: both paths agree, and neither has anything to say.


def _plain(report: Any) -> Any:
    """The report as JSON values; a list of technologies counts as its canonical form."""
    plain = msgspec.to_builtins(report)
    for port in plain.get("ports", []):
        tech = port["tech"]
        port["tech"] = parse_tech(tech) if isinstance(tech, str) else canonical_tech(tech)
    return plain


def _text(report: Any) -> str:
    """Tells 5 from 5.0, which are equal in Python."""
    return json.dumps(_plain(report))


def _agree(payload: bytes, fast: Decode, slow: Decode) -> None:
    fast_report, _ = fast(payload)
    slow_report, notes = slow(payload)

    assert notes == DecodingNotes()
    assert type(slow_report) is type(fast_report)
    assert _text(slow_report) == _text(fast_report)


@given(pon_reports())
def test_both_paths_agree_on_pon_reports(report: dict[str, Any]) -> None:
    _agree(encode(report), decode_pon, slow_pon)


@given(device_reports())
def test_both_paths_agree_on_device_reports(report: dict[str, Any]) -> None:
    _agree(encode(report), decode_device, slow_device)


@given(bundles())
def test_both_paths_agree_on_bundles(report: dict[str, Any]) -> None:
    _agree(encode(report), decode_bundle, slow_bundle)


@given(statuses())
def test_both_paths_agree_on_statuses(status: dict[str, Any]) -> None:
    payload = encode(status)

    assert decode_status(payload)[0] == slow_status(payload)[0]


# Damage stays where it is.


@given(pon_reports(min_ports=1), st.data())
def test_a_bad_port_takes_nothing_else_with_it(report: dict[str, Any], data: st.DataObject) -> None:
    good, _ = decode_pon(encode(report))
    index = data.draw(st.integers(0, len(report["ports"])))
    junk = data.draw(scalars | st.lists(scalars) | st.just({"slot": 1, "port": 1, "tech": "adsl"}))
    report["ports"].insert(index, junk)

    kept, notes = decode_pon(encode(report))

    assert _plain(kept) == _plain(good)
    assert notes is not None
    (rejection,) = notes.rejections
    assert (rejection.reason, rejection.extent) == (
        RejectionReason.BAD_ENTRY,
        Extent.ENTRY,
    )
    assert f"ports[{index}]" in rejection.error


@given(bundles(min_reports=1), st.data())
def test_a_bad_report_takes_nothing_else_of_its_bundle_with_it(
    bundle: dict[str, Any], data: st.DataObject
) -> None:
    good, _ = decode_bundle(encode(bundle))
    index = data.draw(st.integers(0, len(bundle["reports"])))
    junk = data.draw(scalars | st.lists(scalars) | st.just({"kind": "toaster"}))
    bundle["reports"].insert(index, junk)

    kept, notes = decode_bundle(encode(bundle))

    assert _plain(kept) == _plain(good)
    assert notes is not None
    (rejection,) = notes.rejections
    assert rejection.extent is Extent.ENTRY
    assert f"reports[{index}]" in rejection.error


@given(pon_reports(min_ports=1), st.data())
def test_a_bad_optional_field_takes_nothing_else_of_its_port_with_it(
    report: dict[str, Any], data: st.DataObject
) -> None:
    port = data.draw(st.sampled_from(report["ports"]))
    port.pop("rx_dbm", None)
    good, _ = decode_pon(encode(report))
    port["rx_dbm"] = data.draw(st.text() | st.lists(st.none()) | st.sampled_from([True, 31, -60.5]))

    kept, notes = decode_pon(encode(report))

    assert _plain(kept) == _plain(good)
    assert notes is not None
    (rejection,) = notes.rejections
    assert (rejection.reason, rejection.extent) == (
        RejectionReason.BAD_FIELD,
        Extent.PARTIAL,
    )
    assert ".rx_dbm: " in rejection.error
    assert json.loads(rejection.raw) == port
    assert notes.absent_fields == {"rx_dbm": 1}


@given(pon_reports(min_ports=1), st.sampled_from(["nan", "-nan", "inf", "-Infinity", "1e999"]))
def test_what_is_no_number_takes_nothing_else_with_it(report: dict[str, Any], text: str) -> None:
    for port in report["ports"]:
        port.pop("rx_dbm", None)
    good, _ = decode_pon(encode(report))
    report["ports"][-1]["rx_dbm"] = "a mark"

    kept, notes = decode_pon(encode(report).replace(b'"a mark"', text.encode()))

    assert _plain(kept) == _plain(good)
    assert notes == DecodingNotes(absent_fields={"rx_dbm": 1})


@given(pon_reports() | device_reports() | bundles() | statuses())
def test_numbers_as_lua_writes_them_are_the_same_numbers(report: Any) -> None:
    """Whole numbers with a point and a zero, a comma behind the last member, a NUL at the end."""
    lua = json.dumps(_with_points(report)).encode()[:-1] + b",}\0"
    for decode in (decode_pon, decode_device, decode_bundle, decode_status):
        assert _verdict(decode, lua) == _verdict(decode, encode(report))


def _with_points(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_points(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_points(member) for member in value]
    return float(value) if type(value) is int else value


def _verdict(decode: Decode, payload: bytes) -> Any:
    try:
        answer = decode(payload)
    except PayloadError as error:
        return error.reason
    return _text(answer[0] if isinstance(answer, tuple) else answer)


@given(device_reports(), st.sampled_from([2_147_483_647, 2_147_483_646, -2_147_483_648, 2**64 - 2]))
def test_a_sentinel_is_absent_and_no_dead_letter(report: dict[str, Any], sentinel: int) -> None:
    numbers = {
        name for name, value in report["values"].items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }  # fmt: skip
    without = report | {
        "values": {n: v for n, v in report["values"].items() if n not in numbers},
    }
    good, _ = decode_device(encode(without))
    report["values"] |= dict.fromkeys(numbers, sentinel)

    kept, notes = decode_device(encode(report))

    assert _plain(kept) == _plain(good)
    assert (notes or DecodingNotes()).rejections == []
    assert (notes or DecodingNotes()).absent_fields == dict.fromkeys(numbers, 1)


@given(
    pon_reports(min_ports=1), st.dictionaries(st.text(min_size=1, max_size=8), scalars, max_size=3)
)
def test_unknown_members_are_counted_and_ignored(
    report: dict[str, Any], extra: dict[str, Any]
) -> None:
    known = {"ts", "seq", "ports", *PonMessage.__struct_fields__}
    extra = {f"x{name}": value for name, value in extra.items() if f"x{name}" not in known}
    good, _ = decode_pon(encode(report))

    kept, notes = decode_pon(encode(report | extra))

    assert _plain(kept) == _plain(good)
    assert (notes or DecodingNotes()).unknown_fields == dict.fromkeys(extra, 1)
