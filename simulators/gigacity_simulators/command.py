"""What ``gigacity simulate`` does: prepare, run until told to stop, say how it went."""

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from gigacity_contract.clock import SystemClock
from gigacity_contract.errors import ConfigError
from gigacity_simulators.clients.client_pool import ClientPoolLimits
from gigacity_simulators.prepared import PreparedRun, prepare
from gigacity_simulators.run import Outputs, SimulationRun
from gigacity_simulators.screen import Screen
from gigacity_simulators.settings import SimulateSettings
from gigacity_simulators.stats import summary


def simulate(settings: SimulateSettings) -> int:
    """Run a simulation; the exit code.

    Raises:
        ConfigError: a setting is wrong.
        CityError: the city folder is wrong.
    """
    prepared = prepare(settings)
    _check_writable("GIGACITY_SIMULATE_TRUTH", settings.truth)
    _check_writable("GIGACITY_SIMULATE_STATS", settings.stats)
    screen = Screen(Console(stderr=True))
    screen.tell(_introduction(prepared))
    limits = ClientPoolLimits(
        connects_per_s=settings.connect_rate, buffer_bytes=settings.buffer_mb * 1024 * 1024
    )
    clock = SystemClock()
    run = SimulationRun(
        prepared, Outputs(settings.truth, settings.stats, screen.show, screen.tell), clock, limits
    )
    started_s = clock.monotonic_s()
    with _stop_signal() as is_told_to_stop, _city_out_of_gc(), screen.live():
        final = run.until(is_told_to_stop, settings.duration)
    seconds = clock.monotonic_s() - started_s
    screen.tell("ended: " + summary(final, changes=run.changes_made, seconds=seconds))
    return 0 if final["messages_acked"] else 1


@contextmanager
def _stop_signal() -> Iterator[Callable[[], bool]]:
    """SIGTERM and SIGINT ask for an orderly end; a second one is left to the system's default."""
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(told)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _city_out_of_gc() -> Iterator[None]:
    """The city is built and stays: without this each collection would look at all of it again."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _check_writable(name: str, path: Path | None) -> None:
    if path is None:
        return
    try:
        path.open("ab").close()
    except OSError as error:
        raise ConfigError(f"{name}={path}: cannot be written: {error}") from error


def _introduction(prepared: PreparedRun) -> str:
    city, directory = prepared.city, prepared.directory
    silent = (
        f"; {directory.left_out:,} devices beyond the pool stay silent"
        if directory.left_out
        else ""
    )
    return (
        f"{city.name.en} ({city.profile}): {len(city.olts):,} OLTs with {len(city.ports):,} ports,"
        f" {len(city.devices):,} devices, {len(directory.publishers):,} clients to"
        f" {prepared.broker.address}{silent}"
    )
