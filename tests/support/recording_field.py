"""A field that records: the transport of a simulation, without a broker."""

from collections import defaultdict

from gigacity_simulators.messages import OutgoingMessage


class RecordingField:
    """Connects at once and delivers at once, except for who is cut or killed."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.sent: list[tuple[int, int, OutgoingMessage]] = []
        """(delivered at, publisher, message)"""
        self.sessions: defaultdict[int, list[list[int | None]]] = defaultdict(list)
        """By publisher: [began, ended]."""
        self.buffers: defaultdict[int, list[OutgoingMessage]] = defaultdict(list)
        self.disturbed_ms = now_ms
        self.arrived: list[int] = []

    def is_up(self, publisher: int) -> bool:
        sessions = self.sessions[publisher]
        return bool(sessions) and sessions[-1][1] is None

    def send(self, publisher: int, message: OutgoingMessage) -> None:
        if self.is_up(publisher):
            self.sent.append((self.now_ms, publisher, message))
        else:
            self.buffers[publisher].append(message)

    def allow(self, publisher: int) -> None:
        assert not self.is_up(publisher)
        self.sessions[publisher].append([self.now_ms, None])
        self.arrived.append(publisher)
        for message in self.buffers.pop(publisher, []):
            self.send(publisher, message)

    def cut(self, publisher: int) -> None:
        self.sessions[publisher][-1][1] = self.now_ms

    def kill(self, publisher: int) -> None:
        self.cut(publisher)
        self.buffers.pop(publisher, None)

    def undisturbed_since_ms(self) -> int:
        return self.disturbed_ms

    def oldest_unacknowledged_ms(self) -> int | None:
        return min((m.due_ms for ms in self.buffers.values() for m in ms), default=None)
