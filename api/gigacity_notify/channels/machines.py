"""Channels that programs read: webhook, Alertmanager, syslog, MQTT. Pure."""

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from gigacity_notify.calls import DELIVERED, HTTPAnswer, HTTPCall, Judgement, judge_status
from gigacity_notify.configuration import WebhookChannel
from gigacity_notify.notice import AlarmNotice, Language
from gigacity_notify.wording import Wording, cut

_JSON = {"Content-Type": "application/json"}
_SYSLOG_FACILITY = 16
"""local0."""
_SYSLOG_SEVERITY = {"critical": 2, "major": 3, "minor": 4, "warning": 4, "indeterminate": 5}
_SYSLOG_BYTES = 8_000
_ALARM_ENDS_AFTER_MS = 10 * 60_000
"""Alertmanager takes an alert that nobody repeats for resolved; one without an end, after 5 min."""


def as_json(notice: AlarmNotice) -> dict[str, Any]:
    """What programs get of a notice."""
    document: dict[str, Any] = msgspec.to_builtins(notice)
    return document


def webhook_call(
    channel: WebhookChannel, secret: str, notices: Sequence[AlarmNotice], message: str, now_ms: int
) -> HTTPCall:
    """A JSON body in the manner of CloudEvents, signed.

    ``X-Gigacity-Signature`` is ``sha256=`` and the HMAC-SHA256 of ``timestamp.body``, with the
    timestamp in milliseconds of ``X-Gigacity-Timestamp``: a receiver refuses what is old.

    Args:
        channel: where to.
        secret: of the signature.
        notices: what is told.
        message: names this message: a repeated attempt has the same.
        now_ms: of the attempt.
    """
    body = msgspec.json.encode(
        {
            "specversion": "1.0",
            "type": "gigacity.alarms",
            "source": "gigacity",
            "id": message,
            "time": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": {"notices": [as_json(notice) for notice in notices]},
        }
    )
    signed = f"{now_ms}.".encode() + body
    sign = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    headers = channel.headers | {
        "Content-Type": "application/cloudevents+json",
        "X-Gigacity-Timestamp": str(now_ms),
        "X-Gigacity-Signature": f"sha256={sign}",
        "Idempotency-Key": message,
    }
    return HTTPCall(channel.url, body, headers)


def judge_plain(answer: HTTPAnswer) -> Judgement:
    """By the status alone."""
    return judge_status(answer) or DELIVERED


def alertmanager_call(
    url: str, notices: Sequence[AlarmNotice], language: Language, now_ms: int
) -> HTTPCall:
    """Alerts of Alertmanager's API, version 2."""
    alerts = [_alert(notice, language, now_ms) for notice in notices]
    return HTTPCall(f"{url.rstrip('/')}/api/v2/alerts", msgspec.json.encode(alerts), _JSON)


def _alert(notice: AlarmNotice, language: Language, now_ms: int) -> dict[str, Any]:
    is_over = notice.act == "clear"
    ends_ms = notice.at_ms if is_over else now_ms + _ALARM_ENDS_AFTER_MS
    return {
        "labels": {
            "alertname": notice.type,
            "alarm": notice.alarm,
            "kind": notice.kind,
            "resource": notice.resource,
            "area": notice.area,
            "severity": notice.severity,
        },
        "annotations": {
            "summary": notice.title.in_language(language),
            "description": notice.next_step.in_language(language),
            "households": str(notice.households),
            "cause": notice.cause,
        },
        "startsAt": datetime.fromtimestamp(notice.raised_ms / 1000, UTC).isoformat(),
        "endsAt": datetime.fromtimestamp(ends_ms / 1000, UTC).isoformat(),
    }


def syslog_frame(notice: AlarmNotice, wording: Wording, host: str) -> bytes:
    """One message of RFC 5424 in the octet-counted frame of RFC 6587."""
    priority = _SYSLOG_FACILITY * 8 + _SYSLOG_SEVERITY[notice.severity]
    at = datetime.fromtimestamp(notice.at_ms / 1000, UTC)
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    members = {
        "id": notice.alarm, "act": notice.act, "type": notice.type, "kind": notice.kind,
        "resource": notice.resource, "area": notice.area, "households": str(notice.households),
        "cause": notice.cause,
    }  # fmt: skip
    # 32473 is the enterprise number that RFC 5612 sets aside for documentation.
    data = "".join(f' {name}="{_escaped(value)}"' for name, value in members.items() if value)
    text = cut(wording.subject, _SYSLOG_BYTES)
    line = f"<{priority}>1 {stamp} {host} gigacity - alarm [alarm@32473{data}] \ufeff{text}"
    raw = line.encode()
    return f"{len(raw)} ".encode() + raw


def _escaped(value: str) -> str:
    for sign in ("\\", '"', "]"):
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", " ")


def mqtt_message(topic: str, notice: AlarmNotice) -> tuple[str, bytes]:
    """Topic and retained payload of an alarm; one that is over clears its topic."""
    payload = b"" if notice.act == "clear" else msgspec.json.encode(as_json(notice))
    return f"{topic}/{notice.kind}/{notice.alarm}", payload
