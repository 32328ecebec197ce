"""Rows of figures, worker ledgers and dead letters, written by hand through the contract.

Enough of them for every panel of every board; each is what the evaluator or the worker would write.
"""

from collections.abc import Iterator, Sequence

from gigacity_contract.fields import FieldSpec, FieldType
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import (
    ALARM,
    ARRIVAL,
    DEAD_LETTER,
    DEVICE_MEASUREMENTS,
    EVALUATOR,
    FREQUENT_ALARM,
    GIGACITY_WORKER,
    INDICATOR,
    LOW_BATTERY,
    PON_PORT,
    PORT_POWER,
    PRESENCE,
    PROGRESS,
    TURNED_AWAY,
    WORST_PORT,
)
from gigacity_contract.rollup_measurements import ROLLUPS

GRID_MS = 60_000
CITY_CODE = "371600"
OLT_CODE, COMMUNITY_CODE = "olt-1", "371602001001"
AREA_CODES = ("371602", "371603", "371690")
COUNTS = ("pon.ports_10g",)
RATIOS = (
    "pon.port_share_10g",
    "pon.port_availability",
    "pon.optical_health",
    "onu.online",
    "home.gigabit_access",
    "community.smart_coverage",
    "community.gigabit_homes",
    "community.camera_online",
    "community.camera_intact",
    "community.camera_picture",
    "device.online",
    *(f"device.online.{kind}" for kind in CATALOGUE),
)


def figure(
    indicator: str, *, known_in: int, known_out: int, unknown: int
) -> dict[str, FieldValue | None]:
    """The fields of one figure that follow from its verdicts."""
    registered = known_in + known_out + unknown
    is_count = indicator in COUNTS
    scale = 1 if is_count else registered
    known = known_in + known_out
    share = known_in / known if known else None
    value = float(known_in) if is_count else share
    lower, upper = known_in / scale, (known_in + unknown) / scale
    is_shown = value is not None and known >= unknown
    bounds = f"{lower:,.0f} .. {upper:,.0f}" if is_count else f"{lower:.2%} .. {upper:.2%}"
    text = "" if value is None else f"{value:,.0f}" if is_count else f"{value:.2%}"
    return {
        "value": value,
        "numerator": known_in,
        "denominator": registered,
        "lower": lower,
        "upper": upper,
        "target": 100.0 if is_count else 0.9,
        "verdict": "undetermined",
        "known_in": known_in,
        "known_out": known_out,
        "unknown": unknown,
        "fresh_share": 1 - unknown / registered,
        "grade": "B",
        "revision": 1,
        "city_version": "0123456789abcdef",
        "method_version": 1,
        "display_text": text if is_shown else bounds,
        "display_value": value if is_shown else None,
    }


def indicator_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """Every indicator at every instant, of the city, its areas, an OLT and a community."""
    places = [("city", CITY_CODE), *(("area", code) for code in AREA_CODES)]
    places += [("olt", OLT_CODE), ("community", COMMUNITY_CODE)]
    for step, instant_ms in enumerate(instants_ms):
        for indicator in (*COUNTS, *RATIOS):
            for scope, code in places:
                tags = {"indicator": indicator, "scope": scope, "code": code}
                fields = figure(indicator, known_in=90 + step, known_out=10, unknown=5)
                yield encode_point(INDICATOR, tags, fields, instant_ms)


def worker_lines(
    instants_ms: Sequence[int], *, worker: str = "gigacity-worker-0", restarts: bool = True
) -> Iterator[bytes]:
    """A worker's snapshots: counters grow, and a restart in the middle begins them anew."""
    restart = len(instants_ms) // 2 if restarts else len(instants_ms)
    for step, instant_ms in enumerate(instants_ms):
        grown = step if step < restart else step - restart
        fields: dict[str, FieldValue] = {
            field.name: 100 * grown
            for field in GIGACITY_WORKER.fields
            if field.type is FieldType.INTEGER
        }
        fields |= {"started_ms": instants_ms[0], "connected": True, "balanced": True, "areas": ""}
        yield encode_point(GIGACITY_WORKER, {"worker": worker}, fields, instant_ms)


def dead_letter_lines(
    instants_ms: Sequence[int], *, worker: str = "gigacity-worker-0"
) -> Iterator[bytes]:
    """Totals by reason, repeated with every snapshot."""
    for instant_ms in instants_ms:
        for reason, count in (("not_json", 1), ("bad_entry", 3)):
            tags = {"reason": reason, "worker": worker}
            yield encode_point(DEAD_LETTER, tags, {"count": count}, instant_ms)


def progress_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """The backlog of revisions, as the evaluator tells it."""
    for instant_ms in instants_ms:
        values = {"waiting": 12, "oldest_ms": instant_ms - 3_600_000, "left_s": 40}
        yield encode_point(PROGRESS, {"task": "revision"}, values, instant_ms)


def port_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """Ports of one OLT in each range of power, with everything that a port can report."""
    for step, instant_ms in enumerate(instants_ms):
        for port, power in enumerate((-29.0, -26.0, -23.0, -20.0, -15.0, -7.0)):
            tags = {"area": "371602", "olt": OLT_CODE, "slot": "1", "port": str(port)}
            values = _values(PON_PORT.fields, step) | {"onu_rx_min_dbm": power - step / 100}
            yield encode_point(PON_PORT, tags | {"tech": "xgs-pon"}, values, instant_ms)


