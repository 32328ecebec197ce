"""The long run: hostile neighbours, then all faults mixed, over a steady load; one account."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from gigacity_contract.clock import Clock
from tests.faults.ages import QUIET, Ages
from tests.faults.catalogue import FAULTS
from tests.faults.load import mixed_sources
from tests.faults.neighbours import NEIGHBOURS
from tests.faults.plan import HOLD_S, Plan, make_plan
from tests.faults.report import Report
from tests.faults.rig import Rig, open_rig
from tests.faults.scene import Scene, Steps, counted, play
from tests.support.accounting_check import account_for_presence

OLTS, GATEWAYS, DEVICES = 24, 6, 10
EVERY_S = 0.25
HONEST = "long"
QUIET_S = 8.0
NEIGHBOURS_S = 150.0
"""About what they take together."""
_AFTER_S = 2.0
"""What a neighbour leaves behind is still his."""


def run(
    folder: Path,
    *,
    seed: int,
    duration_s: float,
    scale: float,
    clock: Clock,
    say: Callable[[str], None],
) -> Report:
    """Run it.

    Args:
        folder: for logs and data of every process.
        seed: gives the plan.
        duration_s: of all of it; settling and accounting come on top.
        scale: of the numbers of faults.
        clock: for what is said of time.
        say: takes lines for whoever watches.
    """
    rng = Random(seed)  # noqa: S311 - repeatable
    mixed_s = max(0.5 * duration_s, duration_s - NEIGHBOURS_S)
    plan = make_plan(rng, duration_s=mixed_s, scale=scale)
    with open_rig(folder, seed=seed) as rig:
        rig.start_worker()
        scene = Scene(rig, rng, hold_s=HOLD_S)
        sources = mixed_sources(HONEST, seed=seed, olts=OLTS, gateways=GATEWAYS, devices=DEVICES)
        scene.loads.append(rig.load(sources, every_s=EVERY_S))
        scene.loads[0].wait_connected()
        began_s = clock.monotonic_s()
        tell = _teller(clock, say)
        ages = Ages(HONEST, clock.now_ms)
        rig.gate.on_stored = ages.note
        play(scene, [_among_neighbours(scene, ages, tell)])
        play(scene, [_kills(scene, plan, tell), _others(scene, plan, tell)])
        lasted_s = clock.monotonic_s() - began_s
        tell("settling")
        return _finish(rig, scene, ages, seed, lasted_s, tell)


def _teller(clock: Clock, say: Callable[[str], None]) -> Callable[[str], None]:
    began_s = clock.monotonic_s()
    return lambda text: say(f"{clock.monotonic_s() - began_s:7.1f} s  {text}")


def _among_neighbours(scene: Scene, ages: Ages, tell: Callable[[str], None]) -> Steps:
    """Quiet and each hostile neighbour in turn, while nothing else fails, with a clock in hand."""
    api = scene.rig.api
    api.child.start()
    yield from api.until_ready()
    names = list(NEIGHBOURS)
    scene.rng.shuffle(names)
    for name in names:
        tell(QUIET)
        ages.begin(QUIET)
        yield QUIET_S
        tell(name)
        ages.begin(name)
        yield from counted(scene, name, NEIGHBOURS[name])
        yield _AFTER_S
    ages.begin(QUIET)
    yield QUIET_S
    api.child.kill()
    ages.close()


def _kills(scene: Scene, plan: Plan, tell: Callable[[str], None]) -> Steps:
    """The worker is killed at its instants; nobody waits for anything."""
    passed_s = 0.0
    for number, at_s in enumerate(plan.kills_at_s, 1):
        yield at_s - passed_s
        passed_s = at_s
        if number % 10 == 0:
            tell(f"worker_killed, {number} of {len(plan.kills_at_s)}")
        yield from counted(scene, "worker_killed", FAULTS["worker_killed"])


def _others(scene: Scene, plan: Plan, tell: Callable[[str], None]) -> Iterator[float]:
    for name in plan.faults:
        yield plan.gap_s
        tell(name)
        yield from counted(scene, name, FAULTS[name])


def _finish(
    rig: Rig, scene: Scene, ages: Ages, seed: int, lasted_s: float, tell: Callable[[str], None]
) -> Report:
    account = rig.settle(*scene.loads)
    tell("accounted for")
    letters = rig.letters()
    presence = account_for_presence([x.tally for x in scene.loads], rig.influx, letters)
    poison = scene.poison.problems(rig.influx, rig.dead_letters("list"))
    rig.dead_letters("replay")
    replayed = rig.account(*scene.loads)
    tell("replayed the dead letters, and accounted for again")
    return Report(
        seed, lasted_s, scene, account, presence, poison, replayed,
        ledger=rig.ledger(), ages=ages.as_json(),
    )  # fmt: skip
