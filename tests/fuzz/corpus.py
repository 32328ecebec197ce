"""What fuzzing starts from: the golden messages, the simulators' poison, and a few hard shapes."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.support.city import AREA_A, COMMUNITY_A
from tests.support.poison import PoisonTarget, corpus

GOLDEN = Path(__file__).parent.parent / "golden" / "messages"
NOW_MS = 1_767_225_660_000
"""The worker's clock: that of the golden messages."""
_MAX_SEED_BYTES = 8192
"""The megabyte of nesting is a seed of nothing: its mutants would take all the time."""

PLACE = PoisonTarget(
    area=AREA_A,
    olt="olt-a",
    community=COMMUNITY_A,
    device="hands-on",
    gateway="gw-a",
    bundled_device="smoke-1",
    foreign_device="hands-on",
)
_HARD = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"\xef\xbb\xbf{}",
    b"[" * 2000 + b"]" * 2000,
    b'{"ts":' * 500,
    b'{"ts":NaN,"ports":[]}',
    b'{"ts":1,"ports":[{"slot":"\\ud800"}],"x":NaN}',
    b'{"ts":1,"kind":"camera","values":{"temp_c":1' + b"0" * 5000 + b"}}",
    b'{"session":1,"state":"online","reason":"\xed\xa0\x80","x":NaN}',
)


class Sample(NamedTuple):
    """One message, as it would arrive."""

    topic: bytes
    payload: bytes
    is_copy: bool = False
    source: str = ""
    """Of a foreign format: its name, dialect and zone. Empty: the native format."""


def seeds() -> list[Sample]:
    """Every starting point, in an order that does not change."""
    golden = [_golden(path) for path in sorted(GOLDEN.glob("*.json"))]
    poison = [
        Sample(p.topic.encode(), p.payload)
        for p in corpus(PLACE, NOW_MS)
        if len(p.payload) <= _MAX_SEED_BYTES
    ]
    hard = [Sample(PLACE.olt_topic.encode(), payload) for payload in _HARD]
    return golden + poison + hard


def _golden(path: Path) -> Sample:
    first = path.with_suffix(".lp").read_text(encoding="utf-8").splitlines()[0]
    topic = first.removeprefix("# ").encode()
    return Sample(topic, path.read_bytes(), path.stem.endswith("_copy"))


def words(samples: list[Sample]) -> list[bytes]:
    """Strings, numbers and topic levels of the samples: what mutations put elsewhere."""
    found: set[bytes] = set()
    for sample in samples:
        found.update(re.findall(rb'"[^"\\]{0,40}"|-?[0-9][0-9.eE+-]{0,30}', sample.payload))
        found.update(level for level in sample.topic.split(b"/") if level)
    return sorted(found)