def device_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """One device of every kind, with everything that it can report."""
    for step, instant_ms in enumerate(instants_ms):
        for kind, measurement in DEVICE_MEASUREMENTS.items():
            tags = {"area": "371602", "community": COMMUNITY_CODE, "device": f"{kind}-1"}
            yield encode_point(measurement, tags, _values(measurement.fields, step), instant_ms)


def _values(fields: Sequence[FieldSpec], step: int) -> dict[str, FieldValue | None]:
    by_type: dict[FieldType, FieldValue] = {
        FieldType.FLOAT: 20.0 + step,
        FieldType.INTEGER: 20 + step,
        FieldType.BOOLEAN: True,
        FieldType.STRING: "up",
    }
    return {field.name: by_type[field.type] for field in fields}


def presence_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """An ended session of an OLT and of a gateway."""
    first, last = instants_ms[0], instants_ms[-1]
    for kind, name in (("olt", OLT_CODE), ("gateway", "gw-1")):
        tags = {"area": "371602", "community": "", "id": name, "object": kind}
        values: dict[str, FieldValue | None] = {
            "online_ms": first,
            "ended_ms": last,
            "end_source": "orderly",
            "reason": "off",
        }
        yield encode_point(PRESENCE, tags, values, first)


def arrival_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """Late points, as a worker announces them."""
    for instant_ms in instants_ms:
        tags = {"area": "371602", "measurement": "pon_port", "worker": "gigacity-worker-0"}
        span: dict[str, FieldValue | None] = {
            "from_ms": instant_ms - 600_000,
            "to_ms": instant_ms - 300_000,
            "points": 7,
        }
        yield encode_point(ARRIVAL, tags, span, instant_ms)


def turned_away_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """One publisher that writes outside its path."""
    for instant_ms in instants_ms:
        tags = {"identity": "371602/olt/olt-1", "reason": "outside its path"}
        yield encode_point(TURNED_AWAY, tags, {"count": 7, "topic": "x/y"}, instant_ms)


def alarm_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """One alarm that is open, one that cleared, and one that is part of another."""
    for number, (act, is_cleared, is_root) in enumerate(
        (("raise", False, True), ("clear", True, True), ("raise", False, False))
    ):
        values: dict[str, FieldValue | None] = {
            "id": f"alarm-{number}", "act": act, "resource": OLT_CODE, "area": "371602",
            "severity": "major", "cleared": is_cleared, "root": is_root,
            "raised_ms": instants_ms[0], "households": 412, "households_at_most": 412,
            "cause": "power", "certainty": "suspected", "text_zh": "停电", "text_en": "power cut",
            "record": "{}",
        }  # fmt: skip
        tags = {"kind": "olt", "type": "olt.offline"}
        yield encode_point(ALARM, tags, values, instants_ms[-1] * 1_000_000 + number)
        tags = {"kind": "device", "type": "safety.smoke"}
        yield encode_point(ALARM, tags, values, instants_ms[-1] * 1_000_000 + number)


def evaluator_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """What the evaluating process says of itself."""
    for step, instant_ms in enumerate(instants_ms):
        values = _values(EVALUATOR.fields, step) | {"page_url": "http://pages"}
        yield encode_point(EVALUATOR, {}, values, instant_ms)
        for rank in ("01", "02"):
            row = _values(FREQUENT_ALARM.fields, step)
            yield encode_point(FREQUENT_ALARM, {"rank": rank}, row, instant_ms)


def worst_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """What the evaluator ranks: one port by each measure, one low battery of each kind."""
    for instant_ms in instants_ms:
        for by in ("weakest", "hottest", "busiest", "faulty", "drifting"):
            tags = {"area": "371602", "by": by, "rank": "01"}
            row: dict[str, FieldValue | None] = {
                "olt": OLT_CODE, "slot": "1", "port": "1", "value": 7.5,
            }  # fmt: skip
            yield encode_point(WORST_PORT, tags, row, instant_ms)
        bands = {field.name: 100 for field in PORT_POWER.fields}
        for area in AREA_CODES:
            yield encode_point(PORT_POWER, {"area": area}, bands, instant_ms)
        for kind in CATALOGUE:
            tags = {"area": "371602", "kind": kind, "rank": "01"}
            row = {"community": COMMUNITY_CODE, "device": f"{kind}-1", "battery_pct": 12}
            yield encode_point(LOW_BATTERY, tags, row, instant_ms)


def daily_port_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """Two days of one port's roll-up."""
    daily = ROLLUPS[PON_PORT.name]
    tags = {"area": "371602", "olt": OLT_CODE, "slot": "1", "port": "1", "tech": "xgs-pon"}
    for day, power in ((2, -20.0), (1, -21.5)):
        values = _values(daily.fields, day) | {"onu_rx_min_dbm_mean": power}
        yield encode_point(daily, tags, values, instants_ms[-1] - day * 86_400_000)
