"""Which publishers were revoked, and how often each got a new password. Pure.

The field's passwords are derived, so that none is kept; what must be kept is which of them no
longer hold. A line of the file is ``identity generation`` or ``identity generation revoked``; who
has no line has generation 0 and may connect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gigacity_contract.errors import ConfigError, TopicError
from gigacity_contract.topics import PREFIX, MessageKind, parse_topic

HEADER = (
    "# Written by `gigacity credentials`: identity, generation of its password, revoked or not.\n"
)


@dataclass(frozen=True, slots=True)
class Generation:
    """The state of one publisher's password."""

    number: int = 0
    is_revoked: bool = False

    def revoked(self) -> "Generation":
        """The same, not accepted any more."""
        return replace(self, is_revoked=True)

    def renewed(self) -> "Generation":
        """Another password, which is accepted."""
        return Generation(self.number + 1)


Generations = Mapping[str, Generation]
"""By identity path."""


def parse_generations(text: str, where: str) -> dict[str, Generation]:
    """Read the file's text.

    Raises:
        ConfigError: naming the line.
    """
    found: dict[str, Generation] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match line.split():
            case [identity, *_] if identity in found:
                raise ConfigError(
                    f"{where}:{number}: {identity} stands twice; which line holds is not known"
                )
            case [identity, generation] if generation.isdigit():
                found[identity] = Generation(int(generation))
            case [identity, generation, "revoked"] if generation.isdigit():
                found[identity] = Generation(int(generation), is_revoked=True)
            case _:
                raise ConfigError(
                    f"{where}:{number}: expected `identity generation` or `identity generation"
                    f" revoked`, found {line!r}"
                )
    return found


def generations_text(generations: Generations) -> str:
    """The text of the file, in order of the identities."""
    return HEADER + "".join(
        f"{identity} {of.number}{' revoked' if of.is_revoked else ''}\n"
        for identity, of in sorted(generations.items())
    )


def check_identity(text: str) -> str:
    """An identity path, as it was given.

    Raises:
        ConfigError: it cannot be one: a slip must not revoke nobody.
    """
    try:
        topic = parse_topic(f"{PREFIX}/{text}/{MessageKind.STATUS}")
    except TopicError as error:
        raise ConfigError(
            f"{text!r} is no identity path such as 371602/olt/olt-1: {error}"
        ) from error
    return topic.identity
