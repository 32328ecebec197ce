"""Recordings: their file, how instants in messages move, and when each message is played."""

import json
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from typer.testing import CliRunner

from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.recording_file import RecordingWriter, recorded_messages
from gigacity_ingest.cli import app
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.formats.sparkplug_b.decoder import FORMAT as SPARKPLUG
from gigacity_ingest.formats.sparkplug_b.schema import Payload
from gigacity_ingest.formats.times import TimeRule
from gigacity_ingest.mapping.loading import load_sources
from gigacity_ingest.traffic.arrivals import Arrival
from gigacity_ingest.traffic.playing import Playing, Shifter
from gigacity_ingest.traffic.recording import (
    RecordingError,
    head_line,
    message_line,
    read_head,
    read_messages,
)
from gigacity_ingest.traffic.shifting import shift_native, shift_sparkplug, shift_stated
from tests.support.mappings import source_text
from tests.support.sparkplug import EdgeNode

AT_MS = 1_767_225_600_123
HOUR_MS = 3_600_000
TOPICS = st.text(min_size=1, max_size=40).filter(
    lambda text: not set(text) & {"+", "#", "\0"} and text.isprintable()
)
ARRIVALS = st.builds(
    Arrival,
    at_ms=st.integers(0, 2**53),
    topic=TOPICS,
    payload=st.binary(max_size=200),
    qos=st.integers(0, 2),
    is_retained=st.booleans(),
    is_copy=st.booleans(),
)


@given(st.lists(ARRIVALS, max_size=5))
def test_what_is_written_is_read_again(arrivals: list[Arrival]) -> None:
    assert list(read_messages(map(message_line, arrivals))) == arrivals


def test_a_payload_of_text_can_be_read_by_people() -> None:
    line = message_line(Arrival(AT_MS, "a/b", '{"名": 1}'.encode()))

    assert json.loads(line) == {"at": AT_MS, "topic": "a/b", "text": '{"名": 1}'}


def test_a_line_that_a_kill_cut_off_is_left_out() -> None:
    lines = [message_line(Arrival(AT_MS, "a", b"1")), message_line(Arrival(AT_MS, "a", b"2"))]

    assert [a.payload for a in read_messages([lines[0], lines[1][:-4]])] == [b"1"]


@pytest.mark.parametrize(
    "line",
    [
        b"{\n", b"[]\n", b'{"at": 1, "topic": "a"}\n', b'{"at": 1, "topic": "", "text": ""}\n',
        b'{"at": 1, "topic": "a", "text": "", "base64": ""}\n', b"\xff\n",
        b'{"at": 1, "topic": "a/#", "text": ""}\n', b'{"at": 1, "topic": "a", "qos": 3}\n',
        b'{"at": 1, "topic": "a", "text": "", "more": 1}\n', b"[" * 100_000 + b"\n",
    ],
)  # fmt: skip
def test_a_line_that_is_no_message_is_named(line: bytes) -> None:
    good = message_line(Arrival(AT_MS, "a", b"1"))
    with pytest.raises(RecordingError, match=r"^line 3 is no message"):
        list(read_messages([good, line]))


@pytest.mark.parametrize("line", [b"", b"{}\n", b"\xff", b"nonsense", b'{"at": 1}'])
def test_another_file_is_no_recording(line: bytes) -> None:
    with pytest.raises(RecordingError, match=r"^line 1 is no head of a recording"):
        read_head(line)


def test_a_later_version_is_refused() -> None:
    with pytest.raises(RecordingError, match="version 2"):
        read_head(head_line(1, []).replace(b":1,", b":2,", 1))


def test_a_file_takes_no_more_than_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with RecordingWriter(path, 500, AT_MS, ["#"]) as writer:
        for n in range(100):
            writer.take(Arrival(AT_MS + n, "t", b"12345678"))
        writer.take(Arrival(AT_MS, "t", b""))

    assert writer.is_full
    assert path.stat().st_size == writer.size <= 500
    assert len(list(recorded_messages(path))) == writer.messages > 5
    with pytest.raises(FileExistsError):
        RecordingWriter(path, 500, AT_MS, [])


