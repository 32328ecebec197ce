"""The instants of messages that state none: their arrival, the same for each of their copies.

A redelivery of such a message would be a second point. So the worker remembers, within bounds, when
it first met which message. Two kinds of copies are recognised:

- what the broker marks as sent before (after a lost connection, or a worker that was killed), for
  ``REDELIVERED_MS``;
- the same bytes on the same topic with the same message id, which is how a publisher repeats itself
  without a mark, for ``REPEATED_MS`` only: firmware exists that never changes its id.

The memory is a ring of fixed size. Where it lies in a file that the worker maps, it outlives the
process; see ``adapters/arrival_ring.py``. Pure: the time comes in.
"""

import struct
from hashlib import blake2b

REDELIVERED_MS = 3_600_000
REPEATED_MS = 2 * 60_000
"""Less than three intervals of the fastest kind: a device whose id and values never change must not
look silent."""
ENTRIES = 131_072
"""More than three times what a broker may have sent without an acknowledgement."""
_HEADER = struct.Struct("<8sQ")
_ENTRY = struct.Struct("<Qq")
_MAGIC = b"arrive01"
RING_BYTES = _HEADER.size + ENTRIES * _ENTRY.size
_MAX_AHEAD = 100_000


def message_key(topic: bytes, payload: bytes, message_id: str) -> int:
    """What a message is recognised by."""
    content = b"%b\0%b\0%b" % (topic, message_id.encode(), payload)
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")


class ArrivalStamps:
    """Gives instants to messages.

    Args:
        memory: writable, ``RING_BYTES`` long; what an earlier process left in it holds.
    """

    def __init__(self, memory: memoryview | None = None) -> None:
        self._memory = memoryview(bytearray(RING_BYTES)) if memory is None else memory
        self._known: dict[int, int] = {}
        self._next = 0
        self._ahead: dict[bytes, int] = {}
        """Topics whose last instant is not before now."""
        self._ahead_until_ms = 0
        self._load()

    def __len__(self) -> int:
        return len(self._known)

    def _load(self) -> None:
        magic, place = _HEADER.unpack_from(self._memory)
        if magic != _MAGIC or place >= ENTRIES:
            self._memory[:] = bytes(RING_BYTES)
            _HEADER.pack_into(self._memory, 0, _MAGIC, 0)
            return
        self._next = place
        entries = list(_ENTRY.iter_unpack(self._memory[_HEADER.size : RING_BYTES]))
        # Oldest first: of a key that stands there twice the later one holds.
        for key, stamp_ms in (*entries[place:], *entries[:place]):
            if stamp_ms:
                self._known[key] = stamp_ms

    def stamp(
        self, topic: bytes, payload: bytes, message_id: str, *, is_redelivered: bool, now_ms: int
    ) -> int:
        """The instant of one message, epoch ms.

        No two messages of a topic get the same one: a queue that is delivered at once would else
        become one point.

        Args:
            topic: as it arrived.
            payload: whole.
            message_id: as the format gave it; empty: it has none.
            is_redelivered: the broker's mark.
            now_ms: the worker's clock.
        """
        key = message_key(topic, payload, message_id)
        if is_redelivered or message_id:
            first_ms = self._known.get(key)
            reach_ms = REDELIVERED_MS if is_redelivered else REPEATED_MS
            # Up to as far ahead as stamps run in a burst; a clock that was put back is no reason.
            if first_ms is not None and -reach_ms <= now_ms - first_ms <= reach_ms:
                return first_ms
        stamp_ms = self._unused(topic, now_ms)
        self._remember(key, stamp_ms)
        return stamp_ms

    def _unused(self, topic: bytes, now_ms: int) -> int:
        if now_ms > self._ahead_until_ms or len(self._ahead) >= _MAX_AHEAD:
            self._ahead.clear()
        stamp_ms = max(now_ms, self._ahead.get(topic, 0) + 1)
        self._ahead[topic] = stamp_ms
        self._ahead_until_ms = max(self._ahead_until_ms, stamp_ms)
        return stamp_ms

    def _remember(self, key: int, stamp_ms: int) -> None:
        offset = _HEADER.size + self._next * _ENTRY.size
        former, former_ms = _ENTRY.unpack_from(self._memory, offset)
        if former_ms and self._known.get(former) == former_ms:
            del self._known[former]
        _ENTRY.pack_into(self._memory, offset, key, stamp_ms)
        self._next = (self._next + 1) % ENTRIES
        _HEADER.pack_into(self._memory, 0, _MAGIC, self._next)
        self._known[key] = stamp_ms
