"""The hand-written test city, loaded once, and a decoder of it for each test."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from gigacity_city.load import load_city
from gigacity_city.model import City
from gigacity_ingest.decode.decoder import Decoder
from tests.support.city import write_city


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    return load_city(write_city(tmp_path_factory.mktemp("city")))


@pytest.fixture
def decoder(city: City) -> Decoder:
    return Decoder(city)


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    # What other tests look for in the log must not depend on whether these ran before.
    structlog.reset_defaults()
