"""Which processes a demo runs, with which settings. Pure: nothing is started here.

This is the only place that knows how the parts are wired on one machine.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gigacity_deploy.broker import WORKER_USER
from gigacity_deploy.demo.profile import DemoProfile, TimeStretch
from gigacity_deploy.demo.secrets import API_KEYS, DemoSecrets
from gigacity_deploy.sockets import LOOPBACK

ADMIN_USER = "gigacity-admin"
BUCKET = "gigacity"
GIGACITY = (sys.executable, "-P", "-m", "gigacity_deploy")
"""The command by module: it needs no script on PATH."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of loopback, each another one."""

    mqtt: int
    influx: int
    worker: int
    api: int
    grafana: int
    mqtt_worker: int
    influx_rpc: int


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """One process to start."""

    name: str
    argv: tuple[str, ...]
    env: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class DemoPlan:
    """Everything that the processes' settings follow from."""

    profile: DemoProfile
    city: Path
    folder: Path
    ports: Ports
    secrets: DemoSecrets
    base_env: Mapping[str, str]
    simulator_options: tuple[str, ...]
    cut: TimeStretch | None
    """When an OLT is cut off; None: never."""
    pon_window_s: float
    """How long a port is known after its last report."""
    objects: int
    """Ports and devices of the city."""
    formats: str = ""
    """Foreign formats that the simulated city speaks; empty: none."""

    @property
    def truth_file(self) -> Path:
        """Where the simulator writes what the figures must be."""
        return self.folder / "truth.jsonl"

    @property
    def stats_file(self) -> Path:
        """Where the simulator counts what the broker has confirmed."""
        return self.folder / "stats.json"

    @property
    def mqtt_url(self) -> str:
        """The broker, for the field."""
        return f"mqtt://{LOOPBACK}:{self.ports.mqtt}"

    @property
    def worker_mqtt_url(self) -> str:
        """The broker, for the worker."""
        return f"mqtt://{LOOPBACK}:{self.ports.mqtt_worker}"

    @property
    def influx_url(self) -> str:
        """The database."""
        return f"http://{LOOPBACK}:{self.ports.influx}"

    @property
    def sources(self) -> Path:
        """Mappings of what the simulated city speaks."""
        return self.folder / "sources"

    def simulated_sources(self) -> ProcessPlan:
        """The one-shot that writes them, and the city's table of foreign ids beside them."""
        options = ("--formats", self.formats, "--out", str(self.sources))
        return self._gigacity("simulate-sources", {}, *options)

    def provision(self) -> ProcessPlan:
        """The one-shot that makes database, policies and users."""
        return self._gigacity(
            "provision",
            {
                **self._influx(),
                "GIGACITY_INFLUX_ADMIN_USERNAME": ADMIN_USER,
                "GIGACITY_INFLUX_ADMIN_PASSWORD_FILE": self._secret("influx_admin"),
                "GIGACITY_INFLUX_WORKER_PASSWORD_FILE": self._secret("influx_worker"),
                "GIGACITY_INFLUX_API_PASSWORD_FILE": self._secret("influx_api"),
                "GIGACITY_INFLUX_GRAFANA_PASSWORD_FILE": self._secret("influx_grafana"),
            },
        )

    def worker(self) -> ProcessPlan:
        """The ingest worker."""
        return self._gigacity(
            "ingest",
            {
                **self._influx("worker"),
                "GIGACITY_MQTT_URL": self.worker_mqtt_url,
                "GIGACITY_MQTT_USERNAME": WORKER_USER,
                "GIGACITY_MQTT_PASSWORD_FILE": self._secret("mqtt_worker"),
                "GIGACITY_STATE_DIR": str(self.folder / "worker"),
                "GIGACITY_HTTP_LISTEN": f"{LOOPBACK}:{self.ports.worker}",
                **({"GIGACITY_MQTT_SOURCES": str(self.sources)} if self.formats else {}),
            },
        )

    def api(self) -> ProcessPlan:
        """The API, which also evaluates."""
        return self._gigacity(
            "api",
            {
                **self._influx("api"),
                **self._grid(),
                "GIGACITY_EVALUATE_ALLOWED_LATENESS_S": str(self.profile.allowed_lateness_s),
                "GIGACITY_API_KEYS_FILE": self._secret(API_KEYS),
                "GIGACITY_STATE_DIR": str(self.folder / "api"),
                "GIGACITY_HTTP_LISTEN": f"{LOOPBACK}:{self.ports.api}",
                # Everything is made up, so that everything may be looked at.
                "GIGACITY_PUBLIC_LEVEL": "community",
                "GIGACITY_PAGE_URL": f"http://{LOOPBACK}:{self.ports.api}",
            },
            "--evaluate",
        )

    def simulator(self) -> ProcessPlan:
        """The simulated city."""
        options = ["--truth", str(self.truth_file), "--stats", str(self.stats_file)]
        if self.cut:
            at, length = f"{self.cut.at_s:g}", f"{self.cut.for_s:g}"
            options += ["--cut-olt-at", at, "--cut-for", length]
        if self.formats:
            options += ["--formats", self.formats]
        settings = {
            "GIGACITY_MQTT_URL": self.mqtt_url,
            "GIGACITY_SIMULATE_FIELD_SECRET_FILE": self._secret("field"),
            **self._grid(),
        }
        return self._gigacity("simulate", settings, *self.simulator_options, *options)

    def _gigacity(self, command: str, settings: Mapping[str, str], *options: str) -> ProcessPlan:
        env = {k: v for k, v in self.base_env.items() if not k.startswith("GIGACITY_")}
        env |= {"PYTHONUNBUFFERED": "1", "GIGACITY_CITY": str(self.city), **settings}
        return ProcessPlan(command, (*GIGACITY, command, *options), env)

    def _influx(self, role: str = "") -> dict[str, str]:
        settings = {"GIGACITY_INFLUX_URL": self.influx_url, "GIGACITY_INFLUX_BUCKET": BUCKET}
        if role:
            settings["GIGACITY_INFLUX_USERNAME"] = f"gigacity-{role}"
            settings["GIGACITY_INFLUX_PASSWORD_FILE"] = self._secret(f"influx_{role}")
        return settings

    def _grid(self) -> dict[str, str]:
        return {"GIGACITY_EVALUATE_TICK_S": str(self.profile.tick_s)}

    def _secret(self, name: str) -> str:
        return str(self.secrets.path(name))
