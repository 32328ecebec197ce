"""Rows of figures, worker ledgers and dead letters, written by hand through the contract.

Enough of them for every panel of every board; each is what the evaluator or the worker would write.
"""

from collections.abc import Iterator, Sequence

from gigacity_contract.fields import FieldType
from gigacity_contract.kinds import CATALOGUE
from gigacity_contract.line_protocol import FieldValue, encode_point
from gigacity_contract.measurements import DEAD_LETTER, GIGACITY_WORKER, INDICATOR, PROGRESS

GRID_MS = 60_000
CITY_CODE = "371600"
AREA_CODES = ("371602", "371603", "371690")
COUNTS = ("pon.ports_10g",)
RATIOS = (
    "pon.port_share_10g",
    "home.gigabit_access",
    "community.smart_coverage",
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
    value = known_in if is_count else known_in / (known_in + known_out)
    lower, upper = known_in / scale, (known_in + unknown) / scale
    text = f"{value:,}" if is_count else f"{value:.2%}"
    is_shown = is_count or known_in + known_out >= unknown
    return {
        "value": float(value),
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
        "display_text": text if is_shown else f"{lower:.2%} .. {upper:.2%}",
        "display_value": float(value) if is_shown else None,
    }


def indicator_lines(instants_ms: Sequence[int]) -> Iterator[bytes]:
    """Every indicator at every instant, of the city and of its areas."""
    places = [("city", CITY_CODE), *(("area", code) for code in AREA_CODES)]
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
