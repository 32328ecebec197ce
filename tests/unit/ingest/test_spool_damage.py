"""Damaged segments: what can be read is read, the rest is kept and reported."""

import errno
from pathlib import Path

import pytest

from gigacity_ingest.spool import Notice, NoticeKind, RecordPart, Spool, SpoolError, SpoolRecord
from gigacity_ingest.spool.filesystem import DiskFile, DiskFileSystem
from gigacity_ingest.spool.frames import HEAD_BYTES, Frame, encode_frame, number_at, scan
from tests.support.spooling import SMALL, confirm_next, make_record, open_small, read_all


def fill(folder: Path, count: int = 6) -> Path:
    """A closed spool with one segment; its path."""
    spool = open_small(folder)
    for number in range(count):
        spool.append(make_record(number))
    spool.close()
    (segment,) = folder.glob("*.segment")
    return segment


def frame_starts(segment: Path) -> list[int]:
    return [
        request.offset for request in scan(segment.read_bytes(), 1) if isinstance(request, Frame)
    ]


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def reopen(folder: Path) -> tuple[Spool, list[Notice]]:
    notices: list[Notice] = []
    return open_small(folder, notify=notices.append), notices


@pytest.mark.parametrize("place", [0, 10, 20, HEAD_BYTES + 3, HEAD_BYTES + 300])
def test_a_damaged_record_in_the_middle_costs_only_itself(tmp_path: Path, place: int) -> None:
    """In its head, its header or its body; its bytes are kept, and a restart says so once."""
    segment = fill(tmp_path)
    starts = frame_starts(segment)
    overwrite(segment, starts[2] + place, b"\xde\xad")
    damaged = segment.read_bytes()[starts[2] : starts[3]]

    spool, notices = reopen(tmp_path)

    assert spool.records == 5
    assert read_all(spool) == [0, 1, 3, 4, 5]
    (notice,) = notices
    assert (notice.kind, notice.offset) == (NoticeKind.DAMAGED, starts[2])
    assert notice.kept is not None
    assert notice.kept.read_bytes() == damaged


def test_a_restart_keeps_damaged_bytes_once(tmp_path: Path) -> None:
    segment = fill(tmp_path)
    overwrite(segment, frame_starts(segment)[1] + 40, b"\xde\xad")

    reopen(tmp_path)[0].close()
    (kept,) = (tmp_path / "damaged").iterdir()
    inode = kept.stat().st_ino
    reopen(tmp_path)[0].close()

    assert [path.stat().st_ino for path in (tmp_path / "damaged").iterdir()] == [inode]


def test_a_hole_of_zeros_is_no_end(tmp_path: Path) -> None:
    """A lost page in the middle hides what lay there, not what follows."""
    segment = fill(tmp_path)
    starts = frame_starts(segment)
    overwrite(segment, starts[1], bytes(starts[3] - starts[1]))

    spool, notices = reopen(tmp_path)

    assert read_all(spool) == [0, 3, 4, 5]
    assert notices[0].size_bytes == starts[3] - starts[1]


def test_a_torn_end_is_cut_off_and_kept(tmp_path: Path) -> None:
    segment = fill(tmp_path)
    last = frame_starts(segment)[-1]
    torn = segment.read_bytes()[last : last + 100]
    with segment.open("r+b") as file:
        file.truncate(last + 100)

    spool, notices = reopen(tmp_path)

    assert read_all(spool) == [0, 1, 2, 3, 4]
    assert [notice.kind for notice in notices] == [NoticeKind.TORN_TAIL]
    assert notices[0].kept is not None
    assert notices[0].kept.read_bytes() == torn
    assert segment.stat().st_size == last
    spool.close()
    assert reopen(tmp_path)[1] == []


