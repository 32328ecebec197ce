"""Whom the serving process let in, told to the process that answers questions of the past.

It asks for no key itself: which keys hold is decided in one place, and no key leaves that place.
What it is told instead is the key's name, by which it shares out what it computes.
"""

from urllib.parse import quote, unquote

from gigacity_api.keys import ApiKey, Scope

AUTHORIZATION = b"authorization"


def named(name: str) -> tuple[bytes, bytes]:
    """The header that stands for a key which was let in."""
    return AUTHORIZATION, b"Bearer " + quote(name, safe="").encode()


class LetInKeys:
    """As ``context.Keys``, of those who were let in: they may read."""

    trouble = ""

    def find(self, presented: str) -> ApiKey | None:
        """The key of a name that ``named`` wrote."""
        return ApiKey(unquote(presented), "", [Scope.READ])
