"""Notices, a notifier with its clock, and doubles of the chat services."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
import structlog

from gigacity_contract.clock import ManualClock
from gigacity_contract.local_time import ZONE
from gigacity_notify.configuration import read_configuration
from gigacity_notify.gathering import Gathered
from gigacity_notify.listing import ListingError
from gigacity_notify.notice import AlarmNotice, Sentence
from gigacity_notify.notifier import Notifier
from gigacity_notify.queue import NoticeQueue
from gigacity_notify.reconciling import AlarmListPage, ListedAlarm
from tests.support.http_double import QuietHandler, http_service

NOW_MS = 1_796_000_000_000


def notice(**changes: Any) -> AlarmNotice:
    """A major alarm of an OLT."""
    fields: dict[str, Any] = {
        "alarm": "5f0c8a529d3e4a4b", "act": "raise", "type": "olt.offline", "kind": "olt",
        "resource": "olt-1", "area": "371602", "severity": "major",
        "title": Sentence("OLT olt-1 失联", "OLT olt-1 is offline"),
        "next_step": Sentence("检查供电", "check its mains"), "at_ms": NOW_MS,
        "raised_ms": NOW_MS - 60_000, "households": 412, "cause": "停电 / power",
        "is_suspected": True, "runbook": "olt-offline", "group": "371602/olt.offline",
    } | changes  # fmt: skip
    return AlarmNotice(**fields)


def add_message(
    queue: NoticeQueue, channel: str, notices: tuple[AlarmNotice, ...], now_ms: int
) -> None:
    """Add a message at once, as if its notices had been gathered."""
    queue.make_messages([Gathered(channel, notices, ())], now_ms)


@dataclass
class ServiceDouble:
    """An HTTP service that checks what it gets as the documented one does."""

    secret: str = "secret-of-tests-8c41"
    key: str = "key-of-tests-8c41"
    status: int = 200
    """Of the next answers; 200: what the service itself says."""
    retry_after: str = ""
    per_minute: int = 20
    now_ms: int = NOW_MS
    calls: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def wecom(self, query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """WeCom: key, form, 4,096 bytes, 20 a minute."""
        if query.get("key") != [self.key]:
            return {"errcode": 93000, "errmsg": "invalid webhook url"}
        if body.get("msgtype") != "markdown" or "content" not in body["markdown"]:
            return {"errcode": 40058, "errmsg": "invalid request parameter"}
        if len(body["markdown"]["content"].encode()) > 4_096:
            return {"errcode": 40058, "errmsg": "content exceeds max length"}
        if len(self.calls) > self.per_minute:
            return {"errcode": 45009, "errmsg": "api freq out of limit"}
        return {"errcode": 0, "errmsg": "ok"}

    def dingtalk(self, query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """DingTalk: token, signature over milliseconds, at most an hour old."""
        if query.get("access_token") != [self.key]:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        stamp = query["timestamp"][0]
        digest = hmac.new(
            self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256
        ).digest()
        is_old = abs(int(stamp) - self.now_ms) > 3_600_000
        if query["sign"] != [base64.b64encode(digest).decode()] or is_old:
            return {"errcode": 310000, "errmsg": "sign not match"}
        assert body["markdown"]["title"]
        return {"errcode": 0, "errmsg": "ok"}

    def feishu(self, _query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """Feishu: signature in the body, over seconds, with an empty message."""
        stamp = body["timestamp"]
        digest = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        is_old = abs(int(stamp) * 1000 - self.now_ms) > 3_600_000
        if body["sign"] != base64.b64encode(digest).decode() or is_old:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}
        if body["msg_type"] != "interactive":
            return {"code": 9499, "msg": "Bad Request"}
        return {"code": 0, "msg": "success"}


@contextmanager
def logged(module: str) -> Iterator[list[structlog.typing.EventDict]]:
    """What a module logs meanwhile, whatever the process has configured and cached."""
    capture = structlog.testing.LogCapture()
    logger = structlog.wrap_logger(
        None, [capture], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{module}.LOG", logger)
        yield capture.entries


@contextmanager
def serving(double: ServiceDouble) -> Iterator[ServiceDouble]:
    """Serve it on a free port of loopback."""

    class Handler(QuietHandler):
        def respond(self) -> None:
            parts = urlsplit(self.path)
            raw = self.body()
            body = json.loads(raw)
            double.calls.append({"path": self.path, "body": body, "raw": raw,
                                 "headers": dict(self.headers)})  # fmt: skip
            service = getattr(double, parts.path.strip("/").split("/")[0], None)
            answer = service(parse_qs(parts.query), body) if service else {}
            after = {"Retry-After": double.retry_after} if double.retry_after else {}
            self.answer(double.status, json.dumps(answer).encode(), after)

    with http_service(Handler) as double.url:
        yield double


CONFIG = """
version: 1
channels: [{name: duty, kind: mqtt}, {name: chief, kind: mqtt, topic: chief}]
routes:
  - {to: [duty], severity: minor, repeat_s: 3600, escalate: {after_s: 600, to: [chief]}}
