"""How tags of a metric are named where identity is looked for: ``tags.`` before each.

Other formats have the same under another name, such as a context.
"""

from gigacity_ingest.formats.memo import Memo

MEASUREMENT = "measurement"
PREFIX = "tags."
_MAX_KNOWN = 1000


class TagNames(Memo[str]):
    """A tag to its name, made once for each.

    Args:
        prefix: what is put before each.
    """

    def __init__(self, prefix: str = PREFIX) -> None:
        super().__init__(prefix.__add__, _MAX_KNOWN)
