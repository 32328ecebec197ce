"""The tests' own reader of line protocol, held to what real servers stored and refused."""

import pytest

from gigacity_contract.influx import Malformed, judge_write
from tests.support.line_protocol import LineError, parse_line, parse_lines
from tests.support.recordings import SERVERS, Exchange, exchanges

STRICTER = {
    "write.middle_field_tag_underscore": "reserved on 2.x alone",
    "write.middle_measurement_tag_underscore": "reserved on 2.x alone",
    "write.middle_invalid_utf8": "both store bytes that are no text",
    "write.middle_invalid_utf8_string": "both store bytes that are no text",
    "write.middle_time_field": "both drop the point, as a partial write",
    "write.middle_time_tag": "1.x drops the point, as a partial write",
    "write.middle_uint": "stored on 2.x alone",
    "write.duplicate_field": "both keep the last, without a word",
    "write.newline_in_string": "our batches are cut at line feeds",
    "write.type_conflict_and_malformed": "1.x loses the malformed line without a word",
}
"""Cases that some server stores and the reader refuses, each with its reason."""

LAXER = {
    "write.middle_timestamp_ns_as_s": "depends on the precision",
    "write.middle_timestamp_out_of_range": "depends on the precision",
    "write.middle_timestamp_before_range": "depends on the precision",
    "write.time_max_ns_exceeded": "depends on the precision",
    "write.long_tag_70k": "the encoder limits the length",
}
"""Cases that the servers refuse and the reader does not, each with its reason."""

NO_TEXT = ("write.gzip", "write.encoding")


def _writes(server: str) -> list[Exchange]:
    return [
        e
        for e in exchanges(server, "write")
        if e.path.startswith("/write") and e.request_body and not e.case.startswith(NO_TEXT)
    ]


def _is_read(e: Exchange) -> bool:
    try:
        parse_lines(e.request_body)
    except (LineError, UnicodeDecodeError):
        return False
    return True


@pytest.mark.parametrize("server", SERVERS)
def test_it_reads_what_servers_store_and_refuses_what_they_refuse(server: str) -> None:
    differs = set()
    for e in _writes(server):
        refused = isinstance(judge_write(e.status, e.headers, e.body), Malformed)
        if _is_read(e) is refused:
            differs.add(e.case)

    assert differs <= STRICTER.keys() | LAXER.keys()


def test_every_exemption_is_needed() -> None:
    cases = {e.case: e for server in SERVERS for e in _writes(server)}

    assert not any(_is_read(cases[case]) for case in STRICTER)
    assert all(_is_read(e) for case, e in cases.items() if case in LAXER)


@pytest.mark.parametrize(
    "line",
    [
        b"", b"m", b"m f", b"m f= 1", b'm f="a 1', b'm f="a"b" 1', b"m f=1u 1", b"m f=0x1 1",
        b"m,t= f=1 1", b"m,t=a,t=b f=1 1", b"m f=1,f=2 1", b"m f=1 1.5", b"m f=1 1 1",
        b"m f=1e999 1",
        b"m f=1.2.3 1", b"m\\ f=1", b"m f=1i\x00 1", b"m f=1 1\r", b"m time=1 1", b"m,time=a f=1 1",
        b"m f=9223372036854775808i 1", b"m f=--1i 1", b"m a=b=1 1", b'm f=" 1', b",t=a f=1 1",
    ],
)  # fmt: skip
def test_lines_it_refuses(line: bytes) -> None:
    with pytest.raises(LineError):
        parse_line(line)


def test_comments_and_blank_lines_are_skipped() -> None:
    points = parse_lines(b'# a comment\n\nm,t=a\\ b f=t,g="x \\"y\\" \\\\",h=-2i,i=1e3\n')

    assert [(p.measurement, p.tags, p.time) for p in points] == [("m", {"t": "a b"}, None)]
    assert points[0].fields == {
        "f": ("boolean", True),
        "g": ("string", 'x "y" \\'),
        "h": ("integer", -2),
        "i": ("float", 1000.0),
    }
