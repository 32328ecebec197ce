"""How platforms that speak Alink differ: names of the identity, topics, and the reply.

Sources: help.aliyun.com (device-properties-events-and-services, gateway-reports-data-in-batches,
devices-report-properties-and-events-in-batches, historical-data-reporting-of-the-object-model),
open.iot.10086.cn (OneJSON), docs.chn-das.com, iotdoc.sagoo.cn, and yudao's IoT module.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple


class AlinkAction(StrEnum):
    """What a topic says about its body."""

    PROPERTIES = "properties"
    """``params`` are properties of the device in the topic."""
    OBJECTS = "objects"
    """``params`` hold properties and events of objects: batch, pack and history."""
    EVENT = "event"
    """``params`` are what one event gives, or several events by name."""
    DATA_POINTS = "data_points"
    """OneNET's older streams: ``dp`` holds lists of ``v`` and ``t``."""
    LOGIN = "login"
    LOGOUT = "logout"
    STATUS = "status"
    """What the platform says of a device's connection, where it forwards that."""


ACTIONS: Mapping[str, AlinkAction] = MappingProxyType(
    {
        "thing/event/property/post": AlinkAction.PROPERTIES,
        "thing/property/post": AlinkAction.PROPERTIES,
        "thing/properties/up": AlinkAction.PROPERTIES,
        "thing/event/property/batch/post": AlinkAction.OBJECTS,
        "thing/property/batch/post": AlinkAction.OBJECTS,
        "thing/event/property/pack/post": AlinkAction.OBJECTS,
        "thing/property/pack/post": AlinkAction.OBJECTS,
        "thing/pack/post": AlinkAction.OBJECTS,
        "thing/properties/gateway/up": AlinkAction.OBJECTS,
        "thing/event/property/history/post": AlinkAction.OBJECTS,
        "thing/property/history/post": AlinkAction.OBJECTS,
        "thing/history/post": AlinkAction.OBJECTS,
        "thing/event/post": AlinkAction.EVENT,
        "thing/event/up": AlinkAction.EVENT,
        "dp/post/json": AlinkAction.DATA_POINTS,
        "combine/login": AlinkAction.LOGIN,
        "combine/logout": AlinkAction.LOGOUT,
        "thing/sub/login": AlinkAction.LOGIN,
        "thing/sub/logout": AlinkAction.LOGOUT,
    }
)
"""By what stands behind the identity in the topic; ``thing/event/{id}/post`` is an event, too."""

_SESSION, _STATUS = "ext/session/", "as/mqtt/status/"
_EVENT, _POST = "thing/event/", "/post"


class AlinkPlatform(NamedTuple):
    """One dialect."""

    identity: tuple[str, str]
    """Names of the two parts of an identity, in the topic and in bodies."""
    reply_suffix: str
    """Behind the topic, where the reply is sent."""
    success: int
    """``code`` of a reply that says all is well."""
    word: str
    """Member of the reply that holds a text."""


PLATFORMS: Mapping[str, AlinkPlatform] = MappingProxyType(
    {
        "alink": AlinkPlatform(("productKey", "deviceName"), "_reply", 200, "message"),
        "sagoo": AlinkPlatform(("productKey", "deviceKey"), "_reply", 200, "message"),
        "yudao": AlinkPlatform(("productKey", "deviceName"), "_reply", 0, "msg"),
        "das": AlinkPlatform(("productId", "deviceId"), "/response", 200, "message"),
        "onenet": AlinkPlatform(("productID", "deviceName"), "/reply", 200, "msg"),
    }
)
"""By the name that a dialect gives."""


class AlinkTopic(NamedTuple):
    """A topic taken apart."""

    first: str
    second: str
    action: AlinkAction | None
    """None: nothing that readings are made of."""
    event: str = ""


def parse_topic(topic: str) -> AlinkTopic | None:
    """The topic's identity and what its body is; None where it is no topic of Alink.

    A slash at the beginning, and a query string at the end, make no difference.
    """
    path = topic.partition("?")[0].removeprefix("/")
    root, _, rest = path.partition("/")
    action = None
    if root in {"ext", "as"}:
        head = _SESSION if root == "ext" else _STATUS
        if not path.startswith(head):
            return None
        rest = path[len(head) :]
        action = AlinkAction.STATUS if root == "as" else None
    elif root not in {"sys", "$sys"}:
        return None
    first, _, rest = rest.partition("/")
    second, _, rest = rest.partition("/")
    if not (first and second):
        return None
    action = action or ACTIONS.get(rest)
    if action is None and rest.startswith(_EVENT) and rest.endswith(_POST):
        event = rest[len(_EVENT) : -len(_POST)]
        if event and "/" not in event:
            return AlinkTopic(first, second, AlinkAction.EVENT, event)
    return AlinkTopic(first, second, action)


def reply_of(platform: AlinkPlatform, topic: str, body: Mapping[str, Any]) -> tuple[str, Any]:
    """Topic and body of the reply that a device waits for."""
    reply: dict[str, Any] = {
        "id": body.get("id"),
        "code": platform.success,
        "data": {},
        platform.word: "success",
    }
    for name in ("method", "version"):
        if isinstance(body.get(name), str):
            reply[name] = body[name]
    return topic.partition("?")[0] + platform.reply_suffix, reply
