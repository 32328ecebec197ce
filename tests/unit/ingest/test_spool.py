"""The spool on a real disk: order, confirmation, restarts, budget, rights, lock."""

import os
from pathlib import Path

import pytest

from gigacity_contract.clock import ManualClock
from gigacity_ingest.spool import (
    FullCause,
    RecordPart,
    Spool,
    SpoolError,
    SpoolFull,
    SpoolLocked,
    SpoolPolicy,
    SpoolRecord,
    open_spool,
)
from gigacity_ingest.spool.frames import number_at
from tests.support.spooling import confirm_next, make_record, open_small, read_all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "spool"


def segment_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.segment"))


class TestReading:
    def test_a_record_comes_back_as_it_was(self, folder: Path) -> None:
        clock = ManualClock()
        spool = open_spool(folder, clock=clock)
        record = SpoolRecord(
            (RecordPart("raw", "ms", 2, b"a\nb", "gzip"), RecordPart("forever", "ns", 1, b"")),
            oldest_ms=5,
            newest_ms=9,
            spans=make_record(3).spans,
        )

        sequence = spool.append(record)
        spooled = spool.read_next()

        assert spooled is not None
        assert (spooled.number, spooled.spooled_ms) == (sequence, clock.now_ms())
        assert spooled.record == record
        assert spool.read_next() is None

    def test_order_holds_over_segments_and_restarts(self, folder: Path) -> None:
        spool = open_small(folder)
        for number in range(60):
            spool.append(make_record(number))
        assert len(segment_files(folder)) > 3
        spool.close()

        spool = open_small(folder)
        spool.append(make_record(60))

        assert read_all(spool) == list(range(61))

    def test_reading_follows_appending(self, folder: Path) -> None:
        spool = open_small(folder)
        for number in range(20):
            assert spool.read_next() is None
            spool.append(make_record(number))
            assert confirm_next(spool) == number

    def test_rewind_begins_at_the_first_unconfirmed(self, folder: Path) -> None:
        """What was confirmed ahead of it is passed over."""
        spool = open_small(folder)
        numbers = [spool.append(make_record(number)) for number in range(12)]
        read_all(spool)
        spool.confirm(numbers[0])
        spool.confirm(numbers[3])

        spool.rewind()

        assert read_all(spool) == [1, 2, 4, 5, 6, 7, 8, 9, 10, 11]

    def test_a_record_confirmed_after_a_rewind_is_not_read_again(self, folder: Path) -> None:
        spool = open_small(folder)
        numbers = [spool.append(make_record(number)) for number in range(3)]
        spool.read_next()
        spool.rewind()
        spool.confirm(numbers[0])

        assert read_all(spool) == [1, 2]

    def test_a_place_in_a_segment_that_is_gone(self, folder: Path) -> None:
        """Rewound, then all confirmed: reading goes on with what comes next."""
        spool = open_small(folder)
        numbers = [spool.append(make_record(number)) for number in range(40)]
        read_all(spool)
        spool.rewind()
        assert spool.read_next() is not None
        for number in numbers:
            spool.confirm(number)
        assert segment_files(folder) == []

        spool.append(make_record(40))

        assert read_all(spool) == [40]


