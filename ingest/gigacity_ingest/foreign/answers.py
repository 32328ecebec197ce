"""Which answers may be sent to foreign devices: rarely, harmlessly, and never a command. Pure."""

from gigacity_ingest.formats.readings import Answer

ANSWERS_PER_S = 100
"""Of one source. A device that gets none repeats itself or does not mind."""
BURST = 500
_MAX_TOPIC_BYTES = 512
_MAX_PAYLOAD_BYTES = 4096
_FORBIDDEN_ROOTS = ("gigacity/", "$SYS/", "$share/")
_SPARKPLUG = "spBv1.0/"
_REBIRTH = b"Node Control/Rebirth"


def is_harmless(answer: Answer) -> bool:
    """Whether it is an answer, whatever made it.

    The one command is Sparkplug's request that a node be born again, which changes nothing there.
    """
    topic = answer.topic
    if not topic or len(topic.encode()) > _MAX_TOPIC_BYTES or set("+#\0") & set(topic):
        return False
    if topic.startswith(_FORBIDDEN_ROOTS) or len(answer.payload) > _MAX_PAYLOAD_BYTES:
        return False
    return not topic.startswith(_SPARKPLUG) or (
        "/NCMD/" in topic and _REBIRTH in answer.payload and len(answer.payload) < 2 * 64
    )


class AnswerRate:
    """How many answers one source may send: a bucket that fills with time."""

    def __init__(self, per_s: float = ANSWERS_PER_S, burst: float = BURST) -> None:
        self._per_ms = per_s / 1000
        self._burst = burst
        self._left = burst
        self._at_ms = 0

    def takes(self, now_ms: int) -> bool:
        """Whether one more may be sent now."""
        passed_ms = max(0, now_ms - self._at_ms)
        self._left = min(self._burst, self._left + passed_ms * self._per_ms)
        self._at_ms = now_ms
        if self._left < 1:
            return False
        self._left -= 1
        return True
