"""What a publisher says of its own connection: natively, or in another format's words.

Pure: topics and payloads, no socket.
"""

from typing import Any, Protocol

import msgspec

from gigacity_contract.payloads import Status
from gigacity_contract.topics import MessageKind, topic_of
from gigacity_simulators.messages import OutgoingMessage


class SessionWords(Protocol):
    """Of one publisher, over all its connections."""

    commands: str
    """Filter of what it listens to; empty: nothing."""

    def begin(self, session_ms: int) -> OutgoingMessage | None:
        """A connection is about to begin: its last will."""
        ...

    def births(self, now_ms: int) -> list[OutgoingMessage]:
        """What it says first."""
        ...

    def farewells(self, now_ms: int, reason: str) -> list[OutgoingMessage]:
        """What it says last, in an orderly end."""
        ...

    def is_birth_asked(self, topic: str, payload: bytes) -> bool:
        """Whether a command asks for the births again."""
        ...

    def sealed(self, message: OutgoingMessage, now_ms: int) -> OutgoingMessage:
        """A report as it goes out now: some formats number what a connection sends."""
        ...


class UnaskedSession:
    """Of a format that asks publishers nothing, and numbers nothing by connection."""

    commands = ""

    def is_birth_asked(self, topic: str, payload: bytes) -> bool:
        """Nobody asks."""
        del topic, payload
        return False

    def sealed(self, message: OutgoingMessage, now_ms: int) -> OutgoingMessage:
        """As it is."""
        del now_ms
        return message


class NativeSession(UnaskedSession):
    """``status``: retained birth, will and orderly end of one session."""

    def __init__(self, identity: str) -> None:
        self._topic = topic_of(identity, MessageKind.STATUS)
        self._session_ms = 0

    def begin(self, session_ms: int) -> OutgoingMessage:
        """The will."""
        self._session_ms = session_ms
        return self._status("offline")

    def births(self, now_ms: int) -> list[OutgoingMessage]:
        """That this session is online."""
        del now_ms
        return [self._status("online")]

    def farewells(self, now_ms: int, reason: str) -> list[OutgoingMessage]:
        """That it ends in an orderly way."""
        return [self._status("offline", ts=now_ms, reason=reason)]

    def _status(self, state: str, **more: Any) -> OutgoingMessage:
        status = Status(session=self._session_ms, state=state, **more)  # type: ignore[arg-type] # A Literal.
        body = msgspec.json.encode(status)
        return OutgoingMessage(self._topic, body, self._session_ms, {}, retain=True)


class PlainSession(UnaskedSession):
    """Of a format in which a connection says nothing of itself, or one bare word.

    Args:
        topic: of the word; empty: nothing is said.
        online: the word of a birth.
        offline: that of the will, and of an end.
        before: said before the birth, each time.
    """

    def __init__(
        self,
        topic: str = "",
        online: str = "",
        offline: str = "",
        before: tuple[tuple[str, bytes], ...] = (),
    ) -> None:
        self._topic = topic
        self._online = online
        self._offline = offline
        self._before = before

    def begin(self, session_ms: int) -> OutgoingMessage | None:
        """The will, if there is a word for it."""
        return self._word(self._offline, session_ms) if self._topic else None

    def births(self, now_ms: int) -> list[OutgoingMessage]:
        """The word, behind what is said before it."""
        if not self._topic:
            return []
        before = [
            OutgoingMessage(topic, body, now_ms, {}, retain=True) for topic, body in self._before
        ]
        return [*before, self._word(self._online, now_ms)]

    def farewells(self, now_ms: int, reason: str) -> list[OutgoingMessage]:
        """The word of the will."""
        del reason
        return [self._word(self._offline, now_ms)] if self._topic else []

    def _word(self, word: str, at_ms: int) -> OutgoingMessage:
        return OutgoingMessage(self._topic, word.encode(), at_ms, {}, retain=True)
