"""Finding records around arbitrary damage."""

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import example, given

from gigacity_ingest.spool.frames import MAGIC, Frame, FrameGap, encode_frame, number_at, scan

SERIAL = 3
INSIDE = encode_frame(number_at(SERIAL, 0), b"h", b"inside")
BODIES = st.one_of(st.binary(max_size=300), st.just(MAGIC * 20), st.just(INSIDE))


def write(header: bytes, bodies: list[bytes]) -> list[bytes]:
    """Frames as they lie one behind the other."""
    frames: list[bytes] = []
    for body in bodies:
        place = number_at(SERIAL, sum(map(len, frames)))
        frames.append(encode_frame(place, header, body))
    return frames


@given(bodies=st.lists(BODIES, min_size=1, max_size=8), zeros=st.integers(0, 100))
def test_what_was_written_is_found(bodies: list[bytes], zeros: int) -> None:
    frames = write(b"head", bodies)

    queue = list(scan(b"".join(frames) + bytes(zeros), SERIAL))

    assert all(isinstance(request, Frame) and request.header == b"head" for request in queue)
    assert [request.end - request.offset for request in queue] == [len(frame) for frame in frames]


@given(
    sizes=st.lists(st.integers(0, 300), min_size=1, max_size=8),
    damage=st.lists(
        st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=50)), max_size=3
    ),
    cut=st.integers(0, 3000),
)
@example(sizes=[0], damage=[], cut=27)
def test_damage_costs_only_the_records_that_it_touches(
    sizes: list[int], damage: list[tuple[int, bytes]], cut: int
) -> None:
    """The pieces cover the file without overlap; untouched records are all found."""
    frames = write(b"h", [bytes([n]) * size for n, size in enumerate(sizes, 1)])
    whole = b"".join(frames)
    data = bytearray(whole)
    for place, junk in damage:
        at = place % len(data)
        data[at : at + len(junk)] = junk[: len(data) - at]
    if cut < len(data):
        del data[cut:]

    queue = list(scan(bytes(data), SERIAL))

    untouched, at = [], 0
    for frame in frames:
        if data[at : at + len(frame)] == frame:
            untouched.append(at)
        at += len(frame)
    assert [p.offset for p in queue if isinstance(p, Frame)] == untouched
    place = 0
    for request in queue:
        assert request.offset == place
        place = request.end
    assert not data[place:].strip(b"\0")
    gaps = [isinstance(request, FrameGap) for request in queue]
    assert not any(a and b for a, b in pairwise(gaps))


@given(data=st.binary(max_size=600))
def test_any_bytes_are_read_without_an_error(data: bytes) -> None:
    assert all(request.end <= len(data) for request in scan(data, SERIAL))
