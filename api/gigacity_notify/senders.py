"""The edge: sends what ``channels`` made, and says what came of it in its own words.

No address, header or body is ever logged or shown: robots' addresses are secrets.
"""

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

import httpx

from gigacity_contract.errors import ConfigError
from gigacity_notify.attempts import Attempt, AttemptWatch
from gigacity_notify.calls import DELIVERED, HTTPAnswer, HTTPCall, Judgement, Verdict
from gigacity_notify.channels import machines, robots
from gigacity_notify.channels.mail import mail
from gigacity_notify.configuration import (
    AlertmanagerChannel,
    Channel,
    DingTalkChannel,
    FeishuChannel,
    MailChannel,
    MQTTChannel,
    SyslogChannel,
    WebhookChannel,
    WeComChannel,
    rank_of,
)
from gigacity_notify.mail_server import send_mail
from gigacity_notify.notice import AlarmNotice, Severity
from gigacity_notify.web_connections import WebConnections
from gigacity_notify.wording import Teller, Wording

TIMEOUT_S = 5.0
ATTEMPT_WITHIN_S = 20.0
"""For the whole of an attempt: an answer that comes byte by byte never exceeds ``TIMEOUT_S``."""
_MENTIONED_FROM: Severity = "major"
_SMTP_FINAL = 500

Publish = Callable[[str, bytes, float], Judgement]
"""Publishes a retained message: topic, payload, and within how many seconds."""


def secret_of(path: str) -> str:
    """What a secret's file holds now: it may have been renewed.

    Raises:
        ConfigError: it cannot be read, or is empty.
    """
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not text:
        raise ConfigError(f"{path} is empty")
    return text


