"""Bodies of foreign messages: compressed, nearly JSON, too large, too deep."""

import gzip

import pytest

from gigacity_contract.decoding import MAX_PAYLOAD_BYTES, PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import inflated, read_body, read_body_object


def packed(body: bytes) -> bytes:
    """The same bytes at every moment: they stand in the name of a test."""
    return gzip.compress(body, mtime=0)


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b'{"a":[1,2.5,"x",null]}', {"a": [1, 2.5, "x", None]}),
        (b'\xef\xbb\xbf{"a":1}\0', {"a": 1}),
        (b'{"a":NaN,"b":[-inf,{"c":nan}],"d":1}', {"a": None, "b": [None, {"c": None}], "d": 1}),
        (b"NaN", None),
        (b'{"a":18446744073709551614}', {"a": 18446744073709551614}),
        (b"17", 17),
        (packed(b'{"a":1}'), {"a": 1}),
        (packed(b'{"a":') + packed(b"1}") + b"\0\0", {"a": 1}),
    ],
    ids=repr,
)
def test_a_body_is_read(payload: bytes, expected: object) -> None:
    assert read_body(payload) == expected


@pytest.mark.parametrize(
    ("payload", "reason", "words"),
    [
        (b"", RejectionReason.NOT_JSON, "empty"),
        (b'{"a":', RejectionReason.NOT_JSON, ""),
        (b"[" * 10_000 + b"]" * 10_000, RejectionReason.NOT_JSON, "deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, RejectionReason.NOT_JSON, "deep"),
        (b'"\xff"', RejectionReason.NOT_UTF8, ""),
        (b" " * (MAX_PAYLOAD_BYTES + 1), RejectionReason.TOO_LARGE, "limit"),
        (packed(b" " * (MAX_PAYLOAD_BYTES + 1)), RejectionReason.TOO_LARGE, "gzip"),
        (packed(b'{"a":1}')[:-3], RejectionReason.BAD_ENVELOPE, "gzip"),
        (b"\x1f\x8b{}", RejectionReason.BAD_ENVELOPE, "gzip"),
        (packed(b"") * 17, RejectionReason.BAD_ENVELOPE, "members"),
    ],
    ids=[
        "empty",
        "cut",
        "arrays",
        "objects",
        "bytes",
        "large",
        "bomb",
        "cut gzip",
        "no gzip",
        "members",
    ],
)
def test_a_bad_body_is_refused_with_its_reason(
    payload: bytes, reason: RejectionReason, words: str
) -> None:
    with pytest.raises(PayloadError) as caught:
        read_body(payload)

    assert caught.value.reason is reason
    assert words in caught.value.error


def test_depth_that_json_allows_survives_mending() -> None:
    value = read_body(b"[" * 200 + b"NaN" + b"]" * 200)
    for _ in range(200):
        (value,) = value

    assert value is None


def test_a_bomb_of_many_members_stops_at_the_limit() -> None:
    with pytest.raises(PayloadError) as caught:
        inflated(packed(b"x" * 400) * 3, 1000)

    assert caught.value.reason is RejectionReason.TOO_LARGE


@pytest.mark.parametrize("payload", [b"[]", b"1", b"null", b'"a"'])
def test_another_value_than_an_object_is_refused_where_one_is_needed(payload: bytes) -> None:
    with pytest.raises(PayloadError) as caught:
        read_body_object(payload)

    assert caught.value.reason is RejectionReason.BAD_ENVELOPE
