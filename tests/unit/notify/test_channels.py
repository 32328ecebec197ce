"""Each channel against a service that checks what it gets as the documented one does."""

import gzip
import hashlib
import hmac
import json
import re
import socket
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from gigacity_contract.local_time import ZONE
from gigacity_notify.calls import Judgement, Verdict
from gigacity_notify.channels import machines, robots
from gigacity_notify.channels.mail import mail
from gigacity_notify.configuration import (
    AlertmanagerChannel,
    Channel,
    DingTalkChannel,
    FeishuChannel,
    MailChannel,
    WebhookChannel,
    WeComChannel,
)
from gigacity_notify.notice import AlarmNotice, Sentence
from gigacity_notify.senders import ChannelSender, secret_of
from gigacity_notify.wording import SHOWN, Teller
from tests.support.http_double import socket_service
from tests.support.notices import NOW_MS, ServiceDouble, notice, serving

TELLER = Teller(ZONE, "https://boards.example/")
ROBOTS = ("wecom", "dingtalk", "feishu")
WRONG = "unmistakable-5f1d"
"""A secret that the services do not know."""


@pytest.fixture
def service() -> Iterator[ServiceDouble]:
    with serving(ServiceDouble()) as double:
        yield double


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    known = ServiceDouble()
    for name, text in (("key", known.key), ("secret", known.secret), ("wrong", WRONG)):
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
    return tmp_path


def _channel(kind: str, url: str, folder: Path, *, wrong: bool = False, **more: Any) -> Channel:
    key, secret = folder / ("wrong" if wrong else "key"), folder / ("wrong" if wrong else "secret")
    if kind == "wecom":
        return WeComChannel(name="c", key_file=str(key), url=f"{url}/wecom", **more)
    if kind == "dingtalk":
        return DingTalkChannel(
            name="c", token_file=str(folder / "key"), secret_file=str(secret),
            url=f"{url}/dingtalk", **more,
        )  # fmt: skip
    (folder / "url").write_text(f"{url}/feishu", encoding="utf-8")
    return FeishuChannel(name="c", url_file=str(folder / "url"), secret_file=str(secret), **more)


def _send(channel: Channel, *notices: AlarmNotice, now_ms: int = NOW_MS) -> Judgement:
    with closing(ChannelSender(TELLER)) as sender:
        return sender.send(channel, notices or (notice(),), "m1", now_ms)


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_takes_what_is_signed(kind: str, service: ServiceDouble, secrets: Path) -> None:
    assert _send(_channel(kind, service.url, secrets)).verdict is Verdict.DELIVERED
    text = json.dumps(service.calls[0]["body"], ensure_ascii=False)
    for part in ("OLT olt-1 失联", "412", "停电", "疑似", "检查供电", "371602"):
        assert part in text
    assert "https://boards.example/d/gigacity-operations-zh" in text


@pytest.mark.parametrize(
    ("kind", "code"), [("wecom", "93000"), ("dingtalk", "310000"), ("feishu", "19021")]
)
def test_a_wrong_secret_is_final_and_says_what_to_check(
    kind: str, code: str, service: ServiceDouble, secrets: Path
) -> None:
    channel = _channel(kind, service.url, secrets, wrong=True)
    judgement = _send(channel)
    assert judgement.verdict is Verdict.REFUSED
    assert code in judgement.why
    assert re.search("key|secret", judgement.why)
    assert WRONG not in f"{judgement}{channel}"


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_clock_that_is_off_is_named(kind: str, service: ServiceDouble, secrets: Path) -> None:
    judgement = _send(_channel(kind, service.url, secrets), now_ms=NOW_MS - 2 * 3_600_000)
    assert "clock" in judgement.why


def test_too_many_messages_are_tried_later(service: ServiceDouble, secrets: Path) -> None:
    service.per_minute = 0
    judgement = _send(_channel("wecom", service.url, secrets))
    assert judgement == Judgement(Verdict.AGAIN, "errcode 45009: too many messages", 60.0)


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("kind", ROBOTS)
def test_a_service_that_is_busy_is_tried_later(
    kind: str, status: int, service: ServiceDouble, secrets: Path
) -> None:
    service.status, service.retry_after = status, "7"
    judgement = _send(_channel(kind, service.url, secrets))
    assert judgement == Judgement(Verdict.AGAIN, f"HTTP {status}", 7.0)


