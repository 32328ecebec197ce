"""Huawei IoTDA: services of properties, of a device and of a gateway's sub-devices.

Topics ``$oc/devices/{id}/sys/...``, with a query string or without; the older
``/huawei/v1/devices/{id}/data/json`` and ROMA's ``/v1/devices/{gateway}/datas``. Bodies may be
packed by gzip, whatever the topic says. Sources: support.huaweicloud.com api-iothub
iot_06_v5_3006, 3010, 3040 and devg-roma roma_04_4013.

A service's properties stand below its name (``Lamp.brightness``); services of one instant are one
reading, since they are one report.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from gigacity_contract.decoding import PayloadError, RejectionReason
from gigacity_ingest.formats.bodies import read_body_object
from gigacity_ingest.formats.definition import Dialect, Format, check_keys
from gigacity_ingest.formats.gathering import EMPTY, OTHER_TOPIC, TIME_REQUEST, Gathering, identity
from gigacity_ingest.formats.memo import MAX_TOPICS, Memo
from gigacity_ingest.formats.readings import Decoded, ForeignMessage
from gigacity_ingest.formats.times import TimeRule

DEVICE, GATEWAY = "device_id", "gateway_id"
OTHER_EVENT = "other_event"
_REPORT, _SUB_REPORT, _EVENTS, _OLD_REPORT = "report", "sub_report", "events", "old_report"
_ENDS: Mapping[tuple[str, ...], str] = {
    ("sys", "properties", "report"): _REPORT,
    ("sys", "gateway", "sub_devices", "properties", "report"): _SUB_REPORT,
    ("sys", "events", "up"): _EVENTS,
    ("data", "json"): _OLD_REPORT,
    ("datas",): _SUB_REPORT,
}
_IS_ONLINE = {"ONLINE": True, "OFFLINE": False}


class _IotdaTopic(NamedTuple):
    device: str
    action: str | None


def _parse(topic: str) -> _IotdaTopic | None:
    levels = topic.partition("?")[0].removeprefix("/").split("/")
    if "devices" not in levels[:3]:
        return None
    at = levels.index("devices") + 1
    if len(levels) < at + 2 or not levels[at]:
        return None
    return _IotdaTopic(levels[at], _ENDS.get(tuple(levels[at + 1 :])))


class IotdaDecoder:
    """Reads reports, batches of a gateway, and what it says of its sub-devices' connections.

    Args:
        times: how instants are written: UTC, in ISO 8601's short or long form.
    """

    def __init__(self, times: TimeRule) -> None:
        self._times = times
        self._topics = Memo(_parse, MAX_TOPICS)

    def decode(self, message: ForeignMessage) -> Decoded:
        """The readings and sessions of one message.

        Raises:
            PayloadError: no topic of IoTDA, no JSON, or without services or devices.
        """
        topic = self._topics[message.topic]
        if topic is None:
            text = "expected $oc/devices/{id}/sys/..., as IoTDA's topics are"
            raise PayloadError(RejectionReason.BAD_TOPIC, text)
        gathering = Gathering()
        if topic.action is None:
            gathering.ignore(OTHER_TOPIC)
            return gathering.finish()
        body = read_body_object(message.payload)
        if topic.action == _EVENTS:
            self._add_events(gathering, topic.device, body, message.now_ms)
        elif topic.action == _SUB_REPORT:
            for index, device in enumerate(_list_of(body, "devices")):
                self._add_device(gathering, topic.device, device, f"devices[{index}]")
        else:
            member = "data" if topic.action == _OLD_REPORT else "services"
            names = {DEVICE: topic.device}
            self._add_services(gathering, names, _list_of(body, member), member)
        return gathering.finish()

    def _add_device(self, gathering: Gathering, gateway: str, device: Any, place: str) -> None:
        if not isinstance(device, dict):
            gathering.refuse(place, "an object", device)
            return
        named = identity(device.get("device_id", device.get("deviceId")))
        services = device.get("services")
        if named is None or not isinstance(services, list):
            gathering.refuse(place, "device_id and a list of services", device)
            return
        names = {DEVICE: named, GATEWAY: gateway}
        self._add_services(gathering, names, services, f"{place}.services")

    def _add_services(
        self, gathering: Gathering, names: Mapping[str, str], services: list[Any], place: str
    ) -> None:
        by_time: dict[int | None, dict[str, Any]] = {}
        for index, service in enumerate(services):
            name, properties, stated = _service_of(service)
            if name is None or not isinstance(properties, dict):
                expected = "service_id and properties (an object)"
                gathering.refuse(f"{place}[{index}]", expected, service)
                continue
            if not properties:
                gathering.ignore(EMPTY)
                continue
            time_ms = self._times.instant_ms(stated)
            values = by_time.setdefault(time_ms, {})
            if name in values:
                # The same service twice, without a time between them: the later one is newer.
                gathering.add(names, {name: values[name]}, time_ms)
            values[name] = properties
        for time_ms, values in by_time.items():
            gathering.add(names, values, time_ms)

    def _add_events(
        self, gathering: Gathering, device: str, body: Mapping[str, Any], now_ms: int
    ) -> None:
        for index, event in enumerate(_list_of(body, "services")):
            place = f"services[{index}]"
            paras = event.get("paras") if isinstance(event, dict) else None
            if not isinstance(paras, dict):
                gathering.refuse(place, "an event with paras", event)
                continue
            kind = event.get("event_type")
            if kind == "sub_device_update_status":
                time_ms = self._times.instant_ms(event.get("event_time"))
                self._add_statuses(gathering, device, paras, place, time_ms)
            elif kind == "time_sync_request":
                target = identity(body.get("object_device_id")) or device
                topic = f"$oc/devices/{device}/sys/events/down"
                gathering.ignore(TIME_REQUEST)
                gathering.answer(topic, _time_sync_response(target, paras, now_ms))
            else:
                gathering.ignore(OTHER_EVENT)

    def _add_statuses(
        self,
        gathering: Gathering,
        gateway: str,
        paras: Mapping[str, Any],
        place: str,
        time_ms: int | None,
    ) -> None:
        statuses = paras.get("device_statuses")
        if not isinstance(statuses, list):
            gathering.refuse(f"{place}.paras.device_statuses", "a list", paras)
            return
        for index, status in enumerate(statuses):
            named = identity(status.get("device_id")) if isinstance(status, dict) else None
            is_online = _IS_ONLINE.get(str(status.get("status"))) if named else None
            if named is None or is_online is None:
                where = f"{place}.paras.device_statuses[{index}]"
                gathering.refuse(where, "device_id, and ONLINE or OFFLINE", status)
                continue
            names = {DEVICE: named, GATEWAY: gateway}
            gathering.add_session(names, is_online=is_online, time_ms=time_ms)


def _service_of(service: Any) -> tuple[str | None, Any, Any]:
    """Name, properties and time; the older forms write them otherwise."""
    if not isinstance(service, dict):
        return None, None, None
    name = identity(service.get("service_id", service.get("serviceId")))
    for member in ("properties", "serviceData", "data"):
        if member in service:
            return name, service[member], service.get("event_time", service.get("eventTime"))
    return name, None, None


def _list_of(body: Mapping[str, Any], member: str) -> list[Any]:
    found = body.get(member)
    if not isinstance(found, list):
        raise PayloadError(RejectionReason.BAD_ENVELOPE, f"{member}: expected a list")
    return found


def _time_sync_response(target: str, paras: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    instant = datetime.fromtimestamp(now_ms / 1000, UTC)
    return {
        "object_device_id": target,
        "services": [
            {
                "service_id": "$time_sync",
                "event_type": "time_sync_response",
                "event_time": instant.strftime("%Y%m%dT%H%M%SZ"),
                "paras": {
                    "device_send_time": paras.get("device_send_time"),
                    "server_recv_time": now_ms,
                    "server_send_time": now_ms,
                },
            }
        ],
    }


def _make(dialect: Dialect, times: TimeRule) -> IotdaDecoder:
    check_keys(dialect, ())
    return IotdaDecoder(times)


FORMAT = Format(
    "iotda",
    _make,
    "Huawei IoTDA ($oc), its gateways, and the older v1 topics",
    "华为 IoTDA（$oc）及其网关、旧版 v1 主题",
)
