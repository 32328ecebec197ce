"""OLTs that are polled by SNMP: what Telegraf makes of their tables, and Telegraf itself."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from gigacity_contract.clock import SystemClock
from gigacity_ingest.presets.definition import OltPreset
from gigacity_ingest.presets.onu_counting import OnuTable, counting_script
from gigacity_simulators.snmp.agent import SnmpAgent
from gigacity_simulators.snmp.tables import Oid, Value

NEEDED = {
    "inputs": "inputs.snmp",
    "outputs": "outputs.mqtt",
    "processors": "processors.starlark",
    "serializers": "serializers.json",
}
"""Plugins that not every build of Telegraf has."""


@cache
def telegraf_or_why_not() -> tuple[str, str]:
    """Path of a Telegraf that can do it, or the reason why there is none."""
    path = shutil.which("telegraf")
    if path is None:
        return "", "no telegraf on PATH"
    for group, plugin in NEEDED.items():
        done = subprocess.run([path, "plugins", group], capture_output=True, text=True, check=False)
        if plugin not in done.stdout.split():
            return "", f"{path} was built without {plugin}"
    return path, ""


def telegraf_environment(password: str = "") -> dict[str, str]:
    """What a generated configuration asks for."""
    secrets = {"SNMP_COMMUNITY": "public", "MQTT_USERNAME": "telegraf"}
    return {"PATH": os.environ["PATH"], **secrets, "MQTT_PASSWORD": password}


def joined_rows(preset: OltPreset, objects: Mapping[Oid, Value]) -> dict[str, dict[str, Any]]:
    """Rows of the preset's columns by their index, as Telegraf joins them; PON ports alone."""
    by_column: dict[Oid, dict[str, Value]] = defaultdict(dict)
    for oid, value in objects.items():
        by_column[oid[:-1]][str(oid[-1])] = value

    def column(oid: str) -> dict[str, Value]:
        return by_column[tuple(map(int, oid.split(".")))]

    names = column(preset.label)
    rows: dict[str, dict[str, Any]] = {}
    for index, name in names.items():
        if "pon" in str(name).lower():
            values = {
                c.name: column(c.oid)[index] for c in preset.columns if index in column(c.oid)
            }
            rows[index] = {"tags": {"index": index, "ifName": name}, "fields": values}
    if preset.onus is not None:
        count_onus(preset.onus, by_column, rows)
    return rows


class StarlarkMetric:
    """A metric as the script sees it."""

    def __init__(self, name: str, index: str, fields: dict[str, Any], time: int = 0) -> None:
        self.name = name
        self.tags = {"source": "127.0.0.1", "index": index}
        self.fields = fields
        self.time = time


def count_onus(
    table: OnuTable, by_column: Mapping[Oid, Mapping[str, Value]], rows: dict[str, dict[str, Any]]
) -> None:
    """What the script makes of a poll: Starlark reads as Python does."""
    script: dict[str, Any] = {}
    exec(counting_script(table), script)  # noqa: S102 - the product's own
    columns = {column.name: tuple(map(int, column.oid.split("."))) for column in table.columns}
    onus: dict[str, dict[str, Any]] = defaultdict(dict)
    for name, oid in columns.items():
        for column, values in by_column.items():
            if column == oid:
                for index, value in values.items():
                    onus[index][name] = value
            elif column[:-1] == oid:
                for number, value in values.items():
                    onus[f"{column[-1]}.{number}"][name] = value
    for index, fields in onus.items():
        assert script["apply"](StarlarkMetric("onu", index, fields)) is None
    for index, row in rows.items():
        script["apply"](StarlarkMetric("pon", index, row["fields"]))


def as_message(preset: OltPreset, objects: Mapping[Oid, Value], olt: str, time_ms: int) -> bytes:
    """The message of these rows."""
    metrics = [
        {
            "name": "pon", "timestamp": time_ms, "fields": row["fields"],
            "tags": {**row["tags"], "olt": olt, "source": "127.0.0.1"},
        }
        for row in joined_rows(preset, objects).values()
    ]  # fmt: skip
    return json.dumps({"metrics": metrics}).encode()


def free_udp_port() -> int:
    """A port of loopback that nothing has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def snmp_agent(sample: Callable[[], Mapping[Oid, Value]]) -> Iterator[int]:
    """An agent with these objects, on a thread of its own; the answer is its port."""
    port, ended, loop = free_udp_port(), asyncio.Event(), asyncio.new_event_loop()
    ready = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.call_later(0.1, ready.set)
        loop.run_until_complete(
            SnmpAgent(sample, "public", SystemClock()).serve("127.0.0.1", port, ended)
        )
        loop.close()

    thread = threading.Thread(target=run, name="snmp-agent")
    thread.start()
    try:
        assert ready.wait(10)
        yield port
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
