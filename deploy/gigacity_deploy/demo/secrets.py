"""Credentials of one demo: made once a folder, kept in files that only their owner reads."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from gigacity_contract.access import Secret
from gigacity_deploy.credentials import new_api_key
from gigacity_deploy.private_files import write_private

_INFLUX = ("influx_admin", "influx_worker", "influx_api", "influx_grafana")
_GENERATED = (*_INFLUX, "mqtt_worker", "field", "grafana_admin")
_API_KEY, API_KEYS = "api_key", "api_keys.jsonl"


@dataclass(frozen=True)
class DemoSecrets:
    """Names of files, and the values that this process itself needs."""

    folder: Path

    def path(self, name: str) -> Path:
        """The file of one secret, for a ``..._FILE`` setting."""
        return self.folder / name

    def value(self, name: str) -> Secret:
        """One secret."""
        return Secret(self.path(name).read_text(encoding="utf-8"))

    @property
    def api_key(self) -> Secret:
        """The key that the scoreboard uses and shows."""
        return self.value(_API_KEY)


def make_secrets(folder: Path) -> DemoSecrets:
    """Take the secrets of an earlier demo in this folder, or make new ones."""
    for name in _GENERATED:
        if not (folder / name).exists():
            write_private(folder / name, secrets.token_urlsafe(32))
    if not (folder / _API_KEY).exists():
        made = new_api_key("demo", ("read", "report", "admin"))
        write_private(folder / API_KEYS, made.line + "\n")
        write_private(folder / _API_KEY, made.key.reveal())
    return DemoSecrets(folder)
