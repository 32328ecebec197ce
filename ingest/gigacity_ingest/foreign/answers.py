"""Which answers may be sent to foreign devices: rarely, harmlessly, and never a command. Pure."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from gigacity_ingest.formats.readings import Answer
from gigacity_ingest.mapping.sources import ForeignSource
from gigacity_ingest.mapping.topic_filters import TopicFilter, levels_of

ANSWERS_PER_S = 100
"""Of one source. A device that gets none repeats itself or does not mind."""
BURST = 500
_MAX_TOPIC_BYTES = 512
_MAX_PAYLOAD_BYTES = 4096
_FORBIDDEN_ROOTS = ("gigacity/", "$SYS/", "$share/")
_SPARKPLUG = "spBv1.0/"
_REBIRTH = b"Node Control/Rebirth"


def is_harmless(answer: Answer, topics: Iterable[TopicFilter]) -> bool:
    """Whether it is an answer, whatever made it.

    The one command is Sparkplug's request that a node be born again, which changes nothing there.

    Args:
        answer: of a decoder.
        topics: on which its source may be answered.
    """
    topic = answer.topic
    levels = levels_of(topic)
    if not any(one.matches(levels) for one in topics):
        return False
    if not topic or len(topic.encode()) > _MAX_TOPIC_BYTES or set("+#\0") & set(topic):
        return False
    if topic.startswith(_FORBIDDEN_ROOTS) or len(answer.payload) > _MAX_PAYLOAD_BYTES:
        return False
    return not topic.startswith(_SPARKPLUG) or (
        "/NCMD/" in topic and _REBIRTH in answer.payload and len(answer.payload) < 2 * 64
    )


def _replies(subscription: str) -> tuple[str, ...]:
    """Of a format that answers where it reads: ``.../post_reply`` or ``.../post/reply``."""
    last = subscription.rpartition("/")[2]
    if last == "#":
        return (subscription,)
    if last == "up":
        return (f"{subscription}/response",)  # Das.
    return (subscription if last == "+" else f"{subscription}_reply", f"{subscription}/reply")


def _tuya_replies(subscription: str) -> tuple[str, ...]:
    """Behind the topic, with an underscore."""
    last = subscription.rpartition("/")[2]
    return (subscription if last in {"+", "#"} else f"{subscription}_response",)


def _responses(subscription: str) -> tuple[str, ...]:
    """Of ThingsBoard: a request's topic with the word for a response in it."""
    pairs = (("/rpc/request/", "/rpc/response/"), ("/r/req/", "/r/res/"))
    return tuple(
        subscription.replace(request, response)
        for request, response in pairs
        if request in subscription
    )


_TOPICS_OF_FORMAT: Mapping[str, Callable[[str], tuple[str, ...]]] = MappingProxyType(
    {
        "alink": _replies,
        "jetlinks": _replies,
        "thingsboard": _responses,
        "tencent": lambda _: ("$thing/down/property/+/+", "$thing/down/event/+/+"),
        "tuya": _tuya_replies,
        "iotda": lambda _: ("$oc/devices/+/sys/events/down",),
        "sparkplug_b": lambda _: ("spBv1.0/+/NCMD/+",),
    }
)


def answer_topics(source: ForeignSource) -> tuple[TopicFilter, ...]:
    """Filters of the topics on which a source may be answered; none where answers are off."""
    made = _TOPICS_OF_FORMAT.get(source.format)
    if made is None or not source.answers:
        return ()
    texts = [text for subscription in source.subscriptions for text in made(subscription)]
    return tuple(TopicFilter.parse(text) for text in dict.fromkeys(texts))


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