grouping: {wait_s: 30}
"""
WORDS = {"zh": "甲", "en": "a"}


def listed(alarm: str = "a" * 16, **changes: Any) -> ListedAlarm:
    """A major alarm of an OLT, as the API lists it."""
    document = {
        "id": alarm, "state": "raised", "specificProblem": "olt.offline",
        "perceivedSeverity": "major", "alarmedObjectType": "olt",
        "alarmedObject": {"id": "olt-1", "area": "371602", "place": WORDS},
        "alarmRaisedTime": "2026-11-30T10:00:00.000Z",
        "alarmReportingTime": "2026-11-30T10:01:00.000Z", "alarmDetails": WORDS,
        "proposedRepairedActions": WORDS, "impact": {"households": 12, "ports": 3},
        "cause": {"slug": "power", "certainty": "suspected", "candidates": [], "name": WORDS},
    } | changes  # fmt: skip
    page = msgspec.convert({"total": 1, "items": [document], "next_cursor": None}, AlarmListPage)
    return page.items[0]


class Source:
    """The API as the notifier sees it."""

    # An alarm that ``over`` does not name is one that the API cannot say anything about.

    def __init__(self) -> None:
        self.alarms: list[ListedAlarm] | None = []
        self.is_whole = True
        self.over: dict[str, bool | None] = {}
        self.forgotten = 0

    def open_alarms(self) -> list[ListedAlarm] | None:
        """What was set."""
        return self.alarms

    def is_over(self, alarm: str) -> bool | None:
        """What was set."""
        if alarm not in self.over:
            raise ListingError("away")
        return self.over[alarm]

    def forget(self) -> None:
        """Counted."""
        self.forgotten += 1


class World:
    """A notifier, its queue and its clock."""

    def __init__(self, path: Path, config_text: str = CONFIG) -> None:
        self.queue, self.clock, self.source = NoticeQueue(path), ManualClock(NOW_MS), Source()
        config = read_configuration(config_text, "f")
        self.notifier = Notifier(self.queue, config, self.clock, ZONE)

    def look(self, *alarms: ListedAlarm) -> None:
        """The API lists these."""
        self.source.alarms = list(alarms)
        self.notifier.look(self.source)

    def told(self, channel: str = "duty") -> list[tuple[str, str]]:
        """(act, severity) of every message that waits to be delivered, and away with them."""
        self.notifier.make_messages()
        found: list[tuple[str, str]] = []
        for message in self.queue.due(channel, self.clock.now_ms()):
            self.queue.delivered(message)
            found += [(n.act, n.severity) for n in message.notices]
        return found

    def reminded(self, channel: str = "duty") -> list[tuple[str, str]]:
        """As ``told``, after two rounds of reminders and the wait of a group."""
        self.notifier.remind()
        self.notifier.remind()
        self.clock.advance_s(30)
        return self.told(channel)
