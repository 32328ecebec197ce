"""Hostile neighbours: a device, a caller, a clock and a file that do what they can, and no more.

Nothing of the system itself fails meanwhile, so whoever is honest must hardly notice.
"""

import socket
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from types import MappingProxyType

from gigacity_city.load import load_city
from tests.faults.api import READ_KEY
from tests.faults.hostile import Hostile
from tests.faults.load import lone_devices
from tests.faults.rig import CLIENT_ID
from tests.faults.scene import Scene, Steps
from tests.support.city import COMMUNITY_A, TABLES
from tests.support.field_client import FieldClientError
from tests.support.mqtt_probe import can_connect

DAY_MS = 86_400_000
_LATE_EVERY_S = 0.01
_COPIED_ROWS = 400
_COPIED_PARTS = 3
_PAUSES_S = (6.0, 8.0)
"""Between the parts: the worker looks meanwhile, and a folder must stand still for ten."""
_IN_FORCE_S = 60.0
_READERS = 60
_PIPELINED = 50
_PATHS = (
    "/api/v1/stream",
    "/api/v1/indicators/device.online/evidence?limit=1000",
    "/api/v1/indicators/device.online/evidence/export?format=csv",
)


def takeover(scene: Scene) -> Steps:
    """A device connects in the worker's name again and again."""
    broker = scene.rig.broker
    login = broker.add_user(f"371602/olt/hostile-{scene.counts.get('session_takeover', 0)}")
    until_s = time.monotonic() + 2 * scene.hold()
    while time.monotonic() < until_s:
        can_connect(broker.host, broker.port, login.username, login.password, client_id=CLIENT_ID)
        yield 0.05


def flood(scene: Scene) -> Steps:
    """One device publishes good readings as fast as the broker takes them."""
    hostile, until_s = Hostile(scene.rig.broker), time.monotonic() + 2 * scene.hold()
    while time.monotonic() < until_s:
        with suppress(FieldClientError):  # It does not care whether it is turned away.
            hostile.flood()
        yield 0.0


def poison_of_one(scene: Scene) -> Steps:
    """One publisher sends megabytes of junk and bad fields, far beyond its share of the disk."""
    hostile = Hostile(scene.rig.broker)
    for _ in range(8):
        with suppress(FieldClientError):
            hostile.poison()
        yield 0.1


def clock_day_behind(scene: Scene) -> Steps:
    """A device whose clock is a day behind reports without pause; its readings count as well."""
    sources = lone_devices(f"yesterday{len(scene.loads)}", seed=1, count=1)
    load = scene.rig.load(sources, every_s=_LATE_EVERY_S, behind_ms=DAY_MS)
    scene.loads.append(load)
    yield 2 * scene.hold()
    load.finish()


def half_copied_tables(scene: Scene) -> Steps:
    """A table of the city is written slowly, in whole lines: none of its parts may be in force.

    Nobody kills the worker meanwhile: one that starts takes the folder as it is.
    """
    rig = scene.rig
    while scene.is_worker_taken:
        yield 0.2
    scene.is_worker_taken = True
    while not (before := rig.city_version()):
        yield 0.2
    number = scene.counts.get("half_copied_tables", 0)
    added = [
        f"{COMMUNITY_A},smoke_detector,copied-{number}-{row},gw-a\n" for row in range(_COPIED_ROWS)
    ]
    lines = TABLES["devices.csv"].splitlines(keepends=True) + added
    size, seen = -(-len(lines) // _COPIED_PARTS), set()
    with (rig.city / "devices.csv").open("w", encoding="utf-8") as table:
        for first in range(0, len(lines), size):
            table.writelines(lines[first : first + size])
            table.flush()
            yield scene.rng.uniform(*_PAUSES_S)
            seen.add(rig.city_version())
    after, until_s = load_city(rig.city).version, time.monotonic() + _IN_FORCE_S
    while after not in seen and time.monotonic() < until_s:
        yield 0.5
        seen.add(rig.city_version())
    scene.is_worker_taken = False
    if parts := seen - {before, after, ""}:
        scene.problems.append(f"{len(parts)} versions of a city in force that was half copied")
    if after not in seen:
        scene.problems.append(f"a city that was copied is not in force after {_IN_FORCE_S:g} s")


def slow_readers(scene: Scene) -> Steps:
    """Streams, exports and pages of evidence are asked for by one key, and never read."""
    api = scene.rig.api
    is_ours = not api.child.is_running
    if is_ours:
        api.child.start()
        yield from api.until_ready()
    until_s = time.monotonic() + 2 * scene.hold()
    with ExitStack() as open_ones:
        for number in range(_READERS):
            open_ones.enter_context(_slow_reader(api.port, _PATHS[number % len(_PATHS)]))
        while time.monotonic() < until_s:
            scene.healthz_s.append(api.healthz_s())
            yield 0.2
    if is_ours:
        api.child.kill()


def _slow_reader(port: int, path: str) -> socket.socket:
    made = socket.socket()
    made.settimeout(1.0)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {READ_KEY}\r\n\r\n"
    with suppress(OSError):  # To be turned away is what such a caller is there for.
        made.connect(("127.0.0.1", port))
        made.sendall(request.encode() * _PIPELINED)
    return made


NEIGHBOURS: Mapping[str, Callable[[Scene], Steps]] = MappingProxyType(
    {
        "session_takeover": takeover,
        "flood": flood,
        "poison_of_one": poison_of_one,
        "clock_day_behind": clock_day_behind,
        "half_copied_tables": half_copied_tables,
        "slow_readers": slow_readers,
    }
)
"""What the long run plays one after the other while nothing else fails, with a clock in hand."""
