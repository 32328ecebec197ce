"""How tags of a metric are named where identity is looked for: ``tags.`` before each."""

from gigacity_ingest.formats.memo import Memo

MEASUREMENT = "measurement"
PREFIX = "tags."
_MAX_KNOWN = 1000


class TagNames(Memo[str]):
    """A tag to its name, made once for each."""

    def __init__(self) -> None:
        super().__init__(PREFIX.__add__, _MAX_KNOWN)
