"""What stands beside a day of raw reports: figures, alarms, sessions, workers' rows.

Figures are made by the evaluator itself from the reports in the database, at four instants of the
last hour; these take turns from minute to minute, so that values move.
"""

import json
from collections.abc import Iterator, Sequence

import numpy as np

from gigacity_api.alarms.catalogue import ALARM_TYPES
from gigacity_api.alarms.trends import PortTrends
from gigacity_api.evaluator.lines import FigureLines, FigureText, Stamp
from gigacity_api.evaluator.publication import Publication
from gigacity_api.evaluator.reading import StateReader
from gigacity_api.evaluator.schedule import EvaluationSettings
from gigacity_api.evaluator.worst_objects import EVERY_MS as WORST_EVERY_MS
from gigacity_api.evaluator.worst_objects import low_batteries, power_bands, worst_ports
from gigacity_api.indicators.evaluation import Evaluator
from gigacity_api.indicators.figures import Figure
from gigacity_api.indicators.inventory import Inventory
from gigacity_api.storage.influx import InfluxStore
from gigacity_city.model import City
from gigacity_contract.access import Secret
from gigacity_contract.clock import ManualClock
from gigacity_contract.influx import InfluxEndpoint
from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.local_time import DAY_MS
from gigacity_contract.measurements import ALARM, PRESENCE
from gigacity_contract.process.settings import parse_url
from tests.bench.city_store import HOUR_MS
from tests.support.figures import (
    arrival_lines,
    dead_letter_lines,
    evaluator_lines,
    progress_lines,
    turned_away_lines,
    worker_lines,
)
from tests.support.processes_influx import InfluxServer

MINUTE_MS = 60_000
QUARTER_MS = 15 * MINUTE_MS
DAYS = 7
"""So long figures of the city, of its areas and of two places go back."""
PUBLICATIONS = 4
CHANGED_ONE_IN = 45
"""Places below the areas of which a minute writes one row: some 500 of 22,391, as measured."""
ALARMS = 4_000
OPEN_ONE_IN, WIDE_ONE_IN = 10, 40


class Places:
    """Which OLT and community the boards of one of them show: the largest."""

    def __init__(self, city: City) -> None:
        ports: dict[str, int] = {}
        for port in city.ports:
            ports[port.key.olt] = ports.get(port.key.olt, 0) + 1
        devices: dict[str, int] = {}
        for row in city.devices.ranges:
            count = sum(1 for _ in row.ids.ids())
            devices[row.community] = devices.get(row.community, 0) + count
        self.olt = max(ports, key=lambda name: (ports[name], name))
        self.community = max(devices, key=lambda name: (devices[name], name))
        self.chosen = frozenset({self.olt, self.community})


def publications(server: InfluxServer, city: City, t_ms: int) -> list[Publication]:
    """What the evaluator says at some instants, the newest last."""
    inventory = Inventory(city)
    evaluator = Evaluator(inventory)
    address = parse_url("URL", server.url, ("http",))
    secret = Secret(server.admin_secret)
    endpoint = InfluxEndpoint(address, server.bucket, server.admin_username, secret)
    found = []
    with InfluxStore(endpoint, timeout_s=300) as store:
        for back in range(PUBLICATIONS - 1, -1, -1):
            instant = t_ms - back * 5 * MINUTE_MS
            clock = ManualClock(instant + 30_000)
            reader = StateReader(store, inventory, EvaluationSettings(60, 30), clock)
            reader.advance(instant)
            found.append(Publication.of(evaluator.evaluate(reader.state, instant)))
    return found


class Figures:
    """Rows of ``indicator``; those of ``indicator_log`` no board reads."""

    def __init__(self, made: Sequence[Publication], places: Places) -> None:
        lines = FigureLines()
        self._texts: list[list[tuple[Figure, FigureText]]] = []
        for publication in made:
            stamp = Stamp(publication.as_of_ms, publication.city_version, 0)
            self._texts.append([(f, lines.of(f, stamp)) for f in publication.figures])
        self._chosen = places.chosen

    def rows(self, t_ms: int, hours: int) -> Iterator[bytes]:
        """A day as it is written, and before it the city, the areas and two places."""
        for at_ms in range(t_ms - DAYS * DAY_MS, t_ms + 1, MINUTE_MS):
            for head in self._of(at_ms, is_whole_city=at_ms > t_ms - hours * HOUR_MS):
                yield b"indicator%b %d" % (head, at_ms)

    def _of(self, at_ms: int, *, is_whole_city: bool) -> Iterator[bytes]:
        minute = at_ms // MINUTE_MS
        is_quarter = at_ms % QUARTER_MS == 0
        for number, (figure, text) in enumerate(self._texts[minute % len(self._texts)]):
            if figure.scope in {"city", "area"}:
                is_due = True
            elif is_whole_city:
                is_due = is_quarter or (number + minute) % CHANGED_ONE_IN == 0
            else:
                is_due = is_quarter and figure.code in self._chosen
            if is_due:
                yield f"{text.tags} {text.fields}".encode()


