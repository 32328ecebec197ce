"""The short subset: every fault once, and after each the account is exact and the ledgers balance.

The long run draws from the same catalogue: ``python -m tests.faults --help``, docs/faults.md.
"""

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.load import mixed_sources
from tests.faults.plan import QUOTAS
from tests.faults.rig import Rig, open_rig
from tests.faults.scene import Scene, Steps, counted, play
from tests.support.accounting_check import account_for_presence

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
SEED = 4
STORM_CLIENTS = 500


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with open_rig(tmp_path_factory.mktemp("faults"), seed=SEED) as made:
        made.start_worker()
        yield made


GROUPS = {
    "worker and broker": ("worker_killed", "broker_restarted"),
    "database away": ("database_stopped", "database_killed", "database_frozen"),
    "database refusing": ("database_refusing", "answers_lost"),
    "links": ("broker_link_flapping", "database_link_flapping"),
    "disk": ("disk_full",),
    "one publisher": ("flood", "poison_of_one", "clock_day_behind"),
    "files and readers": ("half_copied_tables", "slow_readers"),
    "field": ("poison_burst", "reconnect_storm", "session_takeover"),
}


def _play_amid_traffic(scene: Scene, names: Sequence[str]) -> None:
    def track() -> Steps:
        for name in names:
            yield 0.4
            yield from counted(scene, name, FAULTS[name])
        yield 0.4

    play(scene, [track()])
    if scene.skipped:
        scene.rig.settle(*scene.loads)
        pytest.skip("; ".join(scene.skipped.values()))


def _scene(rig: Rig, name: str) -> Scene:
    rng = Random(f"{SEED}/{name}")  # noqa: S311 - repeatable
    scene = Scene(rig, rng, hold_s=(0.5, 1.0), storm_clients=STORM_CLIENTS)
    sources = mixed_sources(name.replace(" ", "-"), seed=SEED, olts=5, gateways=2, devices=4)
    scene.loads.append(rig.load(sources, every_s=0.05))
    scene.loads[0].wait_connected()
    return scene


@pytest.mark.parametrize("group", GROUPS)
def test_what_was_acknowledged_is_stored(rig: Rig, group: str) -> None:
    scene = _scene(rig, group)
    _play_amid_traffic(scene, GROUPS[group])
    account = rig.settle(*scene.loads)
    tallies = [load.tally for load in scene.loads]
    presence = account_for_presence(tallies, rig.influx, rig.letters())

    assert account.is_exact, account
    assert account.stored == account.points > 1000
    assert presence.births >= len(scene.loads[0].sources)
    assert presence.missing == []
    assert [tally.refused for tally in tallies] == [[] for _ in tallies]
    assert sum(tally.unrouted for tally in tallies) == 0, "the broker lost the worker's session"
    assert scene.problems == []
    assert scene.poison.problems(rig.influx, rig.dead_letters("list")) == []
    assert rig.watch.unbalanced == []
    assert rig.ledger()["balanced"]


def test_messages_of_a_wrong_clock_are_dead_letters_and_a_replay_stores_them(rig: Rig) -> None:
    scene = _scene(rig, "clock")
    _play_amid_traffic(scene, ["clock_stepped"])
    account = rig.settle(*scene.loads)
    rig.dead_letters("replay")
    replayed = rig.account(*scene.loads)

    assert account.is_exact, account
    assert account.dead_lettered > 0
    assert (replayed.dead_lettered, replayed.stored) == (0, account.points)
    assert rig.watch.unbalanced == []
    assert scene.problems == []


def test_every_fault_of_the_catalogue_is_in_the_subset_and_in_the_plan() -> None:
    here = {name for names in GROUPS.values() for name in names} | {"clock_stepped"}

    assert here == set(FAULTS) == set(QUOTAS)
