"""OLTs that only speak SNMP: agent, Telegraf, broker, worker, database, figure.

Where no Telegraf can do it, what it sent is published in its place: ``tests/golden/presets``.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gigacity_city.load import load_city
from gigacity_contract.clock import SystemClock
from gigacity_contract.payloads import Port
from gigacity_ingest.presets.catalogue import PRESETS
from gigacity_ingest.presets.mapping_text import mapping_text
from gigacity_ingest.presets.telegraf_config import Agent, Polling, telegraf_config
from gigacity_simulators.snmp.field_olt import FieldOlt
from gigacity_simulators.snmp.tables import VENDORS, objects_of
from tests.e2e.foreign_stack import ForeignStack
from tests.golden.preset_files import payload_of, recorded_ports
from tests.support.city import AREA_A
from tests.support.mqtt_probe import wait_until
from tests.support.olt_presets import snmp_agent, telegraf_environment, telegraf_or_why_not

pytestmark = pytest.mark.e2e

ALL = pytest.mark.parametrize("equipment", list(PRESETS))
OLTS = {name: f"olt-{name}" for name in PRESETS}
TABLES = {
    "olts.csv": "id,area\n" + "".join(f"{olt},{AREA_A}\n" for olt in OLTS.values()),
    "ports.csv": "olt,slot,port,tech\n"
    + "".join(f"{olt},1,1..8,xgs-pon\n{olt},2,1..8,gpon\n" for olt in OLTS.values()),
    "coverage.csv": "olt,slot,port,buildings\n",
}
SHOWN = (
    *("admin", "oper", "tx_dbm", "rx_dbm", "volt_v", "temp_c", "bias_ma"),
    *("onu_total", "onu_online", "onu_off_power", "onu_off_los"),
)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignStack]:
    mappings = {
        f"{name}.yaml": mapping_text(preset, [AREA_A], ["telegraf"], "json")
        for name, preset in PRESETS.items()
    }
    made = ForeignStack(tmp_path_factory.mktemp("snmp"), mappings, TABLES, "telegraf")
    try:
        made.start_worker()
        yield made
    finally:
        made.close()


def rows_of(
    stack: ForeignStack, olt: str, from_ms: int, span_ms: int
) -> dict[tuple[int, int], dict[str, Any]]:
    rows = stack.influx.query(f"SELECT * FROM pon_port WHERE olt = '{olt}'")  # noqa: S608 - ours
    new = [row for row in rows if 0 <= row["time"] - from_ms <= span_ms]
    return {(int(row["slot"]), int(row["port"])): row for row in new}


def assert_shown(row: dict[str, Any], port: Port, fields: set[str]) -> None:
    """The row says what the port showed, to the coarsest vendor's step."""
    for name in fields.intersection(SHOWN):
        value = getattr(port, name)
        if name == "onu_total" and value is None:
            continue  # Some have no word for it but 0.
        assert row[name] == (
            value if isinstance(value, str | None) else pytest.approx(value, abs=0.51)
        )


@ALL
def test_what_telegraf_sent_once_becomes_the_rows_of_its_ports(
    stack: ForeignStack, equipment: str
) -> None:
    at_ms = SystemClock().now_ms() - 60_000
    payload = re.sub(rb'"timestamp":[0-9]+', b'"timestamp":%d' % at_ms, payload_of(equipment))
    with stack.publisher("telegraf") as poller:
        assert poller.publish(f"telegraf/telegraf/{equipment}/127.0.0.1", payload)
        assert not poller.publish(f"telegraf/another/{equipment}/127.0.0.1", payload)
    ports = {(port.slot, port.port): port for port in recorded_ports()}
    wait_until(lambda: len(rows_of(stack, OLTS[equipment], at_ms, 0)) == len(ports), "all rows")

    fields = {column.target for column in PRESETS[equipment].mapped}
    for key, row in rows_of(stack, OLTS[equipment], at_ms, 0).items():
        assert_shown(row, ports[key], fields)
    ledger = stack.drain(received=1)
    assert ledger["balanced"] is True
    assert sum(ledger["dead_letters"].values()) == 0


@ALL
def test_telegraf_polls_the_agent_and_the_figure_follows(
    stack: ForeignStack, equipment: str, tmp_path: Path
) -> None:
    path, reason = telegraf_or_why_not()
    if not path:
        pytest.skip(reason)
    olt = FieldOlt(load_city(stack.city), OLTS[equipment], seed=7)
    # Telegraf stamps whole seconds.
    begun_ms = SystemClock().now_ms() // 1000 * 1000
    shown = olt.ports(begun_ms)
    config = tmp_path / "telegraf.conf"
    with snmp_agent(lambda: objects_of(VENDORS[equipment], shown)) as port:
        agent = Agent(f"udp://127.0.0.1:{port}", OLTS[equipment])
        broker = f"mqtt://{stack.broker.host}:{stack.broker.port}"
        config.write_text(
            telegraf_config(PRESETS[equipment], Polling([agent], broker)), encoding="utf-8"
        )
        done = subprocess.run(
            [path, "--config", str(config), "--once"],
            env=telegraf_environment(stack.broker.password_of("telegraf")),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    wait_until(
        lambda: len(rows_of(stack, OLTS[equipment], begun_ms, 30_000)) == len(shown), "all rows"
    )
    fields = {column.target for column in PRESETS[equipment].mapped}
    rows = rows_of(stack, OLTS[equipment], begun_ms, 30_000)
    for one in shown:
        assert_shown(rows[one.slot, one.port], one, fields)


def test_ports_that_were_polled_count_in_the_figure(stack: ForeignStack) -> None:
    """Those of 10G that are up are in; those that are down, and those of GPON, are out."""
    now_ms = SystemClock().now_ms()
    ports = recorded_ports()
    working = sum(port.tech == "xgs-pon" and port.oper == "up" for port in ports)
    assert 0 < working < len(ports) / 2
    with stack.publisher("telegraf") as poller:
        for equipment in PRESETS:
            payload = re.sub(
                rb'"timestamp":[0-9]+', b'"timestamp":%d' % now_ms, payload_of(equipment)
            )
            assert poller.publish(f"telegraf/telegraf/{equipment}/127.0.0.1", payload)
    wanted = (len(PRESETS) * working, len(PRESETS) * (len(ports) - working), 0)
    assert stack.figure("pon.ports_10g", AREA_A, wanted) == wanted
