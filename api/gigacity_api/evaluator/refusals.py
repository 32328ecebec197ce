"""What workers refused: their own totals, read from the database and turned into counts."""

from collections import defaultdict
from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from gigacity_api.evaluator.counting import Growth, growth
from gigacity_api.storage.protocols import Store
from gigacity_api.storage.queries.operations import dead_letter_counts, worker_counts
from gigacity_city.model import Name
from gigacity_contract.decoding import RejectionReason

BEFORE_MS = 300_000
"""Read before a range, for the totals that it begins with."""

IMPLAUSIBLE = (
    RejectionReason.BAD_FIELD,
    RejectionReason.IMPLAUSIBLE_TIMESTAMP,
    RejectionReason.NO_VALUES,
)

REFUSALS: MappingProxyType[str, Name] = MappingProxyType(
    {
        RejectionReason.NOT_UTF8: Name("不是UTF-8文本", "no UTF-8"),
        RejectionReason.NOT_JSON: Name("不是JSON", "no JSON"),
        RejectionReason.TOO_LARGE: Name("报文过大", "too large"),
        RejectionReason.BAD_TOPIC: Name("主题不符合规则", "a topic outside the grammar"),
        RejectionReason.UNKNOWN_AREA: Name(
            "未知区划代码", "an area that the city file does not have"
        ),
        RejectionReason.UNKNOWN_IDENTITY: Name(
            "外部标识未登记", "a foreign id that stands for no object of the city"
        ),
        RejectionReason.BAD_ENVELOPE: Name("报文结构错误", "a message of another shape"),
        RejectionReason.IMPLAUSIBLE_TIMESTAMP: Name(
            "时间戳不可信", "a timestamp that cannot be right"
        ),
        RejectionReason.UNKNOWN_KIND: Name("未知设备类型", "an unknown kind of device"),
        RejectionReason.BAD_ENTRY: Name(
            "条目的标识或状态错误", "an entry wrong in identity or state"
        ),
        RejectionReason.DUPLICATE_ENTRY: Name("同一报文内重复条目", "an entry that stands twice"),
        RejectionReason.NOT_YOURS: Name(
            "不属于该发布者的设备或区县", "another gateway's device, or a publisher of another area"
        ),
        RejectionReason.BAD_FIELD: Name(
            "字段类型或量程错误", "a field of the wrong type or out of range"
        ),
        RejectionReason.NO_VALUES: Name("没有任何有效数值", "no valid value at all"),
        RejectionReason.TOO_MANY_UNREGISTERED: Name(
            "未登记的对象过多", "too many objects that nobody registered"
        ),
        RejectionReason.SINK_REJECTED: Name("数据库拒绝写入", "refused by the database"),
    }
)
"""A sentence for each reason."""


class DeadLetterRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``dead_letter_counts``."""

    time: int
    reason: str
    worker: str
    count: int | None


class WorkerRow(msgspec.Struct, array_like=True, gc=False):
    """A row of ``worker_counts``."""

    time: int
    worker: str
    messages_redelivered: int | None
    absent_fields: int | None
    dead_letters: int | None


def dead_letter_growth(store: Store, since_ms: int, until_ms: int) -> dict[tuple[str, str], Growth]:
    """Dead letters of a range by reason and worker.

    Raises:
        StoreError: the counts cannot be read.
    """
    samples: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    query = dead_letter_counts(since_ms - BEFORE_MS, until_ms)
    for rows in store.rows(query, DeadLetterRow):
        for row in rows:
            samples[row.reason, row.worker].append((row.time, row.count or 0))
    return {key: growth(sorted(found), since_ms) for key, found in samples.items()}


class RefusalCounts(NamedTuple):
    """What was refused in a range of time."""

    implausible: int = 0
    duplicates: int = 0
    absent_fields: int = 0
    dead_letters: int = 0

    @classmethod
    def total(cls, each: Iterable["RefusalCounts"]) -> "RefusalCounts":
        """All of them together."""
        return cls(*(sum(column) for column in zip(cls(), *each, strict=True)))


def refusals(store: Store, since_ms: int, until_ms: int) -> dict[str, RefusalCounts]:
    """What each worker refused, from its own totals.

    Workers own disjoint areas, which is as near as these totals come to a place: a message that is
    refused is often one whose area or kind cannot be told.

    Raises:
        StoreError: they cannot be read.
    """
    found: dict[str, RefusalCounts] = defaultdict(RefusalCounts)
    for (reason, worker), grown in dead_letter_growth(store, since_ms, until_ms).items():
        mine, added = found[worker], grown.added
        found[worker] = mine._replace(
            implausible=mine.implausible + (added if reason in IMPLAUSIBLE else 0),
            duplicates=mine.duplicates
            + (added if reason == RejectionReason.DUPLICATE_ENTRY else 0),
            dead_letters=mine.dead_letters + added,
        )
    rows: dict[str, list[WorkerRow]] = defaultdict(list)
    for batch in store.rows(worker_counts(since_ms - BEFORE_MS, until_ms), WorkerRow):
        for row in batch:
            rows[row.worker].append(row)
    for worker, mine_rows in rows.items():
        mine = found[worker]
        redelivered = _grown(mine_rows, "messages_redelivered", since_ms)
        absent = _grown(mine_rows, "absent_fields", since_ms)
        found[worker] = mine._replace(
            duplicates=mine.duplicates + redelivered, absent_fields=absent
        )
    return dict(found)


def _grown(rows: list[WorkerRow], field: str, since_ms: int) -> int:
    samples = sorted((row.time, getattr(row, field) or 0) for row in rows)
    return growth(samples, since_ms, known=True).added
