"""The short subset: every fault once, and after each the account is exact and the ledgers balance.

The long run draws from the same catalogue: ``python -m tests.faults --help``, docs/faults.md.
"""

from collections.abc import Iterator
from random import Random

import pytest

from tests.faults.catalogue import FAULTS
from tests.faults.load import mixed_sources
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


def _play_amid_traffic(scene: Scene, name: str) -> None:
    def track() -> Steps:
        yield 0.5
        yield from counted(scene, name, FAULTS[name])
        yield 0.5

    play(scene, [track()])


@pytest.mark.parametrize("name", FAULTS)
def test_what_was_acknowledged_is_stored_or_a_dead_letter(rig: Rig, name: str) -> None:
    scene = Scene(rig, Random(f"{SEED}/{name}"), hold_s=(0.6, 1.2), storm_clients=STORM_CLIENTS)  # noqa: S311 - repeatable
    sources = mixed_sources(name.replace("_", "-"), seed=SEED, olts=5, gateways=2, devices=4)
    load = rig.load(sources, every_s=0.05)
    load.wait_connected()
    _play_amid_traffic(scene, name)
    account = rig.settle(load, *scene.loads)
    letters = rig.letters()
    presence = account_for_presence([x.tally for x in (load, *scene.loads)], rig.influx, letters)

    if name in scene.skipped:
        pytest.skip(scene.skipped[name])
    assert account.is_exact, account
    assert account.messages > 100
    assert presence.missing == []
    assert load.tally.refused == []
    assert load.tally.unrouted == 0, "the broker has lost the worker's session"
    assert scene.problems == []
    assert scene.poison.problems(rig.influx, rig.dead_letters("list")) == []
    assert rig.watch.unbalanced == []
    assert rig.ledger()["balanced"]


def test_dead_letters_of_a_wrong_clock_are_stored_by_a_replay(rig: Rig) -> None:
    """They follow the clock step above, whose messages lay in the future."""
    scene = Scene(rig, Random(SEED), hold_s=(0.6, 1.2))  # noqa: S311 - repeatable
    load = rig.load(
        mixed_sources("replayed", seed=SEED, olts=4, gateways=0, devices=0), every_s=0.05
    )
    load.wait_connected()
    _play_amid_traffic(scene, "clock_stepped")
    before = rig.settle(load)
    if scene.skipped:
        pytest.skip(scene.skipped["clock_stepped"])
    assert before.dead_lettered > 0
    rig.dead_letters("replay")
    after = rig.account(load)

    assert (after.dead_lettered, after.stored) == (0, before.points)
