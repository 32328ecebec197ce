"""Which filters the broker grants a session, and which refusals the session outlives.

Filters of the start must all be granted: without one the worker is not what it was asked to be. One
that a new city brought, or that a supervisor calls optional, is asked for again and again while the
areas that worked go on. Network thread only.
"""

from collections.abc import Iterable, Mapping, Sequence

from paho.mqtt.reasoncodes import ReasonCode

from gigacity_ingest.adapters.status import HealthState

RETRY_S = 30.0
FIRST_FAILURE_CODE = 128
"""Of a broker's answer; what is less grants."""
_NEVER_S = float("inf")


def refused_filters(filters: Sequence[str], codes: Sequence[ReasonCode]) -> dict[str, str]:
    """Filters that the broker's answer, in the same order, does not grant, with its word for it."""
    return {
        name: str(code)
        for name, code in zip(filters, codes, strict=False)
        if code.value >= FIRST_FAILURE_CODE
    }


def explain_refused(refused: Mapping[str, str]) -> str:
    """What the broker refuses, and what to do about it."""
    reasons = "; ".join(f"{name}: {word}" for name, word in sorted(refused.items()))
    return (
        f"subscription refused ({reasons}); allow this client to read it in the broker's access"
        " list"
    )


class SubscriptionResults:
    """Judges the broker's answers to subscriptions.

    Args:
        start: filters of the start.
        optional: those among them that may be refused at every start.
        condition: says whether those that may be refused are subscribed.
    """

    def __init__(
        self, start: Iterable[str], *, optional: frozenset[str] = frozenset(), health: HealthState
    ) -> None:
        self._required = frozenset(start) - optional
        self._optional = optional
        self.granted: frozenset[str] = frozenset()
        """What the broker's last answer on this connection granted."""
        self._health = health
        self._retry_at_s = _NEVER_S

    def judge(self, filters: Sequence[str], codes: Sequence[ReasonCode], now_s: float) -> str:
        """Take an answer.

        Args:
            filters: that were asked for.
            codes: the broker's, in the same order.
            now_s: on the monotonic clock.

        Returns:
            Why the session cannot go on; empty if it can.
        """
        refused = refused_filters(filters, codes)
        # A wider request may be on its way: what is not in this answer is in the next one.
        self.granted = frozenset(filters[: len(codes)]) - refused.keys()
        text = explain_refused(refused)
        if not self._required.isdisjoint(refused):
            return text
        if refused:
            self._retry_at_s = now_s + RETRY_S
            text = f"{text}; it is tried again every {RETRY_S:g} s"
            if refused.keys() - self._optional:
                text = f"{text}, and before the next start it must be granted"
            self._health.failed(text)
        elif self._retry_at_s != _NEVER_S:
            self._retry_at_s = _NEVER_S
            self._health.ok()
        return ""

    def end(self) -> None:
        """The connection ended: whether the session outlives it, the next answer tells."""
        self.granted = frozenset()

    def is_due(self, now_s: float) -> bool:
        """Whether to ask again now; once for each time that it is due."""
        if now_s < self._retry_at_s:
            return False
        self._retry_at_s = now_s + RETRY_S
        return True
