"""What one message of Alink holds beside a plain report: objects, events, data points, sessions.

Whose it is stands in the topic, and in bodies that a gateway sends for its sub-devices; then the
topic's own names are those of the gateway.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.alink.platforms import AlinkAction, AlinkPlatform, AlinkTopic
from gigacity_ingest.formats.gathering import EMPTY, Gathering, identity, message_id
from gigacity_ingest.formats.properties import add_properties, is_wrapped, stated_time
from gigacity_ingest.formats.times import TimeRule

EVENT_NAME = "event"
"""Names the event beside the identity, where values are what an event gives."""


def time_of(body: Mapping[str, Any], times: TimeRule) -> int | None:
    """The message's own time, which most dialects have none of."""
    stated = body.get("timestamp", body.get("time"))
    return None if stated is None else times.instant_ms(stated)


class AlinkMessage:
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
        self._time_ms = time_of(body, times)

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


def _parts(value: Any) -> Iterator[Any]:
    """Members of a list, or the value itself; nothing of what is absent or empty."""
    if isinstance(value, list):
        yield from value
    elif value:
        yield value
