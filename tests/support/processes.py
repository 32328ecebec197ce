"""Real servers for tests: what a test may ask of a broker and of a database, whoever runs them.

``LocalBroker`` and ``LocalInflux`` start Debian's programs with the product's own configuration
(``gigacity_deploy.servers``). ``processes_external`` and ``processes_containers`` are the others.
"""

import secrets
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gigacity_contract.access import Secret
from gigacity_contract.errors import GigacityError
from gigacity_contract.process.settings import field_password
from gigacity_deploy.broker import WORKER_ACCESS, WORKER_USER
from gigacity_deploy.passwords import password_line
from gigacity_deploy.private_files import write_private
from gigacity_deploy.servers import BrokerProcess, InfluxProcess
from gigacity_deploy.sockets import free_port
from tests.support.mqtt_probe import can_connect, wait_until
from tests.support.processes_influx import InfluxServer
from tests.support.programs import program

START_TRIES = 3
"""A free port can be taken by somebody else before the server binds it."""


@dataclass(frozen=True)
class Login:
    """A user name and its password."""

    username: str
    password: str


@dataclass
class Broker:
    """An MQTT broker; the base class is one that tests may use but not stop."""

    url: str
    """Where the field connects."""
    worker_url: str
    """Where workers connect."""
    worker: Login
    field_secret: str
    """Passwords of the field derive from it (``settings.field_password``)."""
    ca: Path | None = None

    def worker_env(self) -> dict[str, str]:
        """Settings of an ingest worker for this broker."""
        return {
            "GIGACITY_MQTT_URL": self.worker_url,
            "GIGACITY_MQTT_USERNAME": self.worker.username,
            "GIGACITY_MQTT_PASSWORD": self.worker.password,
            **({"GIGACITY_MQTT_CA": str(self.ca)} if self.ca else {}),
        }

    @property
    def host(self) -> str:
        """Host of the URL."""
        return self.url.split("://")[1].rsplit(":", 1)[0]

    @property
    def port(self) -> int:
        """Port of the URL."""
        return int(self.url.rsplit(":", 1)[1])

    @property
    def worker_port(self) -> int:
        """Port of the workers' URL."""
        return int(self.worker_url.rsplit(":", 1)[1])

    def password_of(self, identity: str) -> str:
        """The derived password of one publisher of the field."""
        return field_password(Secret(self.field_secret), identity).reveal()

    def add_user(self, identity: str, password: str | None = None) -> Login:
        """Make an identity known; returns what it must present, once the broker accepts it."""
        return self.add_users({identity: password or self.password_of(identity)})[0]

    def add_users(self, passwords: Mapping[str, str]) -> list[Login]:
        """Make many identities known at once."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it after ``stop`` or ``kill``, on the same port and data."""
        pytest.skip("this broker is not the tests' to start")

    def stop(self) -> None:
        """An orderly stop."""
        pytest.skip("this broker is not the tests' to stop")

    def kill(self) -> None:
        """kill -9."""
        pytest.skip("this broker is not the tests' to kill")

    def close(self) -> None:
        """End it for good."""

    def log(self) -> str:
        """The end of its log, for a failed test's report."""
        return ""


