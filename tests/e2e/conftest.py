"""Fixtures of the tests that run several workers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.fleet import Fleet


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """Broker, database and no workers yet; ended with the test."""
    made = Fleet(tmp_path)
    yield made
    made.close()
