"""What holds for every foreign source, tried with a format that is its own description."""

from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_contract.decoding import MAX_PAYLOAD_BYTES
from gigacity_ingest.decode.dead_letter import message_of
from gigacity_ingest.decode.decoder import Decoder
from gigacity_ingest.decode.field_registry import FieldRegistry
from gigacity_ingest.decode.outcome import Outcome, ReceivedMessage
from gigacity_ingest.fast_path.hot_path import HotPath
from gigacity_ingest.fast_path.publish_packets import Packet
from gigacity_ingest.foreign.arrival_stamps import ArrivalStamps
from gigacity_ingest.foreign.intake import ForeignIntake
from gigacity_ingest.mapping.sources import SourcePublishers, SourceSet
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, COMMUNITY_B, write_city
from tests.unit.ingest.foreign.stub_source import TOPIC, body, reading, stub_source
from tests.unit.ingest.messages import (
    DAY_MS,
    DEVICE_TOPIC,
    NOW_MS,
    OLT_STATUS,
    PON_TOPIC,
    device,
    points,
    pon,
    port,
    reasons,
    status,
)


class Scene:
    """A decoder with a source, and a clock that stands."""

    def __init__(self, folder: Path, **source: Any) -> None:
        registry = FieldRegistry.of(load_city(write_city(folder)))
        self.decoder = Decoder(registry)
        self.intake = ForeignIntake(self.decoder, registry, SourceSet([stub_source(**source)]))
        self.decoder.foreign = self.intake
        self.now_ms = NOW_MS

    def take(
        self,
        payload: bytes,
        topic: str = TOPIC,
        *,
        is_copy: bool = False,
        is_retained: bool = False,
        stamp_ms: int | None = None,
    ) -> Outcome:
        out = Outcome()
        is_copy |= is_retained
        message = ReceivedMessage(
            topic.encode(), payload, is_copy, self.now_ms, is_retained, stamp_ms
        )
        self.decoder.decode(message, out)
        return out

    @property
    def counts(self) -> Any:
        return self.intake.counts["alink-a"]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "city")


def times(out: Outcome) -> list[int]:
    return [point.time or 0 for point in points(out)]


def test_a_foreign_reading_is_stored_as_the_native_one_of_its_object(scene: Scene) -> None:
    out = scene.take(body(reading(t=NOW_MS - 5, battery=80)))
    topic = f"gigacity/v1/{AREA_A}/community/{COMMUNITY_A}/hands-on/telemetry"
    native = scene.take(device(NOW_MS - 5, "smoke_detector", {"battery_pct": 80}), topic=topic)
    assert out.raw == native.raw
    assert out.spans() == native.spans()
    assert not out.dead_letters


def test_ports_of_an_olt_are_stored(scene: Scene) -> None:
    out = scene.take(body({"olt": "olt-a", "ports": [0, 1], "t": NOW_MS}))
    assert [p.tags["port"] for p in points(out)] == ["0", "1"]
    assert out.points == 2


def test_a_native_topic_is_never_a_sources(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "city", topics=("gigacity/#",))
    assert reasons(scene.take(body(reading()), topic=DEVICE_TOPIC)) == [("bad_envelope", "message")]
    assert [own.messages for own in scene.intake.counts.values()] == [0]


def test_a_topic_of_no_source_is_a_bad_topic_with_a_budget_of_its_own(scene: Scene) -> None:
    out = scene.take(body(reading()), topic="shellies/plug-1/events/rpc")
    assert reasons(out) == [("bad_topic", "message")]
    assert out.dead_letters[0].publisher == "?/shellies/plug-1/events"


@pytest.mark.parametrize(
    ("row", "reason", "says"),
    [
        (
            reading("nobody", t=NOW_MS),
            "unknown_identity",
            "nobody: is not in the city file as device",
        ),
        (
            reading("lamp-1", t=NOW_MS, area=AREA_B, community=COMMUNITY_B),
            "not_yours",
            "lies in area 371621",
        ),
        (
            {"olt": "olt-b", "ports": [0], "t": NOW_MS},
            "unknown_identity",
            "olt-b: is not in the city file as olt of area 371602",
        ),
    ],
)
def test_an_object_that_is_not_the_sources_own_is_refused_and_its_neighbour_stored(
    scene: Scene, row: dict[str, Any], reason: str, says: str
) -> None:
    out = scene.take(body(row, reading(t=NOW_MS)))
    (dead_letter,) = out.dead_letters
    assert reasons(out) == [(reason, "entry")]
    assert says in dead_letter.error
    assert out.points == 1


def test_a_registered_device_under_another_area_is_refused(scene: Scene) -> None:
    out = scene.take(body(reading(t=NOW_MS, community=COMMUNITY_B, device="lamp-1")))
    assert reasons(out) == [("not_yours", "message")]


