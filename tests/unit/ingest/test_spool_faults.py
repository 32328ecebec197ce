"""A disk that refuses: what is promised then, what is said, and that the spool goes on."""

import errno
from pathlib import Path

import pytest

from gigacity_ingest.spool import FullCause, Notice, NoticeKind, Spool, SpoolError, SpoolFull
from tests.support.simulated_disk import Fault, SimulatedDisk
from tests.support.spooling import SMALL, confirm_next, make_record, open_small, read_all

FOLDER = Path("/state/spool")


@pytest.fixture
def disk() -> SimulatedDisk:
    return SimulatedDisk()


def start(disk: SimulatedDisk) -> tuple[Spool, list[Notice]]:
    notices: list[Notice] = []
    return open_small(FOLDER, fs=disk, notify=notices.append), notices


def restart(disk: SimulatedDisk, *, is_power_lost: bool = True) -> Spool:
    if is_power_lost:
        disk.crash_machine()
    else:
        disk.kill_process()
    return open_small(FOLDER, fs=disk)


def segments(disk: SimulatedDisk) -> list[str]:
    return sorted(name for name in disk.list_files(FOLDER) if name.endswith(".segment"))


class TestFailedSync:
    def test_the_record_goes_to_a_new_segment(self, disk: SimulatedDisk) -> None:
        """The append still holds its promise, and is read once in this process."""
        spool, notices = start(disk)
        spool.append(make_record(1))
        disk.faults = [Fault("sync", errno.EIO)]

        spool.append(make_record(2))

        assert [notice.kind for notice in notices] == [NoticeKind.SYNC_FAILED]
        assert len(segments(disk)) == 2
        assert read_all(spool) == [1, 2]
        assert read_all(restart(disk)) == [1, 2]

    def test_a_segment_is_never_written_again_after_it(self, disk: SimulatedDisk) -> None:
        """A later sync would succeed without bringing back what the kernel dropped."""
        spool, _ = start(disk)
        spool.append(make_record(1))
        disk.faults = [Fault("sync", errno.EIO)]
        spool.append(make_record(2))
        first = disk.names[FOLDER / segments(disk)[0]]
        before = bytes(first.current)

        spool.append(make_record(3))

        assert bytes(first.current) == before
        assert read_all(restart(disk)) == [1, 2, 3]

    def test_what_was_given_up_is_not_left_to_be_read(self, disk: SimulatedDisk) -> None:
        spool, _ = start(disk)
        spool.append(make_record(1))
        size = len(disk.names[FOLDER / segments(disk)[0]].current)
        disk.faults = [Fault("sync", errno.EIO)]
        spool.append(make_record(2))

        assert len(disk.names[FOLDER / segments(disk)[0]].current) == size
        assert read_all(restart(disk, is_power_lost=False)) == [1, 2]

    def test_twice_in_a_row_is_an_error(self, disk: SimulatedDisk) -> None:
        """Nothing was promised; the next append is as good as any."""
        spool, _ = start(disk)
        spool.append(make_record(1))
        disk.faults = [Fault("sync", errno.EIO, 2)]

        with pytest.raises(SpoolError, match="check the disk"):
            spool.append(make_record(2))
        spool.append(make_record(3))

        assert read_all(spool) == [1, 3]
        assert [n for n in read_all(restart(disk)) if n != 2] == [1, 3]

    def test_a_folder_that_does_not_sync_promises_nothing(self, disk: SimulatedDisk) -> None:
        spool, _ = start(disk)
        disk.faults = [Fault("sync_folder", errno.EIO, 2)]

        with pytest.raises(SpoolError):
            spool.append(make_record(1))

        assert segments(disk) == []
        assert spool.records == 0