def test_damage_to_what_is_stored_already_is_no_news(tmp_path: Path) -> None:
    spool = open_small(tmp_path)
    for number in range(6):
        spool.append(make_record(number))
    for _ in range(3):
        confirm_next(spool)
    spool.close()
    (segment,) = tmp_path.glob("*.segment")
    overwrite(segment, frame_starts(segment)[1] + 40, b"\xde\xad")

    spool, notices = reopen(tmp_path)

    assert notices == []
    assert read_all(spool) == [3, 4, 5]


def test_damage_that_comes_up_while_draining(tmp_path: Path) -> None:
    """The loss is told in records and points, so that the ledger can take it in."""
    fill(tmp_path, 12)
    spool, notices = reopen(tmp_path)
    first = confirm_next(spool)
    segment = min(tmp_path.glob("*.segment"))
    starts = frame_starts(segment)
    overwrite(segment, starts[2] + 40, b"\xde\xad")

    rest = read_all(spool)

    assert [first, *rest] == [n for n in range(12) if n != 2]
    (notice,) = notices
    assert (notice.kind, notice.lost_records, notice.lost_points) == (NoticeKind.DAMAGED, 1, 2)
    assert (spool.records, spool.points) == (10, sum(range(3, 12)) + 1)


def test_damage_beside_records_confirmed_ahead(tmp_path: Path) -> None:
    """A new scan does not count them as waiting again."""
    segment = fill(tmp_path)
    spool, _ = reopen(tmp_path)
    sequences = []
    for _ in range(3):
        spooled = spool.read_next()
        assert spooled is not None
        sequences.append(spooled.number)
    spool.confirm(sequences[2])
    overwrite(segment, frame_starts(segment)[4] + 40, b"\xde\xad")

    assert read_all(spool) == [3, 5]
    assert (spool.records, spool.points) == (4, 0 + 1 + 3 + 5)
    spool.rewind()
    assert read_all(spool) == [0, 1, 3, 5]


def test_a_record_inside_a_damaged_record_is_not_taken_for_one(tmp_path: Path) -> None:
    """A frame that is not at the place which its number names is none."""
    spool = open_small(tmp_path)
    inner = encode_frame(number_at(1, 0), b"", b"not a record")
    spool.append(SpoolRecord((RecordPart("raw", "ms", 1, b"x" * 50 + inner),), 1, 2))
    spool.append(make_record(2))
    spool.close()
    (segment,) = tmp_path.glob("*.segment")
    overwrite(segment, 3, b"\xde\xad")

    assert read_all(open_small(tmp_path)) == [2]


def test_more_damage_right_behind_a_known_gap(tmp_path: Path) -> None:
    """The two are one gap to the next scan; reading goes on behind it."""
    segment = fill(tmp_path)
    starts = frame_starts(segment)
    overwrite(segment, starts[1] + 40, b"\xde\xad")
    spool, _ = reopen(tmp_path)
    overwrite(segment, starts[2] + 40, b"\xde\xad")

    assert read_all(spool) == [0, 3, 4, 5]


def test_damage_in_the_segment_that_grows(tmp_path: Path) -> None:
    """It is sealed, so that appends go on elsewhere."""
    spool, notices = reopen(tmp_path)
    for number in range(4):
        spool.append(make_record(number))
    (segment,) = tmp_path.glob("*.segment")
    overwrite(segment, frame_starts(segment)[3] + 40, b"\xde\xad")

    assert read_all(spool) == [0, 1, 2]
    spool.append(make_record(4))
    assert read_all(spool) == [4]
    assert [notice.lost_points for notice in notices] == [3]


def test_a_segment_whose_damage_cannot_be_copied_is_kept_whole(tmp_path: Path) -> None:
    class NoCopies(DiskFileSystem):
        def open(self, path: Path, *, create: bool = False, writable: bool = False) -> DiskFile:
            if create and path.parent.name == "damaged":
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().open(path, create=create, writable=writable)

    segment = fill(tmp_path)
    overwrite(segment, frame_starts(segment)[2] + 40, b"\xde\xad")
    content = segment.read_bytes()

    spool = open_small(tmp_path, fs=NoCopies())
    for _ in range(5):
        confirm_next(spool)

    assert not segment.exists()
    assert (tmp_path / "damaged" / segment.name).read_bytes() == content