@pytest.mark.parametrize("ts", [NOW_MS + 10 * 60_000, NOW_MS - 31 * DAY_MS])
def test_an_implausible_time_is_refused_as_a_native_one_is(scene: Scene, ts: int) -> None:
    out = scene.take(body(reading(t=ts), reading("smoke-1", t=NOW_MS)))
    assert reasons(out) == [("implausible_timestamp", "entry")]
    assert out.points == 1


def test_faults_of_a_message_are_one_dead_letter_for_each_reason_with_the_whole_message(
    scene: Scene,
) -> None:
    payload = body(
        reading("x1", t=NOW_MS), reading("x2", t=NOW_MS), reading(t=NOW_MS, bad="temp_c: text"),
        faults=["params.X: no object"],
    )  # fmt: skip
    out = scene.take(payload)
    assert sorted(reasons(out)) == [
        ("bad_entry", "entry"), ("bad_field", "partial"), ("unknown_identity", "entry"),
    ]  # fmt: skip
    by_reason = {dead_letter.reason.value: dead_letter for dead_letter in out.dead_letters}
    assert by_reason["bad_entry"].error == "params.X: no object in part"
    assert "x1: is not in" in by_reason["unknown_identity"].error
    assert "x2: is not in" in by_reason["unknown_identity"].error
    assert {message_of(dead_letter) for dead_letter in out.dead_letters} == {payload}
    assert {dead_letter.publisher for dead_letter in out.dead_letters} == {"alink-a"}


@pytest.mark.parametrize(
    ("publishers", "expected"),
    [
        (SourcePublishers(users=("poller",)), {"alink-a"}),
        (SourcePublishers(levels=("pk",)), {"alink-a/k0", "alink-a/k1"}),
        (SourcePublishers(levels=("pk",), users=("poller",)), {"alink-a/k0", "alink-a/k1"}),
    ],
)
def test_the_sender_is_what_the_broker_checks_and_nothing_that_a_user_may_invent(
    tmp_path: Path, publishers: SourcePublishers, expected: set[str]
) -> None:
    scene = Scene(tmp_path / "city", topics=("/sys/{pk}/+/post",), publishers=publishers)
    outs = [scene.take(b"no", topic=f"/sys/k{n % 2}/invented-{n}/post") for n in range(4)]
    assert {out.dead_letters[0].publisher for out in outs} == expected


def test_what_cannot_be_read_at_all_is_one_dead_letter(scene: Scene) -> None:
    assert reasons(scene.take(b"{")) == [("not_json", "message")]
    assert reasons(scene.take(b" " * (MAX_PAYLOAD_BYTES + 1))) == [("too_large", "message")]


def test_a_fault_of_a_decoder_is_a_dead_letter_and_counted_as_ours(scene: Scene) -> None:
    out = scene.take(b'"crash"')
    assert reasons(out) == [("bad_envelope", "message")]
    assert scene.decoder.internal_errors == 1
    assert out.dead_letters[0].publisher == "?//sys/k1"


# --- messages without a time --------------------------------------------------------------------


def test_a_reading_without_a_time_has_that_of_its_arrival_and_is_counted(scene: Scene) -> None:
    out = scene.take(body(reading(battery=80)))
    assert times(out) == [NOW_MS]
    assert scene.counts.stamped == 1
    (point,) = points(out)
    assert point.fields == {"battery_pct": ("integer", 80), "stamped": ("boolean", True)}


def test_only_what_states_no_time_is_marked_though_ports_are_remembered(scene: Scene) -> None:
    untimed = scene.take(body({"olt": "olt-a", "ports": [0]}))
    timed = scene.take(body({"olt": "olt-a", "ports": [0], "t": NOW_MS}))
    native = scene.take(pon(port(number=0), ts=NOW_MS), topic=PON_TOPIC)
    assert [p.fields.get("stamped") for p in points(untimed)] == [("boolean", True)]
    assert {*points(untimed)[0].fields} == {"admin", "oper", "stamped"}
    assert timed.raw == native.raw
    assert b"stamped" not in native.raw[0]


def test_a_redelivery_of_it_is_the_same_point(scene: Scene) -> None:
    payload = body(reading())
    scene.take(payload)
    scene.now_ms += 1_800_000
    assert times(scene.take(payload, is_copy=True)) == [NOW_MS]
    scene.now_ms += 3_600_000
    assert times(scene.take(payload, is_copy=True)) == [scene.now_ms]


