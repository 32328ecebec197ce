"""The edge: sends what ``channels`` made, and says what came of it in its own words.

No address, header or body is ever logged or shown: robots' addresses are secrets.
"""

import asyncio
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from gigacity_contract.errors import ConfigError
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
from gigacity_notify.wording import Teller, Wording

TIMEOUT_S = 5.0
ATTEMPT_WITHIN_S = 20.0
"""For the whole of an attempt: an answer that comes byte by byte never exceeds ``TIMEOUT_S``."""
MAX_ANSWER_BYTES = 65_536
_MENTIONED_FROM: Severity = "major"
_SMTP_FINAL = 500
_MAX_RETRY_AFTER_S = 3_600.0

Publish = Callable[[str, bytes], Judgement]
"""Publishes a retained message: topic, payload."""


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
        self._tls = httpx.create_ssl_context(trust_env=False)

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
            return machines.judge_plain(self._post(call))
        if isinstance(channel, AlertmanagerChannel):
            call = machines.alertmanager_call(channel.url, notices, channel.language, now_ms)
            return machines.judge_plain(self._post(call))
        if isinstance(channel, MailChannel):
            password = secret_of(channel.password_file) if channel.username else ""
            return send_mail(
                channel, mail(channel, notices, wording, message), password,
                read_s=TIMEOUT_S, whole_s=ATTEMPT_WITHIN_S,
            )  # fmt: skip
        if isinstance(channel, SyslogChannel):
            return _send_syslog(channel, notices, self._teller)
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
                self._post(robots.wecom_call(channel.url, key, wording, mention))
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
            return robots.judge_dingtalk(self._post(call))
        call = robots.feishu_call(secret_of(channel.url_file), secret, wording, now_ms)
        return robots.judge_feishu(self._post(call))

    def _post(self, call: HTTPCall) -> HTTPAnswer:
        # A name that can be none is told from one that nobody knows today: this raises.
        httpx.URL(call.url).host.encode("idna")
        # A loop of its own, since only there one limit holds for all that an attempt waits for.
        return asyncio.run(self._exchange(call))

    async def _exchange(self, call: HTTPCall) -> HTTPAnswer:
        # Not packed, and not unpacked: a few bytes could become hundreds of megabytes.
        headers = call.headers | {"Accept-Encoding": "identity"}
        async with (
            asyncio.timeout(ATTEMPT_WITHIN_S),
            # The environment's proxies are not asked: what is told may be secret, and comes late.
            httpx.AsyncClient(
                timeout=TIMEOUT_S, trust_env=False, follow_redirects=False, verify=self._tls
            ) as client,
            client.stream("POST", call.url, content=call.body, headers=headers) as response,
        ):
            body = b""
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > MAX_ANSWER_BYTES:
                    break
            after = response.headers.get("Retry-After", "")
            pause_s = min(float(after), _MAX_RETRY_AFTER_S) if after.isdecimal() else 0.0
            return HTTPAnswer(response.status_code, body, pause_s)

    def _to_broker(self, channel: MQTTChannel, notices: tuple[AlarmNotice, ...]) -> Judgement:
        if self._publish is None:
            why = "set GIGACITY_MQTT_URL for channels of kind mqtt"
            return Judgement(Verdict.AGAIN, why)
        for notice in notices:
            judgement = self._publish(*machines.mqtt_message(channel.topic, notice))
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
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return Judgement(Verdict.REFUSED, "the channel's address is no http:// or https:// address")
    # Not the error's text: it may hold the address, which may hold a secret.
    if not isinstance(error, httpx.HTTPError | OSError | smtplib.SMTPException):
        what = type(error).__name__
        return Judgement(Verdict.REFUSED, f"cannot be sent with the channel's settings: {what}")
    return Judgement(Verdict.AGAIN, f"cannot be reached: {type(error).__name__}")


def _send_syslog(
    channel: SyslogChannel, notices: tuple[AlarmNotice, ...], teller: Teller
) -> Judgement:
    until_s = time.monotonic() + ATTEMPT_WITHIN_S
    with socket.create_connection((channel.host, channel.port), TIMEOUT_S) as plain:
        stream: socket.socket = plain
        if channel.tls:
            context = ssl.create_default_context(cafile=channel.ca_file or None)
            stream = context.wrap_socket(plain, server_hostname=channel.host)
        host = socket.gethostname()
        for notice in notices:
            if time.monotonic() > until_s:
                raise TimeoutError
            wording = teller.word((notice,), channel.language)
            stream.sendall(machines.syslog_frame(notice, wording, host))
        if stream is not plain:
            stream.close()
    return DELIVERED
