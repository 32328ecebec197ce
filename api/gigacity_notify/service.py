"""The notifier's parts, put together and taken apart again."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_contract.local_time import ZONE
from gigacity_contract.process.settings import parse_url
from gigacity_contract.safety import SafetyEvent
from gigacity_notify.broker import BrokerLink
from gigacity_notify.configuration import read_file
from gigacity_notify.listing import AlarmList
from gigacity_notify.notifier import Notifier
from gigacity_notify.queue import NoticeQueue
from gigacity_notify.running import ConfigurationWatch, Rounds
from gigacity_notify.senders import ChannelSender
from gigacity_notify.settings import NotifyBroker, NotifySettings
from gigacity_notify.wording import Teller

CLIENT_ID = "gigacity-notify"


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for one process: two would deliver every message twice.

    Raises:
        ConfigError: another one holds it.
    """
    descriptor = os.open(folder / "notifier.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise ConfigError(
            f"GIGACITY_STATE_DIR={folder}: a notifier runs with it; stop that one, or give this"
            " one a folder of its own"
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def service(settings: NotifySettings, queue_file: Path) -> Iterator[Rounds]:
    """Everything that a running notifier needs.

    Raises:
        ConfigError: a setting or the configuration is wrong.
    """
    configuration = read_file(settings.notify_config)
    api = parse_url("GIGACITY_API_URL", settings.api_url, ("http", "https"))
    clock = SystemClock()
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(only_one(settings.state_dir))
        queue = NoticeQueue(queue_file)
        stack.callback(queue.close)
        wakers: list[Rounds] = []

        def wake() -> None:
            for rounds in wakers:
                rounds.wake()

        notifier = Notifier(queue, configuration, clock, ZONE, wake)
        link = _link(settings, notifier.take_events)
        publish = None if link is None else link.publish
        teller = Teller(ZONE, configuration.board_url)
        sender = ChannelSender(teller, publish)
        stack.callback(sender.close)
        alarms = AlarmList(api, settings.api_key)
        stack.callback(alarms.close)
        watch = ConfigurationWatch(settings.notify_config)
        rounds = Rounds(
            notifier, queue, sender, clock, alarms=alarms, watch=watch,
            follow=lambda found: teller.lead_to(found.board_url), broker=link,
        )  # fmt: skip
        wakers.append(rounds)
        if link is not None:
            link.start()
            stack.callback(link.stop)
        yield rounds


def trial_link(settings: NotifyBroker) -> BrokerLink | None:
    """A session of its own, which only publishes; None: no broker is named.

    Raises:
        ConfigError: a setting is wrong.
    """
    return _link(settings, None, f"{CLIENT_ID}-test-{os.getpid()}")


def _link(
    settings: NotifyBroker,
    take: Callable[[list[SafetyEvent]], None] | None,
    client_id: str = CLIENT_ID,
) -> BrokerLink | None:
    if not settings.mqtt_url:
        return None
    address = parse_url("GIGACITY_MQTT_URL", settings.mqtt_url, ("mqtt", "mqtts"))
    return BrokerLink(
        address,
        take,
        client_id=client_id,
        username=settings.mqtt_username,
        password=settings.mqtt_password,
        ca_file=settings.mqtt_ca,
    )
