"""The storage table: every measurement with retention policy, tags, typed fields and units.

Writers encode by this table and readers name nothing that is not in it, so a field's type can never
follow the value that happens to arrive first.
"""

from dataclasses import dataclass
from types import MappingProxyType

from gigacity_contract.fields import KIND_FIELDS, PORT_FIELDS, FieldSpec, FieldType
from gigacity_contract.worker_metrics import WORKER_METRICS

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """A retention policy (1.x), or the bucket ``<bucket>/<name>`` (2.x)."""

    name: str
    duration_s: int
    """0 keeps for ever."""
    precision: str = "ms"
    """Unit of the timestamps written to it; always sent with a write."""


RAW = RetentionPolicy("raw", 30 * DAY_S)
R1D = RetentionPolicy("r1d", 0)
FOREVER = RetentionPolicy("forever", 0)
FIGURES = RetentionPolicy("figures", 365 * DAY_S)
OPS = RetentionPolicy("ops", 90 * DAY_S)
FRESH = RetentionPolicy("fresh", 3600)
"""An hour: the least that 1.x keeps."""

POLICIES: tuple[RetentionPolicy, ...] = (RAW, R1D, FOREVER, FIGURES, OPS, FRESH)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One measurement: what a point of it carries."""

    name: str
    policy: RetentionPolicy
    tags: tuple[str, ...]
    """In the sorted order in which they are written: InfluxDB then need not sort them."""
    fields: tuple[FieldSpec, ...]
    precision: str = "ms"
    time: str = "the instant at which the device sampled"
    marks: tuple[FieldSpec, ...] = ()
    """Fields that no payload has: the worker adds one where it holds."""


def _float(name: str, unit: str = "") -> FieldSpec:
    return FieldSpec(name, FieldType.FLOAT, unit)


def _integer(name: str, unit: str = "1") -> FieldSpec:
    return FieldSpec(name, FieldType.INTEGER, unit)


def _string(name: str) -> FieldSpec:
    return FieldSpec(name, FieldType.STRING)


_FIGURE_FIELDS = (
    _float("value"),
    _integer("numerator"),
    _integer("denominator"),
    _float("lower"),
    _float("upper"),
    _float("target"),
    _string("verdict"),
    _integer("known_in"),
    _integer("known_out"),
    _integer("unknown"),
    _float("fresh_share"),
    _string("grade"),
    _integer("revision"),
    _string("city_version"),
    _integer("method_version"),
    _string("display_text"),
    _float("display_value"),
)
"""``display_text`` is what stands in the value's place: the bounds where too little is known for a
value; ``display_value`` is the same as a number, and absent where the bounds are shown."""

STAMPED = FieldSpec("stamped", FieldType.BOOLEAN)
"""True: the message stated no time, and the point has that of its arrival."""

PON_PORT = Measurement(
    "pon_port", RAW, ("area", "olt", "port", "slot", "tech"), PORT_FIELDS, marks=(STAMPED,)
)

PRESENCE = Measurement(
    "presence",
    FOREVER,
    ("area", "community", "id", "object"),
    (
        _integer("online_ms", "ms"),
        _integer("ended_ms", "ms"),
        _string("end_source"),
        _integer("seen_ended_ms", "ms"),
        _string("reason"),
    ),
    time="the session: epoch ms of its CONNECT",
)
"""One row a session. ``seen_ended_ms`` comes from a retained copy of a will, whose moment is gone:
the session had ended by then. Being another field it never moves a live will's ``ended_ms``."""

INDICATOR = Measurement(
    "indicator", FIGURES, ("code", "indicator", "scope"), _FIGURE_FIELDS,
    time="the instant of which the figure speaks",
)  # fmt: skip

INDICATOR_LOG = Measurement(
    "indicator_log", FOREVER, ("code", "indicator", "scope"),
    (*_FIGURE_FIELDS, _integer("as_of_ms", "ms")),
    precision="ns", time="the moment of publication",
)  # fmt: skip

REPORT = Measurement(
    "report",
    FOREVER,
    ("code", "indicator", "scope"),
    (
        _integer("as_of_ms", "ms"), _float("value"), _integer("numerator"),
        _integer("denominator"), _string("reporter"), _string("source"), _integer("revision"),
        _string("withdrawn"),
    ),
    precision="ns",
    time="the moment of entry",
)  # fmt: skip

ALARM = Measurement(
    "alarm",
    FOREVER,
    ("kind", "type"),
    (
        _string("id"), _string("act"), _string("resource"), _string("area"), _string("severity"),
        FieldSpec("cleared", FieldType.BOOLEAN), FieldSpec("root", FieldType.BOOLEAN),
        _integer("raised_ms", "ms"), _integer("households"), _integer("households_at_most"),
        _string("cause"), _string("certainty"), _string("text_zh"), _string("text_en"),
        _string("who"), _string("why"), _string("record"),
    ),
    precision="ns",
    time="the moment at which it was noticed, or done",
)  # fmt: skip
"""Append-only: every raise, change, clear and act of an operator, and the planned maintenance.
``record`` is the whole alarm after it (JSON), from which the API goes on after a restart; ``root``
is false while another alarm explains it. ``kind`` is that of the resource."""

ARRIVAL = Measurement(
    "arrival",
    OPS,
    ("area", "measurement", "worker"),
    (_integer("from_ms", "ms"), _integer("to_ms", "ms"), _integer("points")),
    time="the moment at which the batch was confirmed",
)

