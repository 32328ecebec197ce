"""Who connects next: a queue of wishes behind the limiter and the back-off of the broker. Pure."""

import heapq

from gigacity_simulators.clients.connect_rate import ConnectRateLimiter, ReconnectBackoff

CONNACK_TIMEOUT_S = 10.0


class Dialer:
    """Decides when a publisher's connection attempt starts, and knows which are under way."""

    def __init__(self, limiter: ConnectRateLimiter) -> None:
        self._limiter = limiter
        self._broker = ReconnectBackoff(first_s=0.5, longest_s=15.0)
        self._wishes: list[tuple[float, int]] = []
        self._under_way: dict[int, float] = {}

    def wish(self, publisher: int, not_before_s: float) -> None:
        """A publisher would like to connect, at this time or later."""
        heapq.heappush(self._wishes, (not_before_s, publisher))

    def forget_wishes(self) -> None:
        """Nobody connects any more."""
        self._wishes.clear()

    def next(self, now_s: float) -> int | None:
        """The publisher whose turn it is; None if nobody's is. It is off the queue then."""
        if not self._wishes or self._wishes[0][0] > now_s or self._broker.until_s > now_s:
            return None
        if not self._limiter.may_connect(now_s, handshakes=len(self._under_way)):
            return None
        return heapq.heappop(self._wishes)[1]

    def started(self, publisher: int, now_s: float) -> None:
        """The broker was reached; its answer to CONNECT is awaited."""
        self._broker.succeeded()
        self._under_way[publisher] = now_s

    def unreachable(self, publisher: int, now_s: float) -> float:
        """The broker was not reached, and nobody tries for a while: the answer is how long."""
        self.wish(publisher, now_s)
        return self._broker.failed(now_s)

    def finished(self, publisher: int) -> bool:
        """An attempt came to its end, whatever it was; False if none was under way."""
        return self._under_way.pop(publisher, None) is not None

    def overdue(self, now_s: float) -> list[int]:
        """Publishers whose CONNECT the broker has not answered in time."""
        return [i for i, at_s in self._under_way.items() if now_s - at_s > CONNACK_TIMEOUT_S]
