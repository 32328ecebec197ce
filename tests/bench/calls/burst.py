"""Four hundred calls within a moment, from the notifier's hand to a webhook's: no broker, no load.

``python -m tests.bench.calls.burst [CALLS [PER_MINUTE]]`` prints one line of JSON.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from gigacity_contract.clock import SystemClock
from gigacity_contract.local_time import ZONE
from gigacity_contract.safety import SafetyEvent
from gigacity_notify.configuration import read_file
from gigacity_notify.notifier import Notifier
from gigacity_notify.queue import NoticeQueue
from gigacity_notify.running import ConfigurationWatch, Rounds
from gigacity_notify.senders import ChannelSender
from gigacity_notify.wording import Teller
from tests.bench.api.load import quantile

CONFIGURATION = """\
version: 1
channels:
  - {{name: duty, kind: webhook, url: "http://127.0.0.1:{port}/", secret_file: "{secret}",
     per_minute: {per_minute}}}
routes: [{{to: [duty]}}]
"""


def configuration(folder: Path, port: int, per_minute: int) -> Path:
    """The notifier's file, with one webhook."""
    (folder / "secret").write_text("of-the-bench", encoding="utf-8")
    file = folder / "channels.yaml"
    text = CONFIGURATION.format(port=port, secret=folder / "secret", per_minute=per_minute)
    file.write_text(text, encoding="utf-8")
    return file


def _event(number: int) -> SafetyEvent:
    community = f"3716020010{number % 40:02}"
    now_ms = SystemClock().now_ms()
    return SafetyEvent("sos_button", "371602", community, f"sos-{number}", now_ms)


def burst(calls: int, per_minute: int) -> dict[str, Any]:
    """Make it; how soon the calls were told."""
    command = [sys.executable, "-m", "tests.bench.calls.service"]
    service = subprocess.Popen(command, stdin=-1, stdout=-1, text=True)
    assert service.stdout is not None
    port = int(service.stdout.readline())
    clock = SystemClock()

    def now_s() -> float:
        return clock.now_ms() / 1000

    with tempfile.TemporaryDirectory() as name:
        file = configuration(Path(name), port, per_minute)
        queue = NoticeQueue(Path(name) / "q.sqlite3")
        wakers: list[Rounds] = []

        def wake() -> None:
            for rounds in wakers:
                rounds.wake()

        notifier = Notifier(queue, read_file(file), clock, ZONE, wake)
        sender = ChannelSender(Teller(ZONE))
        rounds = Rounds(notifier, queue, sender, clock, alarms=None, watch=ConfigurationWatch(file))
        wakers.append(rounds)
        thread = threading.Thread(target=rounds.run)
        thread.start()
        time.sleep(1)
        cpu_s, begun_s = time.process_time(), now_s()
        made_s = {}
        for number in range(calls):
            event = _event(number)
            made_s[f"{event.community}/{event.device}"] = now_s()
            notifier.take_events([event])
        taken_s = now_s() - begun_s
        while queue.counts()["messages_waiting"] and now_s() < begun_s + 60:
            time.sleep(0.05)
        done_s, cpu_s = now_s() - begun_s, time.process_time() - cpu_s
        rounds.stop()
        thread.join()
        sender.close()
        queue.close()
    said, _ = service.communicate()
    found = json.loads(said)
    told_s = sorted(found["first_ms"][r] / 1000 - at_s for r, at_s in made_s.items())
    return {
        "calls": calls, "messages": found["messages"], "connections": found["connections"],
        "taken_s": round(taken_s, 3), "done_s": round(done_s, 2), "cpu_s": round(cpu_s, 2),
        "median_s": round(statistics.median(told_s), 3),
        "p99_s": round(quantile(told_s, 0.99), 3), "slowest_s": round(told_s[-1], 3),
    }  # fmt: skip


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.stdout.write(json.dumps(burst(*(given + [400, 6_000][len(given) :]))) + "\n")
