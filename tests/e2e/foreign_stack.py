"""Broker, database and worker with mappings of foreign sources, and access lists made from them."""

import json
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from gigacity_api.keys import hash_key
from gigacity_deploy.processes import Child
from gigacity_deploy.sockets import free_port
from tests.e2e.stack import Stack, gigacity_env
from tests.support.city import AREA_A, AREA_B, COMMUNITY_A, COMMUNITY_B, COMMUNITY_ZONE, ZONE
from tests.support.foreign_client import ForeignClient
from tests.support.processes import LocalBroker

API_KEY = "gck_foreign"
FIGURE_S = 20.0
"""Until a figure is as it should be."""

SOURCES = f"""\
version: 1
sources:
  - name: alink-a
    topics: ["/sys/{{pk}}/{{dn}}/thing/event/property/post"]
    decoder: alink
    owner: {{areas: ["{AREA_A}"]}}
    publishers: {{levels: [pk, dn], users: [k1ab/smk-07, k1ab/stranger]}}
    answers: true
    identity: {{registry: "{{productKey}}/{{deviceName}}"}}
    kinds:
      - kind: smoke_detector
        fields:
          alarm: {{from: SmokeSensorState, map: {{0: false, 1: true}}}}
          battery_pct: {{from: BatteryPercentage, sentinel: [255]}}
          temp_c: CurrentTemperature
  - name: olt-telegraf
    topics: ["telegraf/{{poller}}/pon"]
    decoder: telegraf_json
    owner: {{areas: ["{AREA_A}", "{AREA_B}", "{ZONE}"]}}
    publishers: {{levels: [poller], users: [poller-a]}}
    identity: {{olt: "{{tags.source}}", port: {{label: "{{tags.ifName}}"}}}}
    kinds:
      - kind: pon_port
        fields:
          admin: {{from: ifAdminStatus, map: {{1: up, 2: down}}}}
          oper: {{from: ifOperStatus, map: {{1: up, 2: down}}}}
          tx_dbm: {{from: txp, scale: 0.01}}
  - name: lora
    topics: ["application/{{app}}/device/+/event/up"]
    decoder: chirpstack
    owner: {{areas: ["{ZONE}"]}}
    publishers: {{levels: [app], users: [7d1c]}}
    identity: {{registry: "{{device_eui}}"}}
    kinds:
      - kind: water_meter
        fields: {{volume_total_m3: total_m3, flow_m3_per_h: flow}}
  - name: dtu
    topics: ["site/{{community}}/{{device}}/up"]
    decoder: json
    owner: {{areas: ["{AREA_A}"]}}
    publishers:
      levels: [community, device]
      users: [{COMMUNITY_A}/elevator-1, {COMMUNITY_A}/ghost]
    identity: {{community: "{{community}}", device: "{{device}}"}}
    kinds:
      - kind: elevator
        fields: {{trips_total: trips, floor: level}}
  - name: lamps
    topics: ["spBv1.0/{{group}}/+/{{node}}", "spBv1.0/{{group}}/+/{{node}}/+"]
    decoder: sparkplug_b
    owner: {{areas: ["{AREA_B}"]}}
    publishers: {{levels: [node], users: [station-4]}}
    answers: true
    identity: {{registry: "{{edge_node}}/{{device}}", unknown: ignore}}
    kinds:
      - kind: street_light
        fields: {{power_w: Power, lamp_on: {{from: "On", map: {{true: true, false: false}}}}}}
  - name: campus
    topics: ["$oc/devices/{{device}}/sys/properties/report"]
    decoder: iotda
    owner: {{areas: ["{AREA_B}"]}}
    publishers: {{levels: [device], users: [p9_lamp-4]}}
    identity: {{registry: "{{device_id}}"}}
    kinds:
      - kind: street_light
        fields: {{dimming_pct: Lamp.brightness, power_w: Lamp.power}}
"""

FOREIGN_IDS = f"""\
source,foreign_id,area,community,device,olt,slot,port
alink-a,k1ab/smk-07,{AREA_A},{COMMUNITY_A},hands-on,,,
lora,a1b2c3d4e5f60718,{ZONE},{COMMUNITY_ZONE},wmeter-1,,,
lamps,station-4/lamp,{AREA_B},{COMMUNITY_B},lamp-1,,,
campus,p9_lamp-4,{AREA_B},{COMMUNITY_B},lamp-2,,,
"""


