"""What a worker tells, through a real database: written with its rights, read with the API's."""

from pathlib import Path

import pytest

from gigacity_api.evaluator.reading import StateReader
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.influx import InfluxStore
from gigacity_city.load import load_city
from gigacity_contract.clock import ManualClock
from gigacity_contract.fresh_points import told_lines
from gigacity_contract.influx import Written
from gigacity_contract.line_protocol import encode_point
from gigacity_contract.measurements import GIGACITY_WORKER, RAW
from gigacity_ingest.encode.body import Body
from gigacity_ingest.influx.writer import InfluxWriter
from tests.integration.test_api_evaluation import TICKS, T, endpoint_of, port
from tests.support.city import write_city
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration

MINUTE = 60_000


def test_what_is_told_is_taken_and_what_is_stored_is_not_asked(
    database: InfluxServer, tmp_path: Path
) -> None:
    inventory = Inventory(load_city(write_city(tmp_path / "city")))
    clock = ManualClock(T + 30_000)
    since_ms = T - MINUTE
    with (
        InfluxStore(endpoint_of(database, "api")) as store,
        InfluxWriter(endpoint_of(database, "worker"), timeout_s=10.0) as writer,
    ):
        reader = StateReader(store, inventory, TICKS, clock)

        def say(at_ms: int) -> None:
            fields = {"started_ms": since_ms, "fresh_since_ms": since_ms}
            line = encode_point(GIGACITY_WORKER, {"worker": "w-0"}, fields, at_ms)
            assert isinstance(writer.write("ops", "ms", [line]), Written)

        def tell(at_ms: int, lines: list[bytes]) -> None:
            packed = Body.of_lines(RAW, lines).packed()
            told = told_lines(packed, worker="w-0", since_ms=since_ms, at_ms=at_ms)
            assert isinstance(writer.write("fresh", "ms", told), Written)

        say(T + 20_000)
        tell(T, [port(0, T - 1000)])
        assert not reader.advance(T).is_told
        # Told alone: what is asked of every series would not hold it.
        many = [port(n % 4, T + 30_000 + n, "down") for n in range(8000)]
        tell(T + 50_000, many)
        clock.wall_ms = T + MINUTE + 30_000
        say(clock.wall_ms - 1000)
        found = reader.advance(T + MINUTE)

    assert found.is_told
    assert found.rows == len(many)
    assert reader.state.ports.ts.max() == T + 30_000 + 7999
    assert (reader.state.ports["oper"] == 0).sum() == 4
