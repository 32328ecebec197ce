"""What boards draw while an OLT is gone, an area is silent, or people call for help."""

import time
from typing import Any

import pytest

from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import ALARM, INDICATOR, PON_PORT
from tests.support import figures
from tests.support.boards import board_of
from tests.support.grafana_macros import TimeRange, expanded_queries
from tests.support.grafana_reader import ask
from tests.support.grafana_table import Row, drawn
from tests.support.processes_influx import InfluxServer

pytestmark = pytest.mark.integration

OPEN_ALARMS, OLTS, MOST_SILENT, PORTS_NOW = 9, 11, 12, 21
SEVERITIES = ("warning", "critical", "minor", "major", "critical")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _table(server: InfluxServer, board: str, panel_id: int) -> list[Row]:
    now_ms = _now_ms()
    content: Any = board_of(board).content
    found = expanded_queries(content, TimeRange(now_ms - 6 * 3_600_000, now_ms))
    (query,) = (q.query for q in found if q.panel.id == panel_id)
    (panel,) = (p for p in content["panels"] if p.get("id") == panel_id)
    return drawn(panel, ask(server, query))


def _write(server: InfluxServer, lines: list[bytes], policy: str, precision: str = "ms") -> None:
    answer = server.write(b"\n".join(lines), rp=policy, precision=precision)
    assert answer.status == 204, answer.body


def test_an_olt_that_is_silent_stands_before_one_with_a_few_ports_out(
    database: InfluxServer,
) -> None:
    """None of its ports is known to be out, and yet it is what is broken."""
    before, now = _now_ms() - 120_000, _now_ms() - 60_000
    states = {
        "olt-well": [(16, 0, 0), (16, 0, 0)],
        "olt-three": [(16, 0, 0), (13, 3, 0)],
        "olt-silent": [(16, 0, 0), (0, 0, 16)],
        "olt-dark": [(32, 0, 0), (0, 32, 0)],
    }
    _write(
        database,
        [
            encode_point(
                INDICATOR,
                {"indicator": "pon.port_availability", "scope": "olt", "code": code},
                figures.figure("pon.port_availability", known_in=i, known_out=o, unknown=u),
                at_ms,
            )
            for code, both in states.items()
            for at_ms, (i, o, u) in zip((before, now), both, strict=True)
        ],
        "figures",
    )
    for board in ("operations-en", "network-en"):
        panel_id = OLTS if board == "operations-en" else _olts_of_network()
        rows = _table(database, board, panel_id)
        assert [row["OLT"] for row in rows] == ["olt-dark", "olt-silent", "olt-three", "olt-well"]
        assert list(rows[1].values()) == ["olt-silent", 0, 16, 16]


def test_a_community_of_which_nothing_is_known_is_not_among_the_worst(
    database: InfluxServer,
) -> None:
    """No device of it is known to be out, and none to be online."""
    known_out = {"371602001001": 0, "371602001002": 2, "371602001003": 5}
    lines = [
        encode_point(
            INDICATOR,
            {"indicator": "device.online", "scope": "community", "code": code},
            figures.figure("device.online", known_in=0, known_out=out, unknown=30 - out),
            _now_ms() - 60_000,
        )
        for code, out in known_out.items()
    ]
    _write(database, lines, "figures")
    for board, panel_id in (("operations-zh", MOST_SILENT), ("communities-zh", 81)):
        rows = _table(database, board, panel_id)
        assert [list(row.values()) for row in rows] == [["371602001003", 5], ["371602001002", 2]]


def _olts_of_network() -> int:
    content: Any = board_of("network-en").content
    (panel_id,) = (
        p["id"] for p in content["panels"] if p.get("title") == "Port availability by OLT"
    )
    return int(panel_id)


def test_a_port_of_a_silent_olt_says_since_when(database: InfluxServer) -> None:
    """Its last report stays for ten minutes, and looks well."""
    reported_ms = _now_ms() - 400_000
    values: dict[str, FieldValue | None] = {
        "oper": "up",
        "admin": "up",
        "onu_online": 30,
        "onu_total": 32,
    }
    tags = {"area": "371602", "olt": "olt-1", "slot": "1", "tech": "xgs-pon"}
    lines = [
        encode_point(PON_PORT, tags | {"port": port}, values, at_ms)
        for port in ("10", "9")
        for at_ms in (reported_ms - 60_000, reported_ms)
    ]
    _write(database, lines, "raw")
    rows = _table(database, "olt-zh", PORTS_NOW)
    assert [(row["端口"], row["上报于"], row["运行状态"]) for row in rows] == [
        (9.0, reported_ms, "up"),
        (10.0, reported_ms, "up"),
    ]


def test_of_alarms_with_as_many_households_the_gravest_stands_first(
    database: InfluxServer,
) -> None:
    """A fire costs nobody gigabit, and stood below sixty ports."""
    at_ms = _now_ms() - 60_000
    lines = []
    for number, severity in enumerate(SEVERITIES):
        values: dict[str, FieldValue | None] = {
            "id": f"alarm-{number}", "act": "raise", "resource": f"r{number}", "area": "371602",
            "severity": severity, "cleared": False, "root": True, "raised_ms": at_ms,
            "households": 71 if number == 2 else 0, "households_at_most": 71,
            "text_zh": "甲", "text_en": "a", "record": "{}",
        }  # fmt: skip
        tags = {"kind": "port", "type": "pon.port_down"}
        lines.append(encode_point(ALARM, tags, values, at_ms * 1_000_000 + number))
    _write(database, lines, "forever", "ns")
    rows = _table(database, "operations-en", OPEN_ALARMS)
    assert [(row["Households"], row["Severity"]) for row in rows] == [
        (71, "minor"), (0, "critical"), (0, "critical"), (0, "major"), (0, "warning"),
    ]  # fmt: skip