class ChannelSender:
    """Sends over every kind of channel."""

    def __init__(self, teller: Teller, publish: Publish | None = None) -> None:
        """Make a sender.

        Args:
            teller: words messages.
            publish: for channels of kind ``mqtt``; None: there is no broker.
        """
        self._teller = teller
        self._publish = publish
        self._watch = AttemptWatch()
        self._web = WebConnections(self._watch, TIMEOUT_S)

    def close(self) -> None:
        """Close the connections that are kept; afterwards nothing watches over attempts."""
        self._web.close()
        self._watch.close()

    def send(
        self, channel: Channel, notices: tuple[AlarmNotice, ...], message: str, now_ms: int
    ) -> Judgement:
        """Try once."""
        wording = self._teller.word(notices, channel.language)
        try:
            return self._send(channel, notices, wording, message, now_ms)
        except ConfigError as error:
            return Judgement(Verdict.AGAIN, str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other messages go on.
            return _judge_error(error)

    def _send(
        self, channel: Channel, notices: tuple[AlarmNotice, ...], wording: Wording, message: str,
        now_ms: int,
    ) -> Judgement:  # fmt: skip
        if isinstance(channel, WeComChannel | DingTalkChannel | FeishuChannel):
            return self._to_robot(channel, notices, wording, now_ms)
        if isinstance(channel, WebhookChannel):
            secret = secret_of(channel.secret_file)
            call = machines.webhook_call(channel, secret, notices, message, now_ms)
            return machines.judge_plain(self._post(channel, call))
        if isinstance(channel, AlertmanagerChannel):
            call = machines.alertmanager_call(channel.url, notices, channel.language, now_ms)
            return machines.judge_plain(self._post(channel, call))
        if isinstance(channel, MailChannel):
            password = secret_of(channel.password_file) if channel.username else ""
            letter = mail(channel, notices, wording, message)
            with self._watch.within(ATTEMPT_WITHIN_S) as attempt:
                return send_mail(channel, letter, password, attempt, read_s=TIMEOUT_S)
        if isinstance(channel, SyslogChannel):
            with self._watch.within(ATTEMPT_WITHIN_S) as attempt:
                return _send_syslog(channel, notices, self._teller, attempt)
        return self._to_broker(channel, notices)

    def _to_robot(
        self,
        channel: WeComChannel | DingTalkChannel | FeishuChannel,
        notices: tuple[AlarmNotice, ...],
        wording: Wording,
        now_ms: int,
    ) -> Judgement:
        is_grave = any(n.rank >= rank_of(_MENTIONED_FROM) for n in notices)
        if isinstance(channel, WeComChannel):
            mention = channel.mention if is_grave else []
            key = secret_of(channel.key_file)
            return robots.judge_wecom(
                self._post(channel, robots.wecom_call(channel.url, key, wording, mention))
            )
        secret = secret_of(channel.secret_file)
        if isinstance(channel, DingTalkChannel):
            call = robots.dingtalk_call(
                channel.url,
                secret_of(channel.token_file),
                secret,
                wording,
                mention=channel.mention if is_grave else [],
                now_ms=now_ms,
            )
            return robots.judge_dingtalk(self._post(channel, call))
        call = robots.feishu_call(secret_of(channel.url_file), secret, wording, now_ms)
        return robots.judge_feishu(self._post(channel, call))

    def _post(self, channel: Channel, call: HTTPCall) -> HTTPAnswer:
        return self._web.post(channel.name, call, ATTEMPT_WITHIN_S)

    def _to_broker(self, channel: MQTTChannel, notices: tuple[AlarmNotice, ...]) -> Judgement:
        if self._publish is None:
            why = "set GIGACITY_MQTT_URL for channels of kind mqtt"
            return Judgement(Verdict.AGAIN, why)
        until_s = time.monotonic() + ATTEMPT_WITHIN_S
        for notice in notices:
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return Judgement(Verdict.AGAIN, "the broker takes too long to acknowledge")
            message = machines.mqtt_message(channel.topic, notice)
            judgement = self._publish(*message, min(TIMEOUT_S, left_s))
            if judgement.verdict is not Verdict.DELIVERED:
                return judgement
        return DELIVERED


def _judge_error(error: Exception) -> Judgement:
    if isinstance(error, smtplib.SMTPAuthenticationError) and error.smtp_code >= _SMTP_FINAL:
        return Judgement(Verdict.REFUSED, "the mail server refuses user name or password")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        # Who is busy, greylists or has a full mailbox may take it later.
        is_final = all(code >= _SMTP_FINAL for code, _ in error.recipients.values())
        verdict = Verdict.REFUSED if is_final else Verdict.AGAIN
        return Judgement(verdict, "the mail server refuses every recipient")
    if isinstance(error, smtplib.SMTPResponseException):
        is_final = error.smtp_code >= _SMTP_FINAL
        verdict = Verdict.REFUSED if is_final else Verdict.AGAIN
        return Judgement(verdict, f"the mail server answers {error.smtp_code}")
    if isinstance(error, httpx.InvalidURL):
        return Judgement(Verdict.REFUSED, "the channel's address is no http:// or https:// address")
    # Not the error's text: it may hold the address, which may hold a secret.
    if not isinstance(error, HTTPException | OSError | smtplib.SMTPException):
        what = type(error).__name__
        return Judgement(Verdict.REFUSED, f"cannot be sent with the channel's settings: {what}")
    return Judgement(Verdict.AGAIN, f"cannot be reached: {type(error).__name__}")


def _send_syslog(
    channel: SyslogChannel, notices: tuple[AlarmNotice, ...], teller: Teller, attempt: Attempt
) -> Judgement:
    stream = attempt.connect(channel.host, channel.port, TIMEOUT_S)
    with contextlib.ExitStack() as stack:
        stack.enter_context(stream)
        if channel.tls:
            context = ssl.create_default_context(cafile=channel.ca_file or None)
            stream = stack.enter_context(context.wrap_socket(stream, server_hostname=channel.host))
        host = socket.gethostname()
        for notice in notices:
            wording = teller.word((notice,), channel.language)
            stream.sendall(machines.syslog_frame(notice, wording, host))
    return DELIVERED
