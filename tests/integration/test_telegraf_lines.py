"""What Telegraf itself writes is read: escapes, unsigned numbers, many lines in one message."""

import shutil
import subprocess
from pathlib import Path

import pytest

from gigacity_ingest.formats.catalogue import FORMATS
from gigacity_ingest.formats.readings import ForeignMessage
from gigacity_ingest.formats.times import TimeRule

TELEGRAF = shutil.which("telegraf")
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(TELEGRAF is None, reason="no telegraf"),
]
LABEL = "GPON 0/1/3, a=b"
CONFIG = """\
[agent]
  omit_hostname = true
[[inputs.internal]]
  collect_memstats = true
  [inputs.internal.tags]
    label = "{label}"
[[outputs.file]]
  files = ["{file}"]
  data_format = "influx"
  influx_uint_support = true
"""


def test_lines_of_telegraf_are_readings_without_a_fault(tmp_path: Path) -> None:
    written, config = tmp_path / "lines", tmp_path / "telegraf.conf"
    config.write_text(CONFIG.format(label=LABEL, file=written), encoding="utf-8")
    subprocess.run(
        [str(TELEGRAF), "--config", str(config), "--once"],
        check=True,
        capture_output=True,
        timeout=60,
    )

    payload = written.read_bytes()
    message = ForeignMessage("telegraf/internal", payload, False, 1)
    decoded = FORMATS["influx_line"].make({}, TimeRule()).decode(message)

    assert decoded.faults == []
    assert len(decoded.readings) == len(payload.splitlines()) > 3
    assert {reading.names["tags.label"] for reading in decoded.readings} == {LABEL}
    assert {reading.names["measurement"] for reading in decoded.readings} >= {
        "internal_agent",
        "internal_memstats",
    }
    assert all(reading.time_ms and reading.values for reading in decoded.readings)