def test_the_same_message_id_is_the_same_point_for_a_while(scene: Scene) -> None:
    payload = body(reading(id="8812"))
    scene.take(payload)
    scene.now_ms += 119_000
    assert times(scene.take(payload)) == [NOW_MS]
    scene.now_ms += 2_000
    assert times(scene.take(payload)) == [scene.now_ms], "an id may come again after a while"


def test_the_same_id_with_other_values_is_another_reading(scene: Scene) -> None:
    scene.take(body(reading(id="1", battery=50)))
    scene.now_ms += 1000
    assert times(scene.take(body(reading(id="1", battery=49)))) == [scene.now_ms]


def test_the_same_values_without_an_id_are_another_reading(scene: Scene) -> None:
    scene.take(body(reading()))
    scene.now_ms += 1000
    assert times(scene.take(body(reading()))) == [scene.now_ms]


def test_a_queue_that_comes_at_once_stays_as_many_points(scene: Scene) -> None:
    found = [times(scene.take(body(reading(battery=n)))) for n in range(5)]
    assert found == [[NOW_MS + n] for n in range(5)]


def test_a_retained_reading_without_a_time_is_no_point(scene: Scene) -> None:
    out = scene.take(body(reading()), is_retained=True)
    assert (out.points, out.dead_letters) == (0, [])
    assert times(scene.take(body(reading(t=NOW_MS - 7)), is_retained=True)) == [NOW_MS - 7]


def test_a_replay_gives_the_instant_of_the_first_arrival(scene: Scene) -> None:
    payload = body(reading("nobody"), reading())
    out = scene.take(payload)
    (dead_letter,) = out.dead_letters
    assert dead_letter.ts == NOW_MS
    scene.now_ms += DAY_MS
    assert times(scene.take(payload, is_copy=True, stamp_ms=dead_letter.ts)) == [NOW_MS]


def test_a_replay_counts_a_relative_time_from_the_first_arrival(scene: Scene) -> None:
    first = scene.take(body(reading(ago=5_000)))
    assert times(first) == [NOW_MS - 5_000]
    scene.now_ms += DAY_MS
    again = scene.take(body(reading(ago=5_000)), is_copy=True, stamp_ms=NOW_MS)
    assert points(again) == points(first)


@pytest.mark.parametrize(("flags", "stored"), [(2, 1), (2 | 8, 1), (2 | 1, 0)])
def test_a_run_of_packets_tells_retained_copies_from_redeliveries(
    scene: Scene, flags: int, stored: int
) -> None:
    out = Outcome()
    native = f"gigacity/v1/{AREA_A}/community/{COMMUNITY_A}/elevator-1/telemetry".encode()
    packets: list[Packet] = [
        (1, native, device(), 2, 0),
        (2, TOPIC.encode(), body(reading()), flags, 0),
        (3, native, device(NOW_MS - 1), 2, 0),
    ]
    taken = HotPath(scene.decoder).decode(packets, 0, 3, out, now_ms=NOW_MS, points=100)
    assert (taken, out.points, out.dead_letters) == (3, 2 + stored, [])


# --- sessions -----------------------------------------------------------------------------------


def sessions(*rows: dict[str, Any]) -> bytes:
    return body(sessions=list(rows))


def test_births_and_ends_become_rows_of_presence(scene: Scene) -> None:
    out = scene.take(
        sessions(
            {"device": "hands-on", "online": True, "t": NOW_MS - 9000},
            {"device": "hands-on", "online": False, "t": NOW_MS - 1000},
        )
    )
    birth, end = points(out)
    assert (birth.time, birth.fields) == (NOW_MS - 9000, {"online_ms": ("integer", NOW_MS - 9000)})
    assert (end.time, end.fields["ended_ms"]) == (
        NOW_MS - 1000,
        ("integer", NOW_MS - 1000),
    )
    assert end.fields["end_source"] == ("string", "notice")
    assert end.tags == {
        "area": AREA_A, "community": COMMUNITY_A, "id": "hands-on", "object": "device",
    }  # fmt: skip
    assert scene.counts.sessions == 2


def test_a_session_of_an_olt_stands_with_its_native_ones(scene: Scene) -> None:
    out = scene.take(sessions({"olt": "olt-a", "online": True, "t": NOW_MS}))
    native = scene.take(status(NOW_MS, "online"), topic=OLT_STATUS)
    assert out.forever == native.forever


def test_a_retained_end_without_a_time_tells_only_that_it_had_come(scene: Scene) -> None:
    (row,) = points(scene.take(sessions({"device": "hands-on", "online": False}), is_retained=True))
    assert row.fields == {"seen_ended_ms": ("integer", NOW_MS)}


def test_changes_that_come_at_once_keep_their_order(scene: Scene) -> None:
    first = scene.take(sessions({"device": "hands-on", "online": False}))
    then = scene.take(sessions({"device": "hands-on", "online": True}))
    assert times(first) < times(then)