def test_nobody_answers(secrets: Path) -> None:
    judgement = _send(_channel("wecom", "http://127.0.0.1:9", secrets))
    assert judgement.verdict is Verdict.AGAIN
    assert judgement.why == "cannot be reached: ConnectionRefusedError"


def test_a_secret_that_is_missing_names_its_file(service: ServiceDouble, secrets: Path) -> None:
    channel = _channel("wecom", service.url, secrets)
    (secrets / "key").unlink()
    assert str(secrets / "key") in _send(channel).why


def test_grave_alarms_mention_people(service: ServiceDouble, secrets: Path) -> None:
    channel = _channel("dingtalk", service.url, secrets, mention=["13800000000"])
    _send(channel)
    _send(channel, notice(severity="minor"))
    assert [call["body"]["at"]["atMobiles"] for call in service.calls] == [["13800000000"], []]
    assert "@13800000000" in service.calls[0]["body"]["markdown"]["text"]


def test_a_message_is_cut_to_what_a_robot_takes(service: ServiceDouble, secrets: Path) -> None:
    long = notice(title=Sentence("告" * 4_000, "x"))
    assert _send(_channel("wecom", service.url, secrets), long).verdict is Verdict.DELIVERED


def test_names_from_the_field_mean_nothing_in_markdown(
    service: ServiceDouble, secrets: Path
) -> None:
    evil = notice(title=Sentence("[点这里](http://evil) <@all>", "x"))
    _send(_channel("wecom", service.url, secrets), evil)
    content = service.calls[0]["body"]["markdown"]["content"]
    assert "](http://evil" not in content
    assert "<@all>" not in content


def test_a_webhook_is_signed_and_named_alike_at_every_attempt(
    service: ServiceDouble, secrets: Path
) -> None:
    channel = WebhookChannel(
        name="c", url=f"{service.url}/hook", secret_file=str(secrets / "secret"),
        headers={"X-Team": "noc"},
    )  # fmt: skip
    assert _send(channel).verdict is Verdict.DELIVERED
    (call,) = service.calls
    stamp = call["headers"]["X-Gigacity-Timestamp"]
    expected = hmac.new(service.secret.encode(), f"{stamp}.".encode() + call["raw"], hashlib.sha256)
    assert call["headers"]["X-Gigacity-Signature"] == f"sha256={expected.hexdigest()}"
    assert (call["body"]["id"], call["headers"]["Idempotency-Key"]) == ("m1", "m1")
    assert call["headers"]["X-Team"] == "noc"
    assert call["body"]["data"]["notices"][0]["households"] == 412


def test_alertmanager_gets_alerts_that_end(service: ServiceDouble) -> None:
    channel = AlertmanagerChannel(name="c", url=f"{service.url}/", language="en")
    _send(channel, notice(), notice(alarm="b", act="clear"))
    (call,) = service.calls
    assert call["path"] == "/api/v2/alerts"
    raised, over = call["body"]
    assert raised["labels"]["alertname"] == "olt.offline"
    assert raised["annotations"]["summary"] == "OLT olt-1 is offline"
    assert raised["startsAt"] < over["endsAt"] < raised["endsAt"]


def test_a_robots_key_is_in_no_repr(service: ServiceDouble, secrets: Path) -> None:
    channel = _channel("wecom", service.url, secrets)
    assert _send(channel).verdict is Verdict.DELIVERED
    assert service.key in service.calls[0]["path"]
    wording = TELLER.word((notice(),), "zh")
    call = robots.wecom_call(service.url, secret_of(str(secrets / "key")), wording, [])
    assert service.key in call.url
    assert service.key not in f"{channel!r}{call!r}{call}"


def test_a_mail_is_one_line_in_its_subject_and_threads() -> None:
    channel = MailChannel(name="c", host="h", sender="g@example.cn", to=["a@b", "c@d"])
    told = notice(title=Sentence("第一行\nBcc: evil@example", "x"))
    found = mail(channel, (told,), TELLER.word((told,), "zh"), "m1")
    sent = message_from_bytes(found.as_bytes(), policy=SMTP)
    assert sent["Bcc"] is None
    assert sent["To"] == "a@b, c@d"
    assert found["Subject"].endswith("第一行 Bcc: evil@example")
    assert found["Message-ID"] == "<m1@example.cn>"
    assert found["References"] == f"<{told.alarm}@example.cn>"
    assert found["To"] == "a@b, c@d"