@pytest.fixture
def small_disk() -> Iterator[None]:
    """No file of this process may become larger than 2,000 bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("small_disk")
@pytest.mark.parametrize("messages", [3, 100])
def test_a_full_disk_is_told_at_once_or_when_the_file_is_closed(
    tmp_path: Path, messages: int
) -> None:
    with pytest.raises(RecordingError, match=r"a.jsonl: cannot be written: .*message.s. in it"):
        _record(tmp_path / "a.jsonl", messages)


def _record(path: Path, messages: int) -> None:
    with RecordingWriter(path, 10**6, AT_MS, ["#"]) as writer:
        for n in range(messages):
            writer.take(Arrival(AT_MS + n, "t", bytes(1000)))


@pytest.mark.parametrize(
    ("payload", "shifted"),
    [
        (f'{{"ts": {AT_MS}, "ports": []}}', f'{{"ts": {AT_MS + HOUR_MS}, "ports": []}}'),
        (f'{{"ts":{AT_MS}.0}}', f'{{"ts":{AT_MS + HOUR_MS}.0}}'),
        (f'{{"session": {AT_MS}, "ts" : {AT_MS}}}',
         f'{{"session": {AT_MS + HOUR_MS}, "ts" : {AT_MS + HOUR_MS}}}'),
        (f'{{"reason": "\\"ts\\": {AT_MS}"}}', f'{{"reason": "\\"ts\\": {AT_MS}"}}'),
        (f'{{"up_bps": {AT_MS}, "ts": {AT_MS}', f'{{"up_bps": {AT_MS}, "ts": {AT_MS + HOUR_MS}'),
        ('{"ts": 12}', '{"ts": 12}'),
        ("", ""),
    ],
    ids=["report", "as a float", "status", "in a text", "cut off", "no instant", "empty"],
)  # fmt: skip
def test_a_native_message_moves_and_nothing_else_in_it(payload: str, shifted: str) -> None:
    assert shift_native(payload.encode(), HOUR_MS) == shifted.encode()
    assert shift_native(shifted.encode(), -HOUR_MS) == payload.encode()


@pytest.mark.parametrize(
    ("payload", "shifted"),
    [
        ('{"t": 1767225600, "n": 1767225601}', '{"t": 1767229200, "n": 1767225601}'),
        ('{"t": 1767225600123}', '{"t": 1767229200123}'),
        ("m v=1 1767225600123000000\n", "m v=1 1767229200123000000\n"),
        ('{"t": 1767225600123456}', '{"t": 1767229200123456}'),
        ('{"t": "20260101080000123"}', '{"t": "20260101090000123"}'),
        ('{"t": "20260101080000"}', '{"t": "20260101090000"}'),
        ('{"t": "2026-01-01T08:00:00.123+08:00"}', '{"t": "2026-01-01T09:00:00.123+08:00"}'),
        ('{"t": "2026-01-01 00:00:00Z"}', '{"t": "2026-01-01 01:00:00Z"}'),
        ('{"t": "2026-01-01T08:01:00Z"}', None),
        ('{"serial": 17672256001234}', None),
        ('{"t": 99999999999999}', None),
        ("{}", None),
    ],
)
def test_a_foreign_message_moves_where_its_decoder_found_an_instant(
    payload: str, shifted: str | None
) -> None:
    stated = [AT_MS, AT_MS // 1000 * 1000]
    expected = None if shifted is None else shifted.encode()

    assert shift_stated(payload.encode(), stated, HOUR_MS) == expected


@given(
    st.lists(
        st.sampled_from(
            [
                '"ts": ',
                "99991231235959",
                "00010101T00:00:00",
                "0001-01-01 00:00:00",
                "1767225600",
                "1767225600123",
                "9999-12-31T23:59:59.9",
                "2026-01-01T08:00:00.123",
                ",",
                "20260101080000",
            ]
        )
    ).map("".join),
    st.lists(st.sampled_from([AT_MS, 1_767_225_600_000, 253_402_300_799_000, -62_135_596_800_000])),
    st.integers(-(10**15), 10**15),
)
def test_whatever_stands_in_a_message_can_be_moved(
    text: str, instants: list[int], shift_ms: int
) -> None:
    """Or stays as it is: a date beyond the last year."""
    shift_native(text.encode(), shift_ms)
    shifted = shift_stated(text.encode(), instants, shift_ms)

    assert shifted is None or instants


@given(st.lists(st.binary(max_size=80).map(lambda line: line + b"\n"), max_size=3))
def test_whatever_stands_in_a_file_is_read_or_named(lines: list[bytes]) -> None:
    with suppress(RecordingError):
        assert len(list(read_messages(lines))) == len(lines)


def test_a_binary_message_stays_as_it_is() -> None:
    assert shift_stated(b"\xff1767225600", [1_767_225_600_000], HOUR_MS) is None


@pytest.mark.parametrize(
    ("pace", "due_s", "shift_ms"),
    [(1.0, 60.0, 1_000_000), (10.0, 6.0, 946_000), (0.0, 0.0, 940_000)],
)  # fmt: skip
def test_the_end_of_the_recording_becomes_the_end_of_the_playing(
    pace: float, due_s: float, shift_ms: int
) -> None:
    playing = Playing(AT_MS, AT_MS + 60_000, AT_MS + 1_000_000, pace)

    assert playing.due_s(AT_MS + 60_000) == due_s
    assert playing.shift_ms == shift_ms
    assert playing.due_s(AT_MS - 5) == 0
    assert Playing(AT_MS, AT_MS, AT_MS, pace, keeps_times=True).shift_ms == 0


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(source_text("{temp_c: t}", more="dialect: {time: time}"), encoding="utf-8")
    return path


def test_a_mapping_says_where_the_instant_is(sources: Path) -> None:
    shifter = Shifter(HOUR_MS, load_sources(sources))
    body: dict[str, Any] = {"t": 21, "time": AT_MS, "serial": AT_MS + 1}
    moved = shifter.payload_of(Arrival(AT_MS, "site/371602001001/a/up", json.dumps(body).encode()))
    same = shifter.payload_of(Arrival(AT_MS, "other/a", json.dumps(body).encode()))

    assert json.loads(same) == body
    assert shifter.unshifted == 1
    assert json.loads(moved) == {**body, "time": AT_MS + HOUR_MS}


def _node_messages() -> list[tuple[str, bytes]]:
    node = EdgeNode(Random(1), now_ms=AT_MS)  # noqa: S311 - repeatable
    return [
        node.connect(["a"]), node.device_birth("d", ["b", "c"]), node.data("d"), node.data(""),
        node.death(),
    ]  # fmt: skip


def test_timestamps_of_sparkplug_are_moved_and_nothing_else_of_it() -> None:
    """A decoder gives the same readings, an hour later; a will states no time."""
    shifter, messages = Shifter(HOUR_MS), _node_messages()
    before, after = (SPARKPLUG.make({}, TimeRule()) for _ in range(2))
    for topic, payload in messages:
        moved = shifter.payload_of(Arrival(AT_MS, topic, payload))
        was = before.decode(ForeignMessage(topic, payload, False, AT_MS))
        now = after.decode(ForeignMessage(topic, moved, False, AT_MS))
        later = [replace(r, time_ms=(r.time_ms or 0) + HOUR_MS) for r in was.readings]
        assert now.readings == later
        assert (now.faults, len(now.sessions)) == ([], len(was.sessions))
    assert (shifter.unshifted, shifter.unborn) == (1, {})
    assert shift_sparkplug(b"no protobuf", HOUR_MS) is None
    unknown = Payload(timestamp=2**64 - 1)
    assert shift_sparkplug(unknown.SerializeToString(), HOUR_MS) == unknown.SerializeToString()
    kept = Shifter(0)
    assert [kept.payload_of(Arrival(AT_MS, *m)) for m in messages] == [m[1] for m in messages]


@pytest.mark.parametrize("shift_ms", [0, HOUR_MS])
def test_a_recording_that_begins_in_the_middle_of_a_nodes_life_says_so(shift_ms: int) -> None:
    shifter = Shifter(shift_ms)
    for topic, payload in _node_messages()[2:]:
        shifter.payload_of(Arrival(AT_MS, topic, payload))
    assert shifter.unborn == {"e": "e: DDATA without NBIRTH; a rebirth is asked for"}


def test_conformance_judges_a_recording(tmp_path: Path) -> None:
    port = {"slot": 1, "port": 0, "tech": "gpon", "admin": "up", "oper": "up"}
    lines = [head_line(AT_MS, ["#"])]
    for n in range(4):
        ts = AT_MS + n * 60_000
        body = json.dumps({"ts": ts, "seq": n * 2, "ports": [port]}).encode()
        lines.append(message_line(Arrival(ts + 50, "gigacity/v1/371602/olt/a/pon", body)))
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(lines))
    args = ["conformance", "371602/olt/a", "--recording", str(path), "--json"]
    result = CliRunner().invoke(app, args)

    found = {f["check"]: f["conformity"] for f in json.loads(result.stdout)["findings"]}
    assert result.exit_code == 1
    assert (found["seq"], found["birth"], found["cadence"]) == ("bad", "bad", "good")


@pytest.mark.parametrize("command", [["replay"], ["conformance", "371602/olt/a", "--recording"]])
def test_a_file_that_is_no_recording_is_a_wrong_call(tmp_path: Path, command: list[str]) -> None:
    path = tmp_path / "a.jsonl"
    result = CliRunner().invoke(app, [*command, str(path)])
    assert isinstance(result.exception, ConfigError)
    path.write_text("what?\n")
    result = CliRunner().invoke(app, [*command, str(path)])
    assert isinstance(result.exception, ConfigError)
    assert "line 1 is no head" in str(result.exception)
