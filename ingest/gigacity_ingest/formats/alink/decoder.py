"""Reads messages of Alink and its dialects: properties, batches, packs, history, events, sessions.

Whose report it is stands in the topic, and in bodies that a gateway sends for its sub-devices;
then the topic's own names are those of the gateway.
"""

from collections.abc import Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.alink.message import AlinkMessage, time_of
from gigacity_ingest.formats.alink.platforms import (
    PLATFORMS,
    AlinkAction,
    AlinkPlatform,
    AlinkTopic,
    parse_topic,
    reply_of,
)
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import (
    Dialect,
    DialectError,
    Format,
    check_keys,
    choice,
)
from gigacity_ingest.formats.gathering import OTHER_TOPIC, Gathering, message_id
from gigacity_ingest.formats.memo import MAX_TOPICS, Memo
from gigacity_ingest.formats.properties import add_properties
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

_STATUSES = ("online", "offline")
"""Compared one by one: what stands in a message need not be hashable."""
_NO_REPLY = 0
"""``sys.ack`` of a device that waits for none."""


class AlinkDecoder:
    """Reads one dialect.

    Args:
        platform: whose it is.
        times: how instants are written.
    """

    def __init__(self, platform: AlinkPlatform, times: TimeRule) -> None:
        self._platform = platform
        self._times = times
        self._topics = Memo(self._parse, MAX_TOPICS)

    def _parse(self, topic: str) -> tuple[AlinkTopic, dict[str, str]] | None:
        parsed = parse_topic(topic)
        if parsed is None:
            return None
        first, second = self._platform.identity
        return parsed, {first: parsed.first, second: parsed.second}

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings, events and sessions of one message.

        Raises:
            PayloadError: no topic of Alink, no JSON, or without its parameters.
        """
        known = self._topics[message.topic]
        if known is None:
            text = "expected /sys/{product}/{device}/..., as Alink's topics are"
            raise PayloadError(RejectionReason.BAD_TOPIC, text)
        topic, names = known
        gathering = Gathering()
        if topic.action is None:
            gathering.ignore(OTHER_TOPIC)
            return gathering.finish()
        body = read_body_object(message.payload)
        if topic.action is AlinkAction.STATUS:
            self._add_status(gathering, names, body)
            return gathering.finish()
        if topic.action is AlinkAction.PROPERTIES:
            self._add_report(gathering, names, body)
        else:
            part = AlinkMessage(self._platform, self._times, gathering, body=body, names=names)
            part.add(topic)
        if topic.action is not AlinkAction.DATA_POINTS and _is_reply_wanted(body):
            gathering.answer(*reply_of(self._platform, message.topic, body))
        return gathering.finish()

    def _add_report(
        self, gathering: Gathering, names: Mapping[str, str], body: Mapping[str, Any]
    ) -> None:
        params, times = body.get("params"), self._times
        if not isinstance(params, dict):
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "params: expected an object")
        add_properties(
            gathering,
            names,
            params,
            times,
            time_ms=time_of(body, times),
            sent_as=message_id(body.get("id")),
        )

    def _add_status(
        self, gathering: Gathering, names: Mapping[str, str], body: Mapping[str, Any]
    ) -> None:
        """What the platform forwards: ``time`` is local there and ``utcTime`` is not."""
        status = body.get("status")
        if status not in _STATUSES:
            gathering.refuse("status", "online or offline", body)
            return
        time_ms = self._times.instant_ms(body.get("utcTime"))
        if time_ms is None:
            time_ms = self._times.instant_ms(body.get("time"))
        gathering.add_session(names, is_online=status == "online", time_ms=time_ms)


def _is_reply_wanted(body: Mapping[str, Any]) -> bool:
    sys = body.get("sys")
    return "id" in body and not (isinstance(sys, dict) and sys.get("ack") == _NO_REPLY)


def _make(dialect: Dialect, times: TimeRule) -> AlinkDecoder:
    check_keys(dialect, {"platform", "identity"})
    platform = PLATFORMS[choice(dialect, "platform", PLATFORMS, "alink")]
    named = dialect.get("identity", list(platform.identity))
    if (
        not isinstance(named, list)
        or len(named) != 2
        or not all(isinstance(name, str) and name for name in named)
    ):
        text = (
            f"dialect.identity: {named!r} is no list of two names, such as productKey, deviceName"
        )
        raise DialectError(text)
    return AlinkDecoder(platform._replace(identity=(named[0], named[1])), times)


FORMAT = Format(
    "alink",
    _make,
    "Alink (Alibaba) and its dialects OneNET, Das, SagooIoT and yudao",
    "Alink（阿里云）及其方言：OneNET、Das、SagooIoT、芋道",
)
