"""The quick ways to decode and encode agree with the plain ones, whatever arrives, in any order."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gigacity_city.load import load_city
from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldType
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.line_protocol import encode_point, tag_prefix
from gigacity_contract.measurements import DEVICE_MEASUREMENTS, PON_PORT
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.encode.device_lines import device_prefix
from gigacity_ingest.encode.line_builder import FieldShapes, LineBuilder, marked
from gigacity_ingest.fast_path.hot_path import HotPath
from gigacity_ingest.fast_path.publish_packets import Packet
from tests.support.city import AREA_A, COMMUNITY_A, write_city
from tests.support.line_protocol import parse_line
from tests.support.payload_strategies import (
    bundles,
    damaged,
    device_reports,
    encode,
    ids,
    members_of,
    pon_reports,
    statuses,
)
from tests.unit.ingest.messages import (
    BUNDLE_TOPIC,
    DAY_MS,
    DEVICE_TOPIC,
    NOW_MS,
    OLT_STATUS,
    PON_TOPIC,
    pon,
    port,
)

with TemporaryDirectory() as _folder:
    CITY = load_city(write_city(Path(_folder)))

KINDS = sorted(KIND_FIELDS)


@st.composite
def device_points(draw: st.DrawFn) -> tuple[str, str, dict[str, Any], int]:
    """Kind, id, some values, time."""
    kind = draw(st.sampled_from(KINDS))
    values = draw(members_of(KIND_FIELDS[kind]))
    return kind, draw(ids), values, draw(st.integers(0, 2**42))


@settings(max_examples=60, deadline=None)
@given(st.lists(device_points(), max_size=30))
def test_a_batch_is_encoded_as_its_points_are_one_by_one(
    points: list[tuple[str, str, dict[str, Any], int]],
) -> None:
    builder, plain = LineBuilder(), []
    for kind, device, values, ts in points:
        row = DEVICE_MEASUREMENTS[kind]
        prefix = device_prefix(CATALOGUE[kind].values, AREA_A, COMMUNITY_A, device)
        present = {name: value for name, value in values.items() if value is not None}
        if present:
            fields = [present.get(field.name) for field in row.fields]
            builder.add(prefix, FieldShapes(row.fields), fields, ts)
            tags = {"area": AREA_A, "community": COMMUNITY_A, "device": device}
            plain.append(encode_point(row, tags, present, ts))

    lines = builder.text().split(b"\n") if builder.count else []
    assert [parse_line(line) for line in lines] == [parse_line(line) for line in plain]
    assert [line.split(b" ")[0] for line in lines] == [line.split(b" ")[0] for line in plain]


@given(ids)
def test_a_devices_prefix_is_what_the_contract_writes(device: str) -> None:
    for kind in KINDS:
        tags = {"area": AREA_A, "community": COMMUNITY_A, "device": device}
        expected = marked(tag_prefix(DEVICE_MEASUREMENTS[kind], tags))
        assert device_prefix(CATALOGUE[kind].values, AREA_A, COMMUNITY_A, device) == expected


_TOPICS = st.sampled_from(
    [
        PON_TOPIC,
        PON_TOPIC.replace("olt-a", "olt-b"),
        DEVICE_TOPIC,
        DEVICE_TOPIC.replace("elevator-1", "camera-1"),
        BUNDLE_TOPIC,
        OLT_STATUS,
        "gigacity/v1/999999/olt/olt-a/pon",
        "gigacity/v1",
    ]
)
_TIMES = st.integers(NOW_MS - 3_000_000_000, NOW_MS + 400_000)


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Usual and unusual reports, most of them of about now."""
    report = draw(pon_reports() | device_reports() | bundles() | statuses())
    if "ts" in report and draw(st.integers(0, 9)):
        report["ts"] = draw(_TIMES)
    return draw(st.sampled_from([encode(report)] * 4 + [draw(damaged())]))