class TestFullDisk:
    def test_a_half_written_record_leaves_no_trace(self, disk: SimulatedDisk) -> None:
        spool, notices = start(disk)
        spool.append(make_record(1))
        disk.capacity = sum(disk.list_files(FOLDER).values()) + 100

        with pytest.raises(SpoolFull) as caught:
            spool.append(make_record(2))

        assert caught.value.cause is FullCause.DISK
        assert "free space" in str(caught.value)
        assert notices == []
        assert read_all(spool) == [1]
        disk.capacity = 1 << 40
        spool.append(make_record(3))
        assert read_all(spool) == [3]
        assert read_all(restart(disk)) == [1, 3]

    def test_a_trace_that_cannot_be_removed_ends_the_segment(self, disk: SimulatedDisk) -> None:
        """A shorter record over it would leave the end of the longer one standing."""
        spool, _ = start(disk)
        spool.append(make_record(1))
        disk.capacity = sum(disk.list_files(FOLDER).values()) + 100
        disk.faults = [Fault("truncate", errno.EIO, 9)]
        with pytest.raises(SpoolFull):
            spool.append(make_record(2))
        disk.capacity, disk.faults = 1 << 40, []

        spool.append(make_record(3, size=10))

        assert len(segments(disk)) == 2
        assert read_all(restart(disk)) == [1, 3]

    def test_the_last_room_belongs_to_data(self, disk: SimulatedDisk) -> None:
        """There is none for zeros ahead, and enough for the record."""
        spool, _ = start(disk)
        spool.append(make_record(1))
        disk.capacity = sum(disk.list_files(FOLDER).values()) + 600

        spool.append(make_record(2))

        assert read_all(restart(disk)) == [1, 2]

    def test_draining_needs_no_room(self, disk: SimulatedDisk) -> None:
        """The cursor is written in place, and segments go."""
        spool, notices = start(disk)
        for number in range(40):
            spool.append(make_record(number))
        confirm_next(spool)
        disk.capacity = 0
        before = len(segments(disk))
        for _ in range(30):
            confirm_next(spool)

        assert notices == []
        assert spool.status().is_cursor_durable
        assert len(segments(disk)) < before
        assert read_all(restart(disk)) == list(range(31, 40))

    def test_a_full_disk_does_not_keep_a_worker_from_starting(self, disk: SimulatedDisk) -> None:
        spool, _ = start(disk)
        spool.append(make_record(1))
        disk.capacity = 0

        assert read_all(restart(disk)) == [1]

    def test_a_sync_that_finds_the_disk_full_is_no_room(self, disk: SimulatedDisk) -> None:
        spool, _ = start(disk)
        spool.append(make_record(1))
        disk.faults = [Fault("sync", errno.ENOSPC)]

        with pytest.raises(SpoolFull):
            spool.append(make_record(2))

        assert read_all(spool) == [1]


class TestRights:
    @pytest.mark.parametrize("error", [errno.EACCES, errno.EROFS])
    def test_a_folder_that_cannot_be_made(self, disk: SimulatedDisk, error: int) -> None:
        disk.faults = [Fault("make_folder", error)]

        with pytest.raises(SpoolError, match="set GIGACITY_STATE_DIR to a folder"):
            start(disk)

    def test_a_disk_that_turned_read_only(self, disk: SimulatedDisk) -> None:
        """Appends fail with what to do; what is there can still be drained."""
        spool, _ = start(disk)
        spool.append(make_record(1))
        disk.faults = [
            Fault(operation, errno.EROFS, 99)
            for operation in ("write", "create", "truncate", "remove", "rename", "sync_folder")
        ]

        with pytest.raises(SpoolError, match="write access"):
            spool.append(make_record(2))

        assert confirm_next(spool) == 1
        assert not spool.status().is_cursor_durable


class TestCursor:
    def test_a_cursor_that_fails_is_made_up_for(self, disk: SimulatedDisk) -> None:
        """The operator hears of it once; after the next confirmation nothing comes again."""
        spool, notices = start(disk)
        for number in range(6):
            spool.append(make_record(number))
        confirm_next(spool)
        disk.faults = [Fault("sync", errno.EIO)]
        confirm_next(spool)
        assert [notice.kind for notice in notices] == [NoticeKind.CURSOR_NOT_DURABLE]
        assert not spool.status().is_cursor_durable

        confirm_next(spool)

        assert spool.status().is_cursor_durable
        assert len(notices) == 1
        assert read_all(restart(disk)) == [3, 4, 5]

    def test_its_file_is_replaced_after_a_failed_sync(self, disk: SimulatedDisk) -> None:
        spool, _ = start(disk)
        for number in range(3):
            spool.append(make_record(number))
        confirm_next(spool)
        before = disk.names[FOLDER / "cursor"]
        disk.faults = [Fault("sync", errno.EIO)]
        confirm_next(spool)
        confirm_next(spool)

        assert disk.names[FOLDER / "cursor"] is not before


class TestEnds:
    def test_confirmed_ahead_comes_again_but_in_order(self, disk: SimulatedDisk) -> None:
        """The durable cursor follows the first record that is not confirmed."""
        spool, _ = start(disk)
        numbers = [spool.append(make_record(number)) for number in range(4)]
        read_all(spool)
        spool.confirm(numbers[0])
        spool.confirm(numbers[2])

        assert read_all(restart(disk)) == [1, 2, 3]

    def test_a_segment_that_cannot_be_removed_is_said(self, disk: SimulatedDisk) -> None:
        spool, notices = start(disk)
        spool.append(make_record(1))
        disk.faults = [Fault("remove", errno.EIO, 9)]
        confirm_next(spool)

        assert [notice.kind for notice in notices] == [NoticeKind.NOT_REMOVED]
        assert read_all(restart(disk)) == []

    def test_limits_must_make_sense(self) -> None:
        with pytest.raises(ValueError, match="positive"):
            SMALL.__class__(max_bytes=0)
