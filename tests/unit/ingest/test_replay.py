"""Replaying dead letters: good ones are stored now, bad ones stay, and twice is as once."""

from pathlib import Path

import pytest

from gigacity_city.load import load_city
from gigacity_contract.clock import ManualClock
from gigacity_contract.decoding import Extent, Rejection, RejectionReason
from gigacity_contract.influx import Malformed, Unavailable, WriteOutcome, Written
from gigacity_ingest.dead_letters.replay import Replay, ReplayError, replay_tag
from gigacity_ingest.dead_letters.store import DeadLetterStore
from gigacity_ingest.decode.dead_letter import DeadLetter, dead_letter_of, refused_lines
from gigacity_ingest.decode.decoder import Decoder
from tests.support.city import edit, write_city
from tests.unit.ingest.messages import (
    BUNDLE_TOPIC,
    NOW_MS,
    OLT_STATUS,
    PON_TOPIC,
    bundle,
    decode,
    entry,
    pon,
    port,
    status,
)

NEW_AREA_TOPIC = "gigacity/v1/371699/olt/olt-n/pon"


class FakeWriter:
    def __init__(self, answer: WriteOutcome | None = None) -> None:
        self.answer = answer or Written()
        self.posted: list[tuple[str, bytes]] = []

    def write(self, policy: str, _precision: str, lines: list[bytes]) -> WriteOutcome:
        self.posted += [(policy, line) for line in lines]
        return self.answer


class Case:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        city = write_city(folder / "city")
        self.decoder = Decoder(load_city(city))
        self.store = DeadLetterStore(folder / "letters", budget_bytes=10**9, segment_bytes=1)
        self.clock = ManualClock(wall_ms=NOW_MS + 1000)

    def refuse(self, topic: str, payload: bytes) -> None:
        out = decode(self.decoder, topic, payload)
        assert out.dead_letters
        self.store.append(out.dead_letters)

    def grow_city(self) -> None:
        """The city file now has the area, and the gateway its device."""
        city = self.folder / "city"
        edit(city, "city.yaml", "areas:\n", (
            'areas:\n  - {code: "371699", name: {zh: 新区, en: New}, kind: county}\n'
        ))  # fmt: skip
        self.decoder = Decoder(load_city(city))

    def replay(self, writer: FakeWriter, ids: frozenset[str] = frozenset()) -> tuple[int, int]:
        replay = Replay(self.store, self.decoder, writer, self.clock)  # type: ignore[arg-type] # fake
        result = replay.run(ids)
        assert result.is_balanced
        return result.dead_letters, result.settled

    def open_dead_letters(self) -> int:
        return sum(not stored.is_resolved for stored in self.store.unique())


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return Case(tmp_path)


def test_a_message_of_an_area_that_was_added_is_stored_now(case: Case) -> None:
    case.refuse(NEW_AREA_TOPIC, pon(port()))
    assert case.replay(FakeWriter()) == (1, 0)
    case.grow_city()
    writer = FakeWriter()

    assert case.replay(writer) == (1, 1)
    # It is announced, however fresh: no worker tells of it.
    assert [policy for policy, _ in writer.posted] == ["raw", "ops"]
    assert case.open_dead_letters() == 0


def test_replaying_again_changes_nothing(case: Case) -> None:
    case.refuse(NEW_AREA_TOPIC, pon(port()))
    case.grow_city()
    case.replay(FakeWriter())
    writer = FakeWriter()

    assert case.replay(writer) == (0, 0)
    assert writer.posted == []


def test_what_is_still_refused_stays_and_is_not_stored_twice(case: Case) -> None:
    case.refuse(PON_TOPIC, b"junk")
    case.refuse(PON_TOPIC, pon(port(1, 0, rx_dbm="N/A")))

    assert case.replay(FakeWriter()) == (2, 0)
    assert case.replay(FakeWriter()) == (2, 0)
    assert len(list(case.store.read())) == 2


def test_one_dead_letter_can_be_chosen(case: Case) -> None:
    case.refuse(PON_TOPIC, b"junk")
    case.refuse(PON_TOPIC, b"more junk")
    wanted = list(case.store.unique())[1].dead_letter.id

    assert case.replay(FakeWriter(), frozenset({wanted})) == (1, 0)


def test_lines_that_the_database_refused_are_posted_to_their_policy_again(case: Case) -> None:
    lines = [b"pon_port,olt=a rx_dbm=1 1", b"pon_port,olt=b rx_dbm=1 1"]
    case.store.append(
        [refused_lines(lines, policy="raw", points=2, error="conflict", received_ms=NOW_MS)]
    )
    stubborn = FakeWriter(Malformed((lines[0],), "still", rest_stored=True))
    assert case.replay(stubborn) == (1, 0)
    writer = FakeWriter()

    assert case.replay(writer) == (1, 1)
    assert writer.posted == [("raw", line) for line in lines]


def test_an_outage_ends_the_run_and_keeps_what_was_settled(case: Case) -> None:
    case.refuse(NEW_AREA_TOPIC, pon(port()))
    case.grow_city()

    with pytest.raises(ReplayError, match="away"):
        case.replay(FakeWriter(Unavailable(None, "away")))
    assert case.open_dead_letters() == 1


def test_late_points_announce_themselves(case: Case) -> None:
    case.refuse(NEW_AREA_TOPIC, pon(port()))
    case.grow_city()
    case.clock.advance_s(600)
    writer = FakeWriter()
    case.replay(writer)

    assert [policy for policy, _ in writer.posted] == ["raw", "ops"]
    assert f"worker={replay_tag(case.store.folder)} ".encode() in writer.posted[1][1]


