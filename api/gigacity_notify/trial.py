"""A trial of the channels: one message each, so that a wrong key is found before a fire."""

from pathlib import Path

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_contract.local_time import ZONE
from gigacity_notify.calls import Judgement
from gigacity_notify.configuration import read_file
from gigacity_notify.notice import AlarmNotice, Sentence
from gigacity_notify.senders import ChannelSender
from gigacity_notify.wording import Teller


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


def try_channels(path: Path, name: str = "") -> dict[str, Judgement]:
    """Send a test message over each channel, or over one of them.

    Raises:
        ConfigError: the file is wrong, or has no such channel.
    """
    configuration = read_file(path)
    wanted = {c.name: c for c in configuration.channels if name in {"", c.name}}
    if not wanted:
        names = ", ".join(configuration.channel_by_name)
        raise ConfigError(f"{path}: no channel is called {name}; there are {names}")
    sender = ChannelSender(Teller(ZONE, configuration.board_url))
    now_ms = SystemClock().now_ms()
    notice = trial_notice(now_ms)
    return {
        channel.name: sender.send(channel, (notice,), f"{now_ms}.trial", now_ms)
        for channel in wanted.values()
    }
