"""A process that appends and confirms until it is killed, and says what it was promised.

Each line on standard output, written after the call returned: ``a <number>`` or ``c <number>``.
"""

import os
import sys
from pathlib import Path

from tests.support.spooling import SMALL, make_record, number_of, open_small


def main(folder: str, first: int) -> None:
    """Append three records, confirm two, again and again."""
    spool = open_small(Path(folder), policy=SMALL.__class__(segment_bytes=200_000))
    number = first
    while True:
        for _ in range(3):
            spool.append(make_record(number, size=20_000 + number % 7 * 3000))
            os.write(1, b"a %d\n" % number)
            number += 1
        for _ in range(2):
            spooled = spool.read_next()
            if spooled is None:
                raise AssertionError("three were appended")
            spool.confirm(spooled.number)
            os.write(1, b"c %d\n" % number_of(spooled.record))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