def test_replays_at_once_do_not_write_over_each_others_markers(case: Case, tmp_path: Path) -> None:
    """Of two stores each has a tag of its own; one store has one replay at a time."""
    case.refuse(NEW_AREA_TOPIC, pon(port()))
    case.grow_city()
    case.clock.advance_s(600)
    other = Case(tmp_path / "other")
    for name in ("olt-x", "olt-y"):
        other.refuse(NEW_AREA_TOPIC.replace("olt-n", name), pon(port()))
    other.grow_city()
    other.clock.advance_s(600)
    first, second, third = FakeWriter(), FakeWriter(), FakeWriter()

    class Meanwhile(FakeWriter):
        """While one replay writes, another one of its store begins."""

        def write(self, policy: str, precision: str, lines: list[bytes]) -> WriteOutcome:
            with pytest.raises(ReplayError, match="another replay of"):
                case.replay(third)
            return first.write(policy, precision, lines)

    case.replay(Meanwhile())
    other.replay(second)
    markers = [line for w in (first, second) for name, line in w.posted if name == "ops"]
    series = [(line.split(b" ")[0], line.split(b" ")[2]) for line in markers]
    assert third.posted == []
    assert len(set(series)) == len(series) == 3


def test_a_replayed_will_does_not_claim_a_moment(case: Case) -> None:
    topic = OLT_STATUS.replace("371602", "371699").replace("olt-a", "olt-new")
    case.refuse(topic, status(NOW_MS - 5000, "offline"))
    case.grow_city()
    writer = FakeWriter()

    assert case.replay(writer) == (1, 1)
    assert b"seen_ended_ms=" in writer.posted[0][1]


def test_an_entry_is_offered_alone(case: Case) -> None:
    case.refuse(BUNDLE_TOPIC, bundle(entry("camera-1"), entry("elevator-1")))
    edit(case.folder / "city", "devices.csv", "elevator,elevator-1,", "elevator,elevator-1,gw-a")
    case.decoder = Decoder(load_city(case.folder / "city"))
    writer = FakeWriter()

    assert case.replay(writer) == (1, 1)
    assert [line.split(b",")[0] for _, line in writer.posted] == [
        b"device_camera", b"arrival",
    ]  # fmt: skip
    assert b"device=elevator-1" in writer.posted[0][1]


def test_what_an_earlier_release_did_not_understand_is_settled_now(case: Case) -> None:
    """Marks and NULs of small firmware, numbers of C, an empty status that clears another."""
    numbers = pon(port(rx_dbm=77777)).replace(b"77777", b"-nan")
    for topic, payload, reason, extent in (
        (PON_TOPIC, b"\xef\xbb\xbf" + pon(port(1, 7)) + b"\0\0", "not_json", "message"),
        (PON_TOPIC, numbers, "not_json", "message"),
        (OLT_STATUS, b"", "not_json", "message"),
        (OLT_STATUS, status(float(NOW_MS), "online"), "bad_envelope", "message"),
        (BUNDLE_TOPIC, bundle(entry(ts=float(NOW_MS)))[13:-2], "bad_entry", "entry"),
    ):
        rejection = Rejection(RejectionReason(reason), Extent(extent), "as it was", payload)
        case.store.append([dead_letter_of(rejection, topic.encode(), NOW_MS, NOW_MS)])
    writer = FakeWriter()

    assert case.replay(writer) == (5, 5)
    assert case.open_dead_letters() == 0
    assert len([line for _, line in writer.posted if not line.startswith(b"arrival")]) == 4


def test_a_replay_says_what_it_cannot_try(case: Case) -> None:
    case.store = DeadLetterStore(case.folder / "small", budget_bytes=1 << 20)
    case.refuse(NEW_AREA_TOPIC, pon(port()) + b" " * 60_000)
    case.grow_city()
    replay = Replay(case.store, case.decoder, FakeWriter(), case.clock)  # type: ignore[arg-type] # fake
    result = replay.run()

    assert (result.dead_letters, result.not_whole, result.settled) == (1, 1, 0)
    assert case.open_dead_letters() == 1


def test_a_worker_without_dead_letters_has_nothing_to_replay(case: Case) -> None:
    case.store = DeadLetterStore(case.folder / "none yet", budget_bytes=1 << 20)

    assert case.replay(FakeWriter()) == (0, 0)


def _refused(line: bytes) -> DeadLetter:
    return refused_lines(
        [line], policy="raw", points=1, error="field type conflict", received_ms=NOW_MS
    )


def test_lines_that_the_database_refused_once_announce_themselves_when_they_are_late(
    case: Case,
) -> None:
    late_ms = NOW_MS - 3_600_000
    line = b"pon_port,area=371602,olt=olt-a,port=0,slot=1,tech=gpon rx_dbm=-20 %d" % late_ms
    case.store.append([_refused(line)])
    writer = FakeWriter()

    assert case.replay(writer) == (1, 1)
    (marker,) = [line for policy, line in writer.posted if policy == "ops"]
    assert marker.startswith(b"arrival,area=371602,measurement=pon_port")
    assert b"from_ms=%di" % late_ms in marker


def test_a_message_whose_marker_is_refused_stays(case: Case) -> None:
    """Nobody would hear that its points came late."""

    class RefusesOps(FakeWriter):
        def write(self, policy: str, precision: str, lines: list[bytes]) -> WriteOutcome:
            super().write(policy, precision, lines)
            refused = Malformed(tuple(lines), "no", rest_stored=True)
            return refused if policy == "ops" else Written()

    line = b"pon_port,area=371602,olt=olt-a,port=0,slot=1,tech=gpon rx_dbm=-20 %d" % (
        NOW_MS - 3_600_000
    )
    case.store.append([_refused(line)])

    assert case.replay(RefusesOps()) == (1, 0)
