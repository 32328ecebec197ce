"""The worker's folder on a disk that is full."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gigacity_contract.errors import ConfigError
from gigacity_ingest.adapters.state_folder import StateFolder

FILTERS = ("a/#", "b/#")


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StateFolder]:
    """A folder that was used before, and whose disk has become full."""
    state = StateFolder(tmp_path)
    state.save_filters(FILTERS)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    yield state
    state.close()


def test_a_worker_with_the_same_plan_starts(full: StateFolder) -> None:
    full.save_filters(FILTERS)

    assert full.former_filters(FILTERS) == ()


def test_a_worker_with_another_plan_says_why_it_cannot(full: StateFolder) -> None:
    with pytest.raises(ConfigError, match="No space left"):
        full.save_filters(("c/#",))

    assert full.former_filters(("c/#",)) == FILTERS