def test_syslog_is_framed_and_escaped() -> None:
    told = notice(cause='say "hi" ]\\', title=Sentence("告警", "alarm"))
    frame = machines.syslog_frame(told, TELLER.word((told,), "en"), "host1")
    length, _, line = frame.partition(b" ")
    assert int(length) == len(line)
    text = line.decode()
    assert text.startswith("<131>1 2026-")
    assert r'cause="say \"hi\" \]\\"' in text
    assert text.endswith("\ufeff[ALARM · major] alarm")


def test_an_alarm_that_is_over_clears_its_topic() -> None:
    topic, payload = machines.mqtt_message("gigacity/alarms", notice())
    assert topic == "gigacity/alarms/olt/5f0c8a529d3e4a4b"
    assert json.loads(payload)["severity"] == "major"
    assert machines.mqtt_message("gigacity/alarms", notice(act="clear"))[1] == b""


def test_a_digest_names_the_worst_and_counts_the_others() -> None:
    told = tuple(notice(alarm=str(n), title=Sentence(f"告警{n}", f"no {n}")) for n in range(30))
    worded = TELLER.word(told, "en")
    assert worded.subject == "30 alarms, the worst major"
    assert worded.plain.count("- [ALARM") == SHOWN
    assert "and 25 more" in worded.plain


def test_links_follow_the_file() -> None:
    teller = Teller(ZONE)
    assert "Board" not in teller.word((notice(),), "en").plain
    teller.lead_to("https://new.example/")
    assert "https://new.example/d/gigacity-operations-en" in teller.word((notice(),), "en").plain


def test_what_cleared_needs_no_next_step() -> None:
    worded = TELLER.word((notice(act="clear"),), "zh")
    assert worded.subject.startswith("[恢复")
    assert "检查供电" not in worded.plain


@pytest.mark.parametrize(
    "address",
    ["http://[::1/hook", "http://a..b/hook", "http://127.0.0.1:1/ho\nok", "http://" + "a" * 70],
)
def test_an_address_that_is_none_is_refused_and_not_shown(address: str, secrets: Path) -> None:
    channel = _channel("feishu", "", secrets)
    (secrets / "url").write_text(address, encoding="utf-8")
    judgement = _send(channel)
    assert judgement.verdict is Verdict.REFUSED
    assert "hook" not in judgement.why


def test_settings_that_no_message_can_be_made_with_are_refused(secrets: Path) -> None:
    webhook = WebhookChannel(
        name="c", url="http://127.0.0.1:9", secret_file=str(secrets / "secret"),
        headers={"X-Name": "滨州"},
    )  # fmt: skip
    letter = MailChannel(name="c", host="127.0.0.1", port=9, sender="a@b\nBcc: c@d", to=["a@b"])
    for channel in (webhook, letter):
        assert _send(channel).verdict is Verdict.REFUSED


@pytest.mark.parametrize(
    "head",
    [b"", b"HTTP/1.1 200 OK\r\nX-Long: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n"],
    ids=["status", "headers", "body"],
)
def test_an_answer_that_comes_byte_by_byte_ends_the_attempt(
    head: bytes, secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gigacity_notify.senders.ATTEMPT_WITHIN_S", 0.3)

    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        for sign in b"HTTP/1.1 200 OK" + b"x" * 80:
            connection.sendall(bytes((sign,)))
            time.sleep(0.1)

    with socket_service(drip) as port:
        started_s = time.monotonic()
        judgement = _send(_channel("wecom", f"http://127.0.0.1:{port}", secrets))
    assert judgement == Judgement(Verdict.AGAIN, "cannot be reached: TimeoutError")
    assert time.monotonic() - started_s < 3


def test_a_packed_answer_is_not_unpacked(secrets: Path) -> None:
    body = gzip.compress(bytes(30_000_000), 1)

    def pack(connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
        connection.sendall(head % len(body) + body)

    tracemalloc.start()
    try:
        with socket_service(pack) as port:
            url, secret = f"http://127.0.0.1:{port}", str(secrets / "secret")
            webhook = WebhookChannel(name="c", url=url, secret_file=secret)
            before = tracemalloc.get_traced_memory()[0]
            judgement = _send(webhook)
            peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert judgement.verdict is Verdict.DELIVERED
    assert peak < 5_000_000