class TestConfirming:
    def test_confirmed_records_stay_away_after_a_restart(self, folder: Path) -> None:
        spool = open_small(folder)
        for number in range(10):
            spool.append(make_record(number))
        for number in range(4):
            assert confirm_next(spool) == number
        spool.close()

        assert read_all(open_small(folder)) == [4, 5, 6, 7, 8, 9]

    def test_an_empty_spool_takes_no_segment(self, folder: Path) -> None:
        spool = open_small(folder)
        for number in range(20):
            spool.append(make_record(number))
        for _ in range(20):
            confirm_next(spool)

        assert segment_files(folder) == []
        assert spool.status().disk_bytes == 0

    def test_space_comes_back_with_each_segment(self, folder: Path) -> None:
        spool = open_small(folder)
        for number in range(60):
            spool.append(make_record(number))
        before = len(segment_files(folder))
        for _ in range(30):
            confirm_next(spool)

        assert 0 < len(segment_files(folder)) < before

    def test_numbers_are_not_used_again_when_nothing_is_left(self, folder: Path) -> None:
        spool = open_small(folder)
        first = spool.append(make_record(1))
        confirm_next(spool)
        spool.close()

        assert open_small(folder).append(make_record(2)) > first

    def test_only_what_was_read_can_be_confirmed_and_once(self, folder: Path) -> None:
        spool = open_small(folder)
        sequence = spool.append(make_record(1))
        with pytest.raises(KeyError):
            spool.confirm(sequence)
        spool.append(make_record(2))
        spool.read_next()
        second = spool.read_next()
        assert second is not None
        spool.confirm(second.number)
        with pytest.raises(KeyError):
            spool.confirm(second.number)


class TestStatus:
    def test_counts_what_waits(self, folder: Path) -> None:
        spool = open_small(folder)
        for number in (5, 7, 9):
            spool.append(make_record(number, oldest_ms=100 - number))
        confirm_next(spool)

        status = spool.status()

        assert (status.records, status.points, status.oldest_ms) == (2, 16, 91)
        assert (status.segments, status.confirmed_number) == (1, number_at(1, 0))
        assert status.disk_bytes == sum(p.stat().st_size for p in segment_files(folder))

    def test_points_spooled_at_start(self, folder: Path) -> None:
        spool = open_small(folder)
        for number in range(10):
            spool.append(make_record(number))
        confirm_next(spool)
        confirm_next(spool)
        spool.close()

        spool = open_small(folder)

        assert (spool.records, spool.points) == (8, sum(range(2, 10)))


class TestBudget:
    POLICY = SpoolPolicy(max_bytes=10_000, segment_bytes=4_000, fill_bytes=500)

    def fill(self, spool: Spool) -> tuple[int, SpoolFull]:
        """Append until it refuses; how many it took, and how it refused."""
        number = 0
        try:
            while True:
                spool.append(make_record(number))
                number += 1
        except SpoolFull as full:
            return number, full

    def test_a_full_spool_refuses_and_keeps_what_it_has(self, folder: Path) -> None:
        spool = open_small(folder, policy=self.POLICY)

        stored, full = self.fill(spool)

        assert full.cause is FullCause.BUDGET
        assert "10000 bytes" in str(full)
        assert sum(p.stat().st_size for p in segment_files(folder)) <= 10_000
        assert spool.free_bytes < 600
        assert read_all(spool) == list(range(stored))

    def test_draining_makes_room(self, folder: Path) -> None:
        spool = open_small(folder, policy=self.POLICY)
        self.fill(spool)
        for _ in range(5):
            confirm_next(spool)

        spool.append(make_record(200))

        assert read_all(spool)[-1] == 200

    def test_a_record_beyond_the_format_is_a_fault_of_the_caller(self, folder: Path) -> None:
        spool = open_small(folder)

        with pytest.raises(ValueError, match="limit"):
            spool.append(make_record(1, size=65 << 20))


class TestOpening:
    def test_one_process_a_folder(self, folder: Path) -> None:
        """The message names the other one; once it has closed, the next may come."""
        spool = open_small(folder)

        with pytest.raises(SpoolLocked, match=f"process {os.getpid()}"):
            open_small(folder)
        spool.close()
        open_small(folder).close()

    def test_a_file_in_the_place_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "spool").write_text("")

        with pytest.raises(SpoolError, match="GIGACITY_STATE_DIR"):
            open_small(tmp_path / "spool")

    def test_files_of_others_are_left_alone(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "notes.segment").write_text("mine")

        open_small(folder).append(make_record(1))

        assert (folder / "notes.segment").read_text() == "mine"
