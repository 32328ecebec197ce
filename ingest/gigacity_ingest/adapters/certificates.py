"""When a certificate runs out: the one fact that is read of it.

``ssl`` tells it of a peer alone, and nothing of a file; so it is read from the DER (RFC 5280).
"""

import ssl
from datetime import datetime
from pathlib import Path

_UTC_TIME, _GENERALIZED_TIME, _VERSION = 0x17, 0x18, 0xA0
_PEM_BEGIN, _PEM_END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def expires_ms(der: bytes) -> int | None:
    """The end of its validity, epoch milliseconds; None: it is no certificate.

    Args:
        der: one certificate.
    """
    try:
        start, _ = _inside(der, 0)
        at, _ = _inside(der, start)
        # version (optional), serialNumber, signature, issuer; then comes validity.
        for _ in range(4 if der[at] == _VERSION else 3):
            at = _inside(der, at)[1]
        _, after_begin = _inside(der, _inside(der, at)[0])
        return _moment_ms(der, after_begin)
    except (IndexError, ValueError):
        return None


def file_expires_ms(path: Path) -> int | None:
    """The same of the first certificate of a PEM file; None where it cannot be read."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
        begin = text.index(_PEM_BEGIN)
        pem = text[begin : text.index(_PEM_END, begin) + len(_PEM_END)]
        return expires_ms(ssl.PEM_cert_to_DER_cert(pem))
    except (OSError, ValueError):
        return None


def _inside(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at a place begins, and where it ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(der[start : start + size]), start + size
    if start + length > len(der):
        raise ValueError("an element is longer than the certificate")
    return start, start + length


def _moment_ms(der: bytes, at: int) -> int:
    start, end = _inside(der, at)
    text = der[start:end].decode("ascii")
    if der[at] == _UTC_TIME:
        text = f"20{text}"  # Years to 2049; certificates of the last century have run out.
    elif der[at] != _GENERALIZED_TIME:
        raise ValueError("a time of another kind")
    return round(datetime.strptime(text, "%Y%m%d%H%M%S%z").timestamp() * 1000)