FRESH_POINTS = Measurement(
    "fresh_points",
    FRESH,
    ("worker",),
    (
        _integer("since_ms", "ms"), _integer("part"), _integer("parts"), _string("packed"),
    ),
    time="a moment after the batch was confirmed; of one worker each greater than the one before",
)  # fmt: skip
"""What a worker has stored, once more as it came: its lines of ``raw``, packed, some thousands a
row, so that who follows the city reads them in the order of storing instead of asking every series.
``since_ms``: nothing that the worker has stored since then is missing, but for batches of late data
alone, which markers announce. ``parts`` rows hold one packed text."""

DEAD_LETTER = Measurement(
    "dead_letter", OPS, ("reason", "worker"), (_integer("count"),), time="the moment of the count"
)

TURNED_AWAY = Measurement(
    "turned_away", OPS, ("identity", "reason"), (_integer("count"), _string("topic")),
    time="the moment of the count",
)  # fmt: skip
"""Messages that the broker dropped and subscriptions of the field, in total since the process that
reads its log was started, with the last topic."""

GIGACITY_WORKER = Measurement(
    "gigacity_worker",
    OPS,
    ("worker",),
    (
        *(metric.field for metric in WORKER_METRICS if metric.in_rows),
        _integer("started_ms", "ms"),
        _string("areas"),
        _string("sources"),
        _integer("fresh_since_ms", "ms"),
    ),
    time="the moment of the snapshot",
)

PROGRESS = Measurement(
    "progress",
    OPS,
    ("task",),
    (
        _integer("done_ms", "ms"), _integer("arrivals_ms", "ms"), _integer("rows"),
        _integer("waiting"), _integer("oldest_ms", "ms"), _integer("left_s", "s"),
        _string("backlog"),
    ),
    time="the moment of writing",
)  # fmt: skip
"""How far the evaluating process's roll-ups and revisions have come: where they go on after a stop.
``arrivals_ms``: late data that was announced until then has been worked in, or waits in
``backlog``: so many instants, of which the oldest is given and about how long they will take."""

EVALUATOR = Measurement(
    "evaluator",
    OPS,
    (),
    (
        _string("page_url"),
        _integer("raised_last_ten_minutes"), FieldSpec("is_flood", FieldType.BOOLEAN),
        _integer("raised_last_hour"), _float("raised_per_hour"),
        _integer("chattering"), _integer("flapping"), _integer("stale"),
        _integer("active"), _integer("unacknowledged"), _integer("shelved"), _integer("planned"),
        _float("acknowledge_median_s", "s"), _float("acknowledge_p90_s", "s"),
        _float("most_frequent_share"),
    ),
    time="the moment of writing",
)  # fmt: skip
"""What the evaluating process says of itself: the address of its pages, and how good its alarm
system is (ISA-18.2). ``raised_per_hour`` is the mean of a day; times to acknowledge are of a
week."""

FREQUENT_ALARM = Measurement(
    "frequent_alarm",
    OPS,
    ("rank",),
    (
        _string("text_zh"), _string("text_en"), _string("resource"), _string("area"),
        _integer("raised"), _float("share"),
    ),
    time="the moment of writing",
)  # fmt: skip
"""The ten alarms that were raised most often within a week; ``share`` of all that were raised."""

WORST_PORT = Measurement(
    "worst_port",
    OPS,
    ("area", "by", "rank"),
    (_string("olt"), _string("slot"), _string("port"), _float("value")),
    time="the instant of which it speaks",
)
"""The worst ports of each area ``by`` something: ``weakest`` (power of the weakest ONU, dBm),
``hottest`` (°C), ``busiest`` (downstream, bit/s), ``faulty`` (uncorrectable code words in ten
minutes, at the pace of the last five), ``drifting`` (change of the daily mean of the weakest ONU's
power within a week, dB). Boards read these rows: raw ones of every port take seconds."""

PORT_POWER = Measurement(
    "port_power",
    OPS,
    ("area",),
    tuple(
        _integer(name)
        for name in ("below_28", "from_28", "from_25", "from_22", "from_18", "from_8")
    ),
    time="the instant of which it speaks",
)
"""How many ports of an area have their weakest ONU's power in each range: below -28 dBm, from -28
to below -25, and so on."""

LOW_BATTERY = Measurement(
    "low_battery",
    OPS,
    ("area", "kind", "rank"),
    (_string("community"), _string("device"), _integer("battery_pct", "%")),
    time="the instant of which it speaks",
)
"""The devices of a kind with the lowest charge, of each area."""

DEVICE_MEASUREMENTS: MappingProxyType[str, Measurement] = MappingProxyType(
    {
        kind: Measurement(
            f"device_{kind}", RAW, ("area", "community", "device"), fields, marks=(STAMPED,)
        )
        for kind, fields in KIND_FIELDS.items()
    }
)
"""``device_<kind>`` by kind."""

MEASUREMENTS: MappingProxyType[str, Measurement] = MappingProxyType(
    {
        m.name: m
        for m in (
            PON_PORT, *DEVICE_MEASUREMENTS.values(), PRESENCE, INDICATOR, INDICATOR_LOG, REPORT,
            ALARM, ARRIVAL, FRESH_POINTS, DEAD_LETTER, GIGACITY_WORKER, PROGRESS, TURNED_AWAY,
            EVALUATOR, FREQUENT_ALARM, WORST_PORT, PORT_POWER, LOW_BATTERY,
        )
    }
)  # fmt: skip
"""Every measurement by name."""