def test_a_block_that_the_disk_refuses_to_read(tmp_path: Path) -> None:
    """The records around it are read; the file is kept for the operator."""
    policy = SMALL.__class__(max_bytes=1_000_000, segment_bytes=100_000, fill_bytes=0)
    spool = open_small(tmp_path, policy=policy)
    for number in range(40):
        spool.append(make_record(number, size=1000))
    spool.close()

    class BadBlock(DiskFile):
        def read_at(self, offset: int, size: int) -> bytes:
            if offset < 12_000 and offset + size > 9_000:
                raise OSError(errno.EIO, "Input/output error")
            return super().read_at(offset, size)

    class BadDisk(DiskFileSystem):
        def open(self, path: Path, *, create: bool = False, writable: bool = False) -> DiskFile:
            file = super().open(path, create=create, writable=writable)
            return BadBlock(file._fd) if path.suffix == ".segment" else file

    notices: list[Notice] = []
    spool = open_small(tmp_path, policy=policy, fs=BadDisk(), notify=notices.append)
    numbers = read_all(spool)

    assert 0 < 40 - len(numbers) < 8
    assert numbers == sorted(numbers)
    assert {notice.kind for notice in notices} == {NoticeKind.UNREADABLE, NoticeKind.DAMAGED}


def test_a_disk_that_reads_differently_each_time_is_no_endless_loop(tmp_path: Path) -> None:
    fill(tmp_path)

    class Flaky(DiskFile):
        def read_at(self, offset: int, size: int) -> bytes:
            data = super().read_at(offset, size)
            return data if size > 1000 else bytes(len(data))

    class FlakyDisk(DiskFileSystem):
        def open(self, path: Path, *, create: bool = False, writable: bool = False) -> DiskFile:
            file = super().open(path, create=create, writable=writable)
            return Flaky(file._fd) if path.suffix == ".segment" else file

    spool = open_small(tmp_path, fs=FlakyDisk())

    with pytest.raises(SpoolError, match="differently"):
        spool.read_next()


@pytest.mark.parametrize("content", [b"", b"\0" * 8192, b"not a slot" * 1000])
def test_a_lost_cursor_reads_everything_again(tmp_path: Path, content: bytes) -> None:
    """Nothing is lost by it; the operator is told."""
    spool = open_small(tmp_path)
    for number in range(4):
        spool.append(make_record(number))
    confirm_next(spool)
    spool.close()
    (tmp_path / "cursor").write_bytes(content)

    spool, notices = reopen(tmp_path)

    assert read_all(spool) == [0, 1, 2, 3]
    assert [notice.kind for notice in notices] == [NoticeKind.CURSOR_LOST]
    spool.rewind()
    for _ in range(4):
        confirm_next(spool)
    spool.close()
    assert read_all(open_small(tmp_path)) == []


def test_a_torn_cursor_falls_back_by_one(tmp_path: Path) -> None:
    spool = open_small(tmp_path)
    for number in range(4):
        spool.append(make_record(number))
    confirm_next(spool)
    confirm_next(spool)
    spool.close()
    overwrite(tmp_path / "cursor", 8, b"\xff")  # In the first slot, where the second update is.

    spool, notices = reopen(tmp_path)

    assert notices == []
    assert read_all(spool) == [1, 2, 3]


def test_a_header_of_a_later_version_is_kept_not_guessed(tmp_path: Path) -> None:
    segment = fill(tmp_path)
    with segment.open("ab") as file:
        file.write(encode_frame(number_at(1, file.tell()), b"\x81\xa1x\x01", b"body"))

    spool, notices = reopen(tmp_path)

    assert read_all(spool) == [0, 1, 2, 3, 4, 5]
    assert [notice.kind for notice in notices] == [NoticeKind.TORN_TAIL]
    assert notices[0].kept is not None
    assert notices[0].kept.read_bytes().endswith(b"body")
