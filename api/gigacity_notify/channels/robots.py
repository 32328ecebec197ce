"""The group robots of WeCom, DingTalk and Feishu. Pure.

Requests, signatures, limits and codes as the services document them; see ``docs/alarms.md``.
"""

import base64
import hashlib
import hmac
from urllib.parse import quote_plus

import msgspec

from gigacity_notify.calls import HTTPAnswer, HTTPCall, Judgement, judge_code
from gigacity_notify.wording import Wording, cut

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_WECOM_MARKDOWN_BYTES = 4_096
_DINGTALK_BYTES, _FEISHU_BYTES = 18_000, 18_000
"""Of 20 kB, which the body takes with its frame."""


def _sha256(key: str, message: str) -> str:
    digest = hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def wecom_call(url: str, key: str, wording: Wording, mention: list[str]) -> HTTPCall:
    """A Markdown message of a WeCom robot; its key is the secret."""
    people = "".join(f"\n<@{user}>" for user in mention)
    text = cut(wording.markdown, _WECOM_MARKDOWN_BYTES - len(people.encode())) + people
    body = {"msgtype": "markdown", "markdown": {"content": text}}
    return HTTPCall(f"{url}?key={quote_plus(key)}", msgspec.json.encode(body), _JSON)


def judge_wecom(answer: HTTPAnswer) -> Judgement:
    """WeCom: ``errcode``."""
    hints = {
        93000: "the robot's key is wrong, or the robot was removed",
        40058: "the message has a form that the robot does not take",
    }
    return judge_code(answer, "errcode", busy=frozenset({45009, -1}), hints=hints)


def dingtalk_call(
    url: str, token: str, secret: str, wording: Wording, *, mention: list[str], now_ms: int
) -> HTTPCall:
    """A Markdown message of a DingTalk robot.

    The signature's key is the secret and its message ``milliseconds newline secret``; it stands in
    the address.
    """
    sign = quote_plus(_sha256(secret, f"{now_ms}\n{secret}"))
    people = "".join(f" @{number}" for number in mention)
    body = {
        "msgtype": "markdown",
        "markdown": {
            "title": cut(wording.subject, 200),
            "text": cut(wording.markdown.replace("\n", "\n\n"), _DINGTALK_BYTES) + people,
        },
        "at": {"atMobiles": mention, "isAtAll": False},
    }
    address = f"{url}?access_token={quote_plus(token)}&timestamp={now_ms}&sign={sign}"
    return HTTPCall(address, msgspec.json.encode(body), _JSON)


def judge_dingtalk(answer: HTTPAnswer) -> Judgement:
    """DingTalk: ``errcode``; too many messages have a code of their own."""
    hints = {
        310000: "signature or keyword is wrong: check the secret, and this machine's clock",
        300001: "the robot's token is wrong",
        400101: "the robot's token is wrong",
    }
    return judge_code(answer, "errcode", busy=frozenset({130101, -1}), hints=hints)


def feishu_call(url: str, secret: str, wording: Wording, now_ms: int) -> HTTPCall:
    """A card of a Feishu robot.

    The signature's key is ``seconds newline secret`` and its message empty; it stands in the body.
    """
    seconds = str(now_ms // 1000)
    body = {
        "timestamp": seconds,
        "sign": _sha256(f"{seconds}\n{secret}", ""),
        "msg_type": "interactive",
        "card": {
            "header": {"title": {"tag": "plain_text", "content": cut(wording.subject, 300)}},
            "elements": [{"tag": "markdown", "content": cut(wording.markdown, _FEISHU_BYTES)}],
        },
    }
    return HTTPCall(url, msgspec.json.encode(body), _JSON)


def judge_feishu(answer: HTTPAnswer) -> Judgement:
    """Feishu: ``code``; also of a 400, whose body has it, too."""
    hints = {
        19021: "the signature is wrong: check the secret, and this machine's clock",
        19022: "this machine's address is not on the robot's list",
        19024: "the robot wants a keyword in every message",
        9499: "the message has a form that the robot does not take",
    }
    if answer.status == 400:
        answer = answer._replace(status=200)
    return judge_code(answer, "code", busy=frozenset({11232, 9429}), hints=hints)
