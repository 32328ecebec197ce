"""Fixtures of real servers: ``broker``, ``influx`` (shared by a session), ``fresh_broker``,
``fresh_influx`` (a test's own, to stop and kill), ``database`` (an empty bucket of ``influx``).

Where they come from, in this order: the environment (``processes_external``), containers
(``processes_containers``, only with GIGACITY_TEST_CONTAINERS=1), Debian's programs.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Broker, start_local_broker, start_local_influx
from tests.support.processes_containers import (
    start_container_broker,
    start_container_influx,
    wants_containers,
)
from tests.support.processes_external import external_broker, external_influx
from tests.support.processes_influx import InfluxServer


def start_broker(folder: Path) -> Broker:
    """A broker, from wherever the environment says."""
    external = external_broker(os.environ)
    if external is not None:
        return external
    if wants_containers():
        return start_container_broker(folder)
    return start_local_broker(folder)


def start_influx(folder: Path) -> InfluxServer:
    """A database server, from wherever the environment says."""
    external = external_influx(os.environ)
    if external is not None:
        return external
    if wants_containers():
        return start_container_influx(folder)
    return start_local_influx(folder)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker for the whole session; tests use identities of their own, and do not stop it."""
    server = start_broker(tmp_path_factory.mktemp("broker"))
    yield server
    server.close()


@pytest.fixture
def fresh_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of the test's own, which it may stop and kill."""
    server = start_broker(tmp_path / "broker")
    yield server
    server.close()


@pytest.fixture(scope="session")
def influx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    """A database server for the whole session; take ``database`` for an empty bucket of it."""
    server = start_influx(tmp_path_factory.mktemp("influx"))
    yield server
    server.close()


@pytest.fixture
def database(influx: InfluxServer) -> Iterator[InfluxServer]:
    """An empty, provisioned bucket of the session's server."""
    bucket = influx.fresh_bucket()
    yield bucket
    bucket.drop()


@pytest.fixture
def fresh_influx(tmp_path: Path) -> Iterator[InfluxServer]:
    """A database server of the test's own, which it may stop and kill."""
    server = start_influx(tmp_path / "influx")
    yield server
    server.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add the servers' logs to the report of a failed test."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined] # pluggy's Result, untyped here
    if not report.failed:
        return
    for name, value in getattr(item, "funcargs", {}).items():
        if isinstance(value, Broker | InfluxServer) and (text := value.log()):
            report.sections.append((f"log of {name}", text))
