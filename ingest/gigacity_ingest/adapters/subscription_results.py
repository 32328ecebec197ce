"""Which filters the broker grants a session, and what becomes of those that it refuses (SUBACK).

A refused filter keeps only its own area out: it is asked for again and again while the areas that
were granted go on. Network thread only.
"""

from collections.abc import Mapping, Sequence

from paho.mqtt.reasoncodes import ReasonCode

from gigacity_ingest.adapters.status import HealthState

RETRY_S = 30.0
_FIRST_FAILURE_CODE = 128
"""Of a broker's answer; what is less grants."""
_NEVER_S = float("inf")


def _explain(refused: Mapping[str, str]) -> str:
    reasons = "; ".join(f"{name}: {word}" for name, word in sorted(refused.items()))
    return (
        f"subscription refused ({reasons}); allow this client to read it in the broker's access"
        " list"
    )


class SubscriptionResults:
    """Judges the broker's answers to subscriptions.

    Args:
        health: says whether every filter is subscribed.
    """

    def __init__(self, health: HealthState) -> None:
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
            Why the session cannot go on, since nothing was granted; empty if it can.
        """
        answered = dict(zip(filters, codes, strict=False))
        refused = {
            name: str(code) for name, code in answered.items() if code.value >= _FIRST_FAILURE_CODE
        }
        # A wider request may be on its way: what is not in this answer is in the next one.
        self.granted = frozenset(answered) - refused.keys()
        if not self.granted:
            return _explain(refused)
        if refused:
            self._retry_at_s = now_s + RETRY_S
            self._health.failed(f"{_explain(refused)}; it is tried again every {RETRY_S:g} s")
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