class ForeignStack(Stack):
    """See the module.

    Args:
        folder: of everything.
        mappings: in place of ``SOURCES``.
        tables: of the city file, in place of its own.
        account: one of the mappings'; once it may log in, so may the others.
    """

    def __init__(
        self,
        folder: Path,
        mappings: Mapping[str, str] | None = None,
        tables: Mapping[str, str] | None = None,
        account: str = "poller-a",
        **settings: str,
    ) -> None:
        self.sources = folder / "sources"
        self.sources.mkdir(parents=True)
        for name, text in (mappings or {"sources.yaml": SOURCES}).items():
            (self.sources / name).write_text(text, encoding="utf-8")
        super().__init__(folder, GIGACITY_MQTT_SOURCES=str(self.sources), **settings)
        for name, text in (tables or {"foreign_ids.csv": FOREIGN_IDS}).items():
            (self.city / name).write_text(text, encoding="utf-8")
        self._write_access(account)

    def write_sources(self, text: str) -> None:
        """Replace the mapping in one step."""
        draft = self.sources / "draft"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.sources / "sources.yaml")

    def _write_access(self, account: str) -> None:
        """Accounts and access lists as an operator makes them, and the broker's SIGHUP."""
        broker = self.broker
        assert isinstance(broker, LocalBroker)
        assert broker.process is not None
        command = [
            *(sys.executable, "-m", "gigacity_deploy", "credentials", "field"),
            *("--city", str(self.city), "--mqtt-sources", str(self.sources)),
            *("--output", str(broker.process.folder / "passwords")),
        ]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env=gigacity_env(
                GIGACITY_FIELD_SECRET=broker.field_secret,
                GIGACITY_MQTT_PASSWORD=broker.worker.password,
            ),
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        broker.process.child.signal(signal.SIGHUP)
        with self.publisher(account):
            pass

    def publisher(self, user: str, *topics: str) -> ForeignClient:
        """A connection of one account of the field."""
        return ForeignClient(self.broker, user, *topics)

    def rows(self, measurement: str, device: str = "") -> list[dict[str, Any]]:
        """Rows of a measurement, oldest first."""
        where = f" WHERE device = '{device}'" if device else ""
        time.sleep(self.influx.shows_after_s)
        return self.influx.query(f"SELECT * FROM {measurement}{where}")  # noqa: S608 - ours

    def trips(self) -> list[int]:
        """Of the elevator behind the DTU, oldest first."""
        found = self.rows("device_elevator", "elevator-1")
        return [row["trips_total"] for row in found if row["trips_total"] is not None]

    def text(self, path: str) -> str:
        """A page of the worker; also with status 503."""
        url = f"http://127.0.0.1:{self.http_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def page(self, path: str) -> Any:
        """The same, as JSON."""
        return json.loads(self.text(path))

    def replay(self, *ids: str) -> Any:
        """What ``gigacity deadletters replay`` did."""
        command = [sys.executable, "-m", "gigacity_deploy", "deadletters", "replay", *ids, "--json"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, env=self._env("worker"), timeout=60
        )
        return json.loads(done.stdout)

    def _env(self, role: Literal["worker", "api"]) -> dict[str, str]:
        return gigacity_env(
            **self.influx.env(role),
            GIGACITY_STATE_DIR=str(self.state_dir),
            GIGACITY_CITY=str(self.city),
            GIGACITY_MQTT_SOURCES=str(self.sources),
        )

    def new_api(self, port: int = 0, **settings: str) -> Child:
        """An API that evaluates each second; whoever has ``API_KEY`` may read."""
        keys = self.folder / "keys.jsonl"
        line = {"name": "test", "sha256": hash_key(API_KEY), "scopes": ["read"]}
        keys.write_text(json.dumps(line) + "\n", encoding="utf-8")
        env = self._env("api") | {
            "GIGACITY_STATE_DIR": str(self.folder / "api"),
            "GIGACITY_API_KEYS_FILE": str(keys),
            "GIGACITY_HTTP_LISTEN": f"127.0.0.1:{port or free_port()}",
            "GIGACITY_EVALUATE_TICK_S": "1",
            "GIGACITY_EVALUATE_ALLOWED_LATENESS_S": "0",
        }
        env.pop("GIGACITY_MQTT_SOURCES")
        command = [sys.executable, "-m", "gigacity_deploy", "api"]
        return Child("api", command, log=self.folder / "api.log", env=env | settings)

    def figure(
        self, indicator: str, code: str, wanted: tuple[int, int, int]
    ) -> tuple[int, int, int]:
        """Known in, known out and unknown of an area's figure, as the evaluator publishes it.

        Waits until it is the wanted one, or for a while.
        """
        child = self.new_api()
        child.start()
        found = (0, 0, 0)
        until_s = time.monotonic() + FIGURE_S
        try:
            while found != wanted and time.monotonic() < until_s:
                time.sleep(0.5)
                rows = self.influx.query(
                    f"SELECT * FROM indicator WHERE indicator = '{indicator}'"  # noqa: S608 - ours
                    f" AND scope = 'area' AND code = '{code}'",
                    "figures",
                )
                if rows:
                    last = max(rows, key=lambda row: row["time"])
                    found = (last["known_in"], last["known_out"], last["unknown"])
        finally:
            child.kill()
        return found
