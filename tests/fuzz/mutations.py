"""Changes of bytes, of JSON members and of topics; every one drawn from the generator given."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

from tests.fuzz.corpus import Sample

MAX_BYTES = 16_384
_TOKENS = [
    b"NaN", b"-nan", b"inf", b"+5", b".5", b"5.", b"007", b"0x1F", b"1e999", b"True", b"nil", b",]",
    b",}", b"\xef\xbb\xbf", b"21474836.47", b"655.35", b"'", b"//",
    b"-Infinity", b"Infinity", b"null", b"true", b"false", b"{}", b"[]", b'""', b"-0.0",
    b"1e308", b"1e400", b"2147483647", b"-2147483648", b"2147483646", b"4294967294", b"65535",
    b"18446744073709551614", b"9007199254740992", b"9" * 400, b"0.1", b"\\u0000", b"\\ud800",
    b"\xed\xa0\x80", b"\xff", b"\xc0\x80", b"\x00", b"\n", b"\\", b'"', b",", b":", b"[", b"]",
    b"{", b"}", b'"ts":', b'"seq":-1,', b'"ports":', b'"reports":', b'"values":', b'"kind":',
]  # fmt: skip
_VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 255, 256, 65_535, 2**31 - 1, 2**31 - 2, -(2**31), 2**32 - 2,
    2**53 - 1, 2**53, 2**63, 2**64 - 2, 2**200, 21474836.47, 655.35, -32.768, 5.0,
    -0.0, 1e308, float("nan"), float("inf"), "",
    "up", "5", "xgs-pon", "gpon+xgs-pon", "\ud800", "é", "a b", "a,b=c", "a\\", "a\nb", '"',
    "x" * 300, [], {}, [[]], ["gpon", "gpon"], ["gpon", "xgs-pon"], ["nope"], 1_767_225_600_000,
    4_102_444_800_000,
]  # fmt: skip


class Mutator:
    """Makes mutants.

    Args:
        rng: the only source of chance.
        words: strings and numbers of the corpus.
    """

    def __init__(self, rng: Random, words: list[bytes]) -> None:
        self._rng = rng
        self._words = words + _TOKENS
        self._of_bytes: list[Callable[[bytearray], None]] = [
            self._flip, self._overwrite, self._delete, self._repeat, self._insert, self._cut,
        ]  # fmt: skip

    def mutate(self, sample: Sample, other: Sample) -> Sample:
        """A mutant; ``other`` lends parts of itself."""
        rng = self._rng
        payload, topic = sample.payload, sample.topic
        how = rng.random()
        if how < 0.45:
            payload = self._change_members(payload, other.payload)
        elif how < 0.55:
            payload = self._splice(payload, other.payload)
        if how >= 0.45 or rng.random() < 0.2:
            payload = self._change_bytes(payload, rng.choice((1, 1, 1, 2, 4)))
        if rng.random() < 0.08:
            topic = other.topic if rng.random() < 0.5 else self._change_bytes(topic, 1)
        is_copy = sample.is_copy ^ (rng.random() < 0.05)
        return Sample(topic, payload[:MAX_BYTES], is_copy, sample.source)

    # --- bytes ----------------------------------------------------------------------------------

    def _change_bytes(self, text: bytes, times: int) -> bytes:
        changed = bytearray(text)
        for _ in range(times):
            self._rng.choice(self._of_bytes)(changed)
        return bytes(changed)

    def _place(self, text: bytearray) -> int:
        return self._rng.randrange(len(text) + 1)

    def _flip(self, text: bytearray) -> None:
        if text:
            text[self._rng.randrange(len(text))] ^= 1 << self._rng.randrange(8)

    def _overwrite(self, text: bytearray) -> None:
        word, at = self._rng.choice(self._words), self._place(text)
        text[at : at + len(word)] = word

    def _delete(self, text: bytearray) -> None:
        at = self._place(text)
        del text[at : at + self._rng.choice((1, 1, 2, 4, 16, 64))]

    def _repeat(self, text: bytearray) -> None:
        at, length = self._place(text), self._rng.choice((1, 2, 8, 32, 128))
        text[at:at] = text[at : at + length] * self._rng.choice((1, 2, 8))

    def _insert(self, text: bytearray) -> None:
        at = self._place(text)
        text[at:at] = self._rng.choice(self._words)

    def _cut(self, text: bytearray) -> None:
        del text[self._place(text) :]

    def _splice(self, text: bytes, other: bytes) -> bytes:
        return text[: self._place(bytearray(text))] + other[self._place(bytearray(other)) :]

    # --- JSON members ---------------------------------------------------------------------------

    def _change_members(self, text: bytes, other: bytes) -> bytes:
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self._change_bytes(text, 1)
        if isinstance(value, dict | list):
            for _ in range(self._rng.choice((1, 1, 1, 2, 3))):
                self._change_one(value, other)
        else:
            value = copy.deepcopy(self._rng.choice(_VALUES))
        return json.dumps(value).encode()

    def _change_one(self, value: dict[str, Any] | list[Any], other: bytes) -> None:
        """Go down a random way, then exchange, remove, add or repeat a member."""
        rng = self._rng
        while True:
            keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
            if not keys:
                break
            key = rng.choice(keys)
            inner = value[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
                value = inner
                continue
            break
        act = rng.random()
        if keys and act < 0.6:
            value[key] = self._value(other)
        elif keys and act < 0.75:
            del value[key]
        elif isinstance(value, dict):
            name = rng.choice(self._words).decode(errors="replace").strip('"')
            value[name] = self._value(other)
        else:
            again = keys and rng.random() < 0.7
            value.append(copy.deepcopy(value[key]) if again else self._value(other))

    def _value(self, other: bytes) -> Any:
        if self._rng.random() < 0.85:
            return copy.deepcopy(self._rng.choice(_VALUES))
        try:
            return json.loads(other)
        except (ValueError, RecursionError):
            return self._rng.choice(self._words).decode(errors="replace")
