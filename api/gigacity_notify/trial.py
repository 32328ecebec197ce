"""A trial of the channels: one message each, so that a wrong key is found before a fire."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_contract.local_time import ZONE
from gigacity_notify.broker import BrokerLink
from gigacity_notify.calls import Judgement, Verdict
from gigacity_notify.configuration import Channel, MQTTChannel, read_file
from gigacity_notify.notice import AlarmNotice, Sentence
from gigacity_notify.senders import ChannelSender
from gigacity_notify.wording import Teller

SESSION_WITHIN_S = 10.0


def trial_notice(now_ms: int) -> AlarmNotice:
    """What a trial tells."""
    return AlarmNotice(
        alarm="0" * 16,
        act="raise",
        type="trial",
        kind="city",
        resource="trial",
        severity="warning",
        title=Sentence("测试消息，无需处理", "a test message; nothing to do"),
        next_step=Sentence("收到即说明通道可用", "having got it means that the channel works"),
        at_ms=now_ms,
        raised_ms=now_ms,
        group="trial",
    )


def try_channels(
    path: Path, name: str = "", connect: Callable[[], BrokerLink | None] = lambda: None
) -> dict[str, Judgement]:
    """Send a test message over each channel, or over one of them.

    Args:
        path: of the configuration.
        name: of the channel; empty: each.
        connect: makes a session at the broker, for channels of kind ``mqtt``.

    Raises:
        ConfigError: the file is wrong, or has no such channel.
    """
    configuration = read_file(path)
    wanted = [c for c in configuration.channels if name in {"", c.name}]
    if not wanted:
        names = ", ".join(configuration.channel_by_name)
        raise ConfigError(f"{path}: no channel is called {name}; there are {names}")
    with contextlib.ExitStack() as stack:
        needs_broker = any(isinstance(channel, MQTTChannel) for channel in wanted)
        link = connect() if needs_broker else None
        if link is not None:
            link.start()
            stack.callback(link.stop)
            link.await_session(SESSION_WITHIN_S)
        teller = Teller(ZONE, configuration.board_url)
        sender = ChannelSender(teller, None if link is None else link.publish)
        stack.callback(sender.close)
        return {channel.name: _try(sender, channel) for channel in wanted}


def _try(sender: ChannelSender, channel: Channel) -> Judgement:
    now_ms = SystemClock().now_ms()
    notice = trial_notice(now_ms)
    found = sender.send(channel, (notice,), f"{now_ms}.trial", now_ms)
    if isinstance(channel, MQTTChannel) and found.verdict is Verdict.DELIVERED:
        # A retained message would stay: whoever subscribes later would see an open alarm.
        over = msgspec.structs.replace(notice, act="clear")
        return sender.send(channel, (over,), f"{now_ms}.trial", now_ms)
    return found
