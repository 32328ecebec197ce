"""The file that says whom to tell of what: channels, routes, quiet hours, repeats. Pure.

Secrets stand in files that it names, never in it.
"""

from datetime import time
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from gigacity_city.document import NotYAMLError, plain_document
from gigacity_contract.errors import ConfigError
from gigacity_notify.notice import SEVERITIES, Language, Severity

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Seconds = Annotated[int, Meta(ge=0, le=7 * 86_400)]
PerMinute = Annotated[int, Meta(ge=1, le=6_000)]


class _Channel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True,
               tag_field="kind"):  # fmt: skip
    name: Name
    language: Language = "zh"
    per_minute: PerMinute = 20
    """Messages at most: the chat robots' own limit."""
    counts_calls: ClassVar[bool] = False
    """Whether the service itself refuses what exceeds it, also a call for help."""


class WeComChannel(_Channel, frozen=True, kw_only=True, tag="wecom"):
    """A group robot of WeCom (企业微信); its key is the secret."""

    key_file: str
    url: str = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"
    counts_calls: ClassVar[bool] = True
    mention: list[str] = []
    """User ids that are mentioned from severity major on."""


class DingTalkChannel(_Channel, frozen=True, kw_only=True, tag="dingtalk"):
    """A robot of DingTalk (钉钉), whose calls are signed."""

    token_file: str
    secret_file: str
    url: str = "https://oapi.dingtalk.com/robot/send"
    counts_calls: ClassVar[bool] = True
    mention: list[str] = []
    """Mobile numbers that are mentioned from severity major on."""


class FeishuChannel(_Channel, frozen=True, kw_only=True, tag="feishu"):
    """A robot of Feishu (飞书), whose bodies are signed."""

    url_file: str
    """Holds the robot's address, which is a secret."""
    secret_file: str
    per_minute: PerMinute = 60
    counts_calls: ClassVar[bool] = True


class WebhookChannel(_Channel, frozen=True, kw_only=True, tag="webhook"):
    """Anybody's HTTP address; the body is signed by HMAC-SHA256."""

    url: str
    secret_file: str
    headers: dict[str, str] = {}
    per_minute: PerMinute = 120


class AlertmanagerChannel(_Channel, frozen=True, kw_only=True, tag="alertmanager"):
    """Prometheus' Alertmanager, API version 2."""

    url: str
    per_minute: PerMinute = 600


class MailChannel(_Channel, frozen=True, kw_only=True, tag="mail"):
    """E-mail over SMTP."""

    host: str
    port: Annotated[int, Meta(ge=1, le=65_535)] = 587
    sender: str
    to: Annotated[list[str], Meta(min_length=1, max_length=100)]
    username: str = ""
    password_file: str = ""
    tls: bool = True
    """STARTTLS, which is refused to nobody; off only on a private network."""


class SyslogChannel(_Channel, frozen=True, kw_only=True, tag="syslog"):
    """A syslog collector, RFC 5424 in the framing of RFC 6587, over TLS unless said otherwise."""

    host: str
    port: Annotated[int, Meta(ge=1, le=65_535)] = 6514
    tls: bool = True
    ca_file: str = ""
    per_minute: PerMinute = 6_000


class MQTTChannel(_Channel, frozen=True, kw_only=True, tag="mqtt"):
    """A topic of the broker; retained by alarm, so that who subscribes sees what is open."""

    topic: str = "gigacity/alarms"
    per_minute: PerMinute = 6_000


Channel = (
    WeComChannel | DingTalkChannel | FeishuChannel | WebhookChannel | AlertmanagerChannel
    | MailChannel | SyslogChannel | MQTTChannel
)  # fmt: skip


class QuietHours(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"start": "from", "end": "to"},
):
    """A time of the day, by the city's clock, in which only what is urgent is told."""

    start: TimeOfDay
    end: TimeOfDay
    below: Severity = "critical"
    """Notices below this severity wait until the end."""

    @property
    def until(self) -> time:
        """When it ends."""
        return time.fromisoformat(self.end)

    def holds(self, now: time) -> bool:
        """Whether it is quiet."""
        begins, ends = time.fromisoformat(self.start), self.until
        if begins <= ends:
            return begins <= now < ends
        return now >= begins or now < ends


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to tell as well, when nobody acknowledged for some time."""

    after_s: Seconds
    to: Annotated[list[Name], Meta(min_length=1)]


class AlarmRoute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to tell of which alarms.

    What is empty matches everything; every route that matches is taken.
    """

    to: Annotated[list[Name], Meta(min_length=1)]
    areas: list[str] = []
    kinds: list[str] = []
    types: list[str] = []
    severity: Severity = "warning"
    """This one and worse."""
    clears: bool = True
    """Whether it is also told that an alarm cleared."""
    quiet: QuietHours | None = None
    repeat_s: Seconds = 4 * 3_600
    """Told again after so long while it is open and nobody acknowledged; 0: never."""
    escalate: Escalation | None = None


class Grouping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long notices of one group wait for each other."""

    wait_s: Seconds = 30
    digest_from: Annotated[int, Meta(ge=2, le=1_000)] = 20
    """From so many notices of one message on, it names the worst five and counts the others."""


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    version: Annotated[int, Meta(ge=1, le=1)]
    channels: Annotated[list[Channel], Meta(min_length=1, max_length=100)]
    routes: Annotated[list[AlarmRoute], Meta(min_length=1, max_length=1_000)]
    grouping: Grouping = Grouping()
    board_url: str = ""
    """Before the addresses of boards in messages; empty: messages have no links."""

    @property
    def channel_by_name(self) -> dict[str, Channel]:
        """Channels by name."""
        return {channel.name: channel for channel in self.channels}


def read_configuration(text: str, file: str) -> Configuration:
    """Read the file.

    Raises:
        ConfigError: naming the file, the place in it, and what is expected there.
    """
    try:
        document: Any = plain_document(text)
    except NotYAMLError as error:
        raise ConfigError(f"{file}:{error.row}:{error.column}: {error}") from error
    try:
        found = msgspec.convert(document, Configuration)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{file}: {_spelled(error)}") from error
    problems = list(_problems(found))
    if problems:
        raise ConfigError(f"{file}:\n  " + "\n  ".join(problems))
    return found


def _spelled(error: msgspec.ValidationError) -> str:
    what, _, where = str(error).partition(" - at `$")
    return f"{where.rstrip('`').lstrip('.') or 'the file'}: {what}"


def _problems(found: Configuration) -> list[str]:
    names = [channel.name for channel in found.channels]
    problems = [
        f"channels: the name {name} stands twice" for name in set(names) if names.count(name) > 1
    ]
    for index, route in enumerate(found.routes):
        wanted = [*route.to, *(route.escalate.to if route.escalate else [])]
        problems += [
            f"routes[{index}]: no channel is called {name}; there are {', '.join(names)}"
            for name in wanted
            if name not in names
        ]
    return problems


def read_file(path: Path) -> Configuration:
    """Read the file at a path.

    Raises:
        ConfigError: as ``read_configuration``, or it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    return read_configuration(text, str(path))


def rank_of(severity: Severity) -> int:
    """The greater the worse."""
    return SEVERITIES.index(severity)