_USUAL = [
    ("camera", {"intact": True}), ("camera", {"intact": False, "picture": True}),
    ("smoke_detector", {"alarm": True}), ("smoke_detector", {"alarm": False, "temp_c": 21.5}),
]  # fmt: skip
_UNUSUAL: list[tuple[str, dict[str, Any]]] = [
    ("camera", {}), ("smoke_detector", {"temp_c": 900}), ("water_meter", {"pulses": 4294967294}),
]  # fmt: skip
_KNOWN = ["d-1", "d-2", "d-3", "d-4"]
_FEW_REPORTS = st.builds(
    lambda named, place, device, ts, seq: {
        "community": place, "device": device, "ts": ts, "kind": named[0], "values": named[1],
    } | ({} if seq is None else {"seq": seq}),
    st.sampled_from(_USUAL * 5 + _UNUSUAL),
    st.sampled_from([COMMUNITY_A] * 9 + ["elsewhere"]),
    st.sampled_from([*_KNOWN] * 3 + ["elevator-1", "d 4"]),
    st.sampled_from([NOW_MS, NOW_MS - 1, NOW_MS - 90_000] * 7 + [5, NOW_MS + 400_000]),
    st.none() | st.integers(0, 6),
)  # fmt: skip
_FEW_BUNDLES = st.tuples(
    st.just(BUNDLE_TOPIC),
    st.builds(
        lambda reports, seq: encode({"reports": reports, "seq": seq}),
        st.lists(_FEW_REPORTS, max_size=5),
        st.integers(0, 9),
    ),
    st.sampled_from([2, 2, 3, 10]),
)
"""Bundles of so few devices that most of their reports are of one that is known."""
_EVERY_DEVICE = (BUNDLE_TOPIC, encode({"reports": [
    {"community": COMMUNITY_A, "device": device, "ts": NOW_MS + n, "kind": kind, "values": values}
    for n, (kind, values) in enumerate(_USUAL) for device in _KNOWN
]}), 2)  # fmt: skip

messages = st.lists(
    st.tuples(_TOPICS, payloads(), st.sampled_from([2, 2, 2, 3, 10])), min_size=1, max_size=12
)


_OLD_EMPTY_REPORT = [(PON_TOPIC, pon(port()), 2), (PON_TOPIC, pon(ts=NOW_MS - DAY_MS), 2)]


@settings(max_examples=60, deadline=None)
@example(_OLD_EMPTY_REPORT, 40)
@given(messages, st.integers(1, 40))
def test_the_hot_path_finds_what_the_general_decoder_finds(
    batch: list[tuple[str, bytes, int]], points: int
) -> None:
    _compare(batch, points)


@settings(max_examples=150, deadline=None)
@given(st.lists(_FEW_BUNDLES, min_size=1, max_size=4))
def test_a_bundle_of_known_devices_is_taken_as_any_other(
    batch: list[tuple[str, bytes, int]],
) -> None:
    _compare([_EVERY_DEVICE, *batch], 1000)


def _compare(batch: list[tuple[str, bytes, int]], points: int) -> None:
    packets: list[Packet] = []
    for number, (topic, payload, flags) in enumerate(batch * 2):
        # Twice, since only the second message of a topic takes the hot path.
        packets.append((number + 1, topic.encode(), payload, flags, 0))
    quick, plain = Decoder(CITY), Decoder(CITY)
    hot, quick_out, plain_out = HotPath(quick), Outcome(), Outcome()
    at = 0
    while at < len(packets):
        at = hot.decode(packets, at, len(packets), quick_out, now_ms=NOW_MS, points=points)
    for _mid, name, payload, flags, _end in packets:
        arrived = ReceivedMessage(name, payload, bool(flags & 9), NOW_MS, bool(flags & 1))
        plain.decode(arrived, plain_out)

    assert quick_out.raw == plain_out.raw
    assert quick_out.forever == plain_out.forever
    assert quick_out.dead_letters == plain_out.dead_letters
    assert quick_out.points == plain_out.points
    assert (quick_out.unknown_fields, quick_out.absent_fields) == (
        plain_out.unknown_fields, plain_out.absent_fields,
    )  # fmt: skip
    counts = [(d.sequences.gaps, d.sequences.reordered) for d in (quick, plain)]
    assert counts[0] == counts[1]
    assert quick.internal_errors == plain.internal_errors == 0
    assert quick_out.safety_calls == plain_out.safety_calls
    _check_spans(quick_out, plain_out)
    assert sorted(quick_out.seal().instants) == sorted(plain_out.seal().instants)


