"""The running system of a demo: started in order, each part ready before the next, stopped at once.

Whatever happens in between, leaving the ``with`` block ends every child.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self

from gigacity_city.files import FOREIGN_IDS
from gigacity_city.load import load_city
from gigacity_contract.process.settings import field_password
from gigacity_deploy.broker import WORKER_USER
from gigacity_deploy.demo.grafana import grafana_process
from gigacity_deploy.demo.links import HandsOn, find_hands_on
from gigacity_deploy.demo.plan import DemoPlan, ProcessPlan
from gigacity_deploy.foreign_access import ForeignAccess, ask_access
from gigacity_deploy.identities import field_identities
from gigacity_deploy.processes import Child, ChildError
from gigacity_deploy.servers import BrokerProcess, InfluxProcess, check_port, http_status
from gigacity_deploy.sockets import listens

Say = Callable[[str], None]

STOP_S = 20.0
PROVISION_S = 60.0


class Database(Protocol):
    """The server that the plan's processes store in."""

    child: Child

    def start(self) -> None:
        """Start it and wait until it answers."""

    def stop(self) -> int | None:
        """Stop it in an orderly way."""


class System:
    """All processes of one demo.

    Args:
        plan: settings of each.
        logs: folder of what they print.
        say: takes what is told to people.
        grafana: how its server is started; None: none.
        database: another than Debian's InfluxDB.
    """

    def __init__(
        self,
        plan: DemoPlan,
        *,
        logs: Path,
        say: Say,
        grafana: tuple[str, ...] | None = None,
        database: Database | None = None,
    ) -> None:
        self.plan = plan
        self.children: dict[str, Child] = {}
        """By name, in the order in which they were started."""
        self.hands_on: HandsOn | None = None
        """The device that is left to people; known after the start."""
        self._grafana = grafana
        self._logs = logs
        self._say = say
        self._influx: Database = database or InfluxProcess(
            plan.folder / "influxdb",
            port=plan.ports.influx,
            log=logs / "influxd.log",
            objects=plan.objects,
            rpc_port=plan.ports.influx_rpc,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_all()

    # ---- start ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything but the simulated city.

        Raises:
            ConfigError: a port is taken, a program is missing, the city file is wrong.
            ChildError: a process ended or was not ready in time.
        """
        self._start_broker()
        self._say(f"starting influxd on port {self.plan.ports.influx}")
        self.children["influxd"] = self._influx.child
        self._influx.start()
        self._say("provisioning the database")
        self._run_to_end(self.plan.provision())
        self._start_server(self.plan.worker(), self.plan.ports.worker)
        self._start_server(self.plan.api(), self.plan.ports.api)
        if self._grafana is not None:
            grafana = grafana_process(self.plan, self._grafana)
            self._start_server(grafana, self.plan.ports.grafana, "/api/health")

    def start_simulator(self) -> None:
        """Start the simulated city.

        Raises:
            ChildError: it cannot be started.
        """
        self._say("starting the simulated city")
        simulator = self.plan.simulator()
        child = self.children[simulator.name] = self._child(simulator)
        child.start()

    def _start_broker(self) -> None:
        foreign = self._make_sources() if self.plan.formats else None
        self._say("loading the city file, deriving the field's passwords")
        city = load_city(self.plan.city)
        field = self.plan.secrets.value("field")
        identities = list(field_identities(city))
        self.hands_on = find_hands_on(city)
        users = [(WORKER_USER, self.plan.secrets.value("mqtt_worker").reveal())]
        users += [(name, field_password(field, name).reveal()) for name in identities]
        del city  # The full one is large, and this process has no more use for it.
        self._say(f"starting mosquitto on port {self.plan.ports.mqtt}: {len(users):,} accounts")
        broker = BrokerProcess(
            self.plan.folder / "mosquitto",
            users,
            port=self.plan.ports.mqtt,
            worker_port=self.plan.ports.mqtt_worker,
            log=self._logs / "mosquitto.log",
            foreign=foreign,
        )
        self.children["mosquitto"] = broker.child
        broker.start()

    def _make_sources(self) -> ForeignAccess:
        """Mappings of what the city speaks, its foreign ids, and what the broker must allow."""
        self._say(f"making mappings of what the city speaks: {self.plan.formats}")
        self._run_to_end(self.plan.simulated_sources())
        (self.plan.sources / FOREIGN_IDS).replace(self.plan.city / FOREIGN_IDS)
        return ask_access(self.plan.sources)

    def _start_server(self, process: ProcessPlan, port: int, path: str = "/readyz") -> None:
        self._say(f"starting {process.name} on port {port}")
        check_port(process.name, port)
        child = self.children[process.name] = self._child(process)
        child.start()
        child.wait_ready(
            lambda: listens(child.pid, port) and http_status(port, path) == 200,
            deadline_s=self.plan.profile.ready_s,
        )

    def _run_to_end(self, process: ProcessPlan) -> None:
        child = self._child(process)
        child.start()
        code = child.wait(PROVISION_S)
        if code is None:
            child.kill()
        if code != 0:
            raise ChildError(child.failure())

    def _child(self, process: ProcessPlan) -> Child:
        log = self._logs / f"{process.name}.log"
        return Child(process.name, process.argv, log=log, env=process.env)

    # ---- while it runs -------------------------------------------------------------------------

    def check_alive(self) -> None:
        """Notice a child that ended by itself.

        Raises:
            ChildError: with the end of its log.
        """
        for child in self.children.values():
            if child.has_failed:
                raise ChildError(child.failure())

    def stop_influx(self) -> None:
        """Begin the outage of the database: SIGTERM."""
        self._influx.stop()

    def start_influx(self) -> None:
        """End the outage: the same port, the same data."""
        self._influx.start()

    # ---- stop ----------------------------------------------------------------------------------

    def stop_simulator(self) -> int | None:
        """End the simulated city in an orderly way; its exit code."""
        return self.children["simulate"].stop(STOP_S)

    def stop_all(self) -> None:
        """Stop whatever runs, those first that were started last."""
        for child in reversed(self.children.values()):
            if child.is_running:
                self._say(f"stopping {child.name}")
                child.stop(STOP_S)
