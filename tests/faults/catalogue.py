"""The faults, one function each. A fault leaves everything running when it is over."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.faults.load import lone_devices
from tests.faults.neighbours import (
    clock_day_behind,
    flood,
    half_copied_tables,
    poison_of_one,
    slow_readers,
    takeover,
)
from tests.faults.scene import CannotError, Scene, Steps
from tests.support.tcp_proxy import TcpProxy
from tests.support.tcp_proxy_http import Refusal

_FAKETIME = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
)
_STEPS_S = ("+3600", "-600")
"""An hour ahead: everything is late. Ten minutes back: everything lies in the future."""


def worker_killed(scene: Scene) -> Steps:
    """kill -9, whatever it does, and another start."""
    while scene.is_worker_taken:
        yield 0.2
    scene.is_worker_taken = True
    scene.rig.worker.kill()
    yield scene.rng.uniform(0.0, 1.0)
    scene.rig.worker.start()
    scene.is_worker_taken = False


def broker_restarted(scene: Scene) -> Steps:
    """An orderly end, which is all that Mosquitto 2.0.11 survives without loss."""
    code = scene.rig.stop_broker()
    if code != 0:
        scene.problems.append(f"mosquitto ended with {code} on SIGTERM")
    yield scene.hold()
    scene.rig.broker.start()


def database_stopped(scene: Scene) -> Steps:
    """SIGTERM, and back after a while."""
    scene.rig.influx.stop()
    yield scene.hold()
    scene.rig.influx.start()


def database_killed(scene: Scene) -> Steps:
    """kill -9, and back after a while."""
    scene.rig.influx.kill()
    yield scene.hold()
    scene.rig.influx.start()


def database_frozen(scene: Scene) -> Steps:
    """SIGSTOP: it takes connections and requests, and answers nothing."""
    scene.rig.influx.pause()
    yield scene.hold()
    scene.rig.influx.resume()


def database_refusing(scene: Scene) -> Steps:
    """Every write is answered 503, 429 or 500."""
    status, body = scene.rng.choice(
        (
            (503, b'{"error":"timeout"}'),
            (429, b'{"error":"too many writes"}'),
            (500, b'{"error":"engine: cache-max-memory-size exceeded: (1/1)"}'),
        )
    )
    scene.rig.gate.refusal = Refusal(status, body)
    yield scene.hold()
    scene.rig.gate.refusal = None


def answers_lost(scene: Scene) -> Steps:
    """The database takes every write, and the connection ends instead of an answer."""
    scene.rig.gate.loses_answers = True
    yield scene.hold()
    scene.rig.gate.loses_answers = False


def _flap(scene: Scene, proxy: TcpProxy) -> Steps:
    async def begin() -> None:
        proxy.flap(up_s=(0.1, 0.8), down_s=(0.1, 0.8))

    scene.rig.loop.run(begin())
    yield 2 * scene.hold()
    scene.rig.loop.run(proxy.steady())


def broker_link_flapping(scene: Scene) -> Steps:
    """The worker's link to the broker is refused, silent, cut, half closed, slow."""
    yield from _flap(scene, scene.rig.to_broker)


def database_link_flapping(scene: Scene) -> Steps:
    """The worker's link to the database does the same."""
    yield from _flap(scene, scene.rig.to_influx)


def disk_full(scene: Scene) -> Steps:
    """No byte is free on the worker's disk while the database is away; it is killed, too.

    Raises:
        CannotError: no small disk could be mounted.
    """
    rig = scene.rig
    if rig.disk is None:
        raise CannotError("the worker's state is on no disk of its own: mounting needs root")
    rig.influx.stop()
    rig.disk.fill()
    yield scene.hold()
    yield from worker_killed(scene)
    yield scene.hold()
    if scene.rng.random() < 0.5:
        rig.disk.free()
        rig.influx.start()
    else:
        rig.influx.start()
        yield scene.hold()
        rig.disk.free()


def faketime_library() -> str:
    """Path of libfaketime.

    Raises:
        CannotError: it is not installed.
    """
    found = [path for path in _FAKETIME if Path(path).exists()]
    if not found:
        raise CannotError("libfaketime is not installed: apt-get install faketime")
    return found[0]


def clock_stepped(scene: Scene) -> Steps:
    """The worker's wall clock jumps ahead and back; nobody else's does.

    Raises:
        CannotError: there is no libfaketime.
    """
    rig, library = scene.rig, faketime_library()
    offset = rig.folder / "faketime"
    offset.write_text("+0", encoding="ascii")
    while scene.is_worker_taken:
        yield 0.2
    scene.is_worker_taken = True
    rig.worker.kill()
    rig.worker = rig.build_worker(
        LD_PRELOAD=library,
        FAKETIME_TIMESTAMP_FILE=os.fspath(offset),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    rig.worker.start()
    yield 1.5 + scene.hold()
    for step in (*_STEPS_S, "+0"):
        offset.write_text(step, encoding="ascii")
        yield scene.hold()
    rig.worker.kill()
    rig.worker = rig.build_worker()
    rig.worker.start()
    scene.is_worker_taken = False


def reconnect_storm(scene: Scene) -> Steps:
    """Thousands of devices lose their connections in one instant and come back at once."""
    name = f"storm{len(scene.loads)}"
    sources = lone_devices(name, seed=1, count=scene.storm_clients)
    load = scene.rig.load(sources, every_s=0)
    scene.loads.append(load)
    load.wait_connected()
    yield scene.hold()
    load.abort_all()
    yield 1.0
    load.wait_connected()
    yield scene.hold()
    load.finish()


def poison_burst(scene: Scene) -> Steps:
    """Every bad message of the corpus."""
    scene.poison.publish_burst(scene.rig.broker)
    yield 0.0


def session_takeover(scene: Scene) -> Steps:
    """A device connects in the worker's name again and again, and the worker dies meanwhile."""
    dying = worker_killed(scene)
    for pause_s in takeover(scene):
        yield min(pause_s, next(dying, pause_s))
    yield from dying


FAULTS: Mapping[str, Callable[[Scene], Steps]] = MappingProxyType(
    {
        fault.__name__: fault
        for fault in (
            worker_killed,
            broker_restarted,
            database_stopped,
            database_killed,
            database_frozen,
            database_refusing,
            answers_lost,
            broker_link_flapping,
            database_link_flapping,
            disk_full,
            clock_stepped,
            reconnect_storm,
            poison_burst,
            flood,
            poison_of_one,
            clock_day_behind,
            half_copied_tables,
            slow_readers,
            session_takeover,
        )
    }
)
