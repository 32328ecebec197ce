"""What a person would see: a device beside the city whose readings are timed until they are stored.

The worker's own histogram counts from each reading's ``ts``, and so whatever a publisher held back
until its connection stood; the probe is connected before the city starts and never holds back. It
asks the database itself, so that what it tells does not rest on the worker's word.
"""

import base64
import shutil
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gigacity_city.wholeness import CHECKSUMS
from gigacity_contract.access import Secret
from gigacity_contract.clock import Clock
from gigacity_contract.errors import GigacityError
from gigacity_deploy.demo.http import AskError, ask
from gigacity_deploy.demo.plan import ADMIN_USER, BUCKET, DemoPlan
from gigacity_simulators.clients.broker import broker_from
from gigacity_simulators.publisher_directory import RESERVED_PREFIX
from tests.support.field_client import FieldClient, FieldClientError

MEASUREMENT = "device_smoke_detector"
EVERY_S = 0.2
_LOOK_EVERY_S = 0.25
_AGAIN_S = 0.5
_END_S = 30.0


def city_with_probe(city: Path, folder: Path) -> Path:
    """A copy of a city that has one device more, which the simulated city leaves alone."""
    own = folder / "city"
    shutil.copytree(city, own, dirs_exist_ok=True)
    (own / CHECKSUMS).unlink(missing_ok=True)
    table = own / "devices.csv"
    head, rest = table.read_text(encoding="utf-8").split("\n", 1)
    community = rest.split(",", 1)[0]
    row = f"{community},smoke_detector,{RESERVED_PREFIX},\n"
    if row not in rest:
        table.write_text(f"{head}\n{row}{rest}", encoding="utf-8")
    return own


class Probe:
    """Publishes a reading every 0.2 s, and notes how long after its ``ts`` it is found stored.

    Args:
        plan: of the running system.
        identity: of the device that is left to the probe.
        clock: the wall clock, which the readings carry.
    """

    def __init__(self, plan: DemoPlan, identity: str, clock: Clock) -> None:
        self._plan = plan
        self._identity = identity
        self._clock = clock
        self._is_over = threading.Event()
        self._sent_ms: list[int] = []
        """Every ``ts`` that the broker has confirmed, or that is on its way to it."""
        self._seen_ms: dict[int, int] = {}
        """By ``ts``: when it was found stored."""
        self._threads = [
            threading.Thread(target=run, name=f"probe {run.__name__}", daemon=True)
            for run in (self._publish, self._look)
        ]

    @property
    def stored(self) -> int:
        """Readings that were found stored, also those whose confirmation by the broker was lost."""
        return len(self._seen_ms)

    @property
    def latencies(self) -> list[tuple[int, float]]:
        """Each reading's ``ts`` in ms, and seconds until it was found; of those never found, until
        now."""
        now_ms = self._clock.now_ms()
        return [(ts, (self._seen_ms.get(ts, now_ms) - ts) / 1000) for ts in list(self._sent_ms)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End publishing, and wait a while for what is still on its way."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(_END_S + 10)

    def _publish(self) -> None:
        plan = self._plan
        broker = broker_from(plan.mqtt_url, plan.secrets.value("field"))
        confirmed = 0
        while not self._is_over.is_set():
            client = FieldClient(broker, self._identity, clock=self._clock)
            try:
                client.connect()
                while not self._is_over.wait(EVERY_S):
                    ts = self._clock.now_ms()
                    self._sent_ms.append(ts)
                    client.publish(
                        b'{"ts":%d,"kind":"smoke_detector","values":{"alarm":false}}' % ts
                    )
                    confirmed = len(self._sent_ms)
            except (FieldClientError, OSError, GigacityError):
                del self._sent_ms[confirmed:]  # Nobody has promised anything for the last one.
                self._is_over.wait(_AGAIN_S)
            finally:
                client.abort()

    def _look(self) -> None:
        give_up_s: float | None = None
        secret = self._plan.secrets.value("influx_admin")
        while give_up_s is None or time.monotonic() < give_up_s:
            missing = [ts for ts in list(self._sent_ms) if ts not in self._seen_ms]
            if missing:
                found = _stored(self._plan.ports.influx, secret, missing[0])
                now_ms = self._clock.now_ms()
                self._seen_ms |= {ts: now_ms for ts in found if ts not in self._seen_ms}
            if self._is_over.is_set():
                give_up_s = give_up_s or time.monotonic() + _END_S
                if not missing:
                    return
            time.sleep(_LOOK_EVERY_S)


def _stored(port: int, secret: Secret, from_ms: int) -> list[int]:
    """Times of the probe's stored readings; nothing while the database is away."""
    q = (
        f'SELECT "alarm" FROM "{MEASUREMENT}"'  # noqa: S608 - names of our own
        f" WHERE \"device\" = '{RESERVED_PREFIX}' AND time >= {from_ms}ms"
    )
    login = base64.b64encode(f"{ADMIN_USER}:{secret.reveal()}".encode()).decode()
    form = {"db": BUCKET, "rp": "raw", "q": q, "epoch": "ms"}
    try:
        answer: Any = ask(port, "/query", headers={"Authorization": f"Basic {login}"}, form=form)
    except AskError:
        return []
    rows = answer["results"][0].get("series", [])
    return [int(row[0]) for row in rows[0]["values"]] if rows else []


def by_phase(
    latencies: Sequence[tuple[int, float]], phases: Mapping[str, tuple[int, int]]
) -> dict[str, dict[str, float]]:
    """Quantiles of the readings of each phase.

    Args:
        latencies: ``ts`` in ms and seconds until stored, by ``ts``.
        phases: name to first and last moment, in ms.
    """
    report = {}
    moments = [ts for ts, _ in latencies]
    for name, (from_ms, to_ms) in phases.items():
        part = latencies[bisect_left(moments, from_ms) : bisect_left(moments, to_ms)]
        found = sorted(seconds for _, seconds in part)
        if found:
            p99 = found[min(len(found) - 1, int(len(found) * 0.99))]
            report[name] = {"readings": len(found), "p50_s": found[len(found) // 2],
                            "p99_s": p99, "slowest_s": found[-1]}  # fmt: skip
    return report
