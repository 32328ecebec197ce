"""Pages as they are sent, kept until what they say changes; bounded by their bytes. Pure."""

import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass

MAX_BYTES = 32 * 2**20
"""Every page of a city of 1,000 communities takes about 25 MB in both languages."""

_GZIP_FROM = 1_000


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A body, and what it was made from."""

    version: tuple[object, ...]
    body: bytes
    gzipped: bytes
    """Empty: it is not worth it."""
    media_type: str
    etag: str

    @classmethod
    def of(
        cls, address: str, version: tuple[object, ...], body: bytes, media_type: str
    ) -> "KeptPage":
        """A body, compressed once for all who ask."""
        digest = hashlib.sha256(repr((address, version)).encode()).hexdigest()[:24]
        is_text = "spreadsheet" not in media_type and len(body) >= _GZIP_FROM
        packed = gzip.compress(body, 6, mtime=0) if is_text else b""
        return cls(version, body, packed, media_type, f'W/"{digest}"')

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.body) + len(self.gzipped) + 500


class PageCache:
    """Pages by address, the least recently asked for given up first; used from one event loop."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[str, KeptPage] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, address: str) -> KeptPage | None:
        """What is kept of an address, whatever its version."""
        page = self._kept.get(address)
        if page is not None:
            self._kept.move_to_end(address)
        return page

    def put(self, address: str, page: KeptPage) -> None:
        """Keep a page in the place of the one before; one that is larger than all is not kept."""
        before = self._kept.pop(address, None)
        self.bytes -= 0 if before is None else before.size
        if page.size > self._max_bytes:
            return
        self._kept[address] = page
        self.bytes += page.size
        while self.bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.bytes -= oldest.size
