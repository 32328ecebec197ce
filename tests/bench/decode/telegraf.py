"""What Telegraf's parsers take for the same rows.

A broker of its own keeps long messages; Telegraf receives them, parses them and discards the rows.
Its CPU, less that of a run without any message, is that of parsing: a megabyte costs MQTT little.
"""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from paho.mqtt import publish

from gigacity_deploy.processes import Child, find_binary
from gigacity_deploy.sockets import LOOPBACK, free_port, listens
from tests.bench.decode.messages import ROWS, DecodeJob
from tests.bench.process_watch import usage

MESSAGES = 8
COPIES = 400
"""Of the rows in each message: about a megabyte."""
_QUIET_S = 1.5
"""Without CPU for so long, it has parsed everything."""
_MOST_S = 60.0
_PARSERS = {
    "influx_line": 'data_format = "influx"',
    "telegraf_json": """\
data_format = "json"
  json_query = "metrics"
  json_name_key = "name"
  json_time_key = "timestamp"
  json_time_format = "unix"
  tag_keys = ["tags_agent_host", "tags_host", "tags_ifIndex"]""",
}


def parse_us(program: str, job: DecodeJob) -> float | None:
    """CPU of Telegraf for one row, in µs; None where it has no parser that is like ours.

    Args:
        program: the path of Telegraf.
        job: a long job.

    Raises:
        GigacityError: broker or Telegraf did not start.
    """
    parser = _PARSERS.get(job.format)
    if parser is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        idle_s = _run(program, parser, [], Path(folder))
        busy_s = _run(program, parser, [_payload(job)] * MESSAGES, Path(folder))
    return (busy_s - idle_s) / (MESSAGES * COPIES * ROWS) * 1e6


def _payload(job: DecodeJob) -> bytes:
    if job.format == "influx_line":
        return b"\n".join([job.payload] * COPIES)
    return json.dumps({"metrics": json.loads(job.payload)["metrics"] * COPIES}).encode()


def _run(program: str, parser: str, payloads: list[bytes], folder: Path) -> float:
    """CPU of one run, in seconds."""
    port = free_port()
    broker_file = folder / "mosquitto.conf"
    broker_file.write_text(f"listener {port} {LOOPBACK}\nallow_anonymous true\n", encoding="utf-8")
    mosquitto = find_binary("mosquitto", package="mosquitto")
    broker = Child("broker", [mosquitto, "-c", str(broker_file)], log=folder / "mosquitto.log")
    config = folder / "telegraf.conf"
    config.write_text(_config(port, parser), encoding="utf-8")
    reader = Child("telegraf", [program, "--config", str(config)], log=folder / "telegraf.log")
    try:
        broker.start()
        broker.wait_ready(lambda: listens(broker.pid, port), deadline_s=10.0)
        if payloads:
            messages = [
                {"topic": f"bench/{n}", "payload": text, "qos": 1, "retain": True}
                for n, text in enumerate(payloads)
            ]
            publish.multiple(messages, hostname=LOOPBACK, port=port)  # type: ignore[arg-type]
        reader.start()
        return _cpu_when_quiet(reader.pid)
    finally:
        reader.stop()
        broker.stop()


def _config(port: int, parser: str) -> str:
    return f"""\
[agent]
  omit_hostname = true
  metric_buffer_limit = 1000000
  flush_interval = "1s"
[[inputs.mqtt_consumer]]
  servers = ["tcp://{LOOPBACK}:{port}"]
  topics = ["bench/#"]
  qos = 1
  {parser}
[[outputs.discard]]
"""


def _cpu_when_quiet(pid: int) -> float:
    """CPU seconds of a process once it uses no more."""
    cpu_s, since = 0.0, time.monotonic()
    until = since + _MOST_S
    while time.monotonic() < until:
        time.sleep(0.1)
        used = usage(pid)
        if used is None:
            raise subprocess.SubprocessError("Telegraf ended by itself")
        if used.cpu_s > cpu_s + 0.02:
            cpu_s, since = used.cpu_s, time.monotonic()
        elif time.monotonic() - since > _QUIET_S:
            break
    return cpu_s
