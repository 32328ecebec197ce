"""A city that reports on time, as lines of a real database: the simulators' models, every field.

Objects, times and outages are those of ``CityStore``. ``python -m tests.bench.city_lines`` fills a
database, in a process of its own, so that whoever measures does not carry its memory.
"""

import base64
import http.client
import json
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from gigacity_city.load import load_city
from gigacity_contract.line_protocol import PointTemplate, encode_point, tag_prefix
from gigacity_contract.measurements import MEASUREMENTS, PON_PORT, PRESENCE
from gigacity_simulators.models.catalogue import DEVICE_MODELS
from gigacity_simulators.models.pon import PortTruth, sample_port
from tests.bench.city_store import CityStore, Reporter

LINES_PER_WRITE = 5_000


class CityLines:
    """What every object reports in a range of time."""

    def __init__(self, store: CityStore) -> None:
        self._city = store.city
        self._store = store
        self._prefixes: dict[tuple[str, int], bytes] = {}

    def telemetry(self, name: str, after_ms: int, until_ms: int) -> Iterator[bytes]:
        """Lines of one measurement."""
        measurement = MEASUREMENTS[name]
        template = PointTemplate(measurement)
        names = [field.name for field in measurement.fields]
        prefixes = self._prefixes
        for at_ms, reporter in self._store.points(name, after_ms, until_ms):
            prefix = prefixes.get((name, reporter.number))
            if prefix is None:
                prefix = tag_prefix(measurement, reporter.tags).encode()
                prefixes[name, reporter.number] = prefix
            said = self.said(name, reporter, at_ms)
            line = template.format(prefix, [getattr(said, field) for field in names], at_ms)
            if line is not None:
                yield line

    @staticmethod
    def said(name: str, reporter: Reporter, at_ms: int) -> Any:
        """What an object says, by its model."""
        key = reporter.number * 2_654_435_761 % 2**64
        if name != PON_PORT.name:
            return DEVICE_MODELS[name.removeprefix("device_")](key, at_ms, 0)
        tags = reporter.tags
        state = PortTruth(tags["tech"], "up", "down" if reporter.is_out(at_ms) else "up")
        return sample_port(key, int(tags["slot"]), int(tags["port"]), state, at_ms)

    def presence(self, session_ms: int) -> Iterator[bytes]:
        """A session of each OLT and gateway."""
        olts = [("olt", olt.area, olt.id) for olt in self._city.olts]
        gateways = [("gateway", gateway.area, gateway.id) for gateway in self._city.gateways]
        for number, (kind, area, name) in enumerate(olts + gateways):
            tags = {"area": area, "object": kind, "id": name}
            session = session_ms + number
            yield encode_point(PRESENCE, tags, {"online_ms": session}, session)

    def everything(self, t_ms: int, before_ms: int, after_ms: int) -> Iterator[tuple[str, bytes]]:
        """Policy and line: whole windows before an instant, at least so long, and so long after."""
        cadence = self._city.cadence
        for name in self._store.measurements:
            kind = name.removeprefix("device_")
            pon = name == PON_PORT.name
            window_ms = cadence.pon_window_ms() if pon else cadence.window_ms(kind)
            start_ms = t_ms - max(window_ms, before_ms)
            for line in self.telemetry(name, start_ms, t_ms + after_ms):
                yield "raw", line
        for line in self.presence(t_ms - 3_600_000):
            yield "forever", line


class Writer:
    """Posts batches over one connection."""

    def __init__(self, url: str, bucket: str, username: str, secret: str) -> None:
        address = urllib.parse.urlsplit(url)
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port)
        self._bucket = bucket
        pair = base64.b64encode(f"{username}:{secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def write(self, policy: str, lines: list[bytes]) -> None:
        """One post."""
        target = urllib.parse.urlencode({"db": self._bucket, "rp": policy, "precision": "ms"})
        body = b"\n".join(lines)
        self._connection.request("POST", f"/write?{target}", body, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status == 204, text[:300]


def fill(writer: Writer, lines: CityLines, *, t_ms: int, before_ms: int, after_ms: int) -> int:
    """Write everything; returns the number of rows of telemetry."""
    waiting: dict[str, list[bytes]] = {"raw": [], "forever": []}
    count = 0
    for policy, line in lines.everything(t_ms, before_ms, after_ms):
        batch = waiting[policy]
        batch.append(line)
        count += policy == "raw"
        if len(batch) == LINES_PER_WRITE:
            writer.write(policy, batch)
            batch.clear()
    for policy, batch in waiting.items():
        if batch:
            writer.write(policy, batch)
    return count


def main() -> None:
    """Arguments as one JSON object on standard input; prints the number of rows."""
    told = json.load(sys.stdin)
    lines = CityLines(CityStore(load_city(Path(told["city"]))))
    times = {name: told[name] for name in ("t_ms", "before_ms", "after_ms")}
    with Writer(told["url"], told["bucket"], told["username"], told["secret"]) as writer:
        sys.stdout.write(f"{fill(writer, lines, **times)}\n")


if __name__ == "__main__":
    main()