def _check_spans(quick: Outcome, plain: Outcome) -> None:
    """Points match; old times match to a few seconds, and others are covered."""
    found, exact = quick.spans(), plain.spans()
    assert found.keys() == exact.keys()
    for series, runs in exact.items():
        mine = found[series]
        assert sum(run.points for run in mine) == sum(run.points for run in runs)
        for run in runs:
            for ts in (run.first_ms, run.last_ms):
                assert any(other.first_ms <= ts <= other.last_ms for other in mine)
        for run in mine:
            for ts in (run.first_ms, run.last_ms):
                near = any(r.first_ms - 10_000 <= ts <= r.last_ms + 10_000 for r in runs)
                assert near or ts >= NOW_MS - 60_000


def test_looking_at_an_outcome_changes_nothing_of_what_it_gives() -> None:
    """Spans and times of points were once right only in one order of asking."""
    reports = [(n, {"ts": NOW_MS - n * 40_000, "kind": "camera", "values": {"intact": True}})
               for n in range(1, 5)]  # fmt: skip
    packets: list[Packet] = [
        (n, DEVICE_TOPIC.encode(), json.dumps(report).encode(), 2, 0) for n, report in reports
    ]
    looked_at, left_alone = Outcome(), Outcome()
    for out in (looked_at, left_alone):
        hot = HotPath(Decoder(CITY))
        # The first message of a topic takes the plain way, the others the quick one.
        hot.decode(packets, 0, len(packets), out, now_ms=NOW_MS, points=1000)
    before = looked_at.spans()
    for _ in range(2):
        looked_at.spans()
    sealed, expected = looked_at.seal(), left_alone.seal()

    assert sorted(sealed.instants) == sorted(expected.instants)
    assert len(sealed.instants) == 4
    assert sealed.spans == before
    assert (looked_at.points, looked_at.spans()) == (0, {})


def test_ports_that_are_known_are_encoded_as_new_ones_are() -> None:
    numbers = {f.name: n for n, f in enumerate(PORT_FIELDS[2:]) if f.low is None or f.low <= n}
    tail = [dict(list(numbers.items())[:n]) for n in (0, 3, len(numbers), 1, len(numbers))]
    first = {"slot": 1, "port": 0, "tech": ["xgs-pon", "gpon"], "admin": "up", "oper": "up"}
    decoder, out = Decoder(CITY), Outcome()
    hot = HotPath(decoder)
    packets: list[Packet] = [
        (n, PON_TOPIC.encode(), json.dumps({"ts": NOW_MS + n, "ports": [
            first | fields, first | {"port": 1, "tech": "gpon"} | fields]}).encode(), 2, 0)
        for n, fields in enumerate(tail, 1)
    ]  # fmt: skip
    hot.decode(packets, 0, len(packets), out, now_ms=NOW_MS, points=1000)
    plain = [
        encode_point(
            PON_PORT,
            {"area": AREA_A, "olt": "olt-a", "slot": "1", "port": str(port), "tech": tech},
            {"admin": "up", "oper": "up", **fields},
            NOW_MS + n,
        )
        for n, fields in enumerate(tail, 1)
        for port, tech in enumerate(("gpon+xgs-pon", "gpon"))
    ]

    assert [parse_line(line) for line in out.raw] == [parse_line(line) for line in plain]


@given(st.data())
def test_a_device_that_keeps_changing_what_it_reports_is_encoded_as_any_other(
    data: st.DataObject,
) -> None:
    shapes, fields = FieldShapes(PON_PORT.fields[2:]), PON_PORT.fields[2:]
    chosen = data.draw(st.lists(st.sets(st.sampled_from(range(len(fields))), min_size=1)))
    # More shapes than get a struct of their own.
    chosen += [{n for n in range(len(fields)) if bits >> n & 1} for bits in range(1, 200)]
    builder, plain = LineBuilder(), []
    for ts, present in enumerate(chosen):
        values = [n if n in present else None for n in range(len(fields))]
        builder.add(marked("m,t=a"), shapes, values, ts)
        texts = [
            f"{field.name}={n}{'i' if field.type is FieldType.INTEGER else ''}"
            for n, field in enumerate(fields)
            if n in present
        ]
        plain.append(f"m,t=a {','.join(texts)} {ts}".encode())

    assert builder.text().split(b"\n") == plain
