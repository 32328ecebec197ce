"""Text that is nearly JSON, as C, Lua and Python print it, made JSON.

Only what can mean one thing is mended: words and commas outside of strings. The text is cut at its
quotation marks, so what strings hold is never touched, and the cost grows with the length only.
"""

import math
import re

from gigacity_contract.sentinels import NO_VALUE

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_QUOTE = b'"'
_ESCAPES = ((b"\\\\", b"\0\0"), (b'\\"', b"\0\1"))
"""A backslash and a quotation mark that are escaped, and what stands for them while text is cut."""
_TO_SPACES = bytes.maketrans(b'[]{},:"\r\n\t', b" " * 10)
_COMMA_BEFORE_END = re.compile(rb",(?=\s*[\]}])")
_PLAIN = re.compile(rb"-?(?:0|[1-9]\d{0,299})(?:\.\d{1,299})?(?:[eE][-+]?\d{1,2})?|true|false|null")
_DECIMAL = re.compile(rb"(?=[-+]?\.?\d)([-+]?)0*+(\d*+)(\.?)(\d*+)((?:[eE][-+]?\d++)?)")
_HEXADECIMAL = re.compile(rb"0[xX][0-9a-fA-F]{1,16}")
_NO_NUMBER = re.compile(rb"[-+]?(?:nan|inf|infinity|1\.#\w+)(?:\(\w*\))?", re.IGNORECASE)
_WORDS = {
    b"true": b"true", b"false": b"false", b"null": b"null", b"none": b"null", b"nil": b"null",
    b"undefined": b"null",
}  # fmt: skip


def without_padding(payload: bytes) -> bytes:
    """The text without a byte-order mark, and up to the first NUL: there a string of C ends."""
    return payload.removeprefix(_BYTE_ORDER_MARK).partition(b"\0")[0]


def outside_strings(text: bytes) -> bytes:
    """The text with each string replaced by one quotation mark."""
    return _QUOTE.join(_cut(text)[::2])


def _cut(text: bytes) -> list[bytes]:
    """What stands outside and inside of strings, in turn."""
    if b"\\" in text:
        for escape, stand_in in _ESCAPES:
            text = text.replace(escape, stand_in)
    return text.split(_QUOTE)


def _joined(parts: list[bytes]) -> bytes:
    text = _QUOTE.join(parts)
    if b"\0" in text:
        for escape, stand_in in _ESCAPES:
            text = text.replace(stand_in, escape)
    return text


def mended(text: bytes) -> bytes:
    """The text with numbers, words and commas as JSON writes them; strings stay as they are.

    ``+5``, ``.5``, ``5.``, ``007`` and ``0x1F`` become numbers; ``nan``, ``inf`` and numbers beyond
    a double become ``NO_VALUE``; the words of other languages become ``true``, ``false`` and
    ``null``; a comma behind the last member goes. The rest stays wrong.

    Args:
        text: without a NUL.
    """
    parts = _cut(text)
    if len(parts) % 2 == 0:
        return text  # A string does not end.
    outside = _QUOTE.join(parts[::2])
    changed = _mend_words(outside)
    tight = changed.translate(None, b" \r\n\t")
    if b",]" in tight or b",}" in tight:
        changed = _COMMA_BEFORE_END.sub(b"", changed)
    if changed == outside:
        return text
    parts[::2] = changed.split(_QUOTE)
    return _joined(parts)


def _mend_words(outside: bytes) -> bytes:
    """Every word that JSON does not know, exchanged where there is something for it."""
    words = set(outside.translate(_TO_SPACES).split())
    new = {
        word: mended_word
        for word in words
        if not _PLAIN.fullmatch(word) and (mended_word := _mend_word(word)) != word
    }
    if not new:
        return outside
    # Only words that begin like one of these are looked at, since most of a report is as it should.
    begins = re.escape(bytes({word[0] for word in new}))
    # The place before it is looked at last: so the search is one for a few characters.
    pattern = re.compile(b"[" + begins + rb'](?<![^][{},:"\s].)[^][{},:"\s]*', re.DOTALL)
    return pattern.sub(lambda found: new.get(found[0], found[0]), outside)


def _mend_word(word: bytes) -> bytes:
    if _NO_NUMBER.fullmatch(word):
        return b"%d" % NO_VALUE
    if _HEXADECIMAL.fullmatch(word):
        return b"%d" % int(word, 16)
    found = _DECIMAL.fullmatch(word)
    if found is None:
        return _WORDS.get(word.lower(), word)
    sign, whole, point, fraction, exponent = found.groups()
    if math.isinf(float(word)):
        return b"%d" % NO_VALUE
    sign = b"-" if sign == b"-" else b""
    return sign + (whole or b"0") + (b"." + (fraction or b"0") if point else b"") + exponent
