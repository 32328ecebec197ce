"""Servers in containers, for GIGACITY_TEST_CONTAINERS=1: an engine must answer and have the images.

    GIGACITY_TEST_MOSQUITTO_IMAGE    default gigacity/mosquitto:2.0.11
    GIGACITY_TEST_INFLUXDB_IMAGE     default gigacity/influxdb:1.6.7

Images are never pulled. The entrypoint must be the server itself (``mosquitto``, ``influxd``).
"""

import os
import secrets
import signal
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from gigacity_deploy.broker import (
    FIELD_ACCESS,
    WORKER_ACCESS,
    WORKER_USER,
    BrokerConfig,
    Listener,
    mosquitto_conf,
)
from gigacity_deploy.influxdb import InfluxConfig, influxdb_conf
from gigacity_deploy.passwords import password_file, password_line
from gigacity_deploy.servers import http_status
from gigacity_deploy.sockets import free_port
from tests.support.mqtt_probe import can_connect, wait_until
from tests.support.processes import Broker, Login
from tests.support.processes_influx import InfluxServer

MQTT_PORT, MQTT_WORKER_PORT, INFLUX_PORT = 1883, 1884, 8086


def wants_containers() -> bool:
    """Whether the servers of the tests shall be containers."""
    return os.environ.get("GIGACITY_TEST_CONTAINERS") == "1"


def _container(image: str, ports: Sequence[int], command: str) -> tuple[Any, list[int]]:
    """A container that publishes ports on free ones of loopback, and those."""
    # Read at import: where /.dockerenv exists it would talk to the bridge's gateway instead.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    os.environ.setdefault("TESTCONTAINERS_CONNECTION_MODE", "docker_host")
    from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - see above

    outside = [free_port() for _ in ports]
    container = DockerContainer(image).with_command(command)
    # Its own call publishes on every address; the engine takes an address as well.
    published: dict[str, Any] = container.ports
    for port, at in zip(ports, outside, strict=True):
        published[f"{port}/tcp"] = ("127.0.0.1", at)
    return container, outside


@dataclass
class ContainerBroker(Broker):
    """Mosquitto in a container."""

    container: Any = None
    folder: Path = Path()

    def add_users(self, passwords: Mapping[str, str]) -> list[Login]:
        """Append to the password file, reload, and wait until the last one may connect."""
        logins = [Login(*pair) for pair in passwords.items()]
        with (self.folder / "passwords").open("a") as file:
            file.writelines(password_line(x.username, x.password) + "\n" for x in logins)
        self.container.get_wrapped_container().kill(signal="SIGHUP")
        last = logins[-1]
        wait_until(
            lambda: can_connect(self.host, self.port, last.username, last.password),
            f"{last.username} may connect after the reload",
        )
        return logins

    def start(self) -> None:
        """Start the stopped container."""
        self.container.get_wrapped_container().start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until the worker's account may connect."""
        wait_until(
            lambda: can_connect(self.host, self.worker_port, *astuple(self.worker)),
            "the broker's container answers",
            timeout_s=30,
        )

    def stop(self) -> None:
        """SIGTERM."""
        self.container.get_wrapped_container().stop(timeout=30)

    def kill(self) -> None:
        """SIGKILL."""
        self.container.get_wrapped_container().kill(signal=signal.SIGKILL)

    def close(self) -> None:
        """Remove the container."""
        self.container.stop()

    def log(self) -> str:
        """What it wrote."""
        return str(self.container.get_wrapped_container().logs(tail=20).decode())


@dataclass
class ContainerInflux(InfluxServer):
    """InfluxDB 1.x in a container."""

    container: Any = None

    def start(self) -> None:
        """Start the stopped container."""
        self.container.get_wrapped_container().start()
        self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until it answers a ping."""
        port = int(self.url.rsplit(":", 1)[1])
        wait_until(lambda: http_status(port, "/ping") == 204, "influxd answers", timeout_s=30)

    def stop(self) -> None:
        """SIGTERM."""
        self.container.get_wrapped_container().stop(timeout=30)

    def kill(self) -> None:
        """SIGKILL."""
        self.container.get_wrapped_container().kill(signal=signal.SIGKILL)

    def close(self) -> None:
        """Remove the container."""
        self.container.stop()

    def log(self) -> str:
        """What it wrote."""
        return str(self.container.get_wrapped_container().logs(tail=20).decode())


def _open_to_everybody(folder: Path, files: Mapping[str, str]) -> None:
    """Files that a container's own user can read and write, whoever that is."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o666)
    (folder / "data").chmod(0o777)
    folder.chmod(0o755)


def start_container_broker(folder: Path) -> ContainerBroker:
    """Mosquitto in a container, with the product's configuration."""
    worker = Login(WORKER_USER, secrets.token_urlsafe(24))
    inside = Path("/gigacity")
    anywhere = "0.0.0.0"  # noqa: S104 - inside its own network
    config = BrokerConfig(
        field=Listener(
            host=anywhere,
            port=MQTT_PORT,
            password_file=inside / "passwords",
            access_file=inside / "access",
        ),
        workers=Listener(
            host=anywhere,
            port=MQTT_WORKER_PORT,
            password_file=inside / "worker_passwords",
            access_file=inside / "worker_access",
        ),
        data_folder=inside / "data",
    )
    files = {
        "mosquitto.conf": mosquitto_conf(config),
        "access": FIELD_ACCESS,
        "worker_access": WORKER_ACCESS,
        "passwords": "",
        "worker_passwords": password_file([(worker.username, worker.password)]),
    }
    _open_to_everybody(folder, files)
    image = os.environ.get("GIGACITY_TEST_MOSQUITTO_IMAGE", "gigacity/mosquitto:2.0.11")
    container, ports = _container(
        image, (MQTT_PORT, MQTT_WORKER_PORT), f"-c {inside}/mosquitto.conf"
    )
    container.with_volume_mapping(str(folder), str(inside), "rw").start()
    secret = secrets.token_urlsafe(24)
    url, worker_url = (f"mqtt://127.0.0.1:{port}" for port in ports)
    broker = ContainerBroker(url, worker_url, worker, secret, container=container, folder=folder)
    broker.wait_ready()
    return broker


def start_container_influx(folder: Path) -> ContainerInflux:
    """InfluxDB 1.x in a container, with the product's configuration."""
    inside = Path("/gigacity")
    config = InfluxConfig(
        host="0.0.0.0",  # noqa: S104 - inside its own network
        port=INFLUX_PORT,
        rpc_port=8088,
        data_folder=inside / "data",
    )
    _open_to_everybody(folder, {"influxdb.conf": influxdb_conf(config)})
    image = os.environ.get("GIGACITY_TEST_INFLUXDB_IMAGE", "gigacity/influxdb:1.6.7")
    container, (port,) = _container(image, (INFLUX_PORT,), f"-config {inside}/influxdb.conf")
    container.with_volume_mapping(str(folder), str(inside), "rw").start()
    influx = ContainerInflux(
        f"http://127.0.0.1:{port}", "1", secrets.token_urlsafe(24), container=container
    )
    influx.wait_ready()
    influx.create_first_admin()
    influx.provision()
    return influx