@dataclass
class LocalBroker(Broker):
    """Mosquitto started by the tests."""

    process: BrokerProcess | None = None

    def _process(self) -> BrokerProcess:
        assert self.process is not None
        return self.process

    def add_users(self, passwords: Mapping[str, str]) -> list[Login]:
        """Append to the password file, reload, and wait until the last one may connect."""
        logins = [Login(*pair) for pair in passwords.items()]
        lines = "".join(password_line(x.username, x.password) + "\n" for x in logins)
        self._process().add_users(lines)
        last = logins[-1]
        wait_until(
            lambda: can_connect(self.host, self.port, last.username, last.password),
            f"{last.username} may connect after the reload",
        )
        return logins

    def log_lines(self) -> list[str]:
        """Its whole log."""
        return self._process().child.log.read_text(encoding="utf-8").splitlines()

    def add_setting(self, line: str) -> None:
        """Put a line into its configuration, and let it read it again.

        It reads accounts after settings: once it knows a new account, the setting is in force. Its
        log need not tell, since the line about it is of a level that is off.
        """
        file = self._process().folder / "mosquitto.conf"
        head, listeners = file.read_text(encoding="utf-8").split("listener ", 1)
        write_private(file, f"{head}{line}\nlistener {listeners}")
        self.add_user(f"settings-{secrets.token_hex(8)}", secrets.token_hex(16))

    def remove_user(self, identity: str) -> None:
        """Leave an identity out of the field's password file, and let the broker read it again."""
        file = self._process().folder / "passwords"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = (line for line in lines if not line.startswith(identity + ":"))
        write_private(file, "".join(kept))
        self._process().child.signal(signal.SIGHUP)

    def allow_workers(self, *lines: str) -> None:
        """Put lines into the workers' access list; in force when this returns."""
        text = "".join(f"{line}\n" for line in lines)
        write_private(self._process().folder / "worker_access", WORKER_ACCESS + text)
        # Accounts are read after access lists.
        self.add_user(f"access-{secrets.token_hex(8)}", secrets.token_hex(16))

    def set_worker(self, login: Login) -> None:
        """Give the workers this account alone, and let the broker read it again."""
        line = password_line(login.username, login.password)
        write_private(self._process().folder / "worker_passwords", line + "\n")
        self._process().child.signal(signal.SIGHUP)
        self.worker = login

    def start(self) -> None:
        """Start on the same port and data."""
        self._process().start()

    def stop(self) -> None:
        """SIGTERM: it saves."""
        self._process().stop()

    def kill(self) -> None:
        """SIGKILL: what it had not saved is gone."""
        self._process().child.kill()

    def pause(self) -> None:
        """SIGSTOP: it still accepts connections, and answers nothing."""
        self._process().child.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._process().child.signal(signal.SIGCONT)

    def close(self) -> None:
        """End it for good."""
        self._process().child.kill()

    def log(self) -> str:
        """The end of its log."""
        return self._process().child.log_tail()


@dataclass
class LocalInflux(InfluxServer):
    """InfluxDB 1.6.7 started by the tests."""

    process: InfluxProcess | None = field(default=None)

    def _process(self) -> InfluxProcess:
        assert self.process is not None
        return self.process

    def start(self) -> None:
        """Start on the same port and data."""
        self._process().start()

    def stop(self) -> None:
        """SIGTERM."""
        self._process().stop()

    def kill(self) -> None:
        """SIGKILL."""
        self._process().child.kill()

    def pause(self) -> None:
        """SIGSTOP: connections open, nothing answers."""
        self._process().child.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self._process().child.signal(signal.SIGCONT)

    def close(self) -> None:
        """End it for good."""
        self._process().child.kill()

    def log(self) -> str:
        """The end of its log."""
        return self._process().child.log_tail()


def start_local_broker(folder: Path) -> LocalBroker:
    """Mosquitto in a folder, with the worker's account and nobody else's."""
    program("mosquitto")
    worker = Login(WORKER_USER, secrets.token_urlsafe(24))
    users = [(worker.username, worker.password)]
    for left in reversed(range(START_TRIES)):
        process = BrokerProcess(folder, users, port=free_port(), log=_log(folder, "mosquitto.log"))
        try:
            process.start()
        except GigacityError:
            process.child.kill()
            if not left:
                raise
        else:
            break
    field_secret = secrets.token_urlsafe(24)
    return LocalBroker(process.url, process.worker_url, worker, field_secret, process=process)


def start_local_influx(folder: Path) -> LocalInflux:
    """InfluxDB 1.x in a folder, with an administrator and one provisioned database."""
    program("influxd", "influxdb")
    for left in reversed(range(START_TRIES)):
        process = InfluxProcess(folder, port=free_port(), log=_log(folder, "influxd.log"))
        try:
            process.start()
        except GigacityError:
            process.child.kill()
            if not left:
                raise
        else:
            break
    influx = LocalInflux(
        url=process.url,
        flavour="1",
        admin_username="admin",
        admin_secret=secrets.token_urlsafe(24),
        process=process,
    )
    influx.create_first_admin()
    influx.provision()
    return influx


def _log(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name
