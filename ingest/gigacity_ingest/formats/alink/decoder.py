"""Reads messages of Alink and its dialects: properties, batches, packs, history, events, sessions.

Whose report it is stands in the topic, and in bodies that a gateway sends for its sub-devices;
then the topic's own names are those of the gateway.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
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
from gigacity_ingest.formats.gathering import EMPTY, Gathering, identity, message_id
from gigacity_ingest.formats.memo import MAX_TOPICS, Memo
from gigacity_ingest.formats.properties import add_properties, is_wrapped, stated_time
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

EVENT_NAME = "event"
"""Names the event beside the identity, where values are what an event gives."""
OTHER = "other_topic"
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
            gathering.ignore(OTHER)
            return gathering.finish()
        body = read_body_object(message.payload)
        if topic.action is AlinkAction.STATUS:
            self._add_status(gathering, names, body)
            return gathering.finish()
        if topic.action is AlinkAction.PROPERTIES:
            self._add_report(gathering, names, body)
        else:
            part = _AlinkMessage(self._platform, self._times, gathering, body=body, names=names)
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
            time_ms=_time_of(body, times),
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


class _AlinkMessage:
    """One message that is more than a report of its device's properties."""

    __slots__ = ("_body", "_gathering", "_identity", "_names", "_sent_as", "_time_ms", "_times")

    def __init__(
        self,
        platform: AlinkPlatform,
        times: TimeRule,
        gathering: Gathering,
        *,
        body: Mapping[str, Any],
        names: dict[str, str],
    ) -> None:
        self._identity = platform.identity
        self._times = times
        self._gathering = gathering
        self._body = body
        self._names = names
        self._sent_as = message_id(body.get("id"))
        self._time_ms = _time_of(body, times)

    def add(self, topic: AlinkTopic) -> None:
        """Everything that the message holds.

        Raises:
            PayloadError: without its parameters; too many readings.
        """
        action = topic.action
        params = self._body.get("dp" if action is AlinkAction.DATA_POINTS else "params")
        if action is AlinkAction.OBJECTS:
            self._add_objects(params)
            return
        if not isinstance(params, dict):
            where = "dp" if action is AlinkAction.DATA_POINTS else "params"
            raise PayloadError(RejectionReason.BAD_ENVELOPE, f"{where}: expected an object")
        if action is AlinkAction.EVENT:
            self._add_topic_event(topic.event, params)
        elif action is AlinkAction.DATA_POINTS:
            self._add_data_points(params)
        else:
            self._add_session(params, is_online=action is AlinkAction.LOGIN)

    def _add_properties(self, names: Mapping[str, str], properties: Mapping[str, Any]) -> None:
        add_properties(
            self._gathering,
            names,
            properties,
            self._times,
            time_ms=self._time_ms,
            sent_as=self._sent_as,
        )

    def _add_objects(self, params: Any) -> None:
        if isinstance(params, dict):
            params = [params]
        if not isinstance(params, list):
            raise PayloadError(RejectionReason.BAD_ENVELOPE, "params: expected objects")
        for index, entry in enumerate(params):
            place = f"params[{index}]"
            if not isinstance(entry, dict):
                self._gathering.refuse(place, "an object", entry)
                continue
            self._add_object(entry, place)
            devices = entry.get("subDevices")
            if devices is None:
                continue
            if not isinstance(devices, list):
                self._gathering.refuse(f"{place}.subDevices", "a list", devices)
                continue
            for number, device in enumerate(devices):
                where = f"{place}.subDevices[{number}]"
                if isinstance(device, dict) and "identity" in device:
                    self._add_object(device, where)
                else:
                    self._gathering.refuse(where, "an object with an identity", device)
        if not params:
            self._gathering.ignore(EMPTY)

    def _add_object(self, entry: Mapping[str, Any], place: str) -> None:
        names = self._names
        if "identity" in entry:
            own = self._names_of(entry["identity"])
            if own is None:
                expected = f"an identity of {' and '.join(self._identity)}"
                self._gathering.refuse(f"{place}.identity", expected, entry)
                return
            names = own
        properties, events = entry.get("properties"), entry.get("events")
        for part in _parts(properties):
            if isinstance(part, dict):
                self._add_properties(names, part)
            else:
                self._gathering.refuse(f"{place}.properties", "objects", part)
        for part in _parts(events):
            if not isinstance(part, dict):
                self._gathering.refuse(f"{place}.events", "objects", part)
                continue
            for event, given in part.items():
                self._add_event(names, event, given, f"{place}.events")

    def _names_of(self, stated: Any) -> dict[str, str] | None:
        """Names of a sub-device, or of the device itself."""
        if not isinstance(stated, dict):
            return None
        first, second = self._identity
        own_first, own_second = identity(stated.get(first)), identity(stated.get(second))
        if own_first is None or own_second is None:
            return None
        names = {first: own_first, second: own_second}
        if names == self._names:
            return self._names
        for name, value in self._names.items():
            names[f"gateway{name[0].upper()}{name[1:]}"] = value
        return names

    def _add_topic_event(self, event: str, params: Mapping[str, Any]) -> None:
        event = event or identity(self._body.get("identifier")) or ""
        if event:
            self._add_event(self._names, event, params, "params")
        elif "identifier" in params:
            named = params["identifier"]
            given = {key: params[key] for key in ("value", "time") if key in params}
            self._add_event(self._names, named, given, "params")
        else:
            for name, given in params.items():
                self._add_event(self._names, name, given, "params")

    def _add_event(self, names: Mapping[str, str], event: Any, given: Any, place: str) -> None:
        for one in given if isinstance(given, list) else [given]:
            named = identity(event)
            if named is None or not isinstance(one, dict):
                self._gathering.refuse(place, "an event's name and what it gives", one)
                continue
            time_ms = self._time_ms
            if is_wrapped(one):
                stated = self._times.instant_ms(stated_time(one))
                time_ms = time_ms if stated is None else stated
                one = one["value"]  # noqa: PLW2901 - the wrapper is of no further use.
            values = one if isinstance(one, dict) else {named: one}
            self._gathering.add({**names, EVENT_NAME: named}, values, time_ms, self._sent_as)

    def _add_data_points(self, streams: Mapping[str, Any]) -> None:
        properties: dict[str, Any] = {}
        for stream, points in streams.items():
            if not isinstance(points, list) or not all(
                isinstance(point, dict) and "v" in point for point in points
            ):
                self._gathering.refuse(f"dp.{stream[:64]}", "a list of v and t", {stream: points})
                continue
            properties[stream] = [{"value": p["v"], "time": p.get("t")} for p in points]
        self._add_properties(self._names, properties)

    def _add_session(self, params: Mapping[str, Any], *, is_online: bool) -> None:
        names = self._names_of(params)
        if names is None:
            expected = f"an identity of {' and '.join(self._identity)}"
            self._gathering.refuse("params", expected, params)
            return
        self._gathering.add_session(names, is_online=is_online, time_ms=self._time_ms)


def _time_of(body: Mapping[str, Any], times: TimeRule) -> int | None:
    """The message's own time, which most dialects have none of."""
    stated = body.get("timestamp", body.get("time"))
    return None if stated is None else times.instant_ms(stated)


def _is_reply_wanted(body: Mapping[str, Any]) -> bool:
    sys = body.get("sys")
    return "id" in body and not (isinstance(sys, dict) and sys.get("ack") == _NO_REPLY)


def _parts(value: Any) -> Iterator[Any]:
    """Members of a list, or the value itself; nothing of what is absent or empty."""
    if isinstance(value, list):
        yield from value
    elif value:
        yield value


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