def test_a_session_of_nobody_or_of_the_future_is_refused(scene: Scene) -> None:
    out = scene.take(
        sessions({"online": True}, {"device": "hands-on", "online": True, "t": NOW_MS + DAY_MS})
    )
    assert sorted(reasons(out)) == [("implausible_timestamp", "message"), ("not_yours", "message")]


# --- answers ------------------------------------------------------------------------------------

REPLY = "/sys/k1/d1/post_reply"


def test_answers_are_off_unless_the_source_says_so(tmp_path: Path, scene: Scene) -> None:
    assert scene.take(body(answers=[REPLY])).answers == []
    on = Scene(tmp_path / "other", answers=True)
    assert [answer.topic for answer in on.take(body(answers=[REPLY])).answers] == [REPLY]
    assert on.take(body(answers=[REPLY]), is_retained=True).answers == []


@pytest.mark.parametrize(
    "topic", ["", "gigacity/v1/371602/olt/olt-a/pon", "a/+/b", "$SYS/x", "spBv1.0/g/NCMD/n"]
)
def test_what_is_no_answer_is_withheld_and_counted(tmp_path: Path, topic: str) -> None:
    scene = Scene(tmp_path / "city", answers=True)
    assert scene.take(body(answers=[topic])).answers == []
    assert scene.counts.answers_withheld == 1


def test_answers_are_bounded_by_rate(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "city", answers=True)
    out = scene.take(body(answers=[REPLY] * 900))
    assert len(out.answers) == 500
    scene.now_ms += 1000
    assert len(scene.take(body(answers=[REPLY] * 900)).answers) == 100
    assert scene.counts.answers_withheld == 1200


# --- changes ------------------------------------------------------------------------------------


def test_another_city_registers_what_was_refused(scene: Scene, tmp_path: Path) -> None:
    assert scene.take(body(reading("new-1", t=NOW_MS))).points == 0
    folder = write_city(tmp_path / "next")
    rows = f"{COMMUNITY_A},smoke_detector,new-1,\n"
    with (folder / "devices.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    registry = FieldRegistry.of(load_city(folder))
    scene.decoder.follow(registry)
    scene.intake.follow(registry)
    assert scene.take(body(reading("new-1", t=NOW_MS))).points == 1


@pytest.mark.parametrize(
    ("made_from", "is_kept"), [(("json", {}), True), (("json", {"a": 1}), False)]
)
def test_a_source_that_is_read_as_before_keeps_what_its_decoder_knows(
    scene: Scene, made_from: tuple[object, ...], is_kept: bool
) -> None:
    first = stub_source()._replace(made_from=("json", {}))
    scene.intake.replace(SourceSet([first]))
    second = SourceSet([stub_source()._replace(made_from=made_from)])
    scene.intake.replace(second)

    assert (second["alink-a"].decoder is first.decoder) is is_kept


def test_sources_of_which_nothing_is_known_keep_no_decoder(scene: Scene) -> None:
    first, second = (SourceSet([stub_source()]) for _ in range(2))
    scene.intake.replace(first)
    own = second["alink-a"].decoder
    scene.intake.replace(second)

    assert second["alink-a"].decoder is own


def test_other_sources_take_over_all_at_once(scene: Scene) -> None:
    scene.intake.replace(SourceSet([stub_source("other", topics=("a/+",))]))
    assert reasons(scene.take(body(reading(t=NOW_MS)))) == [("bad_topic", "message")]
    assert scene.take(body(reading(t=NOW_MS)), topic="a/b").points == 1


def test_what_it_is_given_to_remember_with_is_used_though_it_is_empty(scene: Scene) -> None:
    stamps = ArrivalStamps()
    registry = scene.decoder.registry
    scene.decoder.foreign = ForeignIntake(
        scene.decoder, registry, SourceSet([stub_source()]), stamps=stamps
    )
    scene.take(body(reading()))
    assert len(stamps) == 1


def test_gaps_of_a_devices_own_numbers_are_counted_as_those_of_native_messages(
    scene: Scene,
) -> None:
    """Each device by itself; what is refused says nothing of the sequence."""
    for number in (5, 6, 9, 9):
        scene.take(body(reading(t=NOW_MS - 100 + number, number=number)))
    scene.take(body(reading("smoke-1", t=NOW_MS, number=70)))
    scene.take(body(reading("nobody", t=NOW_MS, number=7000)))
    topic = f"gigacity/v1/{AREA_A}/community/{COMMUNITY_A}/hands-on/telemetry"
    assert scene.decoder.sequences.gaps == 2
    assert scene.decoder.sequences.worst(9) == [(topic, 2, 0)]
