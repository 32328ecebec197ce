"""Settings of the notifier."""

from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.access import Secret
from gigacity_contract.process.options import secret, setting
from gigacity_contract.process.shared import LogSettings


@dataclass(frozen=True, kw_only=True)
class NotifyFiles:
    """What every command of the notifier needs."""

    notify_config: Path = setting(
        meaning="file that says whom to tell of which alarms (docs/alarms.md)"
    )
    state_dir: Path = setting(meaning="folder that must be kept: what waits to be told")


@dataclass(frozen=True, kw_only=True)
class NotifyBroker(NotifyFiles):
    """What reaches the channels, of kind ``mqtt`` too."""

    mqtt_url: str = setting(
        "", meaning="`mqtt://host:port` or `mqtts://...`: the broker, for events of life and safety"
        " at once, and for channels of kind `mqtt`; empty: neither",
    )  # fmt: skip
    mqtt_username: str = setting("gigacity-notify", meaning="account at the broker")
    mqtt_password: Secret = secret(meaning="its password")
    mqtt_ca: str = setting("", meaning="CA file for `mqtts://`")


@dataclass(frozen=True, kw_only=True)
class NotifySettings(NotifyBroker, LogSettings):
    """What ``gigacity notify run`` may be told."""

    api_url: str = setting(
        "http://127.0.0.1:8080", meaning="the API, whose list of alarms is followed"
    )
    api_key: Secret = secret(meaning="key of the API with the scope read")