def sessions(city: City, t_ms: int) -> Iterator[bytes]:
    """A session a day of each OLT and gateway; all but the newest have ended."""
    olts = [("olt", olt.area, olt.id) for olt in city.olts]
    gateways = [("gateway", gateway.area, gateway.id) for gateway in city.gateways]
    for number, (kind, area, name) in enumerate(olts + gateways):
        for back in range(DAYS, 0, -1):
            began_ms = t_ms - back * DAY_MS + number
            values: dict[str, FieldValue | None] = {"online_ms": began_ms}
            if back > 1:
                ended_ms = began_ms + DAY_MS - 1_000
                values |= {"ended_ms": ended_ms, "end_source": "will", "reason": "lost"}
            tags = {"area": area, "object": kind, "id": name}
            yield encode_point(PRESENCE, tags, values, began_ms)


def alarms(city: City, t_ms: int) -> Iterator[bytes]:
    """A week of alarms of every type: raised, most of them cleared, open ones written again."""
    types = list(ALARM_TYPES.values())
    for number in range(ALARMS):
        type_ = types[number % len(types)]
        raised_ms = t_ms - DAYS * DAY_MS + number * (DAYS * DAY_MS // ALARMS)
        is_open = number % OPEN_ONE_IN == 0
        acts = [("raise", raised_ms, False)]
        acts += [("repeat", t_ms - HOUR_MS, False)] if is_open else []
        acts += [] if is_open else [("clear", min(raised_ms + HOUR_MS, t_ms), True)]
        for act, at_ms, cleared in acts:
            olt = city.olts[number % len(city.olts)]
            homes = number % 700 if number % WIDE_ONE_IN == 0 else number % 60
            values: dict[str, FieldValue | None] = {
                "id": f"{number:032x}", "act": act, "resource": olt.id, "area": olt.area,
                "severity": ("critical", "major", "minor", "warning")[number % 4],
                "cleared": cleared, "root": number % 3 > 0, "raised_ms": raised_ms,
                "households": homes, "households_at_most": homes * 4 // 3,
                "cause": "power", "certainty": ("confirmed", "suspected")[number % 2],
                "text_zh": type_.name.zh, "text_en": type_.name.en,
                "record": json.dumps({"id": number, "history": ["x" * 40] * 20}),
            }  # fmt: skip
            tags = {"kind": "olt", "type": type_.id}
            yield encode_point(ALARM, tags, values, at_ms * 1_000_000 + number)


def worst(made: Sequence[Publication], t_ms: int, hours: int) -> Iterator[bytes]:
    """A day of the lists of the worst; of trends that any port may have."""
    evaluation = made[-1].evaluation
    assert evaluation is not None
    size = len(evaluation.inventory.port_olt)
    some = np.arange(size, dtype=np.float64) % 97
    instant = evaluation.instant
    trends = PortTrends(some, some / 600, some / 100, some, some, 1e7 * some)
    heads = [
        line.rpartition(b" ")[0]
        for lines in (worst_ports(instant, trends), power_bands(instant), low_batteries(instant))
        for line in lines
    ]
    for at_ms in range(t_ms - hours * HOUR_MS, t_ms + 1, WORST_EVERY_MS):
        for head in heads:
            yield b"%b %d" % (head, at_ms)


def platform(t_ms: int) -> Iterator[bytes]:
    """A week of rows of two workers, of the evaluator and of what was refused."""
    for day in range(DAYS, 0, -1):
        start_ms = t_ms - day * DAY_MS
        ten_s, half, minutes, hours = (
            range(start_ms + step, start_ms + DAY_MS + 1, step)
            for step in (10_000, 30_000, MINUTE_MS, HOUR_MS)
        )
        for worker in ("gigacity-worker-0", "gigacity-worker-1"):
            yield from worker_lines(ten_s, worker=worker, restarts=False)
            yield from dead_letter_lines(ten_s, worker=worker)
        yield from evaluator_lines(half)
        yield from progress_lines(minutes)
        yield from turned_away_lines(minutes)
        yield from arrival_lines(hours)
